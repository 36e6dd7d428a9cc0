/**
 * How long it takes from a row in the host's store, or in a transcript, to the row of usage that reports read: through the collector, which looks every second, and through the plugin,
 * which hears of the row.
 *
 * Rows come one at a time, at moments that fall anywhere between two looks. The collector is the built command; the plugin is the built one in a host that only records its listeners; both
 * beside a real writer. Seen is a row when the projection `usage` has it: this process brings it forward as soon as the journal has an entry more, which it asks every two
 * milliseconds, so that its own work is in the figure. Then the collector is left alone with a home of many files in which nothing comes.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { RunOptions } from "../scripts/runnable.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import { writeJsonlCorpus } from "../test/history/jsonl-corpus.ts"
import { LiveHost } from "../test/history/live-host.ts"
import { makeHome, temporaryDirectory } from "./ledger-home.ts"
import { startPlugin } from "./plugin-host.ts"
import { builtPackage, startWriterProcess } from "./processes.ts"
import { atMost, quantile, shown, type BenchRow } from "./samples.ts"

export const about = "from the host's row to a row of usage: through the collector and through the plugin; a collector with nothing to read"

const [mostCollectorMs, mostPluginMs] = [1_200, 50]
const lookEveryMs = 2
const warmUp = 20
const withinMs = 30_000

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  return [...(await throughCollector(quick, say)), ...(await throughPlugin(quick, say))]
}

async function throughCollector(quick: boolean, say: RunOptions["say"]): Promise<readonly BenchRow[]> {
  const home = makeHome("collect")
  const host = new LiveHost(temporaryDirectory("collected"), 1)
  const files = quick ? 200 : 1_600
  writeJsonlCorpus(host.home, { seed: 1, files, bytes: files * 20_000, startMs: Date.now() - 40 * 86_400_000, days: 30 })
  const writer = await startWriterProcess(home)
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  const child = spawn(process.execPath, ["--no-warnings", cliPath, "collect", "--openclaw-home", host.home, "--json", ...places], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const pid = child.pid ?? 0
  await new Promise((resolve) => child.stdout.once("data", resolve))
  say(`${files} files were read for the first time`)
  const access = openForReading(home.files, home.secrets)
  const lags: number[] = []
  // While projections still follow the first reading, what comes waits for them: the first rows are not in the figure.
  for (let row = -warmUp; row < (quick ? 20 : 200); row++) {
    await sleep(((Math.abs(row) * 37) % 100) * 10)
    const before = callsIn(access)
    const from = performance.now()
    if (row % 2 === 0) host.callInStore("one")
    else host.callInFile("old")
    const lag = (await seen(access, before)) - from
    if (row >= 0) lags.push(lag)
  }
  access.close()
  const [cpuMs, from] = [processorMs(pid), performance.now()]
  await sleep(quick ? 5_000 : 30_000)
  const idleShare = ((processorMs(pid) - cpuMs) / (performance.now() - from)) * 100
  const residentMb = memoryMb(pid)
  child.kill("SIGTERM")
  await new Promise((resolve) => child.once("exit", resolve))
  host.close()
  await writer.stop()
  return [
    shown("collector: host row -> usage row, p50", quantile(lags, 0.5), "ms"),
    atMost("collector: host row -> usage row, p99", quantile(lags, 0.99), "ms", mostCollectorMs),
    atMost(`collector: processor, ${files} files and nothing new`, idleShare, "%", 5),
    shown("collector: resident memory", residentMb, "MB"),
  ]
}

async function throughPlugin(quick: boolean, say: RunOptions["say"]): Promise<readonly BenchRow[]> {
  const home = makeHome("heard")
  const writer = await startWriterProcess(home)
  const host = await startPlugin(home)
  const access = openForReading(home.files, home.secrets)
  const lags: number[] = []
  // What comes first is not in the figure: connections, code that runs for the first time.
  for (let row = -warmUp; row < (quick ? 50 : 500); row++) {
    const before = callsIn(access)
    const from = performance.now()
    host.transcript(rowOf(row))
    const lag = (await seen(access, before)) - from
    if (row >= 0) lags.push(lag)
    await sleep(Math.abs(row) % 7)
  }
  access.close()
  host.close()
  await writer.stop()
  say(`${lags.length} rows heard by the plugin`)
  return [
    shown("plugin: host row -> usage row, p50", quantile(lags, 0.5), "ms"),
    atMost("plugin: host row -> usage row, p99", quantile(lags, 0.99), "ms", mostPluginMs),
  ]
}

function rowOf(row: number): object {
  const usage = { input: 100 + row, output: 5, cacheRead: 0, cacheWrite: 0, totalTokens: 105 + row, cost: { total: 0.001 } }
  const message = {
    role: "assistant",
    provider: "anthropic",
    model: "claude-haiku-4-5",
    stopReason: "stop",
    timestamp: Date.now() - 400,
    usage,
    responseId: `answer-${row}`,
  }
  return { sessionKey: "agent:main:main", sessionId: "heard", agentId: "main", messageId: `row-${row}`, messageSeq: row, message }
}

/** When there is a call more than before. */
async function seen(access: LedgerAccess, before: number): Promise<number> {
  const untilMs = performance.now() + withinMs
  let version = access.reader.dataVersion()
  for (;;) {
    await sleep(lookEveryMs)
    const now = access.reader.dataVersion()
    if (now !== version && callsIn(access) > before) return performance.now()
    version = now
    if (performance.now() > untilMs) throw new Error("a row was not recorded")
  }
}

function callsIn(access: LedgerAccess): number {
  access.renew()
  return access.ask((views) => views.prepare("SELECT count(*) FROM usage_calls").pluck().get() as number)
}

/** User and system time (proc(5)). */
function processorMs(pid: number): number {
  const fields =
    readFileSync(join("/proc", String(pid), "stat"), "utf8")
      .split(") ")[1]
      ?.split(" ") ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function memoryMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(join("/proc", String(pid), "status"), "utf8")) ?? []
  return Number(kilobytes) / 1_024
}
