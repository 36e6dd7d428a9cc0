/**
 * Import of a host's history: usage alone and everything, of 1 GB of old transcripts; usage of a store whose rows are compressed; a second import that finds
 * nothing new; and what `spend` takes at a million calls.
 *
 * Baselines take turns with it in the same run, each as a process of its own: a collector in Python that parses and inserts, a scan of the bytes that only
 * counts lines with the word in them, and a loop that unpacks and parses every row of the store. An import is the command and the writer it talks to, which
 * runs already; the processor time of both counts. Projections follow an import by themselves, and are not in it. Beside the import of everything stands
 * what the journal alone takes for its entries (`history-floor.ts`): no import can take less.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { RunOptions } from "../scripts/runnable.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { spendReport } from "../src/views/spend.ts"
import { writeJsonlCorpus } from "../test/history/jsonl-corpus.ts"
import { writeStoreCorpus } from "../test/history/store-corpus.ts"
import { fillUsage } from "./history-fill.ts"
import { appendAlone } from "./history-floor.ts"
import { makeHome, removeHome, temporaryDirectory, type LedgerHome } from "./ledger-home.ts"
import { builtPackage, startWriterProcess, timedCommand, type ProcessTime } from "./processes.ts"
import { atLeast, atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

export const about = "import of 1 GB of transcripts, of a compressed store, of nothing new; spend at 1,000,000 calls"

const dayMs = 86_400_000

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  return [...(await transcripts(quick, say)), ...(await store(quick, say)), ...(await spend(quick, say))]
}

async function transcripts(quick: boolean, say: RunOptions["say"]): Promise<readonly BenchRow[]> {
  const host = temporaryDirectory("transcripts")
  const corpus = writeJsonlCorpus(host, { seed: 1, files: 600, bytes: quick ? 100_000_000 : 1_000_000_000, startMs: Date.now() - 40 * dayMs, days: 35 })
  say(`${(corpus.bytes / 1e9).toFixed(2)} GB, ${corpus.lines} lines, ${corpus.calls} calls in ${corpus.files} files`)
  const rounds = quick ? 2 : 5
  const imports: ProcessTime[] = []
  const [pythons, scans, looks]: [ProcessTime[], ProcessTime[], ProcessTime[]] = [[], [], []]
  const { cliPath } = await builtPackage()
  let last: LedgerHome | undefined
  for (let round = 0; round < rounds; round++) {
    scans.push(timedCommand([process.execPath, join(import.meta.dirname, "byte-scan.mjs"), host]))
    pythons.push(timedCommand(["python3", join(import.meta.dirname, "history-baseline.py"), host, join(temporaryDirectory("python"), "calls.db")]))
    if (last) removeHome(last)
    last = makeHome("import")
    imports.push(await importInto(last, [host, "--usage-only"]))
    looks.push(timedCommand([process.execPath, cliPath, "look", host, "--days", "60"]))
  }
  const walls = (times: readonly ProcessTime[]) => times.map(({ wallMs }) => wallMs)
  const ratio = (above: readonly number[], below: readonly number[]) => median(above.map((one, index) => one / (below[index] ?? Number.NaN)))
  const cpus = (times: readonly ProcessTime[]) => times.map(({ cpuMs }) => cpuMs)
  say(
    `usage-only import, wall (least | median | most): ${spread(walls(imports))} ms; byte scan ${spread(walls(scans))}; Python ${spread(cpus(pythons))} ms of processor time`,
  )
  const again = walls(Array.from({ length: rounds }, () => timedCommand(importCommand(last, cliPath, [host, "--usage-only"]))))
  const whole = makeHome("import-all")
  const all = await importInto(whole, [host])
  const access = openForReading(whole.files, whole.secrets)
  const entries = access.reader.size()
  access.close()
  removeHome(whole)
  const alone = appendAlone(host, { entries, contentBytes: corpus.bytes })
  say(
    `import of everything: ${Math.round(all.wallMs)} ms, ${entries} entries; appending as many with as much content, and nothing else: ${Math.round(alone)} ms`,
  )
  return [
    atMost("usage-only import: processor time / Python's", ratio(cpus(imports), cpus(pythons)), "", 0.35),
    atMost("usage-only import: wall / byte scan", ratio(walls(imports), walls(scans)), "", 1.6),
    atMost("import of everything: wall / usage only", all.wallMs / median(walls(imports)), "", 6),
    shown("the journal alone, for as much: wall / usage only", alone / median(walls(imports)), ""),
    atMost("look: wall / usage-only import", ratio(walls(looks), walls(imports)), "", 2),
    atMost("second import, nothing new, 600 files", median(again) / 1_000, "s", 0.3),
    shown("usage-only import", median(walls(imports)) / 1_000, "s"),
  ]
}

function importCommand(home: LedgerHome | undefined, cliPath: string, words: readonly string[]): readonly string[] {
  const { files, keyFile } = home ?? makeHome("import")
  return [process.execPath, cliPath, "import", ...words, "--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
}

/** The command and the writer together. */
async function importInto(home: LedgerHome, words: readonly string[]): Promise<ProcessTime> {
  const { cliPath } = await builtPackage()
  const writer = await startWriterProcess(home)
  const before = cpuOf(writer.pid)
  const { wallMs, cpuMs } = timedCommand(importCommand(home, cliPath, words))
  const writerMs = cpuOf(writer.pid) - before
  await writer.stop()
  return { wallMs, cpuMs: cpuMs + writerMs }
}

