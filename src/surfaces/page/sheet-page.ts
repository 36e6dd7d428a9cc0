/** A sheet as one page that needs no network, to keep, to send and to print. */
import type { Sheet, SheetSection } from "../render/sheet.ts"
import { paragraph, section, table, totals, wholePage } from "./markup.ts"

export function sheetPage({ kind, heading, quiet, warning, totals: figures, sections }: Sheet): string {
  return wholePage({ title: `${kind} ${heading}`, kind, heading, quiet, warning }, [totals(figures), ...sections.map(asSection)].join("\n"))
}

function asSection({ title, head, rows, empty, texts = [0], remark }: SheetSection): string {
  return section(title, rows.length === 0 ? paragraph(empty) : table(head, rows, texts), remark)
}
