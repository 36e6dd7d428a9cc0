/**
 * Checkpoints and signed notes as C2SP defines them (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint).
 *
 *   sovereign-ledger/5f0c…            origin
 *   1234                              tree size, decimal
 *   n7f3…=                            root hash, base64
 *                                     (empty line)
 *   — sovereign-ledger/5f0c… <base64 of key hash, 4 bytes | Ed25519 signature, 64 bytes>
 *
 * A verifier key is `<name>+<key hash, 8 hex>+<base64 of type | public key>`; key hash = SHA-256(name | 0x0A | type | public key), 4 bytes.
 * The type is 0x01 for a log, which signs the text as it is, and 0x04 for a witness (`cosignature.ts`): neither key passes for the other.
 */
import { Fault } from "../base/fault.ts"
import { hashBytes, sha256 } from "./sha256.ts"

const keyTypes = { log: 0x01, witness: 0x04 } as const
export const signatureBytes = 64
/** A key name has no `+` and none of the characters that Unicode calls white space; what `\s` means differs from language to language. */
const nameCharacter = "[^+\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"
const signatureLine = new RegExp(`^— (${nameCharacter}+) ([A-Za-z0-9+/]+={0,2})$`)
const verifierKeyShape = new RegExp(`^(${nameCharacter}+)\\+([0-9a-f]{8})\\+([A-Za-z0-9+/]+={0,2})$`)

/** Whose key it is. */
export type KeyOwner = keyof typeof keyTypes

export type Checkpoint = {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

export type NoteSignature = {
  readonly name: string
  readonly keyHash: Buffer
  readonly signature: Buffer
}

export type SignedCheckpoint = Checkpoint & {
  /** The bytes the signatures cover. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export type VerifierKey = {
  readonly name: string
  readonly keyHash: Buffer
  readonly publicKey: Buffer
}

export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString("base64")}\n`
}

export function signatureText(name: string, publicKey: Uint8Array, signature: Uint8Array, owner: KeyOwner = "log"): string {
  return signatureLineOf({ name, keyHash: keyHashOf(name, publicKey, owner), signature: Buffer.from(signature) })
}

export function signatureLineOf({ name, keyHash, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([keyHash, signature]).toString("base64")}\n`
}

export function keyHashOf(name: string, publicKey: Uint8Array, owner: KeyOwner = "log"): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(keyTypes[owner]), publicKey])).subarray(0, 4)
}

export function verifierKeyText(name: string, publicKey: Uint8Array, owner: KeyOwner = "log"): string {
  const encoded = Buffer.concat([Buffer.of(keyTypes[owner]), publicKey]).toString("base64")
  return `${name}+${keyHashOf(name, publicKey, owner).toString("hex")}+${encoded}`
}

const whereKeysArePrinted: { readonly [O in KeyOwner]: string } = {
  log: "That is not a verifier key: it reads name+hash+key, as sovereign-ledger key status prints it.",
  witness: "That is not the verifier key of a witness: it reads name+hash+key, as sovereign-ledger witness serve prints it.",
}

/** @throws {Fault} `cli.usage` when the text is not a verifier key of such an owner or its key hash does not fit. */
export function parseVerifierKey(text: string, owner: KeyOwner = "log"): VerifierKey {
  const match = verifierKeyShape.exec(text.trim())
  const bytes = Buffer.from(match?.[3] ?? "", "base64")
  const name = match?.[1]
  if (name === undefined || bytes.length !== 33 || bytes[0] !== keyTypes[owner] || bytes.toString("base64") !== match?.[3]) {
    throw new Fault("cli.usage", { problem: whereKeysArePrinted[owner] })
  }
  const publicKey = bytes.subarray(1)
  const keyHash = keyHashOf(name, publicKey, owner)
  if (keyHash.toString("hex") !== match?.[2]) {
    throw new Fault("cli.usage", { problem: "The verifier key is mistyped: its hash does not fit its key." })
  }
  return { name, keyHash, publicKey }
}

export type NoteOptions = {
  /** Lines after the root, which other logs may add and ours never has. */
  readonly extensionLines?: boolean
}

/** Parses a note nobody vouched for; undefined unless it is exactly one canonical checkpoint with at least one signature. */
export function parseSignedCheckpoint(note: string, { extensionLines = false }: NoteOptions = {}): SignedCheckpoint | undefined {
  const end = note.indexOf("\n\n")
  if (end < 0 || !note.endsWith("\n")) return undefined
  const text = note.slice(0, end + 1)
  const [origin, sizeText, rootText, ...rest] = text.split("\n")
  if (!origin || rest.at(-1) !== "" || (rest.length > 1 && !extensionLines)) return undefined
  const size = parseSize(sizeText ?? "")
  const root = parseHash(rootText ?? "")
  if (size === undefined || !root) return undefined
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map(parseSignatureLine)
  return signatures.every((line) => line !== undefined) ? { origin, size, root, text, signatures } : undefined
}

/** One signature line, without its line feed. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const match = signatureLine.exec(line)
  const bytes = Buffer.from(match?.[2] ?? "", "base64")
  if (match?.[1] === undefined || bytes.length < 5 || bytes.toString("base64") !== match[2]) return undefined
  return { name: match[1], keyHash: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

/** A tree size, decimal, in its one spelling and below 2^53. */
export function parseSize(text: string): number | undefined {
  const size = Number(text)
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(size) ? size : undefined
}

/** A hash in base64, in its one spelling. */
export function parseHash(text: string): Buffer | undefined {
  const hash = Buffer.from(text, "base64")
  return hash.length === hashBytes && hash.toString("base64") === text ? hash : undefined
}

/** The signature of a named key, when the note carries one of the right size. */
export function signatureBy(note: SignedCheckpoint, key: VerifierKey): NoteSignature | undefined {
  return note.signatures.find((line) => line.name === key.name && line.keyHash.equals(key.keyHash) && line.signature.length === signatureBytes)
}
