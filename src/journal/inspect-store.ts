/**
 * Explains a store, file by file and table by table: what is damaged, which entries that touches, what can still be read, what to do. A report, whatever the
 * state of the files: nothing is thrown, nothing changed, nothing judged by the signing key. Whether the entries are the ones that were signed is what verify says.
 */
import { existsSync, readFileSync, statSync } from "node:fs"
import { basename } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { parseSignedCheckpoint } from "../format/checkpoint.ts"
import { parseCosignature } from "../format/cosignature.ts"
import { headerFixedBytes } from "../format/header.ts"
import { isDriverError, openDatabase } from "../vault/database.ts"
import { keyStoreExists, openKeyStore, readKeyStore, type OpenKeys } from "../vault/key-store.ts"
import { findMasterSecret, masterKeyVariable, type SecretPlaces } from "../vault/master-key.ts"
import { ScopeStore } from "../vault/scopes.ts"
import { undoneFault } from "./undone-erasures.ts"
import type { Problem } from "../verify/verdict.ts"
import { fileSaltAgrees, fileSaltWords } from "./file-salt.ts"
import { journalName, viewsName, type LedgerFiles } from "./files.ts"
import { readKeyChain } from "./hand-overs.ts"
import { inspectEntries, type EntriesFound } from "./inspect-entries.ts"
import { keysOutOfStep } from "./keys-in-step.ts"
import { remedies } from "./inspect-remedies.ts"
import { JournalReader } from "./reader.ts"

/** `not looked at`: something else has to be there first, a key above all. */
export type PartState = "sound" | "damaged" | "missing" | "not looked at"

export type PartReport = {
  readonly part: string
  readonly state: PartState
  readonly words: string
  /** Sequences, and what is wrong with them. */
  readonly findings: readonly Problem[]
  readonly findingsNotListed: number
  readonly remedy: string | null
}

export type InspectReport = {
  readonly state: "sound" | "damaged" | "not looked at"
  readonly parts: readonly PartReport[]
  readonly entriesExpected: number
  readonly entriesReadable: number
  readonly contentsReadable: number
  readonly contentsErased: number
  readonly contentsSealed: number
}

/** Exit status of a report: 1 as soon as anything is damaged, 2 when something could not be looked at. */
export const inspectExit: { readonly [S in InspectReport["state"]]: 0 | 1 | 2 } = { sound: 0, damaged: 1, "not looked at": 2 }

/** What keeps keys.json from being opened: it is damaged only if it is that file, and this version should be able to read it. */
function partOf(error: unknown, file: string): [PartState, string, string] {
  const words = problemOf(error)
  if (!(error instanceof Fault)) return ["damaged", words, remedies.keys]
  if (error.code === "store.newer-format") return ["not looked at", words, error.remedy]
  const isSecret = error.code.startsWith("key.") || !error.message.startsWith(file)
  return isSecret ? ["not looked at", words, remedies.secret] : ["damaged", words, remedies.keys]
}

export function inspectStore(files: LedgerFiles, places: () => SecretPlaces, onProgress?: (done: number, total: number) => void): InspectReport {
  return new StoreInspection(files, places, onProgress).report()
}

class StoreInspection {
  readonly #files: LedgerFiles
  readonly #places: () => SecretPlaces
  readonly #onProgress: ((done: number, total: number) => void) | undefined
  readonly #parts: PartReport[] = []
  #found: EntriesFound | undefined

  constructor(files: LedgerFiles, places: () => SecretPlaces, onProgress: ((done: number, total: number) => void) | undefined) {
    this.#files = files
    this.#places = places
    this.#onProgress = onProgress
  }

