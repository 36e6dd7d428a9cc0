/**
 * `sovereign-ledger vault rotate` of the built package beside a running writer, on a large store: time of the command, pages of journal.db and scopes.db that
 * are not what they were (every one is hashed before and after), frames that its entry took in the write-ahead log. Then again while guarded calls are asked
 * one after the other: the longest that one of them waits, beside the longest while a command runs that asks the writer for nothing (`vault status`).
 */
import { hash, randomBytes } from "node:crypto"
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs"
import { LedgerClient } from "../src/host/ledger-client.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { fileSizes, benchVersion, makeHome, removeHome, type LedgerHome } from "./ledger-home.ts"
import { pickedJson, toolCall } from "./payload.ts"
import { besideCommand, builtPackage, startWriterProcess } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"

const pageBytes = 4_096
const logHeaderBytes = 32
const frameBytes = 24 + pageBytes
const contentCharacters = 16_000
const contentsACommit = 250
const limitSeconds = 1

export async function masterRotation(megabytes: number, repetitions: number, say: (words: string) => void): Promise<BenchRow[]> {
  const home = makeHome("rotation")
  say(`building a store of ${megabytes} MB`)
  fill(home, megabytes * 2 ** 20)
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  const command = (...words: readonly string[]) => [process.execPath, "--no-warnings", cliPath, ...words, ...places]
  const writer = await startWriterProcess(home)
  const gates = new Gates(home)
  try {
    await gates.ask()
    const before = hashesOf(home)
    const { wallMs: firstMs } = await besideCommand(command("vault", "rotate"))
    const after = hashesOf(home)
    if (changed(before.log, after.log) === 0) throw new Error("the entry that tells of it is in no log")
    const times = [firstMs]
    const waits: Waits = { rotating: [], status: [] }
    for (let i = 0; i < repetitions; i++) {
      waits.status.push(Math.max(...(await gates.during(besideCommand(command("vault", "status")))).waitsMs))
      const rotation = await gates.during(besideCommand(command("vault", "rotate")))
      waits.rotating.push(Math.max(...rotation.waitsMs))
      times.push(rotation.wallMs)
    }
    say(`vault rotate, s (least | median | most): ${spread(times.map((timeMs) => timeMs / 1_000))}; longest gates, ms: ${spread(waits.rotating)}`)
    return rowsOf({ before, after, times, waits, megabytes: (fileSizes(home)["journal.db"] ?? 0) / 2 ** 20 })
  } finally {
    gates.close()
    await writer.stop()
    removeHome(home)
  }
}

type Waits = { readonly rotating: number[]; readonly status: number[] }
type Measured = { readonly before: Hashes; readonly after: Hashes; readonly times: readonly number[]; readonly waits: Waits; readonly megabytes: number }

function rowsOf({ before, after, times, waits, megabytes }: Measured): BenchRow[] {
  return [
    atMost(`vault rotate beside a writer, journal.db of ${Math.round(megabytes)} MiB`, median(times) / 1_000, "s", limitSeconds),
    atMost("  the slowest of them", Math.max(...times) / 1_000, "s", limitSeconds),
    atMost("  pages of journal.db and scopes.db rewritten", changed(before.journal, after.journal) + changed(before.scopes, after.scopes), "pages", 0),
    shown("  frames of the write-ahead log that its entry took", changed(before.log, after.log), "pages"),
    shown("  longest wait of a gate meanwhile", median(waits.rotating), "ms"),
    shown("  longest wait of a gate beside vault status", median(waits.status), "ms"),
  ]
}

/** Random contents until journal.db is that large: nothing in it can be packed or left out. */
function fill({ files, secrets }: LedgerHome, bytes: number): void {
  const ledger = openLedger(files, secrets, { nowMs: Date.now(), version: benchVersion })
  const scope = ledger.scopes.resolve({ session: "agent:main:bulk" }, Date.now())
  for (let made = 0; statSync(files.journal).size < bytes; made += contentsACommit) {
    const entries = Array.from({ length: contentsACommit }, (_, i) => {
      const id = `run.ended:bulk-${made + i}`
      const contentText = JSON.stringify({ text: randomBytes(contentCharacters * 0.75).toString("base64") })
      return { type: "run.ended", id, scope, factsText: JSON.stringify({ id }), contentText }
    })
    ledger.journal.append(entries, Date.now())
    ledger.journal.checkpointLog("PASSIVE")
  }
  ledger.journal.checkpointLog("TRUNCATE")
  ledger.close()
}

/** Guarded calls, asked by no gateway: what a child of one asks for is an agent's wish, and refused. */
class Gates {
  readonly #client: LedgerClient
  #asked = 0

  constructor({ files }: LedgerHome) {
    const link = () => ({ socketPath: socketPath(files.directory), role: "cli" }) as const
    this.#client = new LedgerClient({ link, queueBytes: 1_048_576, gateWithinMs: 30_000, log: () => {}, nowMs: () => Date.now() })
  }

  /** Milliseconds until the answer. */
  async ask(): Promise<number> {
    const from = performance.now()
    const answer = await this.#client.gate(`,"h":"before_tool_call","t":${Date.now()},"p":${pickedJson(toolCall(this.#asked++ * 2))}}`)
    if (answer instanceof Error) throw answer
    return performance.now() - from
  }

  /** Asks one after the other until the command has ended. */
  async during(command: Promise<{ readonly wallMs: number }>): Promise<{ readonly wallMs: number; readonly waitsMs: number[] }> {
    const state = { isDone: false }
    const ended = command.finally(() => (state.isDone = true))
    const waitsMs: number[] = []
    while (!state.isDone) waitsMs.push(await this.ask())
    return { wallMs: (await ended).wallMs, waitsMs }
  }

  close(): void {
    this.#client.close()
  }
}

type Hashes = { readonly journal: readonly string[]; readonly scopes: readonly string[]; readonly log: readonly string[] }

function hashesOf({ files }: LedgerHome): Hashes {
  return {
    journal: pieceHashes(files.journal, pageBytes, 0),
    scopes: pieceHashes(files.scopes, pageBytes, 0),
    log: pieceHashes(`${files.journal}-wal`, frameBytes, logHeaderBytes),
  }
}

function pieceHashes(path: string, pieceBytes: number, from: number): string[] {
  if (!existsSync(path)) return []
  const file = openSync(path, "r")
  const many = Buffer.alloc(pieceBytes * 256)
  const hashes: string[] = []
  for (let at = from; ;) {
    const length = readSync(file, many, 0, many.length, at)
    for (let piece = 0; piece < length; piece += pieceBytes) hashes.push(hash("sha256", many.subarray(piece, Math.min(piece + pieceBytes, length)), "base64"))
    if (length < many.length) break
    at += length
  }
  closeSync(file)
  return hashes
}

function changed(before: readonly string[], after: readonly string[]): number {
  return Array.from({ length: Math.max(before.length, after.length) }).filter((_, i) => before[i] !== after[i]).length
}
