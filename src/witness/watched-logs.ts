/**
 * What a witness knows, in a directory of its own: one small durable file a log, written whole. It is read afresh for every question, so that
 * nothing in memory can differ from the disk, and changed under a lock that holds between processes too.
 *
 *   witness.key               its key, unless that is kept elsewhere
 *   witness.lock.sqlite       the lock; never holds a byte
 *   logs/<id>.json            a log: its keys, and the checkpoint cosigned last; id = first 32 hex digits of SHA-256(origin)
 *   logs/<id>.refused/        requests that contradicted what was cosigned, kept as evidence: <id of the checkpoint>.proven.json, .unproven.json
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { parseHash, parseVerifierKey, type VerifierKey } from "../format/checkpoint.ts"
import { emptyRoot } from "../format/merkle.ts"
import { sha256 } from "../format/sha256.ts"
import { makePrivateDirectory, writeDurably } from "../vault/durable-file.ts"
import { waitForLock } from "../vault/lock.ts"
import type { WatchedLog } from "../verify/offered-checkpoint.ts"

export const stateFormat = 1
const lockWithinMs = 5_000
const lockEveryMs = 5

export type KnownLog = WatchedLog & {
  readonly origin: string
  /** The verifier keys as they were given. */
  readonly keyTexts: readonly string[]
  /** The checkpoint cosigned last, with the log's signatures, and when; null before the first. */
  readonly note: string | null
  readonly cosignedS: number | null
}

export type Contradiction = {
  readonly atS: number
  readonly why: string
  /** Two trees of one size under the log's signature. Otherwise it may be that only the proof was wrong, which anybody can send who holds a checkpoint. */
  readonly proven: boolean
  /** The checkpoint that was cosigned last at that time. */
  readonly cosigned: string | null
  readonly request: string
}

/** So many of each kind are kept of a log: more prove no more, and whoever holds many checkpoints cannot fill the disk with wrong proofs for them. */
const mostEvidence = 16

export class WatchedLogs {
  readonly directory: string
  readonly #logs: string
  readonly #lockWithinMs: number

  constructor(directory: string, options: { readonly lockWithinMs?: number } = {}) {
    this.directory = directory
    this.#lockWithinMs = options.lockWithinMs ?? lockWithinMs
    this.#logs = join(directory, "logs")
  }

