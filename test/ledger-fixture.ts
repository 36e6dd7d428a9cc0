/**
 * A ledger of its own for one test: a temporary directory with keys, scopes and a journal, and events of many kinds to put into it.
 *
 *   const ledger = temporaryLedger(t)          // in a test: removed, and everything closed, when it ends
 *   const ledger = temporaryLedger({ after })  // in a describe: when the suite ends
 *   ledger.append(600)
 *   ledger.checkpoint()
 *   assert.equal(ledger.verify().verdict, "valid")
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { EventType, NewEvent } from "../src/format/event.ts"
import type { WitnessPin } from "../src/verify/witness-tally.ts"
import { ledgerFiles, type LedgerFiles } from "../src/journal/files.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { verifyStore } from "../src/journal/verify-store.ts"
import { storeCheckpoint } from "../src/operations/checkpoint.ts"
import { createKey } from "../src/operations/create-key.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { handOverKey, prepareHandOver, type HandedOver, type HandOverStep } from "../src/operations/hand-over-key.ts"
import { openLedger, type OpenLedger } from "../src/operations/open-ledger.ts"
import { openDatabase, type SqliteDatabase } from "../src/vault/database.ts"
import { openKeyStore, type OpenKeys } from "../src/vault/key-store.ts"
import { findMasterSecret, type SecretPlaces } from "../src/vault/master-key.ts"
import { ScopeStore } from "../src/vault/scopes.ts"
import { makeSuccessor } from "../src/vault/successor.ts"
import type { VerifyReport } from "../src/verify/verdict.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"

/** What ends a fixture: a test's context, or `{ after }` of node:test inside a describe. */
export type Ending = { readonly after: (end: () => void) => void }

export const startMs = 1_795_000_000_000

export type TestLedger = {
  readonly directory: string
  readonly files: LedgerFiles
  readonly places: SecretPlaces
  readonly keys: () => OpenKeys
  /** Opens for writing, until `close`, or hands out what is open. */
  readonly open: (beforeCommit?: () => void) => OpenLedger
  readonly close: () => void
  /** Opens for reading; closed at the end of the test. */
  readonly read: () => LedgerAccess
  /** Appends events `eventAt(from)` and on, in batches; returns the journal's size. */
  readonly append: (count: number, batch?: number) => number
  readonly record: (...events: readonly NewEvent[]) => number
  readonly checkpoint: () => number
  /** Hands the signing key over to a new one; `reached` may end it half-way. */
  readonly handOver: (reached?: (step: HandOverStep) => void) => HandedOver
  /** With the keys as they are, or with some that were read before. */
  readonly verify: (payloads?: boolean, keys?: OpenKeys) => VerifyReport
  /** With the keys of witnesses. */
  readonly verifyWitnessed: (witnesses: readonly WitnessPin[]) => VerifyReport
  /** The tables of journal.db, in the hands of somebody who has the page key. */
  readonly edit: (change: (journal: SqliteDatabase) => void) => void
  readonly editScopes: (change: (scopes: SqliteDatabase) => void) => void
  /** Destroys the keys of the scopes that a condition in SQL names, without a word. */
  readonly destroyKeys: (where: string) => void
  /** The same ledger at another place: directory, note and key file. */
  readonly copy: (t: Ending) => TestLedger
}

