/** Delegation: who works for whom, and every verdict on it. */
import { orchestratorLog, orchestratorStatus } from "../../views/orchestrator.ts"
import { orchestratorLine, orchestratorStatusText } from "../render/orchestrator-text.ts"
import { last, sinceWhen, type LastValues } from "./last.ts"
import { bodyOf, type Question } from "./question.ts"

export const orchestratorStatusQuestion: Question = {
  path: "orchestrator status",
  route: "orchestrator",
  schema: "orchestrator.schema.json",
  summary: "Who works for whom, what it came to, and how often work was refused or given out again",
  help: `Delegation is off unless the plugin's setting orchestrator switches it on. What an orchestrator and its workers spend comes from the account of the session they work for.

Examples:
  sovereign-ledger orchestrator status
  sovereign-ledger orchestrator status --json`,
  parameters: [],
  formats: [],
  ask: (asked) => {
    const status = orchestratorStatus(asked.access(), asked.nowMs)
    return { body: { ...bodyOf(asked), ...status }, text: (look) => orchestratorStatusText(status, look) }
  },
}

export const orchestratorLogQuestion: Question = {
  path: "orchestrator log",
  route: "orchestrator/log",
  schema: "orchestrator-log.schema.json",
  summary: "Every verdict on delegation, every binding, worker and retry, newest last",
  parameters: [last, sinceWhen],
  formats: [],
  help: `Examples:
  sovereign-ledger orchestrator log --since 24h
  sovereign-ledger orchestrator log --last 5 --json`,
  ask: (asked, values) => {
    const { last: limit, since } = values as LastValues
    const events = orchestratorLog(asked.access(), { sinceMs: since, limit })
    const lines = (look: Parameters<typeof orchestratorLine>[1]) => events.toReversed().map((row) => orchestratorLine(row, look))
    return { body: { ...bodyOf(asked), events }, text: (look) => (events.length === 0 ? "Nothing was handed on yet.\n" : lines(look).join("")) }
  },
}
