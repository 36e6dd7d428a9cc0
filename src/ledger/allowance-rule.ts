/** An allowance as an operator writes it, in a command or in the settings. Parsed once, refused with a sentence. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import type { AllowanceRule, CalendarPeriod } from "../format/facts/ledger.ts"
import { isContra, parseAccount, unallocated } from "./accounts.ts"
import { amountsJson, parseAmounts, stated } from "./amounts.ts"
import { isZone } from "./periods.ts"

/** What people write, each as text: `--to agent:main --give 5usd --per day --zone Europe/Berlin --from budget:monthly`. */
export type AllowanceWords = {
  readonly name: string
  readonly to: string
  readonly give: readonly string[]
  readonly per: string
  readonly from?: string
  readonly zone?: string
  readonly rollover?: boolean
}

const command = "sovereign-ledger allowance set"
const fields = ["name", "to", "give", "per", "from", "zone", "rollover"]
const mostAllowances = 1_000

/** @throws Fault cli.usage naming the part that is wrong. */
export function parseAllowance(words: AllowanceWords): AllowanceRule {
  const { name, per, zone = "UTC", rollover = false } = words
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw no(`${quoted(name)} is no name for an allowance: use letters, digits and . _ -`)
  const [to, from] = [parseAccount(words.to, command), parseAccount(words.from ?? unallocated, command)]
  if (isContra(to)) throw no(`${to} gets no allowance: it has no balance of its own`)
  if (from.startsWith("spent:")) throw no(`${from} gives none: what was spent is gone`)
  if (from === to) throw no(`The allowance ${name} goes from ${from} to itself`)
  if (words.give.length === 0) throw no(`The allowance ${name} gives nothing; say how much, for example 5usd`)
  const amounts = parseAmounts(words.give, command)
  if (stated(amounts).some((unit) => amounts[unit] === 0n)) throw no(`The allowance ${name} gives nothing of a unit it names`)
  return { name, from, to, amounts: amountsJson(amounts), period: periodOf(per, zone), rollover }
}

/** @throws {Fault} `cli.usage` naming the allowance and what is wrong with it. */
export function parseAllowanceList(written: unknown): readonly AllowanceRule[] {
  if (!Array.isArray(written) || written.length > mostAllowances) throw no(`The allowances are a list of at most ${mostAllowances}`)
  const rules = written.map((one: unknown, at) => parseAllowance(wordsOf(objectOf(one), `allowance ${at + 1}`)))
  const twice = rules.find(({ name }, at) => rules.findIndex((other) => other.name === name) < at)
  if (twice) throw no(`There are two allowances called ${twice.name}; a name belongs to one`)
  return rules
}

function wordsOf(entry: Readonly<Record<string, unknown>>, place: string): AllowanceWords {
  const { name, to, per, from, zone, rollover } = entry
  const unknown = Object.keys(entry).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw no(`There is no ${quoted(unknown)} in ${place}`)
  if (typeof name !== "string" || typeof to !== "string" || typeof per !== "string") throw no(`In the allowances, ${place} lacks its "name", "to" or "per"`)
  for (const [field, value] of Object.entries({ from, zone }))
    if (value !== undefined && typeof value !== "string") throw no(`"${field}" of ${name} is no text`)
  if (rollover !== undefined && typeof rollover !== "boolean") throw no(`"rollover" of ${name} is neither true nor false`)
  const give: readonly unknown[] = Array.isArray(entry["give"]) ? entry["give"] : [entry["give"]]
  if (!give.every((one) => typeof one === "string")) throw no(`"give" of ${name} is no list of texts`)
  const optional = { ...(typeof from === "string" ? { from } : {}), ...(typeof zone === "string" ? { zone } : {}) }
  return { name, to, per, give, ...optional, rollover: rollover === true }
}

function periodOf(per: string, zone: string): CalendarPeriod {
  if (per !== "hour" && per !== "day" && per !== "week" && per !== "month")
    throw no(`${quoted(per)} is no period of an allowance: it is hour, day, week or month`)
  if (!isZone(zone)) throw no(`${quoted(zone)} is no time zone; name one like Europe/Berlin or UTC`)
  return { per, zone }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `${problem}.`, command })
}
