/** Bars and tables of figures. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar of `share` (0 to 1) of that many characters, to an eighth of one. */
export function bar(share: number, width: number): string {
  const parts = Math.round(Math.max(0, Math.min(1, share)) * width * 8)
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "")
}

const units = ["", "k", "M", "G", "T"]

/** `1234567` as `1.23M`: three digits are what somebody looks at. */
export function shortCount(count: number): string {
  let [value, unit] = [count, 0]
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toPrecision(3)}${units[unit] ?? ""}`
}

/** Dollars of nano-dollars as people compare them: cents, and as many digits more as a small sum needs to be seen. */
export function shortUsd(nanos: number): string {
  const dollars = nanos / 1e9
  if (dollars === 0) return "$0.00"
  if (Math.abs(dollars) < 0.01) return `$${dollars.toPrecision(2)}`
  return `$${dollars.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

export type Column = { readonly head: string; readonly cells: readonly string[]; readonly toRight?: boolean; readonly most?: number }

/** Lines of a table: the head, then the rows. */
export function tableLines(columns: readonly Column[]): readonly string[] {
  const shown = columns.map(({ most = Number.POSITIVE_INFINITY, ...column }) => ({ ...column, cells: column.cells.map((cell) => cut(cell, most)) }))
  const widths = shown.map(({ head, cells }) => cells.reduce((width, cell) => Math.max(width, cell.length), head.length))
  const line = (cellOf: (column: (typeof shown)[number]) => string) =>
    shown
      .map((column, at) => (column.toRight ? cellOf(column).padStart(widths[at] ?? 0) : cellOf(column).padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd()
  const rows = shown[0]?.cells.length ?? 0
  return [line(({ head }) => head), ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? ""))]
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.ceil((most - 1) / 2))}…${text.slice(text.length - Math.floor((most - 1) / 2))}`
}
