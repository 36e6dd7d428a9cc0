/**
 * Erasures on record of which scopes.db still has something: it was put back from a copy of before, or the erasure was cut off and no writer has completed it yet.
 * Found by the journal's notes, at a cost of what was erased and not of what was recorded; and by `verify`, which walks every entry, without them.
 */
import { Fault } from "../base/fault.ts"
import { countOf, stringOf } from "../base/json.ts"
import { headerOffset } from "../format/header.ts"
import { begunErasures, leftOf, notEmpty, type ErasedScopes } from "../vault/erasures.ts"
import { recordsPerChunk } from "../vault/content-seal.ts"
import { dayOf } from "../vault/scope.ts"
import type { ScopeStore } from "../vault/scopes.ts"
import type { Problems } from "../verify/verdict.ts"
import type { ScopeSource } from "./opened-chunks.ts"
import { factsOf, type JournalReader } from "./reader.ts"

const mostNamed = 3
const typeBytes = Buffer.from("content.erased")

/** `scopes`: those of which something is left. */
export type UndoneErasure = ErasedScopes & { readonly sequence: number; readonly erasure: string }

/** Asked of the journal's notes. */
export function undoneErasures(reader: JournalReader, scopes: ScopeStore): readonly UndoneErasure[] {
  const erased = reader.noted("erasure").flatMap((sequence) => {
    const entry = reader.rawEntry(sequence) // gone where what it was of was closed away
    const found = entry && isErasure(entry[1]) ? erasedIn(entry[2]) : undefined
    return found ? [{ sequence, ...found }] : []
  })
  const kept = notEmpty(scopes, new Set(erased.flatMap((one) => one.scopes)))
  return erased.flatMap((one) => {
    const all = { ...one, scopes: one.scopes.filter((id) => kept.has(id)), chunk: Number.MAX_SAFE_INTEGER }
    const some = leftOf(scopes, all)
    if (some.length === 0) return []
    // Where it is found that something is left, it is asked more closely: a session that went on after it was erased has other keys.
    const exact = { ...all, scopes: some, chunk: reader.chunksUpTo(one.sequence) }
    const left = leftOf(scopes, exact)
    return left.length === 0 ? [] : [{ ...exact, scopes: left }]
  })
}

/** What is to be told of them; undefined where there are none but those that are being carried out, or were cut off, which is told otherwise. */
export function undoneFault(reader: JournalReader, scopes: ScopeStore): Fault | undefined {
  const begun = new Set(begunErasures(scopes).map(({ id }) => id))
  const undone = undoneErasures(reader, scopes).filter(({ erasure }) => !begun.has(erasure))
  const named = undone.slice(0, mostNamed).map(({ sequence }) => `#${sequence}`)
  const more = undone.length > mostNamed ? ` and ${undone.length - mostNamed} more` : ""
  return undone.length === 0 ? undefined : new Fault("erase.undone", { entries: `erased at ${named.join(", ")}${more}` })
}

/** Held against every entry that is walked. */
export class ErasureCheck {
  readonly undone: number[] = []
  readonly #reader: JournalReader
  readonly #scopes: ScopeSource | undefined
  readonly #problems: Problems
  /** Noted and not walked yet; of a journal that has not noted all of them, undefined. */
  readonly #due: Set<number> | undefined
  readonly #noted: readonly number[]
  #chunks = 0

  /** Asked within the snapshot that is walked. */
  constructor(reader: JournalReader, scopes: ScopeSource | undefined, problems: Problems) {
    this.#reader = reader
    this.#scopes = scopes
    this.#problems = problems
    this.#noted = reader.noted("erasure")
    this.#due = reader.noted("notes").length > 0 ? new Set(this.#noted) : undefined
  }

  entry(sequence: number, header: Buffer, place: number | null): void {
    if (place !== null && place >= 0) this.#chunks = Math.max(this.#chunks, Math.floor(place / recordsPerChunk) + 1)
    if (!isErasure(header)) return
    if (this.#due?.delete(sequence) === false) this.#problems.note(sequence, sequence, "an erasure is not in the journal's notes of them")
    const found = erasedIn(this.#reader.rawEntry(sequence)?.[2] ?? Buffer.alloc(0))
    if (found?.scopes.some((id) => this.#isLeft(id, found.day))) this.undone.push(sequence)
  }

  finish(): void {
    const isNone = (sequence: number) => !isErasure(this.#reader.headerAt(sequence) ?? Buffer.alloc(0))
    for (const sequence of this.#noted.filter(isNone)) this.#problems.note(sequence, sequence, "the journal notes an erasure where there is none")
  }

  #isLeft(id: string, day: number | undefined): boolean {
    const scope = this.#scopes?.byId(Buffer.from(id, "hex"))
    return scope !== undefined && scope !== "erased" && scope.hasLeftOf({ day, chunk: this.#chunks })
  }
}

export function undoneWords(sequence: number): string {
  return `#${sequence} says that contents were erased, and scopes.db still has keys of them: it was put back from a copy of before, or the erasure was cut off. ${new Fault("erase.undone").remedy}`
}

function isErasure(header: Buffer): boolean {
  return header.length === headerOffset.type + typeBytes.length && header.compare(typeBytes, 0, typeBytes.length, headerOffset.type) === 0
}

function erasedIn(saltedFacts: Buffer): Pick<UndoneErasure, "scopes" | "day" | "erasure"> | undefined {
  const { scopeIds, beforeMs, erasure } = factsOf({ saltedFacts }) as Readonly<Record<string, unknown>>
  const before = countOf(beforeMs)
  if (!Array.isArray(scopeIds)) return undefined
  return { scopes: scopeIds.flatMap((id) => stringOf(id) ?? []), day: before === undefined ? undefined : dayOf(before), erasure: stringOf(erasure) ?? "" }
}