  prepare(): void {
    makePrivateDirectory(this.#logs)
  }

  /** Whether any log is known, readable or not. */
  get isEmpty(): boolean {
    return this.#names().length === 0
  }

  /** @throws {Fault} when its file is there and cannot be believed: a log that was watched is never taken for a new one. */
  read(origin: string): KnownLog | undefined {
    const path = this.#pathOf(origin)
    const log = existsSync(path) ? readLog(path) : undefined
    if (log && log.origin !== origin) throw new Fault("store.damaged", { file: path, problem: `it is the file of another log, ${log.origin}` })
    return log
  }

  list(): readonly KnownLog[] {
    return this.#names()
      .map((name) => readLog(join(this.#logs, name)))
      .sort((a, b) => (a.origin < b.origin ? -1 : 1))
  }

  /** On disk when it returns. Only for who holds the lock. */
  write({ origin, keyTexts, size, root, note, cosignedS }: Omit<KnownLog, "keys">): void {
    const state = { format: stateFormat, origin, keys: keyTexts, size, root: root.toString("base64"), cosignedAtSeconds: cosignedS, checkpoint: note }
    writeDurably(this.#pathOf(origin), `${JSON.stringify(state)}\n`)
  }

  /** Keeps the first request with each checkpoint that contradicts. */
  keepContradiction(origin: string, checkpointText: string, { atS, why, proven, cosigned, request }: Contradiction): void {
    const directory = this.#evidenceOf(origin)
    const file = join(directory, evidenceName(checkpointText, proven))
    if (existsSync(file) || evidenceNames(directory).filter((name) => isProven(name) === proven).length >= mostEvidence) return
    makePrivateDirectory(directory)
    writeDurably(file, `${JSON.stringify({ format: stateFormat, origin, atSeconds: atS, why, cosigned, request })}\n`)
  }

  /** What was refused with this checkpoint was a wrong proof and no more: it has turned out to continue what was cosigned. */
  dropUnproven(origin: string, checkpointText: string): void {
    rmSync(join(this.#evidenceOf(origin), evidenceName(checkpointText, false)), { force: true })
  }

  /** Those that are proven first, then the oldest. */
  contradictions(origin: string): readonly (Contradiction & { readonly file: string })[] {
    const directory = this.#evidenceOf(origin)
    return evidenceNames(directory)
      .map((name) => readContradiction(join(directory, name)))
      .sort((a, b) => Number(b.proven) - Number(a.proven) || a.atS - b.atS)
  }

  /**
   * Runs a change while nobody else can make one, in this process or another.
   * @throws {Fault} `witness.busy` when the lock is not free in time.
   */
  async locked<T>(change: () => T): Promise<T> {
    const lock = await waitForLock(join(this.directory, "witness.lock.sqlite"), this.#lockWithinMs, lockEveryMs)
    if (!lock) throw new Fault("witness.busy", { directory: this.directory })
    try {
      return change()
    } finally {
      lock.release()
    }
  }

  /** Half-written files of processes that were killed. Only for who holds the lock. */
  sweep(): void {
    const names = readdirSync(this.#logs, { encoding: "utf8", recursive: true })
    for (const name of names) if (name.endsWith(".tmp")) rmSync(join(this.#logs, name), { force: true })
  }

  #names(): readonly string[] {
    return existsSync(this.#logs) ? readdirSync(this.#logs).filter((name) => /^[0-9a-f]{32}\.json$/.test(name)) : []
  }

  #pathOf(origin: string): string {
    return join(this.#logs, `${idOf(origin)}.json`)
  }

  #evidenceOf(origin: string): string {
    return join(this.#logs, `${idOf(origin)}.refused`)
  }
}

/** A log that is to be watched from its first checkpoint on. */
export function unseenLog(origin: string): Omit<KnownLog, "keys" | "keyTexts"> {
  return { origin, size: 0, root: emptyRoot, note: null, cosignedS: null }
}

function idOf(text: string): string {
  return sha256(text).toString("hex").slice(0, 32)
}

function evidenceName(checkpointText: string, proven: boolean): string {
  return `${idOf(checkpointText)}.${proven ? "proven" : "unproven"}.json`
}

function evidenceNames(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).filter((name) => /^[0-9a-f]{32}\.(un)?proven\.json$/.test(name)) : []
}

function isProven(name: string): boolean {
  return name.endsWith(".proven.json")
}

function readContradiction(file: string): Contradiction & { readonly file: string } {
  const { atSeconds, why, cosigned, request } = parsedFile(file)
  return {
    file,
    atS: countOf(atSeconds) ?? 0,
    why: stringOf(why) ?? "?",
    proven: isProven(file),
    cosigned: stringOf(cosigned) ?? null,
    request: stringOf(request) ?? "",
  }
}

function readLog(file: string): KnownLog {
  const state = parsedFile(file)
  const damaged = (problem: string) => new Fault("store.damaged", { file, problem })
  const format = countOf(state["format"])
  if (format !== undefined && format > stateFormat) throw new Fault("store.newer-format", { file, found: format, known: stateFormat })
  const origin = stringOf(state["origin"])
  const size = countOf(state["size"])
  const root = parseHash(stringOf(state["root"]) ?? "")
  const { keys: keyTexts, checkpoint, cosignedAtSeconds } = state
  if (origin === undefined || size === undefined || !root || !isTexts(keyTexts)) throw damaged("it is not the state of a watched log")
  const keys = keyTexts.map(parsedKey)
  if (keys.length === 0 || !keys.every((key) => key !== undefined)) throw damaged("it has no usable key")
  return { origin, keys, keyTexts, size, root, note: stringOf(checkpoint) ?? null, cosignedS: countOf(cosignedAtSeconds) ?? null }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string")
}

function parsedKey(text: string): VerifierKey | undefined {
  try {
    return parseVerifierKey(text)
  } catch {
    // Its parser speaks to people who type a key; here it is damage, which is what the caller says.
    return undefined
  }
}

function parsedFile(file: string): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    throw new Fault("store.unreadable", { file, problem: problemOf(error) }, error)
  }
  try {
    return objectOf(JSON.parse(text))
  } catch (error) {
    throw new Fault("store.damaged", { file, problem: "it is not JSON" }, error)
  }
}
