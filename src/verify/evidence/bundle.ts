/** A bundle of PEAC records (`.peacbundle`). */
import { objectOf, stringOf } from "../../base/json.ts"
import { parseRecord } from "../../format/peac/record.ts"
import { completenessName, parseCompleteness } from "../../format/peac/completeness.ts"
import { ignoredWords } from "../../format/peac/keys.ts"
import { strictText } from "../../format/peac/strict-json.ts"
import { wholeOf } from "../byte-source.ts"
import { verifyBundle } from "../peac/bundle.ts"
import type { RecordsReport } from "../peac/report.ts"
import { askOfHandOvers } from "../peac/signer-link.ts"
import { zipFiles } from "../peac/zip.ts"
import { counted, type Detail, type EvidenceKind } from "./evidence.ts"
import { askOfRecords, countWords, keysOfRecords, mostShown, receiptsNotProven, shownRecords } from "./receipt-words.ts"
import { judgeOptions } from "./pins.ts"
import { tooLarge } from "./unknown.ts"

const mostBytes = 512 * 1024 * 1024
const mostShownBytes = 1 << 20

const signatureWords: { readonly [S in Exclude<RecordsReport["bundleSignature"], null>]: string } = {
  valid: "signed by a pinned key of who issued the receipts: nothing in the bundle was changed since",
  invalid: "the signature is wrong",
  untrusted: "signed by a key that is not pinned, that others may have, or that is not of who issued the receipts",
  absent: "nobody signed it",
}

export const bundle: EvidenceKind = {
  isOne: ({ begin }) => begin.startsWith("PK"),
  ask: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    const { receipts, signature, completeness } = filesIn(bytes)
    const said = completeness && strictText(completeness)
    if (said && "value" in said) askOfHandOvers(parseCompleteness(said.value)?.handOvers ?? [])
    const lines = [receipts, signature].map((file) => file?.toString("latin1").trimEnd().split("\n") ?? [])
    askOfRecords(lines.flat(), pins.records)
  },
  examine: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return tooLarge(mostBytes)
    const report = verifyBundle(bytes, pins.records, judgeOptions(pins))
    const { manifest, receipts } = filesIn(bytes)
    const { verdict, total, bundleSignature, whole } = report
    return {
      kind: "a bundle of PEAC receipts",
      numbered: report.numbered,
      verdict,
      says:
        verdict === "valid"
          ? `All ${counted(total, "receipt")} of this bundle are as they were signed, and so is the list of them.`
          : verdict === "invalid"
            ? "Something in this bundle is not what was signed."
            : "Nothing is wrong with this bundle, but not all of it is signed by pinned keys that may speak for it.",
      checked: [
        "that the archive holds the files its manifest lists, byte for byte, and no others",
        `that ${counted(total, "receipt")} are well formed, listed once each, in order, and signed by pinned keys that were not revoked by then`,
        "the signature of the bundle over its manifest, by a key of who issued the receipts",
      ],
      keys: [...keysOfRecords(report), ...(report.bundleSigner === null ? [] : [{ key: report.bundleSigner, isPinned: true, signed: "the list of receipts" }])],
      problems: report.problems,
      details: [
        { name: "receipts", value: countWords(report) },
        { name: "list of receipts", value: signatureWords[bundleSignature ?? "absent"] },
        ...(whole === null ? [] : [{ name: "complete", value: `receipts ${whole.first} to ${whole.last} of ${whole.log}, each following the one before` }]),
        ...manifestDetails(manifest),
      ],
      contents: contentsOf(receipts),
      notes: [...report.notes, ...ignoredWords(pins.ignored)],
      notProven: ["That a receipt was issued for everything that happened: the bundle is whole as its maker made it.", ...receiptsNotProven],
    }
  },
}

type Files = {
  readonly manifest?: Buffer | undefined
  readonly receipts?: Buffer | undefined
  readonly signature?: Buffer | undefined
  readonly completeness?: Buffer | undefined
}

function filesIn(bytes: Buffer | undefined): Files {
  const archive = bytes ? zipFiles(bytes) : { problem: "" }
  if ("problem" in archive) return {}
  const files = new Map(archive.files.map(({ name, bytes }) => [name, bytes]))
  return {
    manifest: files.get("manifest.json"),
    receipts: files.get("receipts.ndjson"),
    signature: files.get("bundle.sig"),
    completeness: files.get(completenessName),
  }
}

/** What the bundle says of itself: told, not judged. */
function manifestDetails(manifest: Buffer | undefined): readonly Detail[] {
  const parsed = manifest && strictText(manifest)
  if (!parsed || "problem" in parsed) return []
  const { bundle_id: id, created_by: by, created_at: at, time_range: range } = parsed.value
  const { start, end } = objectOf(range)
  const made = [stringOf(at), stringOf(by)].filter((part) => part !== undefined)
  return [
    { name: "bundle", value: stringOf(id) ?? "" },
    { name: "made, it says", value: made.join(" by ") },
    { name: "receipts from", value: [stringOf(start), stringOf(end)].filter((part) => part !== undefined).join(" to ") },
  ].filter(({ value }) => value !== "")
}

function contentsOf(lines: Buffer | undefined): ReturnType<typeof shownRecords> {
  const first = lines?.subarray(0, mostShownBytes).toString("latin1").split("\n", mostShown) ?? []
  const parsed = first.filter((line) => line !== "").map((line) => parseRecord(line))
  return shownRecords(parsed.map((one) => ("value" in one ? one.value : undefined)))
}
