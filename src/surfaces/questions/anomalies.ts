/** What is odd: every detector over a stretch of time. */
import { usualThresholds } from "../../policy/anomalies/thresholds.ts"
import { anomaliesIn } from "../../views/anomalies/detector-list.ts"
import { sheetPage } from "../page/sheet-page.ts"
import { anomaliesSheet } from "../render/anomalies-sheet.ts"
import { oddCount } from "../render/anomaly-sections.ts"
import { sheetText } from "../render/sheet.ts"
import { instant, switched, whole, wrong, zone } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

type Values = {
  readonly since?: number
  readonly until?: number
  readonly tz: string
  readonly dupWindowSec: number
  readonly lookbackDays: number
  readonly denialWindowSec: number
  readonly denialThreshold: number
  readonly spendFactor: number
  readonly fail: boolean
}

export const anomaliesQuestion: Question = {
  path: "anomalies",
  route: "anomalies",
  schema: "anomalies.schema.json",
  summary: "What is odd: tampering, gaps, duplicates, denials in a row, new tools, installs, spend spikes, idle burn, loops",
  help: `Each section says what was looked for where nothing was found. Nothing here replaces sovereign-ledger verify, which checks every entry.

Exit status: 0 looked, 1 with --fail something was found, 2 what was asked is wrong or the ledger cannot be read.

Examples:
  sovereign-ledger anomalies
  sovereign-ledger anomalies --since 7d --json | jq .anomalies.denialSpikes
  sovereign-ledger anomalies --since 1h --fail || echo look`,
  parameters: [
    instant("since", "from this time on: 30m, 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: 24h)"),
    instant("until", "up to this time, in the same words (default: now)"),
    zone,
    whole({
      name: "dupWindowSec",
      words: "the same words to the same recipient within so many seconds are duplicates (default 60)",
      most: 86_400,
      default: 60,
    }),
    whole({ name: "lookbackDays", words: "a tool is new when it was not used in so many days before (default 30)", most: 365, default: 30 }),
    whole({ name: "denialWindowSec", words: "denials within so many seconds are counted together (default 300)", most: 86_400, default: 300 }),
    whole({ name: "denialThreshold", words: "so many of them are a spike (default 5)", most: 1_000_000, default: 5 }),
    whole({ name: "spendFactor", words: "an hour that costs more than so many times a usual one is a spike (default 5)", most: 1_000, default: 5 }),
    { ...switched({ name: "fail", words: "exit status 1 where something was found" }), onlyFlag: true },
  ],
  formats: ["html"],
  ask: (asked, told) => {
    const { since, until, tz, dupWindowSec, lookbackDays, denialWindowSec, denialThreshold, spendFactor, fail } = told as Values
    const [fromMs, toMs] = [since ?? asked.nowMs - 86_400_000, until ?? asked.nowMs + 1]
    if (toMs <= fromMs) throw wrong("--until must be after --since.")
    const thresholds = { ...usualThresholds, denialThreshold, denialWindowMs: denialWindowSec * 1_000, spendFactor }
    const anomalies = anomaliesIn(asked.access(), { fromMs, toMs, zone: tz, dupWindowMs: dupWindowSec * 1_000, lookbackDays, thresholds })
    const window = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), tz }
    const spendLeastNanos = String(thresholds.spendLeastNanos)
    const settings = { dupWindowSec, lookbackDays, denialWindowSec, denialThreshold, spendFactor, spendLeastNanos }
    const count = oddCount(anomalies)
    const sheet = anomaliesSheet({ window, anomalies, look: { dupWindowSec, lookbackDays, thresholds } })
    return {
      body: { ...bodyOf(asked), window, settings, count, anomalies },
      ...(fail && count > 0 ? { exit: 1 as const } : {}),
      text: (look) => sheetText(sheet, look),
      html: () => sheetPage(sheet),
    }
  },
}