  report(): InspectReport {
    const keys = this.#keys()
    const scopes = keys && this.#scopes(keys)
    const noted = this.#noteSize()
    if (keys) this.#journal(keys, scopes, noted)
    else
      this.#add(
        journalName,
        existsSync(this.#files.journal) ? "not looked at" : "missing",
        existsSync(this.#files.journal) ? "sealed, and its key is not at hand" : "not there",
        null,
      )
    scopes?.close()
    this.#headNote(noted)
    if (keys) this.#views(keys)
    return this.#result()
  }

  #result(): InspectReport {
    const name = basename(this.#files.headNote)
    // A note that is not there leaves nothing unread; that it is missing is said in its line.
    const states = new Set(this.#parts.flatMap(({ part, state }) => (part === name && state === "missing" ? [] : [state])))
    const found = this.#found
    return {
      state: states.has("damaged") ? "damaged" : states.has("not looked at") || states.has("missing") ? "not looked at" : "sound",
      parts: this.#parts,
      entriesExpected: (found?.expected ?? 0) - (found?.removed ?? 0),
      entriesReadable: found?.entries ?? 0,
      contentsReadable: found?.contents ?? 0,
      contentsErased: found?.erased ?? 0,
      contentsSealed: found?.sealed ?? 0,
    }
  }

  #add(part: string, state: PartState, words: string, remedy: string | null, findings: readonly Problem[] = [], findingsNotListed = 0): void {
    this.#parts.push({ part, state, words, findings, findingsNotListed, remedy })
  }

  #keys(): OpenKeys | undefined {
    const { directory } = this.#files
    try {
      if (!keyStoreExists(directory)) {
        this.#add("keys.json", "missing", "not there", existsSync(this.#files.journal) ? remedies.keys : "sovereign-ledger key create")
        return undefined
      }
      const store = readKeyStore(directory)
      const secret = findMasterSecret(this.#places())
      if (!secret) {
        this.#add(
          "keys.json",
          "not looked at",
          `of ledger ${store.storeId}; no master key was found (looked at the key file and ${masterKeyVariable})`,
          remedies.secret,
        )
        return undefined
      }
      const keys = openKeyStore(directory, secret)
      this.#add("keys.json", "sound", `of ledger ${store.storeId}, opens with the master key from ${secret.where}`, null)
      return keys
    } catch (error) {
      this.#add("keys.json", ...partOf(error, this.#files.keys))
      return undefined
    }
  }

