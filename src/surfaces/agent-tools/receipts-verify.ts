/** peac_receipts.verify: with the keys that are named, or with the ledger's own; never with those that a bundle brings along. */
import type { JsonObject } from "../../base/json.ts"
import { parseKeys, type RecordKey } from "../../format/peac/keys.ts"
import { hasMoreLines } from "../../verify/peac/lines.ts"
import { isBundle, verifyRecordsFile } from "../../verify/peac/records-file.ts"
import type { RecordsReport } from "../../verify/peac/report.ts"
import { zipFiles } from "../../verify/peac/zip.ts"
import { mostInBundle } from "../../views/receipt-bundle.ts"
import { receiptKeys } from "../../views/receipt-keys.ts"
import { countWords, plain } from "../render/words.ts"
import { readConfined } from "./confined.ts"
import { bundleName, manifestName, rootOf } from "./receipts-export.ts"
import { refused } from "./refusal.ts"
import type { Tool, ToolContext } from "./tool.ts"

/** Ten thousand receipts and their manifest are half of it. */
const mostBytes = 64 * 1024 * 1024
const mostKeyBytes = 1024 * 1024
const mostProblems = 10
const mostWords = 200

export const receiptsVerify: Tool = ({ text }, context) => {
  const root = rootOf(context.directory)
  const path = text("path") ?? ""
  const bytes = subjectAt(root, path)
  const keysFile = text("jwks_path")
  const keys = keysFile === undefined ? ownKeys(context) : keysIn(root, keysFile)
  if (!isBundle(bytes) && hasMoreLines(bytes, mostInBundle))
    throw refused(`The file has more than ${mostInBundle.toLocaleString("en")} lines`, "Use sovereign-ledger receipts verify on the machine.")
  const report = verifyRecordsFile(bytes, keys)
  return {
    status: "ok",
    valid: report.verdict === "valid",
    verdict: report.verdict,
    message: messageOf(report),
    kind: isBundle(bytes) ? "bundle" : "records",
    keys_from: keysFile === undefined ? "this ledger" : "jwks_path",
    ...told(report),
  }
}

function told({ total, valid, invalid, untrusted, bundleSignature, keysUsed, problems }: RecordsReport): JsonObject {
  return {
    receipts: { total, valid, invalid, untrusted },
    bundle_signature: bundleSignature,
    keys_used: keysUsed.map(({ kid, records }) => ({ key_id: shortened(kid), receipts: records })).slice(0, mostProblems),
    problems: problems.slice(0, mostProblems).map(shortened),
    truncated: problems.length > mostProblems || keysUsed.length > mostProblems,
  }
}

function messageOf({ verdict, total, untrusted, bundleSignature, problems }: RecordsReport): string {
  const receipts = countWords(total, "receipt")
  if (verdict === "invalid") return `Not valid: ${shortened(problems[0] ?? "something is not what was signed")}.`
  if (verdict === "valid")
    return bundleSignature === null ? `Valid: ${receipts}, signed by a given key.` : `Valid: ${receipts} and the list of them, signed by a given key.`
  const why =
    untrusted > 0
      ? `${untrusted.toLocaleString("en")} of ${receipts} name a key that was not given, or that others may have`
      : "the bundle is not signed by a given key of who issued them"
  return `Not verified: nothing wrong was found, but ${why}. Pass the issuer's keys as jwks_path.`
}

/** What somebody else wrote, in bounds. */
function shortened(words: string): string {
  return plain(words.length > mostWords ? `${words.slice(0, mostWords)}…` : words)
}

/** A file, or the bundle in a directory that `export_bundle` wrote, whose manifest is then the bundle's. */
function subjectAt(root: string, path: string): Buffer {
  const found = readConfined(root, path, mostBytes, [bundleName, manifestName])
  if ("bytes" in found) return found.bytes
  const [bundle, manifest] = [found.files.get(bundleName), found.files.get(manifestName)]
  if (!bundle) throw refused(`The directory has no ${bundleName}`, "Name one that peac_receipts.export_bundle wrote, or a file.")
  const archive = zipFiles(bundle)
  const own = "files" in archive ? archive.files.find(({ name }) => name === manifestName)?.bytes : undefined
  if (manifest && own && !manifest.equals(own))
    throw refused(`The ${manifestName} beside ${bundleName} is not the one in it`, `Go by ${bundleName} alone: name that file.`)
  return bundle
}

function ownKeys({ reading }: ToolContext): readonly RecordKey[] {
  return parsed(reading((access) => JSON.stringify(receiptKeys(access))))
}

function keysIn(root: string, path: string): readonly RecordKey[] {
  const found = readConfined(root, path, mostKeyBytes)
  if ("files" in found) throw refused("jwks_path is a directory", "Name a file with a JWK or a JWKS.")
  return parsed(found.bytes.toString("utf8"))
}

function parsed(text: string): readonly RecordKey[] {
  const keys = parseKeys(text)
  if ("problem" in keys)
    throw refused(`jwks_path has no keys that can be used: ${shortened(keys.problem)}`, "Name a file with a JWK or a JWKS of Ed25519 keys.")
  return keys.value
}
