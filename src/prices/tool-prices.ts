/**
 * What a tool call costs, as the operator says in the setting `toolPrices`: amounts as people write them. Of a price that is only an estimate a tenth more
 * is held. A tool nobody priced costs no money: what it makes a model spend is the model's.
 */
import { Fault } from "../base/fault.ts"
import { namePattern } from "../base/glob.ts"
import { objectOf } from "../base/json.ts"
import { parseAmounts, stated, type Amounts } from "../ledger/amounts.ts"

export type ToolPrice = { readonly pattern: string; readonly matches: (tool: string) => boolean; readonly costs: Amounts; readonly estimate: boolean }

const fields = ["tool", "costs", "estimate"]
const mostPrices = 1_000
export const toolPriceExample = '{"tool": "web_search", "costs": ["0.01usd"]}'

/** @throws {Fault} `cli.usage` naming the entry and what is wrong with it. */
export function parseToolPrices(written: unknown): readonly ToolPrice[] {
  if (!Array.isArray(written) || written.length > mostPrices) throw no("toolPrices", `they are a list of at most ${mostPrices} such as [${toolPriceExample}]`)
  return written.map((one: unknown, at) => {
    const entry = objectOf(one)
    const { tool, costs, estimate } = entry
    const place = `tool price ${at + 1}`
    if (typeof tool !== "string" || !/^\S{1,256}$/.test(tool))
      throw no(place, 'its "tool" is the name of a tool or a pattern of it (* stands for any characters)')
    const unknown = Object.keys(entry).find((key) => !fields.includes(key))
    if (unknown !== undefined) throw no(`${place} (${tool})`, `there is no ${JSON.stringify(unknown.slice(0, 40))} in a tool price`)
    if (estimate !== undefined && typeof estimate !== "boolean") throw no(`${place} (${tool})`, '"estimate" is true or false')
    if (!Array.isArray(costs) || costs.length === 0 || !costs.every((cost) => typeof cost === "string"))
      throw no(`${place} (${tool})`, '"costs" is a list of amounts such as ["0.01usd", "30s"]')
    return { pattern: tool, matches: namePattern(tool).matches, costs: parseAmounts(costs as readonly string[]), estimate: estimate === true }
  })
}

/** What a call is held at: of the first price that matches, an estimate with its tenth. Nothing is stated for a tool nobody priced. */
export function toolCosts(prices: readonly ToolPrice[], tool: string): Amounts {
  const found = prices.find(({ matches }) => matches(tool))
  if (!found) return {}
  if (!found.estimate) return found.costs
  return Object.fromEntries(stated(found.costs).map((unit) => [unit, ((found.costs[unit] ?? 0n) * 11n + 9n) / 10n]))
}

function no(place: string, problem: string): Fault {
  return new Fault("cli.usage", { problem: `In ${place}, ${problem}.`, command: "sovereign-ledger" })
}
