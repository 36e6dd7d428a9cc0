/** Answers for the screen of a phone: one line a budget and unit, one line a model. */
import { objectOf, stringOf } from "../base/json.ts"
import { usd } from "../base/money.ts"
import { amountsOf, amountsWords, amountWords, stated } from "../ledger/amounts.ts"
import { localText } from "../ledger/periods.ts"
import type { AccountSummary, AllowanceSummary, BudgetSummary } from "../ledger/summary.ts"

const mostLines = 12
/** What somebody looks at has cents; what is smaller than one has what it needs. */
const centNanos = 10_000_000n

type Shown = {
  readonly budgets?: readonly BudgetSummary[]
  readonly accounts?: readonly Pick<AccountSummary, "allowances">[]
  readonly frozen?: string
  readonly openHolds?: number
}

export function chatBudgets({ budgets = [], accounts = [], frozen }: Shown, nowMs: number): string {
  const lines = frozen === undefined ? [] : [`Everything is frozen: ${frozen}`]
  const allowances = accounts.flatMap((account) => account.allowances ?? [])
  if (budgets.length + allowances.length === 0) return [...lines, "There is no budget."].join("\n")
  return listed([...lines, ...budgets.flatMap((budget) => budgetLines(budget, nowMs)), ...allowances.map((one) => allowanceLine(one, nowMs))])
}

function allowanceLine({ rule, left, resetsAtMs, waits }: AllowanceSummary, nowMs: number): string {
  const [most, rest] = [amountsOf(rule.amounts), amountsOf(left)]
  const words = stated(most).map((unit) => `${shortAmount(unit, rest[unit] ?? 0n)} left of ${shortAmount(unit, most[unit] ?? 0n)}`)
  const next = waits ? "waits for what is frozen" : `next ${resetWords(rule.period, resetsAtMs, nowMs)}`
  return `${rule.to} (allowance ${rule.name}): ${words.join("; ")}, ${next}`
}

function budgetLines({ rule, limit, left, resetsAtMs, frozen, extended = [], downgrades = [] }: BudgetSummary, nowMs: number): readonly string[] {
  const [most, rest] = [amountsOf(limit), amountsOf(left)]
  const words = stated(most).map((unit) => `${shortAmount(unit, rest[unit] ?? 0n)} left of ${shortAmount(unit, most[unit] ?? 0n)}`)
  const ends = resetsAtMs === undefined ? "" : `, resets ${resetWords(rule.period, resetsAtMs, nowMs)}`
  const more = extended.map(({ extension, amounts }) => `up to ${amountsWords(amountsOf(amounts))} more for one run (${extension})`)
  const cheaper = downgrades.findLast(({ isReached }) => isReached)
  const runs = cheaper === undefined ? [] : [`runs use ${cheaper.model}`]
  const marks = [...more, ...runs, ...(frozen === undefined ? [] : [`frozen: ${frozen}`]), ...(rule.mode === "warn" ? ["only warns"] : [])]
  return [`${rule.name}: ${words.join("; ")}${ends}${marks.length === 0 ? "" : ` (${marks.join("; ")})`}`]
}

/** What the answer to a question for more came to, from what is on record of it. */
export function answeredWords(events: readonly { readonly type: string; readonly facts: object }[]): string {
  const code = stringOf(objectOf(events.find(({ type }) => type === "extension.granted")?.facts)["extension"])
  return code === undefined
    ? "Denied: nothing more is spent. It is on record who said so."
    : `Approved: ${code}. Send the message again: the next run there that has no room may spend it. It is on record who approved.`
}

/** The time alone where it is today's or tomorrow's first. */
function resetWords(period: BudgetSummary["rule"]["period"], resetsAtMs: number, nowMs: number): string {
  const zone = "zone" in period ? period.zone : "UTC"
  const text = localText(zone, resetsAtMs)
  return `${resetsAtMs - nowMs <= 86_400_000 ? text.slice(11) : text} ${zone}`
}

/** What `spend --json` writes. */
export type SpendBody = { readonly rows?: unknown; readonly total?: unknown; readonly unpriced?: unknown }

export function chatSpend({ rows, total, unpriced }: SpendBody, zone: string): string {
  const all = objectOf(total)
  if (all["calls"] === 0) return `Nothing was spent today (since 00:00 ${zone}).`
  const head = `Today (since 00:00 ${zone}): ${costOf(all)} in ${countWords(all["calls"])}`
  const models = (Array.isArray(rows) ? rows : []).map((row: unknown) => {
    const { keys, calls, costNanos } = objectOf(row)
    return `${stringOf(objectOf(keys)["model"]) ?? "unknown"}: ${costOf({ costNanos })}, ${countWords(calls)}`
  })
  const without = Array.isArray(unpriced) && unpriced.length > 0 ? ["Calls of models without a price are not in it."] : []
  return [listed([head, ...models]), ...without].join("\n")
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, mostLines)
  return [...shown, ...(lines.length > shown.length ? [`... and ${lines.length - shown.length} more`] : [])].join("\n")
}

function costOf({ costNanos }: Readonly<Record<string, unknown>>): string {
  return typeof costNanos === "string" && /^-?\d+$/.test(costNanos) ? shortAmount("moneyNanos", BigInt(costNanos)) : "an unknown sum"
}

function shortAmount(unit: Parameters<typeof amountWords>[0], amount: bigint): string {
  if (unit !== "moneyNanos" || amount < centNanos) return amountWords(unit, amount)
  return usd(amount - (amount % centNanos))
}

function countWords(calls: unknown): string {
  return calls === 1 ? "1 call" : `${String(calls)} calls`
}

/** What `gate status --json` answers, as far as a chat shows it. */
export type GateBody = {
  readonly rule: { readonly words: string } | null
  readonly arms: readonly { readonly recipient: string; readonly uses: number; readonly expiresAt: string }[]
  readonly day: { readonly asked: number; readonly allowed: number; readonly refused: number; readonly missed: number }
}

export function chatGate({ rule, arms, day }: GateBody): string {
  const open = arms.map(({ recipient, uses, expiresAt }) => `${recipient}: ${uses} more until ${expiresAt.slice(11, 19)} UTC`)
  return [
    `Outbound gate: ${rule?.words ?? "none"}.`,
    `Last day: ${day.asked} asked for, ${day.allowed} let through, ${day.refused} refused, ${day.missed} missed.`,
    ...(open.length === 0 ? ["Nobody protected may be written to now."] : open),
  ].join("\n")
}