  #scopes(keys: OpenKeys): ScopeStore | undefined {
    const { scopes } = this.#files
    if (!existsSync(scopes)) {
      this.#add("scopes.db", "missing", "not there: contents stay sealed", remedies.scopes)
      return undefined
    }
    try {
      const store = ScopeStore.open(scopes, keys.scopesKey, { readonly: true })
      const { open, erased } = store.count()
      this.#add("scopes.db", "sound", `keys of ${open} sessions and senders${erased > 0 ? `, ${erased} destroyed` : ""}`, null)
      return store
    } catch (error) {
      this.#add("scopes.db", "damaged", problemOf(error), remedies.scopes)
      return undefined
    }
  }

  #journal(keys: OpenKeys, scopes: ScopeStore | undefined, atLeast: number): void {
    let reader: JournalReader
    try {
      if (!fileSaltAgrees(this.#files, keys)) this.#add(journalName, "damaged", fileSaltWords, remedies.evidence)
      reader = JournalReader.open(this.#files, keys)
      if (!this.#parts.some(({ part }) => part === journalName))
        this.#add(journalName, "sound", `${this.#journalBytes().toLocaleString("en")} bytes, opens with its key`, null)
    } catch (error) {
      const absent = !existsSync(this.#files.journal)
      const unreadable = error instanceof Fault && (error.code === "store.newer-format" || error.code === "store.unreadable")
      const ownRemedy = unreadable || (error instanceof Fault && error.code === "key.out-of-step")
      this.#add(journalName, absent ? "missing" : unreadable ? "not looked at" : "damaged", problemOf(error), ownRemedy ? error.remedy : remedies.evidence)
      return
    }
    try {
      this.#time(reader, keys, scopes)
      this.#smallTables(reader)
      const found = inspectEntries({ reader, scopes, atLeast, atMost: Math.ceil(this.#journalBytes() / headerFixedBytes), onProgress: this.#onProgress })
      this.#found = found
      this.#tables(found, scopes !== undefined)
    } catch (error) {
      this.#add(`${journalName}: tables`, "damaged", problemOf(error), remedies.evidence)
    } finally {
      reader.close()
    }
  }

  /** Whether keys.json, scopes.db and the journal are of one time: each may be sound and an old copy. */
  #time(reader: JournalReader, { store }: OpenKeys, scopes: ScopeStore | undefined): void {
    try {
      const undone = scopes && undoneFault(reader, scopes)
      if (undone) this.#add("scopes.db: time", "damaged", problemOf(undone), undone.remedy)
      const problem = keysOutOfStep(store, reader, readKeyChain(reader, reader.size()).chain)
      if (problem !== undefined) this.#add("keys.json: time", "damaged", problem, new Fault("key.out-of-step", { problem }).remedy)
    } catch (error) {
      if (!isDriverError(error)) throw error // what is damaged in the journal is told of its own tables
    }
  }

  /** With its write-ahead log. */
  #journalBytes(): number {
    return ["", "-wal"].reduce((sum, suffix) => sum + (statSync(this.#files.journal + suffix, { throwIfNoEntry: false })?.size ?? 0), 0)
  }

  #tables(found: EntriesFound, withScopes: boolean): void {
    const table = (name: keyof EntriesFound["problems"], good: string, remedy: string) => {
      const problems = found.problems[name]
      const state = problems.none ? "sound" : "damaged"
      this.#add(`${journalName}: ${name}`, state, good, problems.none ? null : remedy, problems.list(), problems.left)
    }
    const removed = found.removed > 0 ? `, ${found.removed.toLocaleString("en")} were removed` : ""
    table(
      "entries",
      `${found.entries.toLocaleString("en")} of ${(found.expected - found.removed).toLocaleString("en")} can be read${removed}`,
      remedies.evidence,
    )
    const erased = found.erased > 0 ? `, ${found.erased.toLocaleString("en")} erased` : ""
    const gone = found.contentsRemoved > 0 ? `, ${found.contentsRemoved.toLocaleString("en")} removed` : ""
    const sealed = found.sealed > 0 ? `, ${found.sealed.toLocaleString("en")} sealed` : ""
    table(
      "chunks",
      withScopes
        ? `${found.contents.toLocaleString("en")} contents open${erased}${sealed}${gone}`
        : `${found.sealed.toLocaleString("en")} contents are sealed: without scopes.db they were not opened`,
      remedies.contents,
    )
    table("tiles", `${found.tiles.toLocaleString("en")} can be read`, remedies.tiles)
    table("checkpoints", `${found.checkpoints.toLocaleString("en")} can be read; their signatures are verify's business`, remedies.checkpoints)
  }

  #smallTables(reader: JournalReader): void {
    try {
      const salt = reader.idSalt()
      if (salt?.length === 32) this.#add(`${journalName}: meta`, "sound", "the salt of the id hashes is there", null)
      else this.#add(`${journalName}: meta`, "damaged", "the salt of the id hashes is gone: no writer can go on with this journal", remedies.evidence)
    } catch (error) {
      this.#add(`${journalName}: meta`, "damaged", problemOf(error), remedies.evidence)
    }
    try {
      this.#add(`${journalName}: senders`, "sound", `${reader.tables.countOf("senders").toLocaleString("en")} counters of clients`, null)
    } catch (error) {
      this.#add(`${journalName}: senders`, "damaged", problemOf(error), remedies.evidence)
    }
    this.#cosignatures(reader)
  }

  #cosignatures(reader: JournalReader): void {
    const name = `${journalName}: cosignatures`
    try {
      const rows = [...reader.cosignatures.all()]
      const none = rows.filter(({ line }) => parseCosignature(line) === undefined).length
      if (none === 0) this.#add(name, "sound", `${rows.length.toLocaleString("en")} by witnesses; whether they are good is verify's business`, null)
      else this.#add(name, "damaged", `${none.toLocaleString("en")} of ${rows.length.toLocaleString("en")} are none`, remedies.cosignatures)
    } catch (error) {
      this.#add(name, "damaged", problemOf(error), remedies.cosignatures)
    }
  }

  /** Entries that the note outside tells of, good or not: a hint of how far to look. */
  #noteSize(): number {
    try {
      return parseSignedCheckpoint(readFileSync(this.#files.headNote, "utf8"))?.size ?? 0
    } catch {
      return 0 // what is wrong with it is told in its own part
    }
  }

  #headNote(size: number): void {
    const name = basename(this.#files.headNote)
    if (!existsSync(this.#files.headNote))
      return this.#add(name, this.#found ? "missing" : "not looked at", "not there: a ledger put back from a backup would not show", null)
    if (size === 0) return this.#add(name, "damaged", "not a checkpoint that can be read", remedies.note)
    const there = this.#found ? this.#found.entries + this.#found.removed : size
    if (this.#found && size > this.#found.expected) return this.#add(name, "damaged", `over ${size} entries, more than the journal ever had`, remedies.note)
    this.#add(name, "sound", `over ${size.toLocaleString("en")} entries${there < size ? `, of which ${there.toLocaleString("en")} can be read` : ""}`, null)
  }

  #views(keys: OpenKeys): void {
    if (!existsSync(this.#files.views)) return this.#add(viewsName, "sound", "not there; made again when it is needed", null)
    try {
      const database = openDatabase(this.#files.views, { key: keys.viewsKey, readonly: true })
      try {
        const said = database.pragma("quick_check(1)", { simple: true })
        if (said === "ok") this.#add(viewsName, "sound", "what is shown is computed from the journal, and kept here", null)
        else this.#add(viewsName, "damaged", String(said), remedies.views)
      } finally {
        database.close()
      }
    } catch (error) {
      this.#add(viewsName, "damaged", problemOf(error), remedies.views)
    }
  }
}
