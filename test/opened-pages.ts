/** What somebody who has the master key can read of a ledger's files: every page opened, free ones too, and every other file as it is. */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { openDatabase } from "../src/vault/database.ts"
import type { OpenKeys } from "../src/vault/key-store.ts"

export function openedFiles(directory: string, { journalKey, viewsKey, scopesKey }: OpenKeys): ReadonlyMap<string, Buffer> {
  const keyOf: Readonly<Record<string, Uint8Array>> = { "journal.db": journalKey, "views.db": viewsKey, "scopes.db": scopesKey }
  const isFile = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true
  // Databases last: who was the last to have one open takes away what stands beside it.
  const names = readdirSync(directory)
    .filter(isFile)
    .sort((a, b) => Number(a in keyOf) - Number(b in keyOf))
  return new Map(names.map((name) => [name, keyOf[name] ? openedPages(join(directory, name), keyOf[name], false) : readFileSync(join(directory, name))]))
}

/** @param alone nobody else has it open, and nothing is left beside the file */
export function openedPages(path: string, key: Uint8Array, alone = true): Buffer {
  const database = openDatabase(path, { key, alone, existing: true })
  try {
    return database.serialize()
  } finally {
    database.close()
  }
}

/** Names of the files that have one of these in them. */
export function filesWith(files: ReadonlyMap<string, Buffer>, wanted: readonly (Buffer | string)[]): readonly string[] {
  return [...files].flatMap(([name, bytes]) => wanted.flatMap((one) => (bytes.includes(one) ? [`${name}: ${typeof one === "string" ? one : "a key"}`] : [])))
}
