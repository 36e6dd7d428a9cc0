/** sovereign-ledger usage, and the part of spend that reports */
import { Fault } from "../../../base/fault.ts"
import { isZone } from "../../../ledger/periods.ts"
import { spendKeys, spendReport, type SpendKey, type SpendReport, type SpendSums } from "../../../views/spend.ts"
import { spendCsv, spendText, type SpendLook } from "../../render/spend-text.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"
import { againstHostHelp, againstHostOptions, asksForHost, compareUsage } from "./host-usage.ts"

export const reportOptions: readonly OptionRow[] = [
  { flags: "--by <keys>", words: `${spendKeys.join(", ")}; several with commas (default: model)`, parse: parseKeys },
  { flags: "--since <time>", words: "from this time on: 30m, 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: 24h)" },
  { flags: "--until <time>", words: "up to this time, in the same words (default: now)" },
  { flags: "--tz <zone>", words: "whose days --by day means: an IANA zone such as Europe/Berlin (default: UTC)", parse: parseZone },
  { flags: "--limit <n>", words: "most rows; the total has all of them (default 1,000)", parse: wholeNumber("--limit", 1, 100_000) },
  { flags: "--csv", words: "CSV on standard output" },
]

export const usageCommand: CommandRow = {
  path: "usage",
  summary: "What models were used for: calls, tokens of each class, the share that came from a cache, how long answers took",
  options: [...reportOptions, ...againstHostOptions],
  help: `Tokens in four classes that do not overlap, whatever a provider counts: input (not cached), cached (read from a cache), written (to a cache), output.

${againstHostHelp}

Examples:
  sovereign-ledger usage --by agent,model --since 7d
  sovereign-ledger usage --by day --since 30d --tz Europe/Berlin --csv > usage.csv
  openclaw gateway usage-cost --json --days 30 --all-agents | sovereign-ledger usage --against-host -`,
  run: (context, flags) => (asksForHost(flags) ? compareUsage(context, flags) : report(context, flags, "usage")),
}

export async function report(context: CommandContext, flags: Flags, look: SpendLook): Promise<number> {
  const { nowMs, terminal, json } = context
  const fromMs = timeOf(flags, "since", nowMs) ?? nowMs - 86_400_000
  const toMs = timeOf(flags, "until", nowMs) ?? nowMs + 1
  if (toMs <= fromMs) throw new Fault("cli.usage", { problem: "--until must be after --since." })
  const [by, zone, limit] = [flags["by"] ?? ["model"], flags["tz"] ?? "UTC", flags["limit"] ?? 1_000] as [readonly SpendKey[], string, number]
  return reading(context, async (access) => {
    const found = spendReport(access, { by, fromMs, toMs, zone, limit, order: look === "spend" ? "cost" : "tokens" })
    if (json) await terminal.write(`${JSON.stringify(body(found, nowMs))}\n`)
    else if (flags["csv"] === true) await terminal.product(spendCsv(found))
    else await terminal.write(spendText(found, look, terminal))
    return 0
  })
}

function body({ rows, total, ...rest }: SpendReport, nowMs: number) {
  const named = rows.map(({ keys, ...sums }) => ({ keys, ...written(sums) }))
  return { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...rest, rows: named, total: written(total) }
}

/** Amounts as decimal strings of nano-dollars, as everywhere. */
function written({ cost, reported, computed, cache_read: cacheRead, cache_write: cacheWrite, ...sums }: SpendSums) {
  const { calls, failed, input, output, tokens, unpriced, drifted, averageLatencyMs } = sums
  const nanos = { costNanos: String(cost), reportedNanos: String(reported), computedNanos: String(computed) }
  return { calls, failed, input, output, cacheRead, cacheWrite, tokens, ...nanos, unpriced, drifted, averageLatencyMs }
}

function parseKeys(text: string): readonly SpendKey[] {
  const keys = text.split(",").map((key) => key.trim())
  const unknown = keys.find((key) => !spendKeys.includes(key as SpendKey))
  if (unknown !== undefined) throw new Fault("cli.usage", { problem: `--by takes ${spendKeys.join(", ")}, not "${unknown}".` })
  return [...new Set(keys)] as SpendKey[]
}

function parseZone(text: string): string {
  if (!isZone(text)) throw new Fault("cli.usage", { problem: `--tz takes an IANA zone such as Europe/Berlin, not "${text}".` })
  return text
}