export function temporaryDirectory(t: Ending): string {
  const directory = mkdtempSync(join(tmpdir(), "sl-unit-"))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The files of a ledger that may or may not be there, and where its key is looked for. */
export function ledgerPlaces(root: string): { readonly files: LedgerFiles; readonly places: SecretPlaces; readonly keyFile: string } {
  const keyFile = join(root, "keys", "master.key")
  return { files: ledgerFiles(join(root, "ledger"), join(root, "sovereign-ledger.head.note")), places: { keyFile, environment: {} }, keyFile }
}

/** A ledger with its key, its first entry and its first checkpoint. */
export function temporaryLedger(t: Ending): TestLedger {
  const root = temporaryDirectory(t)
  const { files, keyFile } = ledgerPlaces(root)
  createKey(files, () => keyFile, { nowMs: startMs, version: "test" })
  return ledgerAt(t, root)
}

export function ledgerAt(t: Ending, root: string): TestLedger {
  const { files, places } = ledgerPlaces(root)
  let opened: OpenLedger | undefined
  const readers: LedgerAccess[] = []
  const keys = () => openKeyStore(files.directory, findMasterSecret(places) ?? missing("master key"))
  const close = () => {
    opened?.close()
    opened = undefined
  }
  const open = (beforeCommit?: () => void) => {
    if (beforeCommit) close()
    opened ??= openLedger(files, places, { nowMs: startMs, version: "test", ...(beforeCommit ? { beforeCommit } : {}) })
    return opened
  }
  const record = (...events: readonly NewEvent[]) => {
    const { journal, scopes } = open()
    const nowMs = startMs + journal.size
    return journal.append(
      events.map((event) => entryOf(event, scopes, nowMs)),
      nowMs,
    )
  }
  t.after(() => {
    for (const reader of readers) reader.close()
    close()
  })
  return {
    directory: files.directory,
    files,
    places,
    keys,
    open,
    close,
    read: () => {
      const access = openForReading(files, places)
      readers.push(access)
      return access
    },
    append: (count, batch = 97) => {
      const { journal } = open()
      for (let done = 0; done < count; done += batch) {
        const first = journal.size
        record(...Array.from({ length: Math.min(batch, count - done) }, (_, i) => eventAt(first + i)))
      }
      return journal.size
    },
    record,
    checkpoint: () => storeCheckpoint(open().journal, -1, startMs + open().journal.size).size,
    handOver: (reached) => {
      const opened = open()
      return handOverKey(opened, prepareHandOver(opened, makeSuccessor(opened.keys)), { nowMs: startMs + opened.journal.size, writesNote: true, reached })
    },
    verify: (payloads = true, known = keys()) => verifyFiles(files, known, payloads),
    verifyWitnessed: (witnesses) => verifyFiles(files, keys(), true, witnesses),
    edit: (change) => editDatabase(files.journal, keys().journalKey, change),
    editScopes: (change) => editDatabase(files.scopes, keys().scopesKey, change),
    destroyKeys: (where) => {
      const destroy = `
        UPDATE scope_keys SET key = NULL WHERE scope_id IN (SELECT scope_id FROM scopes WHERE ${where});
        UPDATE scopes SET session = '', sender = '', salt = NULL WHERE ${where};`
      editDatabase(files.scopes, keys().scopesKey, (scopes) => scopes.exec(destroy))
    },
    copy: (t) => {
      close()
      const other = temporaryDirectory(t)
      for (const name of ["ledger", "keys", "sovereign-ledger.head.note"]) {
        if (existsSync(join(root, name))) copyAtRest(join(root, name), join(other, name))
      }
      return ledgerAt(t, other)
    },
  }
}

/** Copies what somebody may be reading. The last reader who leaves takes a `-wal` and a `-shm` with it: then the copy begins again. */
function copyAtRest(from: string, to: string, tries = 20): void {
  try {
    cpSync(from, to, { recursive: true })
  } catch (error) {
    if (tries === 0 || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    rmSync(to, { recursive: true, force: true })
    copyAtRest(from, to, tries - 1)
  }
}

export function verifyFiles(files: LedgerFiles, keys: OpenKeys, payloads = true, witnesses: readonly WitnessPin[] = []): VerifyReport {
  const scopes = existsSync(files.scopes) ? ScopeStore.open(files.scopes, keys.scopesKey, { readonly: true }) : undefined
  try {
    const reader = JournalReader.open(files, keys)
    try {
      return verifyStore({ files, keys, reader, scopes }, { payloads, witnesses })
    } finally {
      reader.close()
    }
  } finally {
    scopes?.close()
  }
}

function editDatabase(path: string, key: Uint8Array, change: (database: SqliteDatabase) => void): void {
  const database = openDatabase(path, { key })
  try {
    database.pragma("synchronous = OFF")
    change(database)
    database.pragma("wal_checkpoint(TRUNCATE)")
  } finally {
    database.close()
  }
}

/** An empty journal's worth of files in a fresh directory, for tests below `operations`. */
export function emptyPlaces(t: Ending): ReturnType<typeof ledgerPlaces> {
  const found = ledgerPlaces(temporaryDirectory(t))
  mkdirSync(found.files.directory, { mode: 0o700 })
  return found
}

const sessions = ["agent:main:main", "agent:main:telegram:direct:4242", "agent:research:cron"]
const senders = ["", "telegram:4242", "whatsapp:+15550109999"]

/** Event `n` of an endless, always equal stream: many types, three sessions, contents of many sizes and without any. */
export function eventAt(n: number): NewEvent {
  const scope = { session: sessions[n % 3] ?? "", sender: senders[(n >> 2) % 3] ?? "" }
  const id = (name: EventType) => `${name}:${n}`
  const run = `run-${Math.floor(n / 6)}`
  const text = `words of event ${n}, "quoted", ä€😀 `.repeat(1 + ((n * 7919) % 23))
  switch (n % 7) {
    case 0:
      return {
        type: "tool.invoked",
        id: id("tool.invoked"),
        scope,
        facts: { tool: "exec", call: `c${n}`, guarded: true, verdict: "allow", run },
        content: { command: text },
      }
    case 1:
      return {
        type: "tool.returned",
        id: id("tool.returned"),
        scope,
        facts: { tool: "exec", call: `c${n}`, failed: n % 5 === 0, resultBytes: n },
        content: { result: text, exitCode: 0 },
      }
    case 2:
      return {
        type: "message.received",
        id: id("message.received"),
        scope,
        facts: { channel: "telegram", length: text.length, run },
        content: { text, sender: scope.sender },
      }
    case 3:
      return { type: "session.started", id: id("session.started"), scope, facts: { resumed: n % 2 === 0 } }
    case 4:
      return {
        type: "usage.reported",
        id: id("usage.reported"),
        facts: { role: "assistant", inputTokens: n, outputTokens: 12, reportedNanos: String(n * 1000), provider: "mock", model: "mock-1" },
      }
    case 5:
      return {
        type: "tool.denied",
        id: id("tool.denied"),
        scope,
        facts: { tool: "write", call: `c${n}`, deniedBy: "guard.deny write" },
        content: { path: `/home/user/${n}` },
      }
    default:
      return {
        type: "capture.gap",
        id: id("capture.gap"),
        facts: { reason: "queue full", count: 3, byType: { llm_input: 2, llm_output: 1 }, fromMs: startMs, toMs: startMs + n },
      }
  }
}

function missing(what: string): never {
  throw new Error(`the fixture has no ${what}`)
}
