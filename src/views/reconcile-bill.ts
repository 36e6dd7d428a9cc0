/**
 * A provider's bill beside the record, by time and model. Every difference has its words, and none is made up for by another one: what the bill has twice, leaves out, rounds
 * or tells in another currency is told as that.
 */
import type { Bill, BillTokens } from "../bills/bill.ts"
import { modelKey } from "../bills/model-key.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { addPosting, postingsOf, recordedCalls, type Posted, type Recorded, type Window } from "./bill-record.ts"
import { billedBy, cellsOf, tokensOf, wholeOf, windowsOf, type BillCell } from "./bill-cells.ts"
import { correctionsFor, type BillCorrection } from "./bill-corrections.ts"

/** `edge`: two days that follow each other differ by the same amount, one this way and one that; a call that began before midnight and ended after it is on other sides of it. */
export type BillState = "agrees" | "rounding" | "edge" | "differs" | "not-billed" | "not-recorded" | "other-currency" | "tokens-differ"

export type BillRow = {
  readonly from: string
  readonly to: string
  /** As the bill writes it, else as the record does; null where the bill tells of all models together. */
  readonly model: string | null
  readonly state: BillState
  readonly why: string
  /** Decimal strings of nano-dollars; null where the bill tells no amount, or one in a currency without a rate. */
  readonly billedNanos: string | null
  /** What was posted, or where nothing was, what is on record. */
  readonly oursNanos: string
  readonly basis: "posted" | "recorded" | "nothing"
  readonly differenceNanos: string | null
  /** How far the bill's rounding explains. */
  readonly toleranceNanos: string
  readonly lines: number
  readonly duplicates: number
  readonly calls: { readonly billed: number | null; readonly recorded: number }
  readonly tokens: { readonly billed: BillTokens | null; readonly recorded: BillTokens }
}

export type BillReport = {
  readonly format: string
  readonly providers: readonly string[]
  readonly from: string | null
  readonly to: string | null
  readonly verdict: "agrees" | "differs" | "not compared"
  readonly rows: readonly BillRow[]
  readonly totals: { readonly billedNanos: string; readonly oursNanos: string; readonly differenceNanos: string }
  readonly duplicates: readonly { readonly line: number; readonly of: number }[]
  readonly problems: readonly { readonly line: number; readonly problem: string }[]
  readonly notes: readonly string[]
  /** What would make the ledger agree, where there is something on record that can be corrected. */
  readonly corrections: readonly BillCorrection[]
}

export type BillQuestion = {
  readonly bill: Bill
  /** Of the file, in hex: in the ids of corrections. */
  readonly digest: string
  readonly providers: readonly string[]
  /** Nano-dollars for one of a currency, by its name in capital letters. */
  readonly rates: ReadonlyMap<string, bigint>
}

export type CountedRow = {
  readonly row: BillRow
  readonly window: Window
  readonly posted: readonly Posted[]
  readonly differenceNanos: bigint | null
  readonly toleranceNanos: bigint
}

export function reconcileBill(access: LedgerAccess, question: BillQuestion): BillReport {
  const { bill, providers, digest } = question
  const { cells, duplicates } = cellsOf(bill)
  const whole = wholeOf(bill)
  const counted = whole ? access.ask((views) => countCells(cells, question, { whole, views })) : []
  const rows = markEdges(counted)
  const corrections = correctionsFor(rows, digest)
  const sum = (of: (row: BillRow) => string | null) => String(rows.reduce((total, { row }) => total + BigInt(of(row) ?? "0"), 0n))
  const hasNothing = bill.lines.length + bill.empty.length === 0
  const isClean =
    rows.every(({ row }) => row.state === "agrees" || row.state === "rounding" || row.state === "edge") &&
    bill.problems.length === 0 &&
    duplicates.length === 0 &&
    !bill.isCut
  return {
    format: bill.format,
    providers,
    from: whole ? new Date(whole.fromMs).toISOString() : null,
    to: whole ? new Date(whole.toMs).toISOString() : null,
    verdict: hasNothing ? "not compared" : isClean ? "agrees" : "differs",
    rows: rows.map(({ row }) => row),
    totals: { billedNanos: sum((row) => row.billedNanos), oursNanos: sum((row) => row.oursNanos), differenceNanos: sum((row) => row.differenceNanos) },
    duplicates,
    problems: bill.problems,
    notes: notesOf(question, cells),
    corrections,
  }
}

