/**
 * Signatures where there is no Node. WebCrypto answers later; what verifies wants the answer now. So a question that was never asked gets an assumed answer and is
 * written down; `settle` has the questions answered, all at once, and says whether there were any. A verification counts only when `settle` finds nothing behind
 * it: then every answer in it was a real one (`examine-settled.ts`).
 */
import { sha256 } from "@noble/hashes/sha2.js"

type ImportParameters = Parameters<typeof crypto.subtle.importKey>[2]
type VerifyParameters = Parameters<typeof crypto.subtle.verify>[0]

/** How WebCrypto is to be asked. */
export type Way = { readonly format: "raw" | "spki"; readonly key: ImportParameters; readonly verify: VerifyParameters }

export type Question = {
  readonly way: Way
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

type Kept = Question & { answer: boolean | undefined }
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Asked of WebCrypto at once: enough to keep it busy, few enough to be held. */
const atOnce = 4_096

/** All that was ever asked of a file, by the signature that it is about; a second one about the same signature by the hash of all of it. */
const asked = new Map<string, Kept>()
let open: Kept[] = []
let assumed = true

/** Whether the key signed these bytes in this way, or what is assumed of it. */
export function answerTo(way: Way, publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  const known = found(way, publicKey, bytes, signature)
  if (typeof known === "object") return known.answer ?? assumed
  const [key, text, signed] = [publicKey, bytes, signature].map((part) => Uint8Array.from(part)) as [Copy, Copy, Copy]
  const question = { way, publicKey: key, bytes: text, signature: signed, answer: undefined }
  asked.set(known, question)
  open.push(question)
  return assumed
}

type Copy = Uint8Array<ArrayBuffer>

/** Nothing is known any more; the next answers are assumed to be yes. */
export function forget(): void {
  asked.clear()
  open = []
  assumed = true
}

/** Answers how many questions were open. What is assumed of the next ones is the opposite: of whichever a file makes many, one turn asks all. */
export async function settle(): Promise<number> {
  const questions = open
  open = []
  assumed = !assumed
  const keys = new Map<string, Promise<Key | undefined>>()
  for (let from = 0; from < questions.length; from += atOnce) {
    const some = questions.slice(from, from + atOnce)
    const found = await Promise.all(some.map((question) => isSigned(question, keys)))
    some.forEach((question, at) => (question.answer = found[at] === true))
  }
  return questions.length
}

export async function isSigned({ way, publicKey, bytes, signature }: Question, keys = new Map<string, Promise<Key | undefined>>()): Promise<boolean> {
  const name = `${JSON.stringify(way)} ${publicKey.join()}`
  const imported = keys.get(name) ?? imports(way, publicKey)
  keys.set(name, imported)
  const key = await imported
  return key !== undefined && (await crypto.subtle.verify(way.verify, key, signature, bytes))
}

/** Undefined for bytes that are no such key, as a point beside the curve: nobody signs with such a key. */
function imports({ format, key }: Way, publicKey: Uint8Array<ArrayBuffer>): Promise<Key | undefined> {
  return crypto.subtle.importKey(format, publicKey, key, false, ["verify"]).catch((error: unknown) => {
    if (error instanceof Error && error.name === "DataError") return undefined
    throw error
  })
}

/** The question, when it was asked before; else the name under which it is to be kept. */
function found(way: Way, key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Kept | string {
  const name = textOf(signature)
  const first = asked.get(name)
  if (!first) return name
  const told = JSON.stringify(way)
  if (same(first.bytes, bytes) && same(first.publicKey, key) && JSON.stringify(first.way) === told) return first
  const hash = sha256.create()
  for (const part of [new TextEncoder().encode(told), ...[key, signature, bytes].map((part) => sha256(part))]) hash.update(part)
  const other = textOf(hash.digest())
  return asked.get(other) ?? other
}

/** Each byte a letter. */
function textOf(bytes: Uint8Array): string {
  let text = ""
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return text
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}
