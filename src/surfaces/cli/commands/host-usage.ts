/** sovereign-ledger usage --against-host */
import { join } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import { countOf, numberOf, objectOf, stringOf } from "../../../base/json.ts"
import { findSources } from "../../../history/find-sources.ts"
import { parsePrices } from "../../../operations/spend/parse-prices.ts"
import { quickCost } from "../../../prices/quick-cost.ts"
import { compareWithHostUsage, spanOf, tokensOf, type DayCompared, type Figure, type HostDay, type HostUsage } from "../../../views/host-usage.ts"
import { hostUsageText } from "../../render/host-usage-text.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"
import { hostHome, spendSettings } from "../history/home.ts"
import { HostUses } from "../history/host-uses.ts"
import { readHistory } from "../history/readers.ts"
import { readHostConfig } from "../host-config.ts"
import { readText } from "../input-file.ts"
import { reading } from "./events.ts"
import { dayNames } from "./look.ts"

export const againstHostOptions: readonly OptionRow[] = [
  { flags: "--against-host <file>", words: "compare with the host's own figure, as its command printed it; - reads standard input" },
  { flags: "--agent <id>", words: "with --against-host: the figure is of this agent alone (default: of all)" },
  { flags: "--host-dir <directory>", words: "with --against-host: the host's state directory (default: the one the ledger lies in)" },
]

export const againstHostHelp = `With --against-host each day of the host's own figure (openclaw gateway usage-cost --json --all-agents) is held against the record, and each difference is
explained: from where the host's stores have each call now, which this command reads, it follows what the host counts and what it leaves out or counts twice.
Exit status then: 0 everything is explained, 1 something is not, 2 it could not be compared.`

const others = ["by", "since", "until", "limit", "csv"]

/** @throws {Fault} `cli.usage` for flags that do not go together. */
export function asksForHost(flags: Flags): boolean {
  const isAsked = flags["againstHost"] !== undefined
  const [wrong] = isAsked ? others.filter((name) => flags[name] !== undefined) : ["agent", "hostDir"].filter((name) => flags[name] !== undefined)
  if (wrong === undefined) return isAsked
  if (isAsked) throw new Fault("cli.usage", { problem: `--${wrong} does not go with --against-host, which compares the days of that file.` })
  throw new Fault("cli.usage", { problem: `--${wrong === "agent" ? "agent" : "host-dir"} goes with --against-host FILE.` })
}

export async function compareUsage(context: CommandContext, flags: Flags): Promise<number> {
  const { nowMs, terminal, json, files } = context
  const usage = usageIn(flags["againstHost"] as string)
  const home = hostHome(flags["hostDir"] as string | undefined, files.directory, process.env)
  const zone = (flags["tz"] as string | undefined) ?? "UTC"
  const agent = flags["agent"] as string | undefined
  return reading(context, async (access) => {
    // The record is read last: what the host writes meanwhile is in it by then, never the other way round.
    const { uses, troubles } = await usesIn(home, usage, nowMs)
    const listed = agent === undefined ? listedAgents(home) : undefined
    const found = compareWithHostUsage(access, { usage, uses, dayOf: dayNames(zone), agent, listed })
    const settings = { home, timeZone: zone, agent: agent ?? null, hostState: usage.state, hostUpdatedAt: new Date(usage.updatedMs).toISOString(), troubles }
    if (json) {
      const { days, total, ...rest } = found
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...settings, ...rest, days: days.map(dayJson), total: dayJson(total) }
      await terminal.write(`${JSON.stringify(body)}\n`)
    } else await terminal.write(hostUsageText(found, settings, terminal))
    return found.verdict === "explained" ? 0 : 1
  })
}

async function usesIn(home: string, usage: HostUsage, nowMs: number) {
  // By the host's prices alone: what our own settings say it does not know.
  const { prices } = parsePrices({ ...spendSettings(home, process.env), prices: [] })
  const uses = new HostUses({
    ...spanOf(usage),
    todayNanos: (row) => {
      const price = prices.priceOf(row.provider || undefined, row.model || undefined, nowMs)
      return price === undefined ? 0 : quickCost(price)(row)
    },
  })
  const { sources, troubles } = findSources(home)
  let wrong = troubles.length
  await readHistory(sources, nowMs, {
    onBatch: (batch) => uses.add(batch),
    onDone: (outcome) => void (("problem" in outcome || outcome.read.unreadable > 0) && wrong++),
  })
  return { uses: uses.uses(), troubles: wrong }
}