type Views = Parameters<typeof postingsOf>[0]

function countCells(
  cells: ReadonlyMap<string, BillCell>,
  question: BillQuestion,
  { whole, views }: { readonly whole: Window; readonly views: Views },
): readonly CountedRow[] {
  const { providers, bill } = question
  const postings = postingsOf(views, whole, providers)
  const isInCosts = bill.lines.some(({ amount }) => amount !== null) || bill.lines.length === 0
  const windows = windowsOf(cells, whole)
  return windows.flatMap((window) => {
    const recorded = recordedCalls(views, window, providers)
    const mine = postings.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs)
    const here = [...cells.values()].filter((cell) => cell.window.fromMs === window.fromMs && cell.window.toMs === window.toMs)
    const named = new Set(here.flatMap(({ key }) => (key === null ? [] : [key])))
    const isAll = here.some(({ key }) => key === null)
    // What the bill has no line of: of a day it tells of as a whole, everything is in that one line.
    const left = isAll ? [] : [...new Set([...recorded.keys(), ...mine.map(({ key }) => key)])].filter((key) => !named.has(key))
    const missing = left.map((key): BillCell => ({ window, key, model: key, lines: [], duplicates: 0, isZero: false }))
    return [...here, ...missing].map((cell) => {
      const isOf = (key: string) => (cell.key === null ? !named.has(key) : key === cell.key)
      const posted = new Map<string, Posted>()
      for (const posting of mine) if (isOf(posting.key)) addPosting(posted, posting)
      return countedRow(cell, {
        question,
        isInCosts,
        isDayTold: here.length > 0,
        recorded: added([...recorded].filter(([key]) => isOf(key)).map(([, sums]) => sums)),
        posted: [...posted.values()],
      })
    })
  })
}

function added(all: readonly Recorded[]): Recorded {
  const sums = { calls: 0, unpriced: 0, costNanos: 0n, tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 } }
  for (const one of all) {
    sums.calls += one.calls
    sums.unpriced += one.unpriced
    sums.costNanos += one.costNanos
    for (const name of ["input", "cacheRead", "cacheWrite", "output"] as const) sums.tokens[name] += one.tokens[name]
  }
  return sums
}

type Found = {
  readonly question: BillQuestion
  readonly isInCosts: boolean
  readonly isDayTold: boolean
  readonly recorded: Recorded
  readonly posted: readonly Posted[]
}

function countedRow(cell: BillCell, found: Found): CountedRow {
  const { question, isInCosts, recorded, posted } = found
  const { lines, window, duplicates } = cell
  const postedNanos = posted.reduce((sum, { nanos }) => sum + nanos, 0n)
  const basis = posted.length > 0 ? "posted" : recorded.calls > 0 ? "recorded" : "nothing"
  const oursNanos = basis === "posted" ? postedNanos : recorded.costNanos
  const billed = isInCosts ? billedBy(lines, question.rates) : undefined
  const toleranceNanos = (billed?.roundingNanos ?? 0n) + BigInt(recorded.calls)
  const isTold = lines.length > 0 || cell.isZero
  const differenceNanos = billed && isTold ? billed.nanos - oursNanos : null
  const tokens = tokensOf(lines)
  const stated = stateOf(cell, { ...found, billed, differenceNanos, toleranceNanos, basis, tokens, oursNanos })
  const calls = lines.every((line) => line.calls !== null) && lines.length > 0 ? lines.reduce((sum, line) => sum + (line.calls ?? 0), 0) : null
  const row: BillRow = {
    ...{ from: new Date(window.fromMs).toISOString(), to: new Date(window.toMs).toISOString(), model: cell.model, ...stated },
    billedNanos: billed && isTold ? String(billed.nanos) : null,
    ...{
      oursNanos: String(oursNanos),
      basis,
      differenceNanos: differenceNanos === null ? null : String(differenceNanos),
      toleranceNanos: String(toleranceNanos),
    },
    ...{
      lines: lines.length + duplicates,
      duplicates,
      calls: { billed: calls, recorded: recorded.calls },
      tokens: { billed: tokens, recorded: recorded.tokens },
    },
  }
  return { row, window, posted, differenceNanos, toleranceNanos }
}

type Judged = Found & {
  readonly billed: { readonly nanos: bigint } | undefined
  readonly differenceNanos: bigint | null
  readonly toleranceNanos: bigint
  readonly basis: BillRow["basis"]
  readonly tokens: BillTokens | null
  readonly oursNanos: bigint
}

