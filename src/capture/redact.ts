/**
 * Secrets out of a payload, before anything of it is recorded: by the name of a field at any depth, and by the shape of a value inside any text.
 * In place of each stands a mark of its kind:
 *
 *   {"command":"curl -H 'Authorization: Bearer [redacted:openai-key]' …","api_key":"[redacted:api-key]","max_tokens":4096}
 *
 * Never throws, changes no other field, and once redacted a value stays as it is. Cost follows the size of the value, whatever it holds.
 */
import type { Json } from "../base/json.ts"
import type { Picked } from "./hook-row.ts"
import { endsLikeMark, markStart } from "./cut-marks.ts"
import { describes, markBegin, secretName, type SecretName } from "./redaction/field-name.ts"
import { phraseWords } from "./redaction/phrase-words.ts"
import { isBareSecret, isSecretText } from "./redaction/plausible.ts"
import { secretsIn } from "./redaction/scan-text.ts"
import { userPair } from "./redaction/spoken-finders.ts"

/** How many secrets of each kind were taken out. */
export type Found = Readonly<Record<string, number>>

/** Deeper than any payload that capture encodes. */
const mostDepth = 200
const leastKeyLength = 16
const leastSecretNumber = 1000
/** A mark is shorter than what it stands for, so that something else may come near enough to a word to be told. */
const mostPasses = 4
/** Everything in a list or an object of this name is one. */
const wholeKinds = new Set(["password", "api-key", "private-key", "credential", "secret", "recovery-phrase"])
const pairFlags = new Set(["-u", "--user", "--proxy-user", "-a", "--auth"])

/** The value without its secrets; the same value when it holds none. */
export function redact<T extends Json>(value: T): { readonly value: T; readonly found: Found } {
  const counts = new Map<string, number>()
  const redacted = redactValue(value, undefined, counts, 0)
  // Types of other fields stay; a value that is a secret itself becomes a text.
  return { value: redacted as T, found: counts.size === 0 ? nothing : Object.fromEntries(counts) }
}

/** The fields picked from a call, as `intake` gets them. */
export function redactPicked(picked: Picked): { readonly picked: Picked; readonly found: Found } {
  const { value, found } = redact(picked as { readonly [key: string]: Json })
  return { picked: value, found }
}

const nothing: Found = Object.freeze({})

export function countFound(found: Found): number {
  let count = 0
  for (const kind in found) count += found[kind] ?? 0
  return count
}

/** The text without its secrets. */
export function redactText(text: string, counts: Map<string, number> = new Map()): string {
  let clean = text
  for (let pass = 0; pass < mostPasses; pass++) {
    const spans = secretsIn(clean)
    if (spans.length === 0) return clean
    let out = ""
    let from = 0
    for (const { start, end, kind } of spans) {
      out += clean.slice(from, start) + marked(kind, counts)
      from = end
    }
    clean = out + clean.slice(from)
  }
  return clean
}

type Counts = Map<string, number>
type Fields = { readonly [key: string]: Json }

function redactValue(value: Json, name: SecretName | undefined, counts: Counts, depth: number): Json {
  if (typeof value === "string") return name === undefined ? redactText(value, counts) : redactNamed(value, name, counts)
  if (typeof value === "number") return name?.numeric === true && name.sure && Math.abs(value) >= leastSecretNumber ? marked(name.kind, counts) : value
  if (typeof value !== "object" || value === null) return value
  if (depth >= mostDepth) return marked("too-deep", counts)
  return isList(value) ? redactList(value, name, counts, depth) : redactFields(value, name, counts, depth)
}

function redactNamed(text: string, name: SecretName, counts: Counts): string {
  if (text.includes(markBegin) || !isSecretText(text, name)) return redactText(text, counts)
  const [first] = secretsIn(text)
  const cut = endsLikeMark(text) ? text.slice(text.lastIndexOf(markStart)) : ""
  return marked(first?.kind ?? name.kind, counts) + cut
}

const cloudSecret = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9/+]{40}$/

/** The values beside the id of a cloud's key: its secret has no shape of its own. Looked for once for each list or object. */
function besideKeyId(values: () => readonly Json[]): (value: Json) => boolean {
  let known: boolean | undefined
  return (value) => {
    if (typeof value !== "string" || value.length !== 40 || !cloudSecret.test(value)) return false
    known ??= values().some((other) => typeof other === "string" && other.length === 20 && /^A[KS]IA/.test(other))
    return known
  }
}

