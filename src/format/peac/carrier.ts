/**
 * A receipt on its way beside what it is about (PEAC evidence carrier): its reference, itself, and where it can be had. Placed by
 *
 *   mcp    `_meta` of a message: org.peacprotocol/receipt_ref, org.peacprotocol/receipt_jws, org.peacprotocol/receipt_url
 *   a2a    `metadata` of a message: https://www.peacprotocol.org/ext/traceability/v1, {carriers: [...]}
 *   http   headers PEAC-Receipt (the receipt itself; its reference follows from it) and PEAC-Receipt-URL
 *
 * A `receipt_url` is told, and fetched by nobody here.
 */
import { objectOf } from "../../base/json.ts"
import { sha256 } from "../sha256.ts"
import type { Parsed } from "./record.ts"
import { strictObject } from "./strict-json.ts"

export type Transport = "mcp" | "a2a" | "http"

/** `receipt_ref`: `sha256:` and the hash of the receipt's bytes, as hex. */
export type Carrier = { readonly receipt_ref: string; readonly receipt_jws?: string; readonly receipt_url?: string }

/** What is merged into a message, or set as headers. */
export type Placed = {
  readonly mcp: { readonly _meta: Readonly<Record<string, string>> }
  readonly a2a: { readonly metadata: Readonly<Record<string, { readonly carriers: readonly Carrier[] }>> }
  readonly http: Readonly<Record<string, string>>
}

/** Bytes of a carrier as JSON. */
export const carrierLimits: { readonly [T in Transport]: number } = { mcp: 65_536, a2a: 65_536, http: 8_192 }
export const transports = Object.keys(carrierLimits) as readonly Transport[]
export const receiptHeader = "PEAC-Receipt"
export const receiptUrlHeader = "PEAC-Receipt-URL"
export const metaPrefix = "org.peacprotocol/"
export const a2aExtension = "https://www.peacprotocol.org/ext/traceability/v1"

const names = ["receipt_ref", "receipt_jws", "receipt_url"] as const
/** Others that a carrier may have: texts, which are not for us. */
const otherNames = ["policy_binding", "actor_binding", "request_nonce", "verification_report_ref", "use_policy_ref", "representation_ref", "attestation_ref"]
const mostUrl = 2_048
const mostText = 8_192
const mostCarriers = 64

export function referenceOf(jws: string): string {
  return `sha256:${sha256(jws).toString("hex")}`
}

/** Ready to be placed. @param reference leaves the receipt itself out: whoever gets it has to have it from elsewhere. */
export function carrierOf(jws: string, url: string | undefined, transport: Transport, reference = false): Parsed<Carrier> {
  if (reference && transport === "http") return { problem: "headers carry the receipt itself, since its reference has no header of its own" }
  const carrier = { receipt_ref: referenceOf(jws), ...(reference ? {} : { receipt_jws: jws }), ...(url === undefined ? {} : { receipt_url: url }) }
  return checked(carrier, transport)
}

export function placedIn<T extends Transport>(carrier: Carrier, transport: T): Placed[T] {
  const { receipt_jws: jws = "", receipt_url: url } = carrier
  const placed: Placed = {
    mcp: { _meta: Object.fromEntries(names.flatMap((name) => (carrier[name] === undefined ? [] : [[`${metaPrefix}${name}`, carrier[name]]]))) },
    a2a: { metadata: { [a2aExtension]: { carriers: [carrier] } } },
    http: { [receiptHeader]: jws, ...(url === undefined ? {} : { [receiptUrlHeader]: url }) },
  }
  return placed[transport]
}

/** Carriers in a message of MCP or A2A; none where it has none. Nothing that one reader could understand otherwise than another. */
export function carriersIn(text: string): Parsed<readonly Carrier[]> {
  const parsed = strictObject(text)
  return "problem" in parsed ? parsed : carriersOf(parsed.value)
}

/** @param message an object of JSON. */
export function carriersOf(message: Readonly<Record<string, unknown>>): Parsed<readonly Carrier[]> {
  const holders = [message, ...["result", "params"].map((name) => objectOf(message[name]))]
  const all = holders.flatMap((holder) => [holder, ...["status", "message", "artifact"].map((name) => objectOf(holder[name]))])
  const found = all.flatMap((holder) => [...metaCarriers(holder["_meta"]), ...listedCarriers(holder["metadata"])])
  return joined(found)
}

