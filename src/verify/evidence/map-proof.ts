/** A proof from the map that an event is on record, or that it is not (docs/spec/map.md). */
import { nestsTooDeep } from "../../base/json.ts"
import { parseSignedCheckpoint } from "../../format/checkpoint.ts"
import { parseMapProof } from "../../format/map-proof.ts"
import { wholeOf } from "../byte-source.ts"
import { verifyMapProof } from "../map-proof.ts"
import { WitnessTally } from "../witness-tally.ts"
import { asRecorded, counted, keyIsYours, witnessDetails, type EvidenceKind, type EvidenceVerdict } from "./evidence.ts"
import { keyOfLedger, noKey, noWitness, trustedOf } from "./ledger-keys.ts"
import { tooLarge, unreadable } from "./unknown.ts"
import { tallyNote } from "./witness-lines.ts"

const mostBytes = 1 << 24
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const mapProof: EvidenceKind = {
  isOne: ({ begin }) => /^\{"proofFormat":\d+,"proves":"(?:not-)?recorded"/.test(begin),
  examine: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return tooLarge(mostBytes)
    const text = utf8.decode(bytes)
    if (nestsTooDeep(text)) return unreadable("it is nested deeper than a proof")
    const parsed = parseMapProof(text)
    const committed = typeof parsed === "object" && "proof" in parsed ? parsed.proof.committed : undefined
    const trusted = trustedOf(pins, committed ?? {})
    const report = verifyMapProof(text, trusted)
    if (!report) return unreadable("it is no proof from a map")
    const tally = new WitnessTally(pins.witnesses)
    const seen = committed && parseSignedCheckpoint(committed.checkpoint)
    const problems = [...report.problems, ...(seen ? tallyNote(seen, tally) : [])]
    const lacks = report.verdict === "valid" && tally.lacksRequired
    const verdict: EvidenceVerdict = problems.length > 0 ? "invalid" : lacks ? "unverifiable" : report.verdict
    return {
      kind: report.proves === "not-recorded" ? "a proof that an event is not on record" : "a proof that an event is on record",
      verdict,
      says:
        verdict === "valid"
          ? report.statement
          : verdict === "invalid"
            ? "This proof does not hold."
            : lacks
              ? noWitness
              : committed
                ? noKey
                : (report.notes[0] ?? noKey),
      checked: [
        "that the way from the place of the id leads to the root of the map, whatever hangs there",
        "that an entry of the ledger has that root on record, and that the entry is a leaf of the tree whose root was signed",
        "each signature, and each hand-over of the signing key",
      ],
      keys: keyOfLedger(report.signedBy, trusted, report.problems.length === 0, "the checkpoint"),
      problems,
      details: [
        ...report.checkpoints.map(({ origin, size, root }) => ({ name: "checkpoint", value: `${origin}, ${counted(size, "entry", "entries")}, root ${root}` })),
        ...witnessDetails(tally.rows),
      ],
      contents: [],
      notes: report.notes,
      notProven: [
        "Anything of entries that came after those the map is of.",
        "That the map is whole: the root is the ledger's word; whoever has the headers of its entries can make the map anew.",
        asRecorded,
        keyIsYours,
      ],
    }
  },
}
