/** Reads a provider's export, whichever it is. What is no line of a bill is told by its place, and nothing is guessed. */
import { nestsTooDeep } from "../base/json.ts"
import type { Bill, BillLine, BillOptions, BillProblem, ReadLine } from "./bill.ts"
import { parseCsv } from "./csv.ts"
import { tableFormats } from "./formats.ts"
import { jsonBill } from "./json-bill.ts"

/** Words on why it is none, else the bill. */
export function parseBill(text: string, options: BillOptions): Bill | string {
  return /^\s*[[{]/.test(text) ? ofJson(text, options) : ofTable(text, options)
}

export const knownFormats = [...new Set(tableFormats.map(({ format }) => format))]

function ofJson(text: string, options: BillOptions): Bill | string {
  const read = jsonBill(parsed(text), options)
  if (!read) return "its JSON is no answer of a usage, cost or activity API that is known"
  const { format, providers, lines, isCut } = read
  const collected = collect(lines.map((one, at) => ({ line: at + 1, one })))
  return { format: `${format} (JSON)`, providers, isCut, ...collected }
}

function parsed(text: string): unknown {
  if (nestsTooDeep(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function ofTable(text: string, options: BillOptions): Bill | string {
  const { columns, rows, problems } = parseCsv(text)
  const found = tableFormats.find(({ columns: needed }) => needed.every((name) => columns.includes(name)))
  if (!found) return `its columns (${columns.slice(0, 12).join(", ")}) are those of no export that is known`
  const collected = collect(rows.map(({ line, fields }) => ({ line, one: found.read(fields, options) })))
  return { format: found.format, providers: found.providers, isCut: false, ...collected, problems: [...problems, ...collected.problems] }
}

function collect(read: readonly { readonly line: number; readonly one: ReadLine }[]): Pick<Bill, "lines" | "empty" | "problems"> {
  const lines: BillLine[] = []
  const problems: BillProblem[] = []
  const empty: { fromMs: number; toMs: number }[] = []
  for (const { line, one } of read) {
    if ("problem" in one) problems.push({ line, problem: one.problem })
    else if ("empty" in one) empty.push(one.empty)
    else lines.push({ line, ...one })
  }
  return { lines, empty, problems }
}
