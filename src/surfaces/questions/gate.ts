/** The outbound gate: who may be written to now, and every verdict. */
import { objectOf } from "../../base/json.ts"
import type { GateStanding } from "../../policy/outbound/rule-view.ts"
import { gateLog, gateStatus } from "../../views/gate.ts"
import { runningWriter } from "../cli/running-writer.ts"
import { gateLine, gateStatusText } from "../render/gate-text.ts"
import { last, sinceWhen, type LastValues } from "./last.ts"
import { switched } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

export const gateStatusQuestion: Question = {
  path: "gate status",
  route: "gate",
  schema: "gate.schema.json",
  summary: "Who may be written to now, what was asked for, and which ways are not covered",
  help: `The gate lets nothing leave for a protected recipient unless somebody who may asked for it. Its settings stand in the plugin's setting gate; what
connected gateways go by is asked of the writer, and where none runs, what one told last is shown.

Example:
  sovereign-ledger gate status --json`,
  parameters: [],
  formats: [],
  ask: async (asked) => {
    const access = asked.access()
    const writer = await runningWriter(asked.place.socket)
    const gateways = writer === null ? null : ((objectOf(writer)["gates"] ?? []) as unknown as readonly GateStanding[])
    const status = gateStatus(access, asked.nowMs, gateways)
    return { body: { ...bodyOf(asked), ...status }, text: (look) => gateStatusText(status, look) }
  },
}

export const gateLogQuestion: Question = {
  path: "gate log",
  route: "gate/log",
  schema: "gate-log.schema.json",
  summary: "Every verdict of the gate, newest last",
  parameters: [last, switched({ name: "unknown", words: "only messages that were let go and of which nobody told what became of them" }), sinceWhen],
  formats: [],
  help: `Examples:
  sovereign-ledger gate log --since 24h
  sovereign-ledger gate log --unknown
  sovereign-ledger gate log --last 5 --json`,
  ask: (asked, values) => {
    const { last: limit, since } = values as LastValues
    const verdicts = gateLog(asked.access(), { sinceMs: since, limit, unknown: values["unknown"] === true })
    const lines = (look: Parameters<typeof gateLine>[1]) => verdicts.toReversed().map((row) => gateLine(row, look))
    return { body: { ...bodyOf(asked), verdicts }, text: (look) => (verdicts.length === 0 ? "The gate has judged nothing yet.\n" : lines(look).join("")) }
  },
}
