/** A sheet: what a report shows, as a terminal and a page show it alike. Its texts are whatever the ledger holds; who shows them makes them plain. */
import type { Look } from "../cli/terminal.ts"
import { tableLines } from "./bars.ts"
import { plain } from "./words.ts"

export type Sheet = {
  /** `Daily report`. */
  readonly kind: string
  readonly heading: string
  readonly quiet: readonly string[]
  readonly warning?: string | undefined
  readonly totals: readonly (readonly [name: string, value: string])[]
  readonly sections: readonly SheetSection[]
}

export type SheetSection = {
  readonly title: string
  /** A table; without rows `empty` is said in its place. */
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly empty: string
  /** Columns of text; the others are figures, to the right. */
  readonly texts?: readonly number[]
  readonly remark?: string | undefined
}

const widest = 66

export function sheetText({ kind, heading, quiet, warning, totals, sections }: Sheet, { colors, width }: Look): string {
  const name = Math.max(0, ...totals.map(([one]) => one.length))
  const lines = [
    `${colors.bold(plain(heading))}  ${kind}`,
    colors.dim(quiet.map(plain).join(" · ")),
    ...(warning === undefined ? [] : [colors.yellow(plain(warning))]),
    "",
    ...totals.map(([one, value]) => `${colors.dim(one.padEnd(name))}  ${plain(value)}`),
    ...sections.flatMap((section) => ["", colors.bold(section.title), ...sectionLines(section, { colors, width })]),
  ]
  return `${lines.join("\n")}\n`
}

function sectionLines({ head, rows, empty, texts = [0], remark }: SheetSection, { colors }: Look): readonly string[] {
  const remarks = remark === undefined ? [] : [colors.dim(plain(remark))]
  if (rows.length === 0) return [empty, ...remarks]
  const columns = head.map((one, at) => ({ head: one, cells: rows.map((row) => plain(row[at] ?? "")), most: widest, toRight: !texts.includes(at) }))
  const [first = "", ...others] = tableLines(columns)
  return [colors.dim(first), ...others, ...remarks]
}
