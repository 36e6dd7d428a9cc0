/**
 * The corpus: one item a line. A line `# args shell` says where the items below it come from and what they are; `⏎` is a line's end within an item,
 * `{U+200B}` a character that nobody would see here.
 */
import { readFileSync } from "node:fs"
import type { ScanSource } from "../../src/scanner/row.ts"

export type Item = { readonly source: ScanSource; readonly category: string; readonly text: string; readonly line: number }

export function corpus(name: string): readonly Item[] {
  let [source, category]: [ScanSource, string] = ["args", ""]
  const items: Item[] = []
  for (const [index, line] of readFileSync(new URL(`../vectors/scanner/${name}.txt`, import.meta.url), "utf8")
    .split("\n")
    .entries()) {
    const [, from, what] = /^# (args|result|message|file) ([a-z-]+)$/.exec(line) ?? []
    if (from !== undefined && what !== undefined) [source, category] = [from as ScanSource, what]
    else if (line !== "") items.push({ source, category, text: plainItem(line), line: index + 1 })
  }
  return items
}

function plainItem(line: string): string {
  return line.replaceAll("⏎", "\n").replace(/\{U\+([0-9A-F]{4,5})\}/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
}
