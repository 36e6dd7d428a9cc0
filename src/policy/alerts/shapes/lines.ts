/** What an alert says to a person, as lines of plain text; each receiver's own shape is made of them. */
import type { AlertEventFacts, Severity } from "../../../format/facts/alerts.ts"

export type Raised = AlertEventFacts["alert.raised"]

export type AlertText = { readonly severity: Severity; readonly title: string; readonly lines: readonly string[]; readonly footer: string }

const mostParts = 20

/** @param ledger how the ledger is called, its origin */
export function textOf({ severity, kind, words, count, repeats, parts = [], of, fromMs, toMs, alert }: Raised, ledger: string): AlertText {
  const times = count > 1 && parts.length === 0 ? ` (${count} times${repeats ? " since it was told" : ""}, ${clock(fromMs)} to ${clock(toMs)})` : ""
  const more = parts.length - mostParts
  return {
    severity,
    title: `${severity}: ${kind}`,
    lines: [
      `${words.trim() === "" ? kind : words}${times}`,
      ...parts.slice(0, mostParts).map((part) => `- ${part.severity}: ${part.words}${part.count > 1 ? ` (${part.count} times)` : ""}`),
      ...(more > 0 ? [`- and ${more} more kinds`] : []),
    ],
    footer: `${ledger} #${of}, ${clock(fromMs)}, alert ${alert}`,
  }
}

/** The same without what could be taken for a mention or a link: whoever reads it sees the same letters. */
export function unlinked(text: string): string {
  return text
    .replaceAll("@", `@${joint}`)
    .replaceAll("://", `:${joint}//`)
    .replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L}{2})/gu, `.${joint}`)
}

/** Joins nothing and shows nothing (U+200B). */
const joint = "\u200b"

function clock(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`
}
