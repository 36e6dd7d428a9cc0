/**
 * `sovereign-ledger verify` of the built package on a large store: entries a second of processor time (user and system, of the whole process with its
 * start, as the shell's `time` reports it), with and without payloads, in turn. The baseline in the same turn is a walk over the same rows that
 * looks at nothing, on this process's own clock.
 */
import type { RunOptions } from "../scripts/runnable.ts"
import { JournalReader } from "../src/journal/reader.ts"
import { openKeyStore } from "../src/vault/key-store.ts"
import { findMasterSecret } from "../src/vault/master-key.ts"
import type { LedgerHome } from "./ledger-home.ts"
import { builtPackage, peakMemory, timedCommand } from "./processes.ts"
import { atLeast, atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "entries that verify checks a second of processor time: headers only, and with every payload"

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const repetitions = args.includes("--quick") ? 3 : 5
  const { home, entries } = await largeStore(args, say)
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  const command = [process.execPath, "--no-warnings", cliPath, "verify", ...places]
  const measured = { read: [] as number[], headers: [] as number[], payloads: [] as number[], wall: [] as number[] }
  for (let i = 0; i < repetitions; i++) {
    measured.read.push(walkCpuMs(home))
    measured.headers.push(timedCommand([...command, "--headers"]).cpuMs)
    const { cpuMs, wallMs } = timedCommand(command)
    measured.payloads.push(cpuMs)
    measured.wall.push(wallMs)
    say(`verify ${i + 1}/${repetitions}`)
  }
  const peakBytes = await peakMemory(command)
  const rate = (timesMs: readonly number[]) => (entries / median(timesMs)) * 1_000
  const ratio = (timesMs: readonly number[]) => median(timesMs.map((timeMs, i) => timeMs / (measured.read[i] ?? Number.NaN)))
  say(`headers, ms of processor time (least | median | most): ${spread(measured.headers)}`)
  say(`payloads, ms of processor time (least | median | most): ${spread(measured.payloads)}`)
  return [
    shown("verify --headers / a bare walk over the rows, CPU", ratio(measured.headers), "x"),
    shown("verify / a bare walk over the rows, CPU", ratio(measured.payloads), "x"),
    atLeast("headers, chain, tree, checkpoints", rate(measured.headers), "a CPU s", 180_000),
    atLeast("with every payload opened", rate(measured.payloads), "a CPU s", 80_000),
    shown(`verify of ${entries} entries with payloads, on the clock`, median(measured.wall) / 1_000, "s"),
    atMost("verify with payloads, largest resident memory", peakBytes / 1_048_576, "MB", 200),
  ]
}

function walkCpuMs({ files, secrets }: LedgerHome): number {
  const secret = findMasterSecret(secrets)
  if (!secret) throw new Error("the store has no key file")
  const reader = JournalReader.open(files, openKeyStore(files.directory, secret))
  const before = process.cpuUsage()
  let bytes = 0
  for (const [, header, facts] of reader.rawEntries(0, Number.MAX_SAFE_INTEGER)) bytes += header.length + facts.length
  const { user, system } = process.cpuUsage(before)
  reader.close()
  if (bytes === 0) throw new Error("the store is empty")
  return (user + system) / 1_000
}
