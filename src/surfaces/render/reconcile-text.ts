/** `reconcile` on one screen: the verdict, each rule that was broken, then by entry what broke it, then what hosts said beside what was posted. */
import { usd } from "../../base/money.ts"
import type { Reconciliation } from "../../views/reconcile.ts"
import type { DriftRow } from "../../views/reconcile-drift.ts"
import type { Violation } from "../../views/reconcile-violations.ts"
import type { Terminal } from "../cli/terminal.ts"
import { countWords, plain } from "./words.ts"

const mostShown = 40

export function reconcileText(found: Reconciliation, { colors }: Terminal): string {
  const isGood = found.verdict === "reconciled"
  const verdict = (isGood ? colors.green : colors.red)(colors.bold(isGood ? "RECONCILED" : "VIOLATED"))
  const broken = found.checks.filter(({ violations }) => violations > 0)
  const lines = [
    `${colors.bold("Reconcile")}   ${verdict}   ${countWords(found.entries, "entry", "entries")}, ${found.ledgerEvents.toLocaleString("en")} of the ledger`,
    `  ${countWords(found.accounts, "account")}, ${countWords(found.openHolds, "open hold")}, ${countWords(found.budgets, "budget")}; snapshot: ${found.snapshot}`,
    ...(isGood ? [`  ${countWords(found.checks.length, "rule")} checked at every entry, and every balance is what its entries add up to.`] : []),
    ...broken.map(({ rule, violations }) => `  ${colors.red("!")} ${rule}: ${countWords(violations, "violation")}`),
    ...(isGood ? [] : ["", ...found.violations.slice(0, mostShown).map(violationLine)]),
    ...(found.totalViolations > mostShown ? [`  and ${(found.totalViolations - mostShown).toLocaleString("en")} more; --json lists them`] : []),
    ...(found.drift.length === 0 ? [] : ["", "Posted beside what the host reported, by model", ...found.drift.map(driftLine)]),
  ]
  return `${lines.join("\n")}\n`
}

function violationLine({ sequence, subject, problem }: Violation): string {
  return `  ${sequence === null ? "-" : `#${sequence}`}  ${plain(subject)}: ${plain(problem)}`
}

function driftLine({ model, calls, reportedNanos, postedNanos, differenceNanos, share }: DriftRow): string {
  const drift = `${usd(BigInt(differenceNanos))}${share === null ? "" : ` (${(share * 100).toFixed(2)} %)`}`
  return `  ${plain(model ?? "no model")}: ${countWords(calls, "call")}, posted ${usd(BigInt(postedNanos))}, reported ${usd(BigInt(reportedNanos))}, difference ${drift}`
}
