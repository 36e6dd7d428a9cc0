/** sovereign-ledger look */
import { RowNameSet } from "../../../format/row-name-set.ts"
import { findSources } from "../../../history/find-sources.ts"
import type { UsageRow } from "../../../history/usage/batch.ts"
import { isZone, localText } from "../../../ledger/periods.ts"
import { parsePrices, type SpendSettings } from "../../../operations/spend/parse-prices.ts"
import type { Prices } from "../../../operations/spend/prices.ts"
import { quickCost } from "../../../prices/quick-cost.ts"
import { lookText } from "../../render/look-text.ts"
import { Fault } from "../../../base/fault.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { freshPart } from "../history/fresh-part.ts"
import { hostHome, spendSettings } from "../history/home.ts"
import { LookTally } from "../history/look-tally.ts"
import { readHistory } from "../history/readers.ts"
import { wholeNumber } from "../numbers.ts"

const dayMs = 86_400_000

export const look: CommandRow = {
  path: "look",
  summary: "A host's last 30 days on one screen: no ledger, no key, nothing written",
  argument: { name: "[home]", words: "the host's state directory, or the home it lies in (default: ~/.openclaw)" },
  options: [
    { flags: "--days <n>", words: "so many days back (default 30)", parse: wholeNumber("--days", 1, 3_650) },
    { flags: "--cap <usd>", words: "the cap a day that is asked about, in dollars (default 5)", parse: wholeNumber("--cap", 1, 1_000_000) },
    {
      flags: "--tz <zone>",
      words: "whose days: an IANA zone such as Europe/Berlin (default: this machine's)",
      parse: (text) => {
        if (!isZone(text)) throw new Fault("cli.usage", { problem: `--tz takes an IANA zone such as Europe/Berlin, not "${text}".` })
        return text
      },
    },
  ],
  reportsFaults: true,
  help: `Reads what import reads, and adds it up in memory. Nothing has to be set up: npx sovereign-ledger look

The cap refuses every call of a day that would pass it, in the order in which they were made; a budget that blocks holds the most a call can cost, and
refuses a little earlier.

Examples:
  sovereign-ledger look
  sovereign-ledger look /mnt/backup/openclaw --days 90 --cap 20 --json`,
  run: lookAt,
}

async function lookAt({ terminal, json, nowMs }: CommandContext, flags: Flags, argument: string | undefined): Promise<number> {
  const startedMs = performance.now()
  const home = hostHome(argument, undefined, process.env)
  const [days, capUsd] = [(flags["days"] as number | undefined) ?? 30, (flags["cap"] as number | undefined) ?? 5]
  const zone = (flags["tz"] as string | undefined) ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const { prices } = parsePrices(settingsOrNone(home, terminal))
  const fromMs = nowMs - days * dayMs
  const tally = new LookTally({ fromMs, toMs: nowMs + 1, dayOf: dayNames(zone), costOf: (row) => nanosOf(prices, row), capNanos: capUsd * 1e9 })
  const { sources, troubles } = findSources(home)
  // A file that was last written before holds nothing of what is asked for; a store is written to, whatever is in it.
  const asked = sources.filter(({ kind, modifiedMs }) => kind !== "transcript" || modifiedMs >= fromMs)
  const total = asked.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const progress = terminal.progress(`Reading ${asked.length} sources, bytes`)
  const seen = new RowNameSet()
  let [bytes, wrong] = [0, troubles.length]
  await readHistory(asked, nowMs, {
    onBatch: (batch) => {
      const fresh = freshPart(batch, (names, at) => seen.add(names, at))
      if (fresh) tally.add(fresh)
    },
    onDone: (outcome) => {
      bytes += outcome.source.sizeBytes
      if ("problem" in outcome || outcome.read.unreadable > 0) wrong++
      progress(bytes, total)
    },
  })
  const report = tally.report()
  const tookMs = Math.round(performance.now() - startedMs)
  const heading = { home, days, bytes, tookMs, troubles: wrong }
  await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...heading, timeZone: zone, ...report })}\n` : lookText(report, heading, terminal))
  return 0
}

/** Nothing is recorded here, so a configuration that cannot be read costs its own prices and not the answer. */
function settingsOrNone(home: string, terminal: CommandContext["terminal"]): SpendSettings {
  try {
    return spendSettings(home, process.env)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    terminal.note(`${error.message}\nCost is told by published prices.`)
    return { prices: [], toolPrices: [], providers: {}, budgets: [] }
  }
}

/** Finding a day in a zone takes a while, and calls come by the thousand: they are found by the quarter of an hour. */
export function dayNames(zone: string): (atMs: number) => string {
  const known = new Map<number, string>()
  return (atMs) => {
    const quarter = Math.floor(atMs / 900_000)
    let day = known.get(quarter)
    if (day === undefined) known.set(quarter, (day = localText(zone, quarter * 900_000).slice(0, 10)))
    return day
  }
}

function nanosOf(prices: Prices, row: UsageRow): number | undefined {
  const price = prices.priceOf(row.provider || undefined, row.model || undefined, row.atMs)
  return price && quickCost(price)(row)
}
