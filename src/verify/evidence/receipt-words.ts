/** PEAC records, as a lawyer reads them: what each says, by whom and when. And what none of them proves. */
import { objectOf, stringOf } from "../../base/json.ts"
import { bytesOfBase64url } from "../../format/base64url.ts"
import type { RecordKey } from "../../format/peac/keys.ts"
import type { PeacRecord } from "../../format/peac/record.ts"
import { strictObject } from "../../format/peac/strict-json.ts"
import { RecordJudge } from "../peac/records.ts"
import type { RecordsReport } from "../peac/report.ts"
import { keyIsYours, membersOf, type Finding } from "./evidence.ts"

/** Shown one by one; all are checked. */
export const mostShown = 50
const mostHeaders = 100

export const receiptsNotProven: readonly string[] = [
  "That what a receipt says took place: it is the word of who issued it, and of the clock there.",
  keyIsYours,
]

export function shownRecords(records: readonly (PeacRecord | undefined)[]): Finding["contents"] {
  return records.flatMap((record, at) =>
    record && at < mostShown ? [{ title: `receipt ${at + 1}: ${record.type}`, details: [...headOf(record), ...membersOf(bodyOf(record))] }] : [],
  )
}

/** Whether the key that each names has signed it; what it says is not looked at. */
export function askOfRecords(lines: readonly string[], keys: readonly RecordKey[]): void {
  const judge = new RecordJudge(keys)
  // Nearly all records of an issuer have the same header.
  const kids = new Map<string, string>()
  for (const line of lines) {
    const [header = "", claims = "", signature] = line.split(".", 3)
    const kid = kids.get(header) ?? kidIn(header)
    if (kids.size < mostHeaders) kids.set(header, kid)
    const bytes = bytesOfBase64url(signature)
    if (bytes) judge.signerOf(kid, Buffer.from(`${header}.${claims}`, "latin1"), bytes)
  }
}

function kidIn(header: string): string {
  const parsed = strictObject(bytesOfBase64url(header)?.toString("utf8") ?? "")
  return ("value" in parsed && stringOf(parsed.value["kid"])) || ""
}

export function countWords({ valid, invalid, untrusted }: RecordsReport): string {
  const rest = [
    invalid > 0 ? `${invalid.toLocaleString("en")} not` : "",
    untrusted > 0 ? `${untrusted.toLocaleString("en")} by keys that are not pinned, or that others may have` : "",
  ]
  return [`${valid.toLocaleString("en")} good`, ...rest.filter((part) => part !== "")].join(", ")
}

export function keysOfRecords({ keysUsed }: RecordsReport): Finding["keys"] {
  return keysUsed.map(({ kid, records }) => ({ key: kid, isPinned: true, signed: records === 1 ? "1 receipt" : `${records.toLocaleString("en")} receipts` }))
}

function headOf({ iss, iat, jti, sub, kid }: PeacRecord): readonly { readonly name: string; readonly value: string }[] {
  return [
    { name: "issued", value: `${new Date(iat * 1_000).toISOString()} by ${iss}` },
    ...(sub === undefined ? [] : [{ name: "about", value: sub }]),
    { name: "id", value: jti },
    { name: "says it is signed by", value: kid },
  ]
}

/** What a group of claims says beyond the head. */
function bodyOf({ claims }: PeacRecord): Readonly<Record<string, unknown>> {
  const { occurred_at: at, policy, actor, extensions } = claims
  const told = { "occurred at": stringOf(at), policy, actor, ...objectOf(extensions) }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
}
