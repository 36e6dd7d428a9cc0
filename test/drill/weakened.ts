/** Verifications with a bug in them: they excuse what they should report. */
import type { Verifier } from "../../src/drill/judgement.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"

/** Says nothing of problems in these words, and calls a ledger valid that has no others. */
export function excusing(words: RegExp): Verifier {
  return (store, options) => {
    const report = verifyStore(store, options)
    const problems = report.problems.filter(({ what }) => !words.test(what))
    return problems.length > 0 || report.verdict !== "invalid" ? { ...report, problems } : { ...report, verdict: "valid", problems }
  }
}