/** Those the host's configuration lists, in either of its two forms. */
function listedAgents(home: string): ReadonlySet<string> | undefined {
  const { entries, list } = objectOf(objectOf(readHostConfig(join(home, "openclaw.json")))["agents"])
  const ids = Array.isArray(list) ? list.flatMap((entry) => stringOf(objectOf(entry)["id"]) ?? []) : Object.keys(objectOf(entries))
  return ids.length === 0 ? undefined : new Set(ids.map((id) => id.toLowerCase()))
}

function usageIn(file: string): HostUsage {
  const wrong = (problem: string, cause?: unknown) => new Fault("usage.unreadable", { file: file === "-" ? "Standard input" : file, problem }, cause)
  let parsed: unknown
  try {
    parsed = JSON.parse(readText(file))
  } catch (error) {
    if (error instanceof Fault) throw error
    throw wrong(`it is no JSON (${problemOf(error)})`, error)
  }
  const { daily, updatedAt, cacheStatus } = objectOf(parsed)
  if (!Array.isArray(daily) || daily.length === 0) throw wrong("it has no list of days (daily)")
  const updatedMs = countOf(updatedAt)
  if (updatedMs === undefined) throw wrong("it does not say when it was added up (updatedAt)")
  const days = daily.map((told, index) => hostDay(told) ?? wrong(`entry ${index} of daily is no day with its counts`))
  const bad = days.find((day) => day instanceof Fault)
  if (bad) throw bad
  const all = everyDay(days as readonly HostDay[])
  if (all === undefined) throw wrong("its days span more than a hundred years")
  return { days: all, updatedMs, state: stringOf(objectOf(cacheStatus)["status"]) ?? "unknown" }
}

function hostDay(told: unknown): HostDay | undefined {
  const given = objectOf(told)
  const day = stringOf(given["date"])
  if (day === undefined || !isDay(day)) return undefined
  const counts = ["input", "output", "cacheRead", "cacheWrite"].map((name) => countOf(given[name]))
  const [cost, byModel] = [numberOf(given["totalCost"]), given["missingCostByModel"]]
  if (counts.includes(undefined) || cost === undefined) return undefined
  const [input = 0, output = 0, cacheRead = 0, cacheWrite = 0] = counts
  const sums = { input, output, cacheRead, cacheWrite, nanos: Math.round(cost * 1e9) }
  const missingModels = byModel === undefined ? undefined : new Set(Object.keys(objectOf(byModel)))
  return { day, ...sums, totalTokens: countOf(given["totalTokens"]) ?? tokensOf(sums), missing: countOf(given["missingCostEntries"]) ?? 0, missingModels }
}

function isDay(text: string): boolean {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text)
}

/** Of a long time the host tells only days that have something; of the days between it says with that that they have nothing. */
function everyDay(told: readonly HostDay[]): readonly HostDay[] | undefined {
  const known = new Map(told.map((day) => [day.day, day]))
  const names = [...known.keys()].sort()
  const [first = "", last = ""] = [names[0], names.at(-1)]
  const days: HostDay[] = []
  if (Date.parse(last) - Date.parse(first) > mostDays * 86_400_000) return undefined
  for (let atMs = Date.parse(first); atMs <= Date.parse(last); atMs += 86_400_000) {
    const day = new Date(atMs).toISOString().slice(0, 10)
    days.push(known.get(day) ?? { ...emptyDay, day })
  }
  return days
}

/** The host's own bound. */
const mostDays = 36_600
const emptyDay = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, nanos: 0, totalTokens: 0, missing: 0, missingModels: undefined }

/** Amounts as decimal strings of nano-dollars, as everywhere. */
function dayJson<D extends Omit<DayCompared, "day">>({ record, host, reasons, rest, ...day }: D) {
  const why = reasons.map(({ reason, calls, ...figure }) => ({ reason, calls, ...figureJson(figure) }))
  return { ...day, record: figureJson(record), host: figureJson(host), reasons: why, rest: figureJson(rest) }
}

function figureJson(figure: Figure) {
  const { input, output, cacheRead, cacheWrite, nanos } = figure
  return { input, output, cacheRead, cacheWrite, tokens: tokensOf(figure), costNanos: String(nanos) }
}
