/** A bill, or a report of usage, as a provider exports it: what each line says of a time and a model. */
import type { Amount } from "./amounts.ts"

export type BillTokens = { readonly input: number; readonly cacheRead: number; readonly cacheWrite: number; readonly output: number }

export type BillLine = {
  /** Where it stands in the file, from 1; of JSON, which result it is. */
  readonly line: number
  readonly fromMs: number
  readonly toMs: number
  /** As the bill writes it; null where a line is of all models together. */
  readonly model: string | null
  readonly amount: Amount | null
  /** In capital letters. */
  readonly currency: string
  readonly calls: number | null
  readonly tokens: BillTokens | null
  /** Two lines with the same are one line twice. */
  readonly identity: string
}

export type BillProblem = { readonly line: number; readonly problem: string }

export type Bill = {
  /** What it was taken for, in words. */
  readonly format: string
  /** Names of providers as hosts have them, whose calls it is of. */
  readonly providers: readonly string[]
  readonly lines: readonly BillLine[]
  /** Times of which it says itself that there was nothing. */
  readonly empty: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly problems: readonly BillProblem[]
  /** It says that there is more than is in the file. */
  readonly isCut: boolean
}

export type BillOptions = {
  /** Beginning of a calendar day, as `2026-11-03`, and of the next one, by the clocks that the bill goes by. */
  readonly dayOf: (day: string) => { readonly fromMs: number; readonly toMs: number } | undefined
  /** The day an instant is in, by the same clocks. */
  readonly dayAt: (atMs: number) => { readonly fromMs: number; readonly toMs: number }
}

export type Fields = Readonly<Record<string, string>>

/** One line that was read; `empty`: nothing was used then. */
export type ReadLine = Omit<BillLine, "line"> | { readonly empty: { readonly fromMs: number; readonly toMs: number } } | { readonly problem: string }
