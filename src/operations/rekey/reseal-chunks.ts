/** Chunks of a journal sealed anew, read beside whoever copies it: nothing is written here. */
import { resealed } from "../../vault/content-seal.ts"
import type { SealedPath } from "../../vault/copy-database.ts"
import { NewKeys } from "../../vault/copy-scopes.ts"
import { openDatabase, type SqliteDatabase } from "../../vault/database.ts"
import { ScopeStore } from "../../vault/scopes.ts"

/** What is opened, each file under its key. */
export type ResealFiles = { readonly journal: SealedPath; readonly scopes: SealedPath; readonly nextScopes: SealedPath }

/** Chunks one after the other in `bytes`. */
export type ResealedChunks = { readonly bytes: Buffer<ArrayBuffer>; readonly chunks: readonly ResealedChunk[] }
/** One that is not resealed stands there as it was. */
export type ResealedChunk = { readonly number: number; readonly scopeId: Uint8Array; readonly size: number; readonly isResealed: boolean }

export class Resealing {
  readonly #scopes: ScopeStore
  readonly #keys: NewKeys
  readonly #read: ReturnType<SqliteDatabase["prepare"]>

  constructor({ journal, scopes, nextScopes }: ResealFiles) {
    this.#scopes = ScopeStore.open(scopes.path, scopes.key, { readonly: true })
    this.#keys = new NewKeys(openDatabase(nextScopes.path, { key: nextScopes.key, reading: true }))
    const database = openDatabase(journal.path, { key: journal.key, reading: true })
    this.#read = database.prepare("SELECT number, scope_id, sealed FROM chunks WHERE number >= ? AND number < ? ORDER BY number").raw()
  }

  read(from: number, to: number): ResealedChunks {
    const parts: Buffer[] = []
    const chunks = (this.#read.all(from, to) as [number, Buffer, Buffer][]).map(([number, scopeId, sealed]): ResealedChunk => {
      const next = this.#resealed(number, scopeId, sealed)
      parts.push(next ?? sealed)
      return { number, scopeId, size: (next ?? sealed).length, isResealed: next !== undefined }
    })
    const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) at += part.copy(bytes, at)
    return { bytes, chunks }
  }

  /** Undefined where that is for who copies to decide: no key, or none in its place yet. */
  #resealed(number: number, scopeId: Buffer, sealed: Buffer): Buffer | undefined {
    const scope = this.#scopes.byId(scopeId)
    if (typeof scope !== "object") return undefined
    const old = scope.keyAt(number)
    const next = old?.key && this.#keys.find(scopeId, old.fromChunk)
    return next && resealed({ number, scopeId, sealed }, scope, next)
  }
}
