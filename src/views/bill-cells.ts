/** A bill's lines by time and model, each line once, and what they come to. */
import { converted } from "../bills/amounts.ts"
import type { Bill, BillLine, BillTokens } from "../bills/bill.ts"
import { modelKey } from "../bills/model-key.ts"
import type { Window } from "./bill-record.ts"

export type BillCell = {
  readonly window: Window
  readonly key: string | null
  readonly model: string | null
  readonly lines: BillLine[]
  duplicates: number
  isZero: boolean
}

export function cellsOf(bill: Bill): { readonly cells: ReadonlyMap<string, BillCell>; readonly duplicates: { line: number; of: number }[] } {
  const cells = new Map<string, BillCell>()
  const seen = new Map<string, number>()
  const duplicates: { line: number; of: number }[] = []
  const cellAt = (window: Window, model: string | null): BillCell => {
    const key = model === null ? null : modelKey(model)
    const name = `${window.fromMs} ${window.toMs} ${key ?? "*"}`
    const cell = cells.get(name) ?? { window, key, model, lines: [], duplicates: 0, isZero: false }
    cells.set(name, cell)
    return cell
  }
  for (const line of bill.lines) {
    const { fromMs, toMs, identity } = line
    const cell = cellAt({ fromMs, toMs }, line.model)
    // An answer of an API tells its times once for many results.
    const name = `${fromMs} ${toMs} ${identity}`
    const first = seen.get(name)
    if (first !== undefined) duplicates.push({ line: line.line, of: first })
    if (first !== undefined) cell.duplicates++
    else cell.lines.push(line)
    seen.set(name, first ?? line.line)
  }
  for (const window of bill.empty) cellAt(window, null).isZero = true
  return { cells, duplicates }
}

export function wholeOf({ lines, empty }: Bill): Window | undefined {
  const windows = [...lines, ...empty]
  if (windows.length === 0) return undefined
  return windows.reduce((whole, one) => ({ fromMs: Math.min(whole.fromMs, one.fromMs), toMs: Math.max(whole.toMs, one.toMs) }), windows[0] as Window)
}

/** Of the bill's times; days that it has no line of at all stand between them. */
export function windowsOf(cells: ReadonlyMap<string, BillCell>, whole: Window): readonly Window[] {
  const told = [...new Map([...cells.values()].map(({ window }) => [`${window.fromMs} ${window.toMs}`, window])).values()].toSorted(
    (a, b) => a.fromMs - b.fromMs,
  )
  const windows: Window[] = []
  let atMs = whole.fromMs
  for (const window of told) {
    if (window.fromMs > atMs) windows.push({ fromMs: atMs, toMs: window.fromMs })
    windows.push(window)
    atMs = Math.max(atMs, window.toMs)
  }
  return windows
}

/** Undefined where a line is in a currency without a rate. */
export function billedBy(
  lines: readonly BillLine[],
  rates: ReadonlyMap<string, bigint>,
): { readonly nanos: bigint; readonly roundingNanos: bigint } | undefined {
  let [nanos, roundingNanos] = [0n, 0n]
  for (const { amount, currency } of lines) {
    const rate = currency === "USD" ? undefined : rates.get(currency)
    if (!amount || (currency !== "USD" && rate === undefined)) return undefined
    const inDollars = rate === undefined ? amount : converted(amount, rate)
    nanos += inDollars.nanos
    roundingNanos += inDollars.roundingNanos
  }
  return { nanos, roundingNanos }
}

export function tokensOf(lines: readonly BillLine[]): BillTokens | null {
  const told = lines.flatMap(({ tokens }) => (tokens ? [tokens] : []))
  if (told.length === 0 || told.length < lines.length) return null
  const sum = (name: keyof BillTokens) => told.reduce((total, one) => total + one[name], 0)
  return { input: sum("input"), cacheRead: sum("cacheRead"), cacheWrite: sum("cacheWrite"), output: sum("output") }
}
