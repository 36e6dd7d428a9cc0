/** Rows as a table: columns as wide as what stands in them, numbers to the right. */
import type { SqlAnswer, SqlValue } from "../../views/sql.ts"
import type { Terminal } from "../cli/terminal.ts"
import { plain } from "./words.ts"

export function sqlTable({ columns, rows }: SqlAnswer, { colors }: Terminal): string {
  const cells = rows.map((row) => row.map(cellOf))
  const head = columns.map(plain)
  const widths = head.map((name, at) => cells.reduce((most, row) => Math.max(most, (row[at] ?? "").length), name.length))
  const toRight = head.map((_, at) => rows.every((row) => typeof row[at] !== "string"))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (toRight[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd()
  return `${[colors.bold(line(head)), ...cells.map(line)].join("\n")}\n`
}

function cellOf(value: SqlValue): string {
  return value === null ? "" : plain(String(value))
}
