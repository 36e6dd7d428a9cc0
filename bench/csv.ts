/**
 * Model calls as CSV, and in the other formats, at 1,000,000 calls. The baseline in the same turn is a bare scan of the same rows: the same file, driver and cipher,
 * every column of every row handed to JavaScript, and nothing done with it. Both are measured in this process, on the clock and in processor time; the file is written
 * and synced. Memory is that of the whole command. The other formats are measured once.
 */
import { rmSync, statSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { openWholeFile } from "../src/surfaces/cli/whole-file.ts"
import { callPages, type ExportedCall } from "../src/views/exports/calls.ts"
import { focusHead, FocusRows } from "../src/views/exports/focus.ts"
import { otelLine } from "../src/views/exports/otel.ts"
import { UsageCsv } from "../src/views/exports/usage-csv.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import { fillUsage } from "./history-fill.ts"
import { makeHome, temporaryDirectory } from "./ledger-home.ts"
import { builtPackage, peakMemory, timedCommand, type ProcessTime } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"

export const about = "1,000,000 model calls as CSV, FOCUS and OpenTelemetry spans: time against a bare scan, and memory"

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const calls = quick ? 50_000 : 1_000_000
  const rounds = quick ? 3 : 5
  const home = makeHome("csv")
  await fillUsage(home, calls)
  say(`${calls} calls on record`)
  const times = { scan: [] as number[], csv: [] as number[], focus: [] as number[], otel: [] as number[] }
  const cpu = { scan: [] as number[], csv: [] as number[] }
  const access = openForReading(home.files, home.secrets)
  const out = join(temporaryDirectory("csv-out"), "out")
  let bytes = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const scanned = timed(() => scan(access, calls))
      const written = timed(() => write(out, csvText(access)))
      times.scan.push(scanned.wallMs)
      times.csv.push(written.wallMs)
      cpu.scan.push(scanned.cpuMs)
      cpu.csv.push(written.cpuMs)
      say(`round ${round + 1}/${rounds}: scan ${scanned.wallMs.toFixed(0)} ms, csv ${written.wallMs.toFixed(0)} ms`)
      bytes = statSync(out).size
      if (round > 0) continue
      times.focus.push(timed(() => write(out, focusText(access))).wallMs)
      times.otel.push(timed(() => write(out, otelText(access))).wallMs)
    }
  } finally {
    access.close()
    rmSync(out, { force: true })
  }
  say(`ms (least | median | most): scan ${spread(times.scan)}; csv ${spread(times.csv)}`)
  const over = (above: readonly number[], below = times.scan) => median(above.map((ms, round) => ms / (below[round] ?? Number.NaN)))
  const { cliPath } = await builtPackage()
  const { files, keyFile } = home
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  const command = [process.execPath, cliPath, "export-csv", "--out-dir", temporaryDirectory("csv-dir"), "--force", ...places]
  const { cpuMs, wallMs } = timedCommand(command)
  const peakBytes = await peakMemory(command)
  const words = `${calls.toLocaleString("en")} calls`
  return [
    atMost(`CSV of ${words} / a bare scan of the same rows`, over(times.csv), "x", 4),
    shown("the same in processor time", over(cpu.csv, cpu.scan), "x"),
    atMost(`export-csv of ${words}, largest resident memory`, peakBytes / 1_048_576, "MB", 150),
    shown("export-csv, processor time", cpuMs / 1_000, "s"),
    shown("export-csv, on the clock", wallMs / 1_000, "s"),
    shown("the file", bytes / 1e6, "MB"),
    shown("FOCUS by the hour / a bare scan", over(times.focus), "x"),
    shown("OpenTelemetry spans / a bare scan", over(times.otel), "x"),
  ]
}

function scan(access: LedgerAccess, calls: number): void {
  const rows = access.ask((views) => {
    let count = 0
    for (const row of views.prepare("SELECT * FROM usage_calls").raw().iterate() as IterableIterator<readonly unknown[]>) count += row.length > 0 ? 1 : 0
    return count
  })
  if (rows !== calls) throw new Error(`${rows} rows were scanned`)
}

function write(path: string, parts: Iterable<string | Uint8Array>): void {
  const file = openWholeFile(path, true)
  for (const part of parts) file.write(part)
  file.finish()
}

function* csvText(access: LedgerAccess): Generator<string | Uint8Array> {
  const csv = new UsageCsv()
  yield csv.head
  for (const page of callPages(access, {})) yield csv.rows(page)
}

function* focusText(access: LedgerAccess): Generator<string> {
  const rows = new FocusRows({ per: "hour", billingAccount: "bench", billingAccountName: "bench" })
  yield focusHead
  for (const page of callPages(access, { byTime: true })) yield page.map((call: ExportedCall) => rows.add(call)).join("")
  yield rows.end()
}

function* otelText(access: LedgerAccess): Generator<string> {
  for (const page of callPages(access, {})) yield otelLine(page, { version: "bench", ledger: "bench" })
}

function timed(work: () => void): ProcessTime {
  const [from, used] = [performance.now(), process.cpuUsage()]
  work()
  const { user, system } = process.cpuUsage(used)
  return { wallMs: performance.now() - from, cpuMs: (user + system) / 1_000 }
}
