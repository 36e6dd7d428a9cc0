/**
 * The entry by which a journal says that what stands before it may be gone: `journal.closed`. It carries the ledger's state as it stood there, so that nothing is
 * lost for who counts on; the leaf hashes of what was removed stay in the tiles, so that every proof and every root is what it was.
 *
 *   meta   'closed' = the sequence of the entry by which this file was made, as decimal text; not there while nothing was ever removed
 *
 * Entries below `upTo` are gone, but for those that say which key signs, which was revoked, which master key opens, whose plugin is switched off and how far receipts are. Of the entries of a category below its own bound the contents are gone.
 */
import { countOf, objectOf, stringOf, type JsonObject } from "../base/json.ts"
import { Fault } from "../base/fault.ts"
import { factsHash, saltBytes } from "../format/commitment.ts"
import { categoryOf, isCategory, type Category } from "../format/event.ts"
import { handOverType } from "../format/hand-over.ts"
import { headerOffset, parseHeader } from "../format/header.ts"
import { hashBytes } from "../format/sha256.ts"
import { saltedTextOf, type JournalReader } from "./reader.ts"

export const closedType = "journal.closed"

export type Closing = {
  readonly sequence: number
  /** Entries before this one are gone; a multiple of a tile's width. */
  readonly upTo: number
  /** Of the tree over them. */
  readonly root: Buffer
  /** When the last of them was recorded; 0 when there is none. */
  readonly timeMs: number
  /** By category: contents of entries before this sequence are gone, where no legal hold kept them. */
  readonly contents: ReadonlyMap<Category, number>
  /** SHA-256 over the id hashes of the closed entries, which `tiles` keep; undefined when the version that closed them kept none. */
  readonly ids: Buffer | undefined
  readonly facts: JsonObject
}

/** Its facts may be megabytes, and an entry never changes: each reader reads it once. */
const known = new WeakMap<JournalReader, Closing>()

/** The entry by which this file was made; undefined while nothing was ever removed from the journal. @throws {Fault} `store.damaged` */
export function closingOf(reader: JournalReader, file = "journal.db"): Closing | undefined {
  const sequence = reader.closedBy()
  if (sequence === undefined) return undefined
  const read = known.get(reader)
  if (read?.sequence === sequence) return read
  const closing = closingAt(reader, sequence)
  if (closing) known.set(reader, closing)
  if (!closing) throw new Fault("store.damaged", { file, problem: `entry #${sequence}, which is said to close what is gone, does not` })
  return closing
}

/** What the entry at that place closes, when its facts are those its header commits to. */
export function closingAt(reader: JournalReader, sequence: number): Closing | undefined {
  const row = reader.rawEntry(sequence)
  if (!row || row[1].toString("latin1", headerOffset.type) !== closedType) return undefined
  const [, headerBytes, saltedFacts] = row
  const text = saltedTextOf(saltedFacts)
  if (!factsHash(saltedFacts.subarray(0, saltBytes), text).equals(parseHeader(headerBytes).factsHash)) return undefined
  return closingIn(sequence, factsOfText(text))
}

/** Undefined when the facts are not well formed. @param sequence of the entry that has them; an upper bound while it has no place yet. */
export function closingIn(sequence: number, facts: JsonObject): Closing | undefined {
  const [upTo, timeMs] = [countOf(facts["upTo"]), countOf(facts["closedMs"])]
  const root = Buffer.from(stringOf(facts["root"]) ?? "", "base64")
  if (upTo === undefined || timeMs === undefined || upTo > sequence || upTo % 256 !== 0 || root.length !== hashBytes) return undefined
  const contents = new Map<Category, number>()
  for (const [name, bound] of Object.entries(objectOf(facts["contents"]))) {
    const before = countOf(bound)
    if (!isCategory(name) || before === undefined || before > sequence) return undefined
    contents.set(name, before)
  }
  const ids = facts["ids"] === undefined ? undefined : Buffer.from(stringOf(facts["ids"]) ?? "", "base64")
  if (ids && ids.length !== hashBytes) return undefined
  return { sequence, upTo, root, timeMs, contents, ids, facts }
}

/** What is answered to who asks for something that stood before. */
export function removedFault({ upTo, sequence, timeMs }: Closing): Fault {
  return new Fault("retention.removed", { upTo, sequence, until: new Date(timeMs).toISOString() })
}

/** Whether an entry's content may be gone by what a closing entry says. */
export function mayLackContent({ contents }: Pick<Closing, "contents">, type: string, sequence: number): boolean {
  return sequence < (contents.get(categoryOf(type) as Category) ?? 0)
}

/** Entries that always stay: without them nobody could say which key signs, or which master key opens. */
export function isKept(type: string, sequence: number): boolean {
  return sequence === 0 || type === handOverType || type === "master.replaced" || type === "receipt-key.revoked"
}

function factsOfText(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text)) as JsonObject
  } catch {
    return {}
  }
}
