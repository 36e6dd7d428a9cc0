/**
 * A hand-over: the ledger's signing key gives its place to another one. Both keys sign one statement, so that who trusts either of them knows the
 * other, and which sizes each of them signs (docs/spec/journal.md, "Hand-over"). As a signed note (https://c2sp.org/signed-note):
 *
 *   sovereign-ledger/hand-over/1              a first line no checkpoint has
 *   sovereign-ledger/5f0c…                    origin
 *   1234                                      size of the tree before the entry that records it, which is that entry's sequence
 *   n7f3…=                                    root hash of that tree, base64
 *   sovereign-ledger/5f0c…+0e30da82+AQOh…     verifier key of the key that signs up to this size
 *   sovereign-ledger/5f0c…+77aa01b3+ARkj…     verifier key of the key that signs from the next size on
 *                                             (empty line)
 *   — sovereign-ledger/5f0c… <base64 of key hash, 4 bytes | Ed25519 signature, 64 bytes>     by the first key
 *   — sovereign-ledger/5f0c… <the same>                                                      by the second key
 */
import { objectOf, type JsonObject } from "../base/json.ts"
import { parseVerifierKey, signatureText, verifierKeyText, type VerifierKey } from "./checkpoint.ts"
import { hashBytes } from "./sha256.ts"

export const handOverType = "signer.replaced"
const statementHead = "sovereign-ledger/hand-over/1"
const keyHashBytes = 4
const signatureBytes = 64

/** What both keys sign. */
export type HandOverStatement = {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  /** Verifier keys, as texts. */
  readonly previousKey: string
  readonly nextKey: string
}

export type HandOver = HandOverStatement & { readonly previousSignature: Buffer; readonly nextSignature: Buffer }

/** The bytes that both keys sign, as text. */
export function statementText({ origin, size, root, previousKey, nextKey }: HandOverStatement): string {
  return `${statementHead}\n${origin}\n${size}\n${root.toString("base64")}\n${previousKey}\n${nextKey}\n`
}

/** @throws {Fault} `cli.usage` when a key of it is none; one that was parsed has two. */
export function handOverNote(handOver: HandOver): string {
  const line = (key: string, signature: Buffer) => signatureText(handOver.origin, parseVerifierKey(key).publicKey, signature)
  return `${statementText(handOver)}\n${line(handOver.previousKey, handOver.previousSignature)}${line(handOver.nextKey, handOver.nextSignature)}`
}

/** Parses a note nobody vouched for: undefined unless it is the one spelling of a hand-over. Whether the signatures are good is `verify/key-chain.ts`. */
export function parseHandOver(note: string): HandOver | undefined {
  const [, origin = "", size = "", root = "", previousKey = "", nextKey = "", , previousLine = "", nextLine = ""] = note.split("\n")
  const handOver = {
    origin,
    size: Number(size),
    root: Buffer.from(root, "base64"),
    previousKey,
    nextKey,
    previousSignature: signatureOf(previousLine),
    nextSignature: signatureOf(nextLine),
  }
  return isHandOver(handOver) && handOverNote(handOver) === note ? handOver : undefined
}

/** The facts of the entry that records it, beside its id; the origin is the journal's. */
export function factsOfHandOver({ size, root, previousKey, nextKey, previousSignature, nextSignature }: HandOver) {
  return {
    size,
    root: root.toString("base64"),
    previousKey,
    nextKey,
    previousSignature: previousSignature.toString("base64"),
    nextSignature: nextSignature.toString("base64"),
  }
}

/** Reads such facts, which anybody may have written: undefined unless each is there in its one spelling. */
export function handOverOfFacts(origin: string, facts: JsonObject): HandOver | undefined {
  const bytes = (name: string) => Buffer.from(typeof facts[name] === "string" ? facts[name] : "", "base64")
  const text = (name: string) => (typeof facts[name] === "string" ? facts[name] : "")
  const handOver = {
    origin,
    size: typeof facts["size"] === "number" ? facts["size"] : -1,
    root: bytes("root"),
    previousKey: text("previousKey"),
    nextKey: text("nextKey"),
    previousSignature: bytes("previousSignature"),
    nextSignature: bytes("nextSignature"),
  }
  const same = Object.entries(factsOfHandOver(handOver)).every(([name, value]) => facts[name] === value)
  return same && isHandOver(handOver) ? handOver : undefined
}

/** The key a text is, when it is a verifier key in its one spelling. */
export function exactVerifierKey(text: unknown): VerifierKey | undefined {
  if (typeof text !== "string") return undefined
  try {
    const key = parseVerifierKey(text)
    return verifierKeyText(key.name, key.publicKey) === text ? key : undefined
  } catch {
    // Its parser speaks to people who type a key; here a text that is none is an answer.
    return undefined
  }
}

/** The texts of a list of notes; undefined when it is something else, or has none. */
export function noteTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((note) => typeof note === "string") ? value : undefined
}

/** The facts of a salted text, when they are an object. */
export function factsIn(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text)) as JsonObject
  } catch {
    // Damaged facts are found by their commitment; here they are facts of nothing.
    return {}
  }
}

/** A hand-over is of an entry behind the first, between two keys of the origin's name. */
function isHandOver({ origin, size, root, previousKey, nextKey, previousSignature, nextSignature }: HandOver): boolean {
  const isKey = (text: string) => exactVerifierKey(text)?.name === origin
  const isSignature = (bytes: Buffer) => bytes.length === signatureBytes
  return (
    Number.isSafeInteger(size) &&
    size > 0 &&
    root.length === hashBytes &&
    [previousKey, nextKey].every(isKey) &&
    [previousSignature, nextSignature].every(isSignature)
  )
}

function signatureOf(line: string): Buffer {
  return Buffer.from(line.slice(line.lastIndexOf(" ") + 1), "base64").subarray(keyHashBytes)
}
