/** The facts of ledger events as a reader takes them who did not see them decided: what does not have its shape is `undefined`. */
import { objectOf } from "../base/json.ts"
import { isAccountName, type AccountName } from "../ledger/accounts.ts"
import { add, emptyTally, mostOfAUnit, type Tally } from "../ledger/amounts.ts"
import { units, type Unit } from "../ledger/units.ts"

export type CountedAmounts = { readonly [U in Unit]?: bigint }
export type CountedMovement = { readonly debit: AccountName; readonly credit: AccountName; readonly amounts: CountedAmounts }

const amountText = /^(?:0|[1-9]\d{0,18})$/

export function amountsIn(value: unknown): CountedAmounts | undefined {
  const amounts: { [U in Unit]?: bigint } = {}
  for (const [unit, text] of Object.entries(objectOf(value))) {
    if (!(units as readonly string[]).includes(unit) || typeof text !== "string" || !amountText.test(text)) return undefined
    const amount = BigInt(text)
    if (amount > mostOfAUnit) return undefined
    amounts[unit as Unit] = amount
  }
  return amounts
}

/** Each moves what one account gives and another gets, so that it sums to zero; two sides that are one account move nothing and are none. */
export function movementsIn(value: unknown): readonly CountedMovement[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const movements = value.map((each) => {
    const { debit, credit, amounts } = objectOf(each)
    const counted = amounts === undefined ? undefined : amountsIn(amounts)
    if (!counted || typeof debit !== "string" || typeof credit !== "string" || debit === credit) return undefined
    return isAccountName(debit) && isAccountName(credit) ? { debit, credit, amounts: counted } : undefined
  })
  return movements.every((movement) => movement !== undefined) ? movements : undefined
}

export function totalOf(movements: readonly CountedMovement[]): Tally {
  const total = emptyTally()
  for (const { amounts } of movements) add(total, amounts)
  return total
}

/** What they add to consumption: less than nothing where they give back. */
export function consumptionOf(movements: readonly CountedMovement[]): Tally {
  const consumed = emptyTally()
  for (const { debit, credit, amounts } of movements) {
    if (isSpent(debit)) add(consumed, amounts)
    if (isSpent(credit)) for (const unit of units) consumed[unit] -= amounts[unit] ?? 0n
  }
  return consumed
}

export function isSpent(account: string): boolean {
  return account.startsWith("spent:")
}

/** `provider/model`, as an account names it; null where it was of no model. */
export function modelIn(spend: unknown): string | null {
  const { model, provider } = objectOf(spend)
  if (typeof model !== "string") return null
  return typeof provider === "string" && !model.startsWith(`${provider}/`) ? `${provider}/${model}` : model
}

export function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : []
}
