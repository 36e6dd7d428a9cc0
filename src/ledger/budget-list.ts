/** Budgets as they stand in a configuration: objects with the words of `budget set`. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import type { BudgetRule } from "../format/facts/ledger.ts"
import { parseBudgets, type BudgetWords } from "./budget-rule.ts"

const fields = ["name", "limit", "per", "zone", "match", "warn", "mode", "rollover", "window"]
const mostBudgets = 1_000

/** @throws {Fault} `cli.usage` naming the budget and what is wrong with it. */
export function parseBudgetList(written: unknown): readonly BudgetRule[] {
  if (!Array.isArray(written) || written.length > mostBudgets) throw no(`they are a list of at most ${mostBudgets}`)
  return parseBudgets(written.map((one: unknown, at) => wordsOf(objectOf(one), `budget ${at + 1}`)))
}

function wordsOf(entry: Readonly<Record<string, unknown>>, place: string): BudgetWords {
  const { name, per, zone, mode, rollover, window } = entry
  const unknown = Object.keys(entry).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw no(`there is no ${JSON.stringify(unknown.slice(0, 40))} in ${place}`)
  if (typeof name !== "string" || typeof per !== "string") throw no(`${place} lacks its "name" or its "per"`)
  for (const [field, value] of Object.entries({ zone, mode, window }))
    if (value !== undefined && typeof value !== "string") throw no(`"${field}" of ${name} is no text`)
  if (rollover !== undefined && typeof rollover !== "boolean") throw no(`"rollover" of ${name} is neither true nor false`)
  const warn = entry["warn"]
  return {
    name,
    per,
    limits: texts(entry["limit"], name, "limit"),
    match: texts(entry["match"] ?? [], name, "match"),
    ...(warn === undefined ? {} : { warn: texts(warn, name, "warn") }),
    ...(typeof zone === "string" ? { zone } : {}),
    ...(typeof mode === "string" ? { mode } : {}),
    ...(rollover === undefined ? {} : { rollover }),
    ...(typeof window === "string" ? { window } : {}),
  }
}

function texts(value: unknown, name: string, field: string): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  if (!list.every((one) => typeof one === "string" || typeof one === "number")) throw no(`"${field}" of ${name} is no list of texts`)
  return list.map(String)
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `In the budgets, ${problem}.`, command: "sovereign-ledger" })
}
