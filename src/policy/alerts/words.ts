/** What an alert says, made of facts alone: one sentence, with the figures that a refusal computes with. */
import type { JsonObject } from "../../base/json.ts"
import { usd } from "../../base/money.ts"
import { plain } from "../../base/plain-text.ts"
import { describe } from "../../format/describe.ts"

const mostCharacters = 300

export function alertWords(type: string, facts: JsonObject): string {
  const words = type === "spend.refused" ? refusedWords(facts) : type === "outbound.refused" ? unsentWords(facts) : describe(type, facts)
  const { agent } = facts
  const whose = typeof agent === "string" && agent !== "" ? ` (agent ${agent})` : ""
  return short(plain(`${words}${whose}`))
}

/** As the one who was refused reads it: what it needs at most, and what there is. */
function refusedWords(facts: JsonObject): string {
  const { door, unit, needed, left, limit, budget, account, resetsAtMs } = facts
  const amounts = [needed, left].every((amount) => typeof amount === "string" && /^-?\d{1,30}$/.test(amount))
  if (typeof unit !== "string" || !amounts) return describe("spend.refused", facts)
  const of = typeof limit === "string" && /^\d{1,30}$/.test(limit) ? ` of ${amountOf(unit, limit)}` : ""
  const by = typeof budget === "string" ? ` (budget ${budget})` : typeof account === "string" ? ` (${account})` : ""
  const resets = typeof resetsAtMs === "number" && Number.isSafeInteger(resetsAtMs) ? `, resets ${new Date(resetsAtMs).toISOString().slice(0, 16)}Z` : ""
  return `${String(door)} refused: needs up to ${amountOf(unit, String(needed))}, ${amountOf(unit, String(left))} left${of}${resets}${by}`
}

function amountOf(unit: string, amount: string): string {
  if (unit === "moneyNanos") return usd(BigInt(amount))
  return `${BigInt(amount).toLocaleString("en")} ${unit}`
}

function unsentWords({ channel, why }: JsonObject): string {
  return `a message to a protected recipient on ${String(channel)} did not leave: ${String(why)}`
}

/** Cut between characters, never within one. */
export function short(text: string, most: number = mostCharacters): string {
  if (text.length <= most) return text
  const cut = text.slice(0, most - 1)
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
