/**
 * Chunks that were opened a moment ago: the contents of one commit stand side by side in a few of them, in the order of its entries by turns.
 * No more are kept than that takes. What is kept outlives young collections, and a heap in which much does grows to several times its size.
 * None is kept beyond a turn of the event loop: by the next one its key may have been destroyed.
 */
import { openChunk } from "../vault/content-seal.ts"
import type { SqliteStatement } from "../vault/database.ts"
import type { Scope } from "../vault/scope.ts"

/** A chunk belongs to one scope; an entry of another has no content in it. */
export type OpenedChunk = { readonly scopeId: Buffer | undefined; readonly records: readonly Buffer[] | "erased" | "unreadable" }

export type ScopeSource = { readonly byId: (id: Buffer) => Scope | "erased" | undefined }

const keptMost = 64
const keptMostBytes = 131_072

export class OpenedChunks {
  readonly #row: SqliteStatement
  readonly #kept = new Map<number, OpenedChunk & { readonly sizeBytes: number }>()
  #keptBytes = 0
  #willForget = false

  /** @param row asks for scope id and sealed bytes of a chunk by its number. */
  constructor(row: SqliteStatement) {
    this.#row = row
  }

  open(number: number, scopes: ScopeSource): OpenedChunk {
    const known = this.#kept.get(number)
    if (known) return known
    const row = this.#row.get(number) as [Buffer, Buffer] | undefined
    const opened = sized(openedChunk(number, row, scopes))
    this.#kept.set(number, opened)
    this.#keptBytes += opened.sizeBytes
    this.#forgetOldest()
    if (!this.#willForget) setImmediate(() => this.#forget()).unref()
    this.#willForget = true
    return opened
  }

  #forget(): void {
    this.#willForget = false
    this.#kept.clear()
    this.#keptBytes = 0
  }

  #forgetOldest(): void {
    for (const [number, { sizeBytes }] of this.#kept) {
      if (this.#kept.size === 1 || (this.#kept.size <= keptMost && this.#keptBytes <= keptMostBytes)) return
      this.#kept.delete(number)
      this.#keptBytes -= sizeBytes
    }
  }
}

function sized(chunk: OpenedChunk): OpenedChunk & { readonly sizeBytes: number } {
  const sizeBytes = typeof chunk.records === "string" ? 0 : chunk.records.reduce((sum, { length }) => sum + length, 0)
  return { ...chunk, sizeBytes }
}

function openedChunk(number: number, row: [Buffer, Buffer] | undefined, scopes: ScopeSource): OpenedChunk {
  if (!row) return { scopeId: undefined, records: "unreadable" }
  const [scopeId, sealed] = row
  const scope = scopes.byId(scopeId)
  if (scope === "erased" || scope?.keyOf(number) === "erased") return { scopeId, records: "erased" }
  return { scopeId, records: (scope && openChunk({ number, scopeId, sealed }, scope)) ?? "unreadable" }
}
