/** sovereign-ledger budget forecast */
import { Fault } from "../../../base/fault.ts"
import { budgetForecasts } from "../../../views/forecast.ts"
import { forecastJson, forecastText } from "../../render/forecast-text.ts"
import type { CommandRow } from "../command.ts"
import { reading } from "./events.ts"

export const budgetForecast: CommandRow = {
  path: "budget forecast",
  summary: "How fast budgets are spent, by whom, and when each will be gone",
  argument: { name: "[name]", words: "one budget (default: all)" },
  help: `Expected is what was: the next hours as the last one, where spending went on all through it (three hours, where it is known what is usual later), and otherwise as at
the same hours of up to seven days before, or as the last 24 hours on average. A single burst is no rate. What is held for open calls counts as not left.
Counted are the spends that the budget matches, those of before it was set too.

Exit status: 0, whatever is expected; watch ends with 1 when a budget will be gone within the hour.

Examples:
  sovereign-ledger budget forecast
  sovereign-ledger budget forecast daily --json | jq '.budgets[].units[] | {unit, verdict, goneAt}'`,
  run: (context, _flags, name) =>
    reading(context, async (access) => {
      const { nowMs, terminal, json } = context
      const all = budgetForecasts(access, nowMs)
      const found = name === undefined ? all : all.filter(({ rule }) => rule.name === name)
      if (name !== undefined && found.length === 0) throw new Fault("budget.unknown", { budget: name })
      await terminal.write(json ? `${JSON.stringify(forecastJson(found, nowMs))}\n` : forecastText(found, nowMs, terminal))
      return 0
    }),
}
