/** Alerts: who is told of what, and every one with what became of it. */
import { alertLog, alertStatus } from "../../views/alert-log.ts"
import { alertLine, alertStatusText } from "../render/alerts-text.ts"
import { last, sinceWhen, type LastValues } from "./last.ts"
import { bodyOf, type Question } from "./question.ts"

export const alertsStatusQuestion: Question = {
  path: "alerts status",
  route: "alerts/status",
  schema: "alerts-status.schema.json",
  summary: "Who is told of what, what is on its way, and what went wrong",
  help: `Alerts tell an operator what he should hear of, by web hooks and in a chat. Whom to tell stands in the plugin's setting alerts.

Example:
  sovereign-ledger alerts status --json`,
  parameters: [],
  formats: [],
  ask: (asked) => {
    const status = alertStatus(asked.access(), asked.nowMs)
    return { body: { ...bodyOf(asked), ...status }, text: (look) => alertStatusText(status, look, asked.nowMs) }
  },
}

export const alertsLogQuestion: Question = {
  path: "alerts log",
  route: "alerts",
  schema: "alerts.schema.json",
  summary: "Every alert and what became of it, newest last",
  parameters: [last, sinceWhen],
  formats: [],
  help: `Examples:
  sovereign-ledger alerts log --since 24h
  sovereign-ledger alerts log --last 5 --json`,
  ask: (asked, values) => {
    const { last: limit, since } = values as LastValues
    const alerts = alertLog(asked.access(), { sinceMs: since, limit })
    const lines = (look: Parameters<typeof alertLine>[1]) => alerts.toReversed().map((row) => alertLine(row, look))
    return { body: { ...bodyOf(asked), alerts }, text: (look) => (alerts.length === 0 ? "No alert was raised yet.\n" : lines(look).join("")) }
  },
}
