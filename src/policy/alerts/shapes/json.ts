/** An alert for receivers of one's own (docs/spec/alerts.md, docs/spec/alert.schema.json): texts as they are, for a program that knows what to do with them. */
import { textOf, type Raised } from "./lines.ts"

export function jsonBody(raised: Raised, ledger: string): object {
  const { alert, kind, severity, words, of, count, fromMs, toMs, atMs, repeats, parts } = raised
  const { title, lines } = textOf(raised, ledger)
  return {
    ...{ schemaVersion: 1, type: "alert", id: alert, ledger, kind, severity },
    text: [`${title}: ${lines[0] ?? ""}`, ...lines.slice(1)].join("\n"),
    ...{ words, sequence: of, count },
    ...{ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), raisedAt: new Date(atMs).toISOString() },
    ...{ repeats: repeats === true, parts: parts ?? [] },
  }
}
