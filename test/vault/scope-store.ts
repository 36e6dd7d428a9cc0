/** A scopes.db of its own for a test, its rows in the hands of somebody who has the key, and the keys in it. */
import { join } from "node:path"
import { openDatabase } from "../../src/vault/database.ts"
import type { Scope } from "../../src/vault/scope.ts"
import { ScopeStore } from "../../src/vault/scopes.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

export const key = Buffer.alloc(32, 8)

export function storeIn(t: Ending) {
  const path = join(temporaryDirectory(t), "scopes.db")
  const open = (readonly = false) => {
    const store = ScopeStore.open(path, key, { readonly })
    t.after(() => store.close())
    return store
  }
  const edit = (sql: string) => {
    const database = openDatabase(path, { key })
    try {
      database.exec(sql)
    } finally {
      database.close()
    }
  }
  return { path, open, edit }
}

export const day = 86_400_000
export const keyIn = (scope: Scope, chunk = 0) => {
  const found = scope.keyOf(chunk)
  return typeof found === "object" ? found.export().toString("hex") : found
}
