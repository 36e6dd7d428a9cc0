/** Whose content something is, and the keys that seal it: one a day (UTC). Which of them a chunk was sealed under follows from its number. */
import type { KeyObject } from "node:crypto"
import { assert } from "../base/fault.ts"

const dayMs = 86_400_000

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs)
}

/** When a day of a key begins. */
export function dayStartMs(day: number): number {
  return day * dayMs
}

/** The key of the chunks from `fromChunk` up to that of the next one; undefined once destroyed. `day` counts from 1970-01-01. */
export type ScopeKey = { readonly fromChunk: number; readonly day: number; readonly key: KeyObject | undefined }

/** What an erasure is of: chunks below `chunk`, which is the next one at its time, and days before `day` where it is not of all. */
export type ErasedBefore = { readonly chunk: number; readonly day: number | undefined }

export type ScopeParts = {
  readonly id: Buffer
  readonly session: string
  readonly sender: string
  readonly salt: Buffer
  readonly keys: readonly ScopeKey[]
  /** All keys, the last of them for this chunk and day, which is on disk when it is answered. */
  readonly renew: (fromChunk: number, day: number) => readonly ScopeKey[]
}

export class Scope {
  readonly id: Buffer
  /** The id as hex, which is how maps and facts name it. */
  readonly name: string
  readonly session: string
  readonly sender: string
  /**
   * 32 bytes that redaction hashes of this scope are made with. Handed out, it lets a hash of this one scope be checked against a text and opens nothing; with
   * the scope it is erased.
   */
  readonly redactionSalt: Buffer
  readonly #renew: ScopeParts["renew"]
  #keys: readonly ScopeKey[]

  constructor({ id, session, sender, salt, keys, renew }: ScopeParts) {
    this.id = id
    this.name = id.toString("hex")
    this.session = session
    this.sender = sender
    this.redactionSalt = salt
    this.#keys = keys
    this.#renew = renew
  }

  /** What seals a chunk that is recorded now. Numbers only grow, but for those of chunks that were never committed, which are given again. */
  sealingKey(chunk: number, timeMs: number): KeyObject {
    const day = dayOf(timeMs)
    const last = this.#keys.at(-1)
    if (!last?.key || last.day < day || last.fromChunk > chunk) this.#keys = this.#renew(chunk, day)
    const key = this.keyOf(chunk)
    assert(key !== "erased" && key !== undefined, "a scope that is sealed under has a key")
    return key
  }

  /** Which of its keys is that of a chunk. */
  keyAt(chunk: number): ScopeKey | undefined {
    return this.#keys.findLast(({ fromChunk }) => fromChunk <= chunk)
  }

  /** Whether an erasure of what was recorded before these has left something of it: a key that was not destroyed, or, where all of it went, its names. */
  hasLeftOf({ day, chunk }: ErasedBefore): boolean {
    const keys = this.#keys.filter(({ key }) => key !== undefined)
    if (keys.some((one) => one.fromChunk < chunk && (day === undefined || one.day < day))) return true
    return day === undefined && keys.length === 0
  }

  /** What opens a chunk; `erased` once it was destroyed, undefined where there never was one. */
  keyOf(chunk: number): KeyObject | "erased" | undefined {
    const found = this.keyAt(chunk)
    return found && (found.key ?? "erased")
  }
}
