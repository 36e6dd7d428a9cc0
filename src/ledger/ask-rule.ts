/** Whether an owner is asked for more when something has no room, and for how much: a setting. Off unless it is written. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { parseAmounts, stated, type Amounts } from "./amounts.ts"

export type AskRule = {
  /** The most that one extension gives of each unit. */
  readonly most: Amounts
  /** How long an owner has to answer, and a run to draw after that. */
  readonly expiresMs: number
  readonly tools: boolean
  readonly models: boolean
}

const usualMinutes = 10
const mostMinutes = 24 * 60

/** Undefined is off. @throws {Fault} `cli.usage` naming what is wrong. */
export function parseAsk(written: unknown): AskRule | undefined {
  if (written === undefined || written === null || written === false) return undefined
  if (typeof written !== "object" || Array.isArray(written)) throw no('it is an object such as {"amount": "2usd"}')
  const { amount, expiresMinutes = usualMinutes, tools = true, models = true, ...others } = objectOf(written)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw no(`there is no ${JSON.stringify(unknown.slice(0, 40))}`)
  const texts: readonly unknown[] = Array.isArray(amount) ? amount : [amount]
  if (!texts.every((text): text is string => typeof text === "string")) throw no('amount is the most that is given at once, such as "2usd", or a list of them')
  const most = parseAmounts(texts)
  if (stated(most).some((unit) => most[unit] === 0n)) throw no("an amount of nothing gives nothing")
  if (typeof expiresMinutes !== "number" || !Number.isSafeInteger(expiresMinutes) || expiresMinutes < 1 || expiresMinutes > mostMinutes)
    throw no(`expiresMinutes is a whole number from 1 to ${mostMinutes}`)
  if (typeof tools !== "boolean" || typeof models !== "boolean") throw no("tools and models are true or false")
  return { most, expiresMs: expiresMinutes * 60_000, tools, models }
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `In the setting ask, ${problem}.`, command: "sovereign-ledger" })
}