function redactFields(fields: Fields, outer: SecretName | undefined, counts: Counts, depth: number): Json {
  let copy: Record<string, Json> | undefined
  let renamed = false
  const isCloudSecret = besideKeyId(() => Object.values(fields))
  for (const key in fields) {
    if (!Object.hasOwn(fields, key)) continue
    const value = fields[key] ?? null
    if (key.length >= leastKeyLength && secretsIn(key).length > 0) renamed = true
    const clean = isCloudSecret(value) ? marked("aws-secret-key", counts) : redactValue(value, nameFor(key, fields, outer), counts, depth + 1)
    if (clean !== value) {
      copy ??= { ...fields }
      copy[key] = clean
    }
  }
  return renamed ? withCleanKeys(copy ?? fields, counts) : (copy ?? fields)
}

/** What the name of a member promises: its own, that of a `name` beside a `value`, or that of the object around it. */
function nameFor(key: string, fields: Fields, outer: SecretName | undefined): SecretName | undefined {
  const own = secretName(key)
  if (own !== undefined) return own
  // What stands under a name that held a secret has been judged by that name.
  if (key.includes(markBegin)) return undefined
  const isValue = key === "value" || key === "Value" || key === "val"
  if (isValue) {
    const label = fields["name"] ?? fields["Name"] ?? fields["key"] ?? fields["Key"] ?? fields["header"]
    const labelled = typeof label === "string" ? secretName(label) : undefined
    if (labelled !== undefined || (typeof label === "string" && label.includes(markBegin))) return labelled
  }
  if (outer === undefined || (!isValue && describes(key))) return undefined
  return isValue || wholeKinds.has(outer.kind) ? { ...outer, numeric: false } : { ...outer, sure: false, numeric: false }
}

/** Keys that held a secret get a number when two of them have become the same. */
function withCleanKeys(fields: Fields, counts: Counts): Json {
  const clean = new Map<string, Json>()
  for (const key of Object.keys(fields)) {
    const name = key.length < leastKeyLength ? key : redactText(key, counts)
    let free = name
    for (let n = 2; free !== key && (clean.has(free) || Object.hasOwn(fields, free)); n++) free = `${name} ${n}`
    clean.set(free, fields[key] ?? null)
  }
  return Object.fromEntries(clean)
}

function redactList(items: readonly Json[], outer: SecretName | undefined, counts: Counts, depth: number): Json {
  if (isPhrase(items)) {
    const mark = marked("recovery-phrase", counts)
    return items.map(() => mark)
  }
  const name = outer === undefined || wholeKinds.has(outer.kind) ? outer : { ...outer, sure: false }
  let copy: Json[] | undefined
  const isCloudSecret = besideKeyId(() => items)
  for (let i = 0; i < items.length; i++) {
    const item = items[i] ?? null
    const clean = isCloudSecret(item) ? marked("aws-secret-key", counts) : (announced(items, i, counts) ?? redactValue(item, name, counts, depth + 1))
    if (clean !== item) {
      copy ??= [...items]
      copy[i] = clean
    }
  }
  return copy ?? items
}

/** An argument whose flag, or a value whose name, is the item before it. */
function announced(items: readonly Json[], index: number, counts: Counts): string | undefined {
  const before = items[index - 1]
  const item = items[index]
  if (typeof before !== "string" || typeof item !== "string" || before.length > 64) return undefined
  const isFlag = before.startsWith("-")
  if (isFlag && pairFlags.has(before)) {
    const secret = userPair(item)
    return secret === undefined ? undefined : item.slice(0, -secret.length) + marked("password", counts)
  }
  const name = secretName(before)
  if (name === undefined || item.startsWith("-") || !isBareSecret(item, name, before.startsWith("--") ? "flag" : "text")) return undefined
  return marked(secretsIn(item)[0]?.kind ?? name.kind, counts)
}

function isPhrase(items: readonly Json[]): boolean {
  if (items.length < 12 || items.length > 24 || items.length % 3 !== 0) return false
  return items.every((item) => typeof item === "string" && phraseWords.has(item))
}

function marked(kind: string, counts: Counts): string {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return `${markBegin}${kind}]`
}

function isList(value: readonly Json[] | Fields): value is readonly Json[] {
  return Array.isArray(value)
}
