/** Verified records as text a newcomer understands. */
import type { RecordsReport } from "../../verify/peac/report.ts"
import type { Terminal } from "../cli/terminal.ts"
import { verdictHead } from "./verify-text.ts"
import { countWords, plain } from "./words.ts"

const signatureWords = {
  valid: "the bundle is signed by a named key of who issued the records: nothing in it was changed since",
  invalid: "the signature of the bundle is wrong",
  untrusted: "the bundle is signed by a key that was not named, that others may have, or that is not of who issued the records",
  absent: "the bundle is not signed",
} as const

export function recordsText(report: RecordsReport, what: string, terminal: Terminal): string {
  const { colors } = terminal
  const { total, valid, invalid, untrusted, keysUsed, bundleSignature, bundleSigner, whole } = report
  const rest = [invalid > 0 ? `${invalid} not` : "", untrusted > 0 ? `${untrusted} by keys that were not named, or that others may have` : ""].filter(
    (part) => part !== "",
  )
  const lines = [
    verdictHead(report.verdict, what, terminal),
    `  ${valid} of ${countWords(total, "record")} good${rest.length === 0 ? "" : `, ${rest.join(", ")}`}`,
    ...(bundleSignature === null ? [] : [`  ${signatureWords[bundleSignature]}`]),
    ...(bundleSigner === null ? [] : [`  the bundle is signed by ${plain(bundleSigner)}`]),
    ...(whole === null ? [] : [`  complete: receipts ${whole.first} to ${whole.last} of ${plain(whole.log)}, each following the one before`]),
    ...keysUsed.map(({ kid, records }) => `  ${countWords(records, "record")} signed by ${plain(kid)}`),
    ...report.problems.map((problem) => `  ${colors.red("✗")} ${plain(problem)}`),
    ...report.notes.map((note) => `  ${colors.dim(plain(note))}`),
  ]
  return `${lines.join("\n")}\n`
}
