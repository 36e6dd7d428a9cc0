/** One ledger for many crimes: its files are put back before each, so that every edit is judged on its own. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import type { SqliteDatabase } from "../../src/vault/database.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export type Crime = (journal: SqliteDatabase) => void

export type TamperedLedger = {
  readonly ledger: TestLedger
  /** The verdict on the ledger with this done to its journal, by somebody who has the page key. */
  readonly after: (crime: Crime) => VerifyReport
  readonly putBack: () => void
}

/** 701 entries with three checkpoints; `erase` destroys the keys of one session first. */
export function tamperedLedger(t: Ending, erase: boolean): TamperedLedger {
  const ledger = temporaryLedger(t)
  for (const count of [199, 320, 181]) {
    ledger.append(count)
    ledger.checkpoint()
  }
  ledger.close()
  if (erase) ledger.destroyKeys("session = 'agent:research:cron'")
  ledger.edit(() => {}) // everything is in the file, nothing in the log
  const kept = join(temporaryDirectory(t), "kept")
  mkdirSync(kept)
  const outside = dirname(ledger.files.headNote)
  const names = ["ledger/journal.db", "ledger/keys.json", "ledger/scopes.db", "sovereign-ledger.head.note"]
  for (const name of names) copyFileSync(join(outside, name), join(kept, name.replace("/", "-")))
  const putBack = () => {
    ledger.close()
    for (const name of readdirSync(ledger.directory)) if (/-(?:wal|shm|journal)$/.test(name)) rmSync(join(ledger.directory, name))
    for (const name of names) if (existsSync(join(kept, name.replace("/", "-")))) copyFileSync(join(kept, name.replace("/", "-")), join(outside, name))
  }
  const after = (crime: Crime) => {
    putBack()
    ledger.edit(crime)
    return ledger.verify()
  }
  return { ledger, after, putBack }
}

/** The bytes of a row's column, changed and put back. */
export function change(table: string, column: string, key: string, value: number | string, edit: (bytes: Buffer) => Buffer): Crime {
  return (journal) => {
    const bytes = journal.prepare(`SELECT ${column} FROM ${table} WHERE ${key} = ?`).pluck().get(value) as Buffer
    journal.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`).run(edit(Buffer.from(bytes)), value)
  }
}

export function flipped(at: number, bit = 0): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const place = at < 0 ? bytes.length + at : at
    bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << bit), place)
    return bytes
  }
}

export const sql =
  (...statements: readonly string[]): Crime =>
  (journal) => {
    for (const statement of statements) journal.exec(statement)
  }
