/** sovereign-ledger alerts status | log | test */
import { setTimeout as sleep } from "node:timers/promises"
import { stringOf } from "../../../base/json.ts"
import { alertLog, alertStatus, type AlertLogRow } from "../../../views/alert-log.ts"
import { alertLine, alertStatusText } from "../../render/alerts-text.ts"
import { plain } from "../../render/words.ts"
import { askWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { linkOf } from "../ledger-order.ts"
import { wholeNumber } from "../numbers.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

export const alertsStatus: CommandRow = {
  path: "alerts status",
  summary: "Who is told of what, what is on its way, and what went wrong",
  help: `Alerts tell an operator what he should hear of, by web hooks and in a chat. Whom to tell stands in the plugin's setting alerts.

Example:
  sovereign-ledger alerts status --json`,
  run: (context) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const status = alertStatus(access, nowMs)
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...status }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : alertStatusText(status, terminal, nowMs))
      return 0
    }),
}

export const alertsLog: CommandRow = {
  path: "alerts log",
  summary: "Every alert and what became of it, newest last",
  options: [
    { flags: "--last <n>", words: "how many (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--since <time>", words: "from this time on: 30m, 24h or 7d back from now, a day, or ISO 8601 with an offset" },
  ],
  help: `Examples:
  sovereign-ledger alerts log --since 24h
  sovereign-ledger alerts log --last 5 --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const rows = alertLog(access, { sinceMs: timeOf(flags, "since", nowMs), limit: (flags["last"] ?? 50) as number })
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), alerts: rows })}\n`)
      else if (rows.length === 0) await terminal.write("No alert was raised yet.\n")
      else await terminal.write(linesOf(rows.toReversed(), context))
      return 0
    }),
}

const testWithinMs = 20_000
const lookEveryMs = 500

export const alertsTest: CommandRow = {
  path: "alerts test",
  summary: "Tell every receiver once, and see what becomes of it",
  help: `Sent whatever their severities and the quiet hours are. Whom to tell is known to the writer by a gateway that runs. Exit status: 0 everybody took it, 1 somebody did not.

Example:
  sovereign-ledger alerts test`,
  run: async (context) => {
    const { terminal, json } = context
    const { alert, receivers } = (await askWriter({ ...linkOf(context), program: undefined }, "test-alerts")) as Sent
    const outcomes = await outcomesOf(context, alert, receivers)
    const isGood = outcomes.every(({ what }) => what === "delivered")
    if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, alert, outcomes })}\n`)
    else
      for (const { receiver, what, description } of outcomes)
        await terminal.write(`${plain(receiver)}: ${what === "delivered" ? "delivered" : plain(description)}\n`)
    return isGood ? 0 : 1
  },
}

type Sent = { readonly alert: string; readonly receivers: readonly string[] }
type Tested = { readonly receiver: string; readonly what: string; readonly description: string }

/** What stands on record of each when all are there, or time is over. */
async function outcomesOf(context: CommandContext, alert: string, receivers: readonly string[]): Promise<readonly Tested[]> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const rows = await reading(context, (access) => Promise.resolve(alertLog(access, { sinceMs: undefined, limit: 1_000 })))
    const outcomes = receivers.map((receiver) =>
      outcomeOf(
        receiver,
        rows.find((row) => row.alert === alert && row.receiver === receiver),
      ),
    )
    if (waitedMs >= testWithinMs || outcomes.every(({ what }) => what !== "on its way")) return outcomes
    await sleep(lookEveryMs)
  }
}

function outcomeOf(receiver: string, row: AlertLogRow | undefined): Tested {
  return {
    receiver,
    what: row?.what ?? "on its way",
    description: stringOf(row?.description) ?? "no answer yet; sovereign-ledger alerts log shows it when there is one",
  }
}

function linesOf(rows: readonly AlertLogRow[], { terminal }: CommandContext): string {
  return rows.map((row) => alertLine(row, terminal)).join("")
}