function stateOf(cell: BillCell, judged: Judged): Pick<BillRow, "state" | "why"> {
  const { recorded, isInCosts, isDayTold, billed, differenceNanos, toleranceNanos, basis, tokens } = judged
  if (cell.lines.length === 0 && !cell.isZero)
    return {
      state: "not-billed",
      why: isDayTold
        ? "the bill has no line for this model at that time"
        : "the bill has no line for this time at all: it is not whole, or was exported before the day was over",
    }
  if (!isInCosts) return ofTokens(tokens, recorded)
  if (!billed || differenceNanos === null) {
    const currencies = [...new Set(cell.lines.map(({ currency }) => currency))].join(", ")
    return { state: "other-currency", why: `the bill is in ${currencies}; give what one is worth with --rate ${currencies || "EUR"}=DOLLARS` }
  }
  const size = differenceNanos < 0n ? -differenceNanos : differenceNanos
  if (size === 0n) return { state: "agrees", why: "to the nano-dollar" }
  if (size <= toleranceNanos) return { state: "rounding", why: "no more than what the bill's amounts are rounded by" }
  if (basis === "nothing")
    return {
      state: "not-recorded",
      why: "nothing of it is on record: another user of the account, a call no plugin sees, or a plugin that was off; completeness tells",
    }
  const parts = [
    ...(recorded.unpriced > 0 ? [`${recorded.unpriced} calls on record have no price`] : []),
    ...(judged.posted.some(({ boundNanos }) => boundNanos > 0n) ? ["some calls told no usage and were posted with the most they could cost"] : []),
    ...(basis === "recorded" ? ["the calls are on record and were not posted to any account: imported, or older than the ledger"] : []),
    ...(differenceNanos > 0n ? ["the bill has more than the record"] : ["the record has more than the bill"]),
  ]
  return { state: "differs", why: parts.join("; ") }
}

function ofTokens(billed: BillTokens | null, { tokens }: Recorded): Pick<BillRow, "state" | "why"> {
  if (!billed) return { state: "tokens-differ", why: "the file tells neither cost nor tokens for it" }
  const names = { input: "input", cacheRead: "cache read", cacheWrite: "cache write", output: "output" } as const
  const off = (Object.keys(names) as (keyof BillTokens)[]).filter((name) => billed[name] !== tokens[name])
  if (off.length === 0) return { state: "agrees", why: "to the token" }
  return {
    state: "tokens-differ",
    why: off.map((name) => `${names[name]}: ${billed[name].toLocaleString("en")} there, ${tokens[name].toLocaleString("en")} here`).join("; "),
  }
}

/** Times that touch, of one model, with differences that cancel out. */
function markEdges(counted: readonly CountedRow[]): readonly CountedRow[] {
  const marked = new Set<CountedRow>()
  for (const one of counted) {
    if (one.row.state !== "differs" || marked.has(one)) continue
    const next = counted.find((other) => other.row.state === "differs" && other.window.fromMs === one.window.toMs && keyIn(other) === keyIn(one))
    if (!next || one.differenceNanos === null || next.differenceNanos === null || marked.has(next)) continue
    const both = one.differenceNanos + next.differenceNanos
    if ((both < 0n ? -both : both) > one.toleranceNanos + next.toleranceNanos) continue
    marked.add(one).add(next)
  }
  const why = "what one day has more the next one has less: calls over midnight"
  return counted.map((one) => (marked.has(one) ? { ...one, row: { ...one.row, state: "edge", why } } : one))
}

function keyIn({ row: { model } }: CountedRow): string {
  return model === null ? "" : modelKey(model)
}

function notesOf({ bill, rates }: BillQuestion, cells: ReadonlyMap<string, BillCell>): readonly string[] {
  const currencies = [...new Set(bill.lines.map(({ currency }) => currency))].filter((name) => name !== "USD" && rates.has(name))
  const dayMs = 86_400_000
  const isShifted = [...cells.values()].some(({ window }) => window.fromMs % dayMs !== 0)
  return [
    ...(bill.isCut ? ["The file says that there is more: it is one page of several. Fetch all of them, and put them into one list."] : []),
    ...(currencies.length > 0
      ? [`Amounts in ${currencies.join(", ")} were converted at the rate that was given; the provider's own rate may be another.`]
      : []),
    ...(isShifted ? ["The bill's days do not begin at midnight UTC; the record was cut at the bill's own times."] : []),
  ]
}
