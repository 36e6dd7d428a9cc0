/** What stands in an entry beside its header, held against it: the commitments, the one spelling, and what the first entry of a journal must say. */
import { nestsTooDeep, objectOf, stringOf } from "../base/json.ts"
import { contentHash, factsHash, saltBytes } from "../format/commitment.ts"
import type { Checkpoint } from "../format/checkpoint.ts"
import { headerFormat, type Header } from "../format/header.ts"

export type EntryTexts = { readonly saltedFacts?: Buffer | undefined; readonly saltedContent?: Buffer | undefined }

/** What is wrong with the hashes, in words; empty when facts and content are those the header commits to. */
export function commitmentProblems(header: Header, { saltedFacts, saltedContent }: EntryTexts): string[] {
  const problems: string[] = []
  if (saltedFacts && !factsHash(saltedFacts.subarray(0, saltBytes), saltedFacts.toString("utf8", saltBytes)).equals(header.factsHash))
    problems.push("the facts are not the ones that were recorded")
  if (saltedContent && !contentHash(saltedContent.subarray(0, saltBytes), saltedContent.toString("utf8", saltBytes)).equals(header.contentHash))
    problems.push("the content is not the one that was recorded")
  return problems
}

/**
 * What is wrong with the texts, in words: every reader reads the same in them, and entry 0 says which journal this is.
 * Facts that are not there are not asked for. A text that is no JSON at all is said to be that.
 */
export function textProblems({ type, sequence }: Header, { saltedFacts, saltedContent }: EntryTexts, { origin }: Checkpoint): string[] {
  const problems: string[] = []
  const facts = saltedFacts && oneSpelling(saltedFacts)
  if (saltedFacts && stringOf(facts?.["id"]) === undefined) problems.push("the facts are not one JSON object with an id, in its one spelling")
  if (saltedContent && oneSpelling(saltedContent) === undefined) problems.push("the content is not one JSON object in its one spelling")
  if ((sequence === 0) !== (type === "journal.opened")) problems.push("a journal begins with one journal.opened, and has no other")
  else if (sequence === 0 && saltedFacts && (facts?.["origin"] !== origin || facts["format"] !== headerFormat))
    problems.push("entry 0 is that of another journal")
  return problems
}

/** The object a salted text holds; undefined unless the text is what JSON.stringify writes: no name twice, no other spelling. */
export function oneSpelling(salted: Buffer): Readonly<Record<string, unknown>> | undefined {
  return objectSpelled(salted.toString("utf8", saltBytes))
}

/** As `oneSpelling`, of the text itself. */
export function objectSpelled(text: string): Readonly<Record<string, unknown>> | undefined {
  if (nestsTooDeep(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return text.startsWith("{") && JSON.stringify(value) === text ? objectOf(value) : undefined
  } catch {
    // No JSON, or nested deeper than anybody's stack: not in its one spelling either way.
    return undefined
  }
}
