/** Downgrades as they stand in a configuration: steps by which runs get a cheaper model while a budget runs low. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import type { DowngradeStep } from "../format/facts/ledger.ts"
import { parseMatch } from "./budget-rule.ts"

const fields = ["budget", "at", "model", "match"]
const mostSteps = 100
const matchable = ["agent", "channel", "cron"] as const

/** By rising `at`, which is the order of the chain. @throws {Fault} `cli.usage` naming the step and what is wrong with it. */
export function parseDowngrades(written: unknown): readonly DowngradeStep[] {
  if (!Array.isArray(written) || written.length > mostSteps) throw no(`they are a list of at most ${mostSteps} steps`)
  return written.map((one: unknown, index) => stepOf(objectOf(one), `step ${index + 1}`)).sort((a, b) => a.at - b.at)
}

function stepOf(entry: Readonly<Record<string, unknown>>, place: string): DowngradeStep {
  const { budget, at, model, match = [] } = entry
  const unknown = Object.keys(entry).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw no(`there is no ${JSON.stringify(unknown.slice(0, 40))} in ${place}`)
  if (typeof budget !== "string" || budget === "") throw no(`${place} lacks the name of its "budget"`)
  if (typeof at !== "number" || !Number.isSafeInteger(at) || at < 1 || at > 100)
    throw no(`"at" of ${place} is a whole share of the budget in percent, from 1 to 100`)
  if (typeof model !== "string" || !/^[^/\s]+\/\S+$/.test(model) || model.length > 200) throw no(`"model" of ${place} is one as provider/model`)
  if (!Array.isArray(match) || !match.every((text) => typeof text === "string")) throw no(`"match" of ${place} is no list of texts`)
  return { budget, at, model, match: parseMatch(match, matchable) }
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `In the downgrades, ${problem}.`, command: "sovereign-ledger" })
}
