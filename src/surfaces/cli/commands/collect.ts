/** sovereign-ledger collect */
import { setTimeout as sleep } from "node:timers/promises"
import { problemOf, Fault } from "../../../base/fault.ts"
import { onStopSignal } from "../../../base/stop-signals.ts"
import type { Trouble } from "../../../history/find-sources.ts"
import { keyStoreExists } from "../../../vault/key-store.ts"
import { tryLock } from "../../../vault/lock.ts"
import { openForReading, type LedgerAccess } from "../../../views/ledger-access.ts"
import { collectText } from "../../render/collect-text.ts"
import { ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { CollectTally, type CollectStatus } from "../history/collect-status.ts"
import { Collector, type PassReport } from "../history/collector.ts"
import { hostHome, spendSettings } from "../history/home.ts"
import { openImport } from "../history/import-link.ts"
import { linkOf } from "../ledger-order.ts"
import { wholeNumber } from "../numbers.ts"
import { onSteadyHeap } from "../steady-heap.ts"

const [everyByDefault, statusByDefault] = [1, 30]
const longestPauseMs = 30_000
/** What fails no more often than this may pass at once: only then are the pauses longer. */
const passingFailures = 2
const mostUnforeseen = 5

export const collect: CommandRow = {
  path: "collect",
  summary: "Follow a host's home: record what its files say as they are written, with or without the plugin in the gateway",
  options: [
    {
      flags: "--openclaw-home <directory>",
      words: "the host's state directory, or the home it lies in (default: the one the ledger lies in, else ~/.openclaw)",
    },
    { flags: "--interval-sec <seconds>", words: `how often to look (default: ${everyByDefault})`, parse: wholeNumber("--interval-sec", 1, 3_600) },
    {
      flags: "--status-every <seconds>",
      words: `how often to write a line about how it goes (default: ${statusByDefault}; 0 for never)`,
      parse: wholeNumber("--status-every", 0, 86_400),
    },
    { flags: "--once", words: "read what is there, and end" },
    { flags: "--usage-only", words: "model calls with their tokens and cost, and nothing of what was said" },
  ],
  help: `Reads what an import reads (stores of agents, the shared store, transcripts and archives), and goes on reading: at each look only what came since. The host's
files are opened read-only, by this command's own process; they may lie on a read-only mount. What is on record already is not recorded
twice, whether an import, an earlier collector or the plugin in the gateway recorded it.

One collector a ledger. It ends on SIGTERM or Ctrl-C when all it has read is on disk; killed, it loses nothing: the next one goes on. With --json each
status is one line of JSON.

Exit status: 0 it was asked to end, 1 something could not be read (--once), 2 it could not begin.

Examples:
  sovereign-ledger collect
  sovereign-ledger collect --openclaw-home /srv/openclaw --interval-sec 5 --status-every 60 --json
  sovereign-ledger collect --openclaw-home /mnt/openclaw --once`,
  run: collectHistory,
}

async function collectHistory(context: CommandContext, flags: Flags): Promise<number> {
  const { files } = context
  const home = hostHome(flags["openclawHome"] as string | undefined, files.directory, process.env)
  // Says what keeps a ledger from being written to.
  if (!keyStoreExists(files.directory)) await ensureWriter(linkOf(context))
  const lock = tryLock(files.collectLock)
  if (lock === undefined) throw new Fault("history.collecting", { directory: files.directory })
  const collector = collectorOf(context, flags, home)
  try {
    return await (flags["once"] === true ? once(context, collector, home) : follow(context, flags, collector, home))
  } finally {
    lock.release()
  }
}

async function once(context: CommandContext, collector: Collector, home: string): Promise<number> {
  const tally = new CollectTally(home)
  for (let report = await collector.pass(); ; report = await collector.pass()) {
    tally.add(report)
    if (!report.isMore) break
  }
  await collector.settle()
  await say(context, tally.take(Date.now(), collector.troubles))
  return collector.troubles.length > 0 ? 1 : 0
}

async function follow(context: CommandContext, flags: Flags, collector: Collector, home: string): Promise<number> {
  const everyMs = ((flags["intervalSec"] as number | undefined) ?? everyByDefault) * 1_000
  const statusMs = ((flags["statusEvery"] as number | undefined) ?? statusByDefault) * 1_000
  const stop = new AbortController()
  const forget = onStopSignal(() => stop.abort())
  const tally = new CollectTally(home)
  let [nextStatusMs, failures]: [number, number] = [performance.now() + statusMs, 0]
  let failed: readonly Trouble[] = []
  try {
    tally.add(await collector.pass())
    await collector.settle()
    await say(context, tally.take(Date.now(), collector.troubles))
    while (!stop.signal.aborted) {
      const startedMs = performance.now()
      const report = await tried(collector, failures)
      failures = "problem" in report ? failures + 1 : 0
      failed = "problem" in report ? [{ path: context.files.directory, problem: report.problem }] : []
      if (!("problem" in report)) tally.add(report)
      if (statusMs > 0 && performance.now() >= nextStatusMs) {
        nextStatusMs = performance.now() + statusMs
        await say(context, tally.take(Date.now(), [...failed, ...collector.troubles]))
      }
      const pauseMs = Math.max(everyMs, Math.min(longestPauseMs, everyMs * 2 ** Math.min(Math.max(0, failures - passingFailures), 5)))
      const isMore = !("problem" in report) && report.isMore
      await sleep(isMore ? 0 : Math.max(0, startedMs + pauseMs - performance.now()), undefined, { signal: stop.signal }).catch(() => {})
    }
    await collector.settle()
    await say(context, tally.take(Date.now(), collector.troubles))
    return 0
  } finally {
    forget()
  }
}

/** A writer that is gone for a moment, a full disk or a file that is held ends no collector: it says so, and tries again. What nobody foresaw ends it, when it stays. */
async function tried(collector: Collector, failures: number): Promise<PassReport | { readonly problem: string }> {
  try {
    return await collector.pass()
  } catch (error) {
    if (!(error instanceof Fault) && failures >= mostUnforeseen) throw error
    return { problem: problemOf(error) }
  }
}

async function say({ terminal, json }: CommandContext, status: CollectStatus): Promise<void> {
  await terminal.write(json ? `${JSON.stringify(status)}\n` : collectText(status, terminal))
}

function collectorOf(context: CommandContext, flags: Flags, home: string): Collector {
  const { files, places, terminal } = context
  const reading = async <T>(read: (access: LedgerAccess) => Promise<T>): Promise<T> => {
    // An import beside it would find the same rows new.
    const lock = tryLock(files.importLock)
    if (lock === undefined) throw new Fault("history.importing", { directory: files.directory })
    try {
      const access = openForReading(files, places, { onProgress: terminal.progress("Bringing views up to date") })
      try {
        return await read(access)
      } finally {
        access.close()
      }
    } finally {
      lock.release()
    }
  }
  const openLink = async () => {
    await ensureWriter(linkOf(context))
    return openImport(linkOf(context), spendSettings(home, process.env))
  }
  const depth = flags["usageOnly"] === true ? "usage" : "all"
  return new Collector({ home, depth, nowMs: Date.now, reading, openLink, progress: onSteadyHeap(terminal.progress("Reading, bytes")) })
}
