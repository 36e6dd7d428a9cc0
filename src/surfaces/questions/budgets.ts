/** Budgets as they stand, and when each will be gone. */
import { Fault } from "../../base/fault.ts"
import { budgetsNow } from "../../views/budgets.ts"
import { budgetForecasts } from "../../views/forecast.ts"
import { ledgerTimeMs } from "../cli/ledger-time.ts"
import { budgetsText } from "../render/budget-text.ts"
import { forecastJson, forecastText } from "../render/forecast-text.ts"
import { bodyOf, type Question } from "./question.ts"

export const budgetsQuestion: Question = {
  path: "budget list",
  route: "budgets",
  schema: "budgets.schema.json",
  summary: "Every budget: its limit, what is spent, held and left, and when it resets",
  help: `Example:
  sovereign-ledger budget list --json | jq '.budgets[] | {name: .rule.name, left}'`,
  parameters: [],
  formats: [],
  ask: async (asked) => {
    const access = asked.access()
    const report = budgetsNow(access, await ledgerTimeMs({ ...asked.place, nowMs: asked.nowMs }, access))
    return { body: { ...bodyOf(asked), ...report }, text: (look) => budgetsText(report, look) }
  },
}

export const forecastQuestion: Question = {
  path: "budget forecast",
  route: "budgets/forecast",
  schema: "budget-forecast.schema.json",
  summary: "How fast budgets are spent, by whom, and when each will be gone",
  argument: { name: "[name]", words: "one budget (default: all)" },
  help: `Expected is what was: the next hours as the last one, where spending went on all through it (three hours, where it is known what is usual later), and otherwise as at
the same hours of up to seven days before, or as the last 24 hours on average. A single burst is no rate. What is held for open calls counts as not left.
Counted are the spends that the budget matches, those of before it was set too.

Exit status: 0, whatever is expected; watch ends with 1 when a budget will be gone within the hour.

Examples:
  sovereign-ledger budget forecast
  sovereign-ledger budget forecast daily --json | jq '.budgets[].units[] | {unit, verdict, goneAt}'`,
  parameters: [],
  formats: [],
  ask: ({ access, nowMs }, _values, name) => {
    const all = budgetForecasts(access(), nowMs)
    const found = name === "" ? all : all.filter(({ rule }) => rule.name === name)
    if (name !== "" && found.length === 0) throw new Fault("budget.unknown", { budget: name })
    return { body: forecastJson(found, nowMs), text: (look) => forecastText(found, nowMs, look) }
  },
}
