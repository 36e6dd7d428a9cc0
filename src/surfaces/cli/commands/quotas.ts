/** sovereign-ledger quotas */
import { Fault } from "../../../base/fault.ts"
import { csvCell } from "../../../views/export.ts"
import { quotasOf, type Quota } from "../../../views/quotas.ts"
import { quotasText } from "../../render/quota-text.ts"
import type { CommandRow } from "../command.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

const historyByDefaultMs = 7 * 86_400_000

export const quotasCommand: CommandRow = {
  path: "quotas",
  summary: "Plans that providers are used by, and how far their windows are used",
  options: [
    { flags: "--history", words: "every sample, the newest first, and not only the last of each provider" },
    { flags: "--since <time>", words: "with --history: from this time on (default: 7d): 24h, 30d, a day such as 2026-11-20, or ISO 8601" },
    { flags: "--csv", words: "CSV for a spreadsheet, one row a window" },
  ],
  help: `The gateway's plugin asks its host every quarter of an hour (setting quotaMinutes), which asks the providers; a sample that says what the one before it said
is recorded once an hour. A plan is paid for as a whole: where one is said to be at $0, that is its price or its credit, and not what tokens cost.

Examples:
  sovereign-ledger quotas
  sovereign-ledger quotas --history --since 24h
  sovereign-ledger quotas --history --since 30d --csv > quotas.csv`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const [isCsv, isHistory, sinceMs] = [flags["csv"] === true, flags["history"] === true, timeOf(flags, "since", nowMs)]
      if (json && isCsv) throw new Fault("cli.usage", { problem: "--json and --csv are two forms of one answer; ask for one of them." })
      if (sinceMs !== undefined && !isHistory)
        throw new Fault("cli.usage", { problem: "--since is for --history: without it, the last sample of each provider is shown." })
      const quotas = quotasOf(access, isHistory ? { sinceMs: sinceMs ?? nowMs - historyByDefaultMs } : {})
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), quotas })}\n`)
      else if (isCsv) await terminal.product(csvText(quotas))
      else await terminal.write(quotasText(quotas, nowMs, terminal))
      return 0
    }),
}

const columns = ["provider", "display_name", "plan", "billing", "window_label", "used_percent", "reset_at", "sampled_at"]

function csvText(quotas: readonly Quota[]): string {
  const rows = quotas.flatMap(({ provider, displayName, plan, billing, sampledAt, windows }) => {
    const listed = windows.length > 0 ? windows : [{ label: null, usedPercent: null, resetAt: null }]
    return listed.map(({ label, usedPercent, resetAt }) => [provider, displayName, plan, billing, label, usedPercent, resetAt, sampledAt])
  })
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("")
}
