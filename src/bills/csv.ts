/** Lines of a file whose fields are parted by commas, semicolons or tabs (RFC 4180: quotes, doubled quotes, line ends within quotes). */

export type CsvRow = { readonly line: number; readonly fields: Readonly<Record<string, string>> }
export type Csv = {
  readonly columns: readonly string[]
  readonly rows: readonly CsvRow[]
  readonly problems: readonly { readonly line: number; readonly problem: string }[]
}

/** Columns by their names in small letters, with _ for spaces. */
export function parseCsv(text: string): Csv {
  const records = recordsOf(text.replace(/^\uFEFF/, ""))
  const [head, ...rest] = records
  const columns = (head?.fields ?? []).map((name) => name.trim().toLowerCase().replaceAll(/\s+/g, "_"))
  const problems: { line: number; problem: string }[] = []
  const rows: CsvRow[] = []
  for (const { line, fields } of rest) {
    if (fields.length === 1 && fields[0]?.trim() === "") continue
    if (fields.length > columns.length) problems.push({ line, problem: `it has ${fields.length} fields, the first line has ${columns.length}` })
    else rows.push({ line, fields: Object.fromEntries(columns.map((name, at) => [name, (fields[at] ?? "").trim()])) })
  }
  return { columns, rows, problems }
}

type Rec = { readonly line: number; readonly fields: readonly string[] }

function recordsOf(text: string): readonly Rec[] {
  const separator = separatorOf(text)
  const records: Rec[] = []
  let [line, begun, at] = [1, 1, 0]
  let fields: string[] = []
  while (at < text.length) {
    const field = fieldAt(text, at, separator)
    fields.push(field.text)
    line += field.lines
    at = field.end
    if (text[at] === separator) {
      at++
      if (at < text.length) continue
      fields.push("")
    }
    if (text[at] === "\r") at++
    if (text[at] === "\n") at++
    records.push({ line: begun, fields })
    fields = []
    begun = ++line
  }
  return records
}

function fieldAt(text: string, from: number, separator: string): { readonly text: string; readonly end: number; readonly lines: number } {
  if (text[from] !== '"') {
    let end = from
    while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++
    return { text: text.slice(from, end), end, lines: 0 }
  }
  let [value, at] = ["", from + 1]
  for (; at < text.length; at++) {
    if (text[at] !== '"') value += text[at]
    else if (text[at + 1] === '"') value += text[at++]
    else break
  }
  let end = Math.min(at + 1, text.length)
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++
  return { text: value, end, lines: value.split("\n").length - 1 }
}

/** The one that parts the first line into most fields. */
function separatorOf(text: string): string {
  const [first = ""] = text.split("\n", 1)
  return [",", ";", "\t"].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best))
}
