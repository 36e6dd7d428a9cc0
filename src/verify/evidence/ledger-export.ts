/** An export of a ledger (docs/spec/export.md). */
import { objectIn } from "../../format/cap-proof.ts"
import { lastLineOf } from "../lines.ts"
import { verifyExport } from "../offline.ts"
import type { VerifyReport } from "../verdict.ts"
import {
  anchorDetails,
  asRecorded,
  counted,
  keyIsYours,
  rangedProblems,
  witnessDetails,
  type Detail,
  type EvidenceKind,
  type EvidenceVerdict,
} from "./evidence.ts"
import { keyOfLedger, noKey, noWitness, trustedOf } from "./ledger-keys.ts"
import { memorySource, type ByteSource } from "../byte-source.ts"
import type { Trusted } from "../key-chain.ts"

const mostLastLineBytes = 1 << 24

export const ledgerExport: EvidenceKind = {
  isOne: ({ begin, end }) => /^\{"(?:id|exportFormat)":/.test(begin) || /\n\{"exportFormat":/.test(end),
  ask: (source, pins) => {
    const end = memorySource(source.name, lastOf(source))
    return verifyExport(end, { ...trustedOf(pins, endOf(end)), witnesses: pins.witnesses, anchors: pins.authorities })
  },
  examine: async (source, pins, onProgress) => {
    const trusted = trustedOf(pins, endOf(source))
    const report = await verifyExport(source, { ...trusted, witnesses: pins.witnesses, anchors: pins.authorities, ...(onProgress ? { onProgress } : {}) })
    const verdict = verdictOf(report)
    const { entries, covered, signedBy } = report
    return {
      kind: "an export of a ledger",
      verdict,
      says: wordsOf(verdict, report, trusted, pins.authorities.length > 0),
      checked: [
        `that ${counted(entries, "entry", "entries")} are in the tree that the signed checkpoint is over, which has ${covered.toLocaleString("en")}`,
        "that what people read in each is what was recorded, but for the labels of session, user and machine",
        "the signature of the checkpoint, and each hand-over of the signing key",
        "cosignatures of witnesses, by their pinned keys",
        "time-stamps: what they stamp, their signatures and certificates, and where certificates are pinned the way to them",
      ],
      keys: keyOfLedger(signedBy, trusted, report.problems.length === 0, "the checkpoint"),
      problems: rangedProblems(report.problems, report.problemsNotListed),
      details: [
        { name: "entries", value: entries === 0 ? "none" : `${entries.toLocaleString("en")}, #${report.from} to #${report.to}` },
        { name: "contents", value: `${report.contentsOpened.toLocaleString("en")} shown` },
        ...erasedDetails(report),
        { name: "checkpoint", value: `${counted(covered, "entry", "entries")}, root ${report.root}` },
        ...witnessDetails(report.witnesses),
        ...anchorDetails(report.anchors),
      ],
      contents: [],
      notes: report.notes,
      notProven: [asRecorded, keyIsYours],
    }
  },
}

function lastOf(source: ByteSource): Buffer {
  const open = source.open()
  try {
    return lastLineOf(open.last(mostLastLineBytes))
  } finally {
    open.close()
  }
}

/** What its last line names as its keys; whether that is good is for who verifies. */
function endOf(source: ByteSource): Readonly<Record<string, unknown>> {
  return objectIn(lastOf(source).toString("utf8")) ?? {}
}

function verdictOf({ verdict, contentsNotShown = 0, erasures = [] }: VerifyReport): EvidenceVerdict {
  return verdict === "valid" && contentsNotShown > 0 && erasures.length > 0 ? "valid with erasures" : verdict
}

function erasedDetails({ contentsNotShown = 0, erasures = [] }: VerifyReport): readonly Detail[] {
  if (contentsNotShown === 0) return []
  const missing = `${contentsNotShown.toLocaleString("en")} not in this file`
  const told = erasures.slice(0, 10).map((sequence) => `#${sequence}`)
  if (told.length === 0) return [{ name: "not shown", value: `${missing}: not exported, or erased. No entry here says that contents were erased.` }]
  const where = `${told.join(", ")}${erasures.length > told.length ? " and later ones" : ""}`
  return [{ name: "erased", value: `${missing}: erased, or not exported, which a file cannot tell apart. That contents were erased is recorded at ${where}.` }]
}

function wordsOf(verdict: EvidenceVerdict, { witnesses }: VerifyReport, { key }: Trusted, lacksStamp: boolean): string {
  if (verdict === "valid") return "Every entry in this file is as the ledger recorded and signed it."
  if (verdict === "valid with erasures")
    return "Every entry in this file is as the ledger recorded and signed it; some contents were erased, which the ledger recorded as well."
  if (verdict === "invalid") return "Something in this file is not what the ledger recorded and signed."
  if (!key) return noKey
  if (witnesses.some(({ checked, cosignatures }) => checked && cosignatures === 0)) return noWitness
  return lacksStamp
    ? "Nothing is wrong with this file, but a time-stamp under a certificate that you pinned is not in it."
    : "Only a newer version of this verifier can check all of this file."
}
