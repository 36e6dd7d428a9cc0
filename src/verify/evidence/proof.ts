/** A proof that an entry stands in a ledger, or that a ledger grew from an earlier state of it (docs/spec/proof.md). */
import { parseSignedCheckpoint } from "../../format/checkpoint.ts"
import { parseProof } from "../../format/proof.ts"
import { wholeOf } from "../byte-source.ts"
import { verifyProof, type ProofReport } from "../proof.ts"
import { WitnessTally } from "../witness-tally.ts"
import { asRecorded, counted, keyIsYours, membersOf, witnessDetails, type Detail, type EvidenceKind, type EvidenceVerdict, type Finding } from "./evidence.ts"
import { keyOfLedger, noKey, noWitness, trustedOf } from "./ledger-keys.ts"
import { tooLarge } from "./unknown.ts"
import { tallyNote } from "./witness-lines.ts"

const mostBytes = 1 << 27
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const proof: EvidenceKind = {
  isOne: ({ begin }) => begin.startsWith('{"proofFormat":'),
  examine: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return tooLarge(mostBytes)
    const text = utf8.decode(bytes)
    const parsed = parseProof(text)
    const read = "proof" in parsed ? parsed.proof : undefined
    const trusted = trustedOf(pins, read ?? {})
    const report = verifyProof(text, trusted)
    const tally = new WitnessTally(pins.witnesses)
    const notes = read === undefined ? [] : read.proves === "inclusion" ? [read.checkpoint] : [read.older, read.newer]
    const seen = notes.map((note) => parseSignedCheckpoint(note)).filter((one) => one !== undefined)
    const problems = [...report.problems, ...seen.flatMap((one) => tallyNote(one, tally))]
    const lacks = report.verdict === "valid" && tally.lacksRequired
    const verdict: EvidenceVerdict = problems.length > 0 ? "invalid" : lacks ? "unverifiable" : report.verdict
    return {
      kind: report.proves === "consistency" ? "a proof that a ledger only grew" : "a proof that an entry stands in a ledger",
      verdict,
      says:
        verdict === "valid"
          ? report.statement
          : verdict === "invalid"
            ? "This proof does not hold."
            : lacks
              ? noWitness
              : (report.proves && noKey) || report.notes[0] || noKey,
      checked: checkedOf(report),
      keys: keyOfLedger(report.signedBy, trusted, report.problems.length === 0, seen.length > 1 ? "both checkpoints" : "the checkpoint"),
      problems,
      details: [...detailsOf(report), ...witnessDetails(tally.rows)],
      contents: contentsOf(report),
      notes: report.notes,
      notProven: [report.proves === "consistency" ? "What the entries are: they are not in it." : asRecorded, keyIsYours],
    }
  },
}

function checkedOf({ proves, entry }: ProofReport): readonly string[] {
  const keys = "each signature, and each hand-over of the signing key"
  if (proves === "consistency") return ["that the newer tree begins with all entries of the older one, in their order", keys]
  return [
    "that the entry is a leaf of the tree whose root was signed",
    ...(entry?.facts || entry?.content ? ["that what is disclosed is what the entry commits to"] : []),
    keys,
  ]
}

function detailsOf({ entry, checkpoints }: ProofReport): readonly Detail[] {
  return [
    ...(entry
      ? [
          { name: "entry", value: `#${entry.sequence}, ${entry.type}` },
          { name: "recorded", value: entry.createdAt },
          ...(entry.id === null ? [] : [{ name: "id", value: entry.id }]),
        ]
      : []),
    ...checkpoints.map(({ origin, size, root }) => ({ name: "checkpoint", value: `${origin}, ${counted(size, "entry", "entries")}, root ${root}` })),
  ]
}

function contentsOf({ entry }: ProofReport): Finding["contents"] {
  const parts = [
    { title: "facts", object: entry?.facts },
    { title: "content", object: entry?.content },
  ]
  return parts.flatMap(({ title, object }) => (object ? [{ title, details: membersOf(object) }] : []))
}
