/** What a ledger puts on record of its map of event ids (docs/spec/map.md, "Root on record"): the facts of an entry `map.committed`. */
import { countOf } from "../base/json.ts"
import { parseHash } from "./checkpoint.ts"
import type { EventFacts } from "./event-facts.ts"

export const mapCommittedType = "map.committed"

export type CommittedMap = {
  /** Of the entries before this sequence, and from `from` on. */
  readonly size: number
  readonly from: number
  readonly keys: number
  readonly root: Buffer
  /** The id hash of entry 0, which tells this journal's id salt from any other. */
  readonly opened: Buffer
}

export function committedFacts({ size, from, keys, root, opened }: CommittedMap): EventFacts["map.committed"] {
  return { size, from, keys, root: root.toString("base64"), opened: opened.toString("base64") }
}

/** What facts say that nobody vouched for; undefined when they are not well formed. */
export function committedMap(facts: Readonly<Record<string, unknown>>): CommittedMap | undefined {
  const [size, from, keys] = [countOf(facts["size"]), countOf(facts["from"]), countOf(facts["keys"])]
  const [root, opened] = [hashIn(facts["root"]), hashIn(facts["opened"])]
  if (size === undefined || from === undefined || keys === undefined || !root || !opened || from > size || keys > size) return undefined
  return { size, from, keys, root, opened }
}

function hashIn(text: unknown): Buffer | undefined {
  return typeof text === "string" ? parseHash(text) : undefined
}

/** The id of entry 0, which everybody knows. */
export function openedId(origin: string): string {
  return `journal.opened:${origin}`
}