/** Processor time of a process in ms, as the system counts it (proc(5), 100 ticks a second). */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function store(quick: boolean, say: RunOptions["say"]): Promise<readonly BenchRow[]> {
  const host = temporaryDirectory("store")
  const { path, rows, calls } = writeStoreCorpus(host, { seed: 2, rows: quick ? 10_000 : 100_000 })
  say(`a store of ${rows} rows, ${calls} calls`)
  const { cliPath } = await builtPackage()
  const ratios = Array.from({ length: quick ? 2 : 5 }, () => {
    const naive = timedCommand([process.execPath, "--no-warnings", join(import.meta.dirname, "naive-store.mjs"), path])
    const ours = timedCommand([process.execPath, cliPath, "import", host, "--usage-only", "--dry-run"])
    return naive.wallMs / ours.wallMs
  })
  say(`times as fast as the naive loop (least | median | most): ${spread(ratios)}`)
  return [atLeast("store with compressed rows: speed / naive loop", median(ratios), "", 2.5)]
}

async function spend(quick: boolean, say: RunOptions["say"]): Promise<readonly BenchRow[]> {
  const home = makeHome("spend")
  const calls = quick ? 50_000 : 1_000_000
  await fillUsage(home, calls)
  const toMs = Date.now()
  const question = { by: ["model"], fromMs: toMs - 30 * dayMs, toMs, zone: "UTC", limit: 1_000, order: "cost" } as const
  const times: number[] = []
  const access = openForReading(home.files, home.secrets)
  try {
    const { total } = spendReport(access, question)
    say(`${calls} calls on record, ${total.calls} of them in the month`)
    for (let asked = 0; asked < 300; asked++) {
      const from = performance.now()
      spendReport(access, question)
      times.push(performance.now() - from)
    }
  } finally {
    access.close()
  }
  const { cliPath } = await builtPackage()
  const { files, keyFile } = home
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  const command = Array.from({ length: 7 }, () => timedCommand([process.execPath, cliPath, "spend", "--since", "30d", ...places]).wallMs)
  return [
    atMost(`spend by model for a month at ${calls.toLocaleString("en")} calls, p99`, quantile(times, 0.99), "ms", 10),
    atMost("the same as a command", median(command) / 1_000, "s", 0.4),
  ]
}
