/** A proof of what a budget held and spent, and whether its cap was kept (docs/spec/cap-proof.md). */
import { usd } from "../../base/money.ts"
import { objectIn, notProved, type CapCount } from "../../format/cap-proof.ts"
import { shortLinesOf } from "../lines.ts"
import { verifyCapProof, type CapProofReport } from "../cap-proof.ts"
import type { ByteSource } from "../byte-source.ts"
import { counted, keyIsYours, rangedProblems, witnessDetails, type Detail, type EvidenceKind } from "./evidence.ts"
import { keyOfLedger, noKey, noWitness, trustedOf } from "./ledger-keys.ts"

const mostShown = 20

export const capProof: EvidenceKind = {
  isOne: ({ begin }) => begin.startsWith('{"capProofFormat":'),
  examine: (source, pins, onProgress) => {
    const trusted = trustedOf(pins, headOf(source))
    const report = verifyCapProof(source, { ...trusted, witnesses: pins.witnesses, ...(onProgress ? { onProgress } : {}) })
    const { verdict, result, problems } = report
    const isCounted = result !== null && problems.length === 0
    return {
      kind: "a cap proof of a budget",
      verdict,
      says: wordsOf(report, trusted.key !== undefined),
      checked: [
        `that ${counted(report.entries, "entry", "entries")} follow each other without a gap, from before the period to its end, in the tree whose root was signed`,
        "what the entries that count in the budget add up to, counted again, at every moment",
        "the signature of the statement and of the checkpoint, and each hand-over of the signing key",
        "cosignatures of witnesses, by their pinned keys",
      ],
      keys: keyOfLedger(report.signedBy, trusted, problems.length === 0, "the statement and the checkpoint"),
      problems: rangedProblems(problems, report.problemsNotListed),
      details: [...(isCounted ? periodDetails(report) : []), ...(isCounted ? result.counts.flatMap(countDetails) : []), ...witnessDetails(report.witnesses)],
      contents: [],
      notes: report.notes,
      notProven: [notProved, keyIsYours],
    }
  },
}

/** What its first line names as its keys. */
function headOf(source: ByteSource): Readonly<Record<string, unknown>> {
  for (const line of shortLinesOf(source)) return objectIn(line.toString("utf8")) ?? {}
  return {}
}

function wordsOf({ verdict, budget, notes }: CapProofReport, hasKey: boolean): string {
  if (verdict === "valid") return `The cap of the budget ${budget} held: at no moment of the period was more held and spent than its limit.`
  if (verdict === "exceeded") return `The proof is right, and says that the cap of the budget ${budget} was exceeded.`
  if (verdict === "invalid") return "Something in this proof is not what the ledger recorded and signed."
  return budget === null ? (notes[0] ?? noKey) : hasKey ? noWitness : noKey
}

function periodDetails({ budget, startMs, endMs, result, signedAt }: CapProofReport): readonly Detail[] {
  const until = endMs === null ? "" : ` to ${new Date(endMs).toISOString()}`
  const running = result?.running === true ? `, proved up to entry #${result.last}: the period may go on` : ""
  return [
    { name: "budget", value: budget ?? "" },
    { name: "period", value: `${new Date(startMs ?? 0).toISOString()}${until}${running}` },
    ...(signedAt === null ? [] : [{ name: "made, it says", value: signedAt }]),
    ...(result?.extensions ?? []).map(({ extension, asked, granted, amounts, spent }) => ({
      name: "beyond the limit",
      value: `${amountWords(spent)} of up to ${amountWords(amounts)} for one run (${extension}), asked at #${asked}, ${granted === null ? "not granted" : `granted at #${granted}`}`,
    })),
    ...(result?.freezes ?? []).map(({ sequence, type, reason }) => ({
      name: type === "budget.frozen" ? "frozen" : "unfrozen",
      value: `at #${sequence}: ${reason}`,
    })),
  ]
}

function countDetails({ rules, peak, spent, held, exceeded, timesExceeded }: CapCount): readonly Detail[] {
  const most = Object.entries(peak).map(([unit, { sequence, amount }]) => `${amountWords({ [unit]: amount })} at #${sequence}`)
  return [
    ...rules.map(({ sequence, rule }, at) => ({ name: at === 0 ? "limit" : "changed to", value: `${amountWords({ ...rule.limit })} at #${sequence}` })),
    { name: "most at once", value: most.join(", ") || "nothing" },
    { name: "spent", value: amountWords({ ...spent }) },
    ...(Object.keys(held).length === 0 ? [] : [{ name: "still held", value: amountWords({ ...held }) }]),
    ...exceeded
      .slice(0, mostShown)
      .map(({ sequence, type, unit, by }) => ({ name: "exceeded", value: `by ${amountWords({ [unit]: by })} at #${sequence}, ${type}` })),
    ...(timesExceeded > mostShown ? [{ name: "exceeded", value: `${timesExceeded} times in all` }] : []),
  ]
}

function amountWords(amounts: { readonly [unit: string]: string }): string {
  const words = Object.entries(amounts).map(([unit, amount]) =>
    unit === "moneyNanos" ? usd(BigInt(amount)) : `${BigInt(amount).toLocaleString("en")} ${unit}`,
  )
  return words.length === 0 ? "nothing" : words.join(" + ")
}
