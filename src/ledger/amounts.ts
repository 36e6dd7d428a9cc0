/**
 * Amounts: how much of each unit, as bigint; a unit that is absent was not stated, which is not the same as none.
 * Texts are read by exact decimal arithmetic: `0.1usd` is 100,000,000 nano-dollars, and what cannot be represented is refused, never rounded.
 */
import { Fault } from "../base/fault.ts"
import { usd } from "../base/money.ts"
import type { AmountsJson } from "../format/facts/ledger.ts"
import { unitRows, units, type Unit, type UnitRow } from "./units.ts"

export type { AmountsJson } from "../format/facts/ledger.ts"

export type Amounts = { readonly [U in Unit]?: bigint }

/** Every unit, to add to and take from: what counters are made of. */
export type Tally = { [U in Unit]: bigint }

/** The largest amount: what a column of SQL holds. */
export const mostOfAUnit = 9_223_372_036_854_775_807n

const mostDecimals = 18
const number = /^(\$?)(\d{1,30})(?:\.(\d+))?\s*([^\d.\s][^\d.]*)?$/
const scales = new Map(
  unitRows.flatMap((row: UnitRow & { readonly unit: Unit }) => Object.entries(row.suffixes).map(([suffix, scale]) => [suffix, { unit: row.unit, scale }])),
)
const rows: ReadonlyMap<Unit, UnitRow> = new Map(unitRows.map((row) => [row.unit, row]))

export const amountExamples = "5usd, 0.31 usd, 200k tokens, 1h, 10 calls, 20 MB read"

/** One amount as people write it. @throws Fault cli.usage naming what is wrong with it. */
export function parseAmount(text: string, command = "sovereign-ledger"): { readonly unit: Unit; readonly amount: bigint } {
  const no = (problem: string) =>
    new Fault("cli.usage", { problem: `${JSON.stringify(text.slice(0, 60))} is not an amount: ${problem}. Amounts are ${amountExamples}.`, command })
  const trimmed = text.trim()
  if (/^\$?\s*-/.test(trimmed)) throw no("it is negative")
  const match = number.exec(trimmed)
  if (!match) throw no("it is not a plain decimal number followed by a unit")
  const [, dollar = "", whole = "", fraction = "", suffix = ""] = match
  if (dollar !== "" && suffix !== "" && suffix.toLowerCase() !== "usd") throw no("it has two units")
  const written = (suffix || dollar).toLowerCase().replace(/\s+/g, "")
  if (written === "") throw no("its unit is missing")
  const scale = scales.get(written)
  if (!scale) throw no(`the unit ${JSON.stringify(suffix.trim().slice(0, 20))} is not known`)
  if (fraction.length > mostDecimals) throw no("it has too many decimals")
  const divisor = 10n ** BigInt(fraction.length)
  const scaled = BigInt(whole + fraction) * scale.scale
  if (scaled % divisor !== 0n) throw no("it has too many decimals; the smallest money is 0.000000001 usd, and everything else is counted whole")
  const amount = scaled / divisor
  if (amount > mostOfAUnit) throw no("it is too large")
  return { unit: scale.unit, amount }
}

/** Several amounts, each of another unit. @throws Fault cli.usage */
export function parseAmounts(texts: readonly string[], command = "sovereign-ledger"): Amounts {
  const amounts: { [U in Unit]?: bigint } = {}
  for (const text of texts) {
    const { unit, amount } = parseAmount(text, command)
    if (amounts[unit] !== undefined)
      throw new Fault("cli.usage", { problem: `Two amounts of one unit were given; the second is ${JSON.stringify(text)}.`, command })
    amounts[unit] = amount
  }
  return amounts
}

/** An amount in the largest unit that needs no decimals; `parseAmount` reads it back. `310000000n` nano-dollars -> `$0.31`. */
export function amountWords(unit: Unit, amount: bigint): string {
  if (unit === "moneyNanos") return usd(amount)
  const wordings = rows.get(unit)?.words ?? []
  const fit = wordings.find(({ scale }) => amount !== 0n && amount % scale === 0n) ?? wordings.at(-1)
  if (!fit) return `${amount} ${unit}`
  const count = amount / fit.scale
  return `${count}${count === 1n && fit.scale === 1n ? fit.one : fit.many}`
}

export function amountsWords(amounts: Amounts): string {
  return stated(amounts)
    .map((unit) => amountWords(unit, amounts[unit] ?? 0n))
    .join(", ")
}

/** The units an amount speaks of, in the order of the list. */
export function stated(amounts: Amounts): readonly Unit[] {
  return units.filter((unit) => amounts[unit] !== undefined)
}

export function amountsJson(amounts: Amounts): AmountsJson {
  const json: { [U in Unit]?: string } = {}
  for (const unit of units) {
    const amount = amounts[unit]
    if (amount !== undefined) json[unit] = amount.toString()
  }
  return json
}

export function amountsOf(json: AmountsJson): Amounts {
  const amounts: { [U in Unit]?: bigint } = {}
  for (const unit of units) {
    const text = json[unit]
    if (text !== undefined) amounts[unit] = BigInt(text)
  }
  return amounts
}

export function emptyTally(): Tally {
  return { moneyNanos: 0n, tokens: 0n, wallMs: 0n, bytesRead: 0n, bytesWritten: 0n, calls: 0n }
}

export function add(tally: Tally, amounts: Amounts): void {
  for (const unit of units) {
    const amount = amounts[unit]
    if (amount !== undefined) tally[unit] += amount
  }
}

export function subtract(tally: Tally, amounts: Amounts): void {
  for (const unit of units) {
    const amount = amounts[unit]
    if (amount !== undefined) tally[unit] -= amount
  }
}

/** The sum of several amounts; a unit is stated when one of them states it. */
export function sumOf(list: readonly Amounts[]): Amounts {
  const only = list.length === 1 ? list[0] : undefined
  if (only) return only
  const total: { [U in Unit]?: bigint } = {}
  for (const amounts of list) {
    for (const unit of units) {
      const amount = amounts[unit]
      if (amount !== undefined) total[unit] = (total[unit] ?? 0n) + amount
    }
  }
  return total
}

/** The same units, each less what the other has of it. */
export function without(amounts: Amounts, other: Amounts): Amounts {
  const less: { [U in Unit]?: bigint } = {}
  for (const unit of stated(amounts)) less[unit] = (amounts[unit] ?? 0n) - (other[unit] ?? 0n)
  return less
}
