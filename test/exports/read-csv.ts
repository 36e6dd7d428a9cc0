/** A reader of CSV by RFC 4180, letter by letter; it knows nothing of our writer. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let [row, cell, quoted]: [string[], string, boolean] = [[], "", false]
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ""
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') cell += text[++at] ?? ""
      else quoted = false
    } else if (letter === '"' && cell === "") quoted = true
    else if (letter === ",") {
      row.push(cell)
      cell = ""
    } else if (letter === "\r" && text[at + 1] === "\n") {
      rows.push([...row, cell])
      ;[row, cell] = [[], ""]
      at++
    } else if (letter === '"' || letter === "\n" || letter === "\r") throw new Error(`a ${JSON.stringify(letter)} outside of quotes at ${at}`)
    else cell += letter
  }
  if (quoted || cell !== "" || row.length > 0) throw new Error("the last row has no end")
  return rows
}

export function recordsOf(text: string): readonly Readonly<Record<string, string>>[] {
  const [columns = [], ...rows] = readCsv(text)
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? ""])))
}