/** Carriers among headers, as they came: a name may stand there twice. */
export function carriersInHeaders(headers: Iterable<readonly [name: string, value: string]>): Parsed<readonly Carrier[]> {
  const values = (wanted: string) => [...headers].flatMap(([name, value]) => (name.toLowerCase() === wanted.toLowerCase() ? [value.trim()] : []))
  const [jws, secondJws] = values(receiptHeader)
  const [url, secondUrl] = values(receiptUrlHeader)
  if (secondJws !== undefined || secondUrl !== undefined)
    return { problem: `the header ${secondJws === undefined ? receiptUrlHeader : receiptHeader} is there twice` }
  if (jws === undefined) return url === undefined ? { value: [] } : { problem: `${receiptUrlHeader} is there without ${receiptHeader}` }
  return joined([checked({ receipt_ref: referenceOf(jws), receipt_jws: jws, ...(url === undefined ? {} : { receipt_url: url }) }, "http")])
}

/** The headers of a request or response as text: lines up to an empty one, the first of which may be the status or request line. */
export function carriersInHeaderText(text: string): Parsed<readonly Carrier[]> {
  const lines = text.split(/\r?\n/)
  const end = lines.indexOf("")
  const headers: [string, string][] = []
  for (const [at, line] of lines.slice(0, end < 0 ? lines.length : end).entries()) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) headers.push([name, value])
    else if (at > 0 || !/^HTTP\/|HTTP\/[\d.]+$/.test(line)) return { problem: `line ${at + 1} of the headers is none` }
  }
  return carriersInHeaders(headers)
}

function metaCarriers(told: unknown): readonly Parsed<Carrier>[] {
  const meta = objectOf(told)
  const members = names.flatMap((name) => (Object.hasOwn(meta, `${metaPrefix}${name}`) ? [[name, meta[`${metaPrefix}${name}`]] as const] : []))
  return members.length === 0 ? [] : [checked(Object.fromEntries(members), "mcp")]
}

function listedCarriers(told: unknown): readonly Parsed<Carrier>[] {
  const metadata = objectOf(told)
  if (!Object.hasOwn(metadata, a2aExtension)) return []
  const { carriers } = objectOf(metadata[a2aExtension])
  if (!Array.isArray(carriers) || carriers.length > mostCarriers)
    return [{ problem: `${a2aExtension} has no list of carriers, or a longer one than ${mostCarriers}` }]
  return (carriers as readonly unknown[]).map((carrier) => checked(carrier, "a2a"))
}

function joined(found: readonly Parsed<Carrier>[]): Parsed<readonly Carrier[]> {
  const carriers: Carrier[] = []
  for (const one of found) {
    if ("problem" in one) return one
    if (carriers.some(({ receipt_ref: ref }) => ref === one.value.receipt_ref)) return { problem: `the receipt ${one.value.receipt_ref} is carried twice` }
    carriers.push(one.value)
  }
  return { value: carriers }
}

function checked(told: unknown, transport: Transport): Parsed<Carrier> {
  const carrier = objectOf(told)
  const { receipt_ref: ref, receipt_jws: jws, receipt_url: url } = carrier
  const size = Buffer.byteLength(JSON.stringify(carrier))
  if (size > carrierLimits[transport]) return { problem: `a carrier of ${size} bytes is larger than ${transport} takes (${carrierLimits[transport]})` }
  if (typeof ref !== "string" || !/^sha256:[0-9a-f]{64}$/.test(ref)) return { problem: "a carrier's receipt_ref is no reference (sha256: and 64 hex digits)" }
  if (jws !== undefined && !(typeof jws === "string" && /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(jws)))
    return { problem: "a carrier's receipt_jws is no compact JWS" }
  if (typeof jws === "string" && referenceOf(jws) !== ref) return { problem: `the receipt that ${ref} refers to is not the one beside it` }
  if (url !== undefined && !isReceiptUrl(url)) return { problem: "a carrier's receipt_url is no https address without a name and password in it" }
  const bad = otherNames.find((name) => carrier[name] !== undefined && !(typeof carrier[name] === "string" && carrier[name].length <= mostText))
  if (bad !== undefined) return { problem: `a carrier's ${bad} is no text of at most ${mostText} characters` }
  return { value: { receipt_ref: ref, ...(jws === undefined ? {} : { receipt_jws: jws }), ...(url === undefined ? {} : { receipt_url: url }) } }
}

function isReceiptUrl(url: unknown): url is string {
  // Visible letters alone: what URL would leave out or encode is not what somebody else reads.
  if (typeof url !== "string" || url.length > mostUrl || !/^https:\/\/[!-~]+$/.test(url) || !URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username === "" && password === ""
}
