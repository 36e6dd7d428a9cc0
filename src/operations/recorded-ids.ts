/**
 * Under which id an event is on record that somebody names by the host's own ids. Parts that could name somebody stand there as pseudonyms, which only who has the
 * ledger can make; a `/` inside of a host's id is such a part, so that each way to cut an id into its parts is looked at.
 */
import { reference } from "../capture/references.ts"
import { isPseudonym, partsOfId } from "../format/plain-part.ts"

type Pseudonyms = { readonly pseudonym: (text: string) => string }

const mostForms = 32
/** A run and a call: what ids of calls of tools are made of. */
const partsOfCall = 2

/** As it was written first; then as it would be recorded, the likeliest first. Of ids of other events than calls nothing is known but what is written. */
export function formsOfId(id: string, pseudonyms: Pseudonyms): readonly string[] {
  const { type, parts } = partsOfId(id)
  if (!type.startsWith("tool.") || parts.length < partsOfCall) return [id]
  // The run is a UUID of the host, nearly always: the first cut is the likeliest.
  const cuts = Array.from({ length: Math.min(parts.length - 1, mostForms) }, (_, at) => [parts.slice(0, at + 1).join("/"), parts.slice(at + 1).join("/")])
  return [...new Set([id, ...cuts.map((cut) => `${type}:${cut.map((part) => recorded(part, pseudonyms)).join("/")}`)])]
}

function recorded(part: string, pseudonyms: Pseudonyms): string {
  return part === "" || isPseudonym(part) ? part : reference(part, pseudonyms)
}
