/**
 * What `completeness` found, as a small file somebody else can check: a C2SP signed note (https://c2sp.org/signed-note) by the ledger's key.
 *
 *   sovereign-ledger completeness statement v1        a first line no checkpoint has
 *   {"schemaVersion":1,"verdict":"complete",…}        one line of JSON
 *   1234                                              size of our journal
 *   n7f3…=                                            its root hash
 *                                                     (empty line)
 *   — sovereign-ledger/5f0c… <signature>
 *
 * A checkpoint is three lines with the size in the second; this is four with JSON there, so that neither passes for the other. With the size and the
 * root a statement is bound to what was in the journal: who holds an export can see that it is the journal the statement speaks of.
 */
import type { JsonObject } from "../base/json.ts"
import { objectOf } from "../base/json.ts"
import { verifierKeyText, type NoteSignature, type VerifierKey } from "../format/checkpoint.ts"
import { exactVerifierKey, noteTexts } from "../format/hand-over.ts"
import { hashBytes } from "../format/sha256.ts"
import { chainOfNotes, toldChain, trustedChain } from "../verify/key-chain.ts"
import type { Completeness } from "./completeness.ts"
import type { LedgerRecord } from "./completeness-record.ts"

export const statementHead = "sovereign-ledger completeness statement v1"

const verdicts: readonly string[] = ["complete", "incomplete", "not compared"] satisfies readonly Completeness["verdict"][]
const signatureLine = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/
const signatureBytes = 64
/** A statement is a screen of text, and half a kilobyte a hand-over of the signing key; whatever is larger than that is something else. */
export const mostStatementBytes = 1024 * 1024

/** The latest: of each there is a row of counts. */
const mostDays = 400

/** What signs: the signer in force at the statement's size, which writes the head where a checkpoint has its origin; and how it came into force. */
type StatementSigner = {
  readonly signer: { readonly note: (signed: { readonly origin: string; readonly size: number; readonly root: Buffer }) => string }
  readonly chain: { readonly notes: readonly string[] }
}

export type StatementWindow = { readonly since: string | null; readonly until: string; readonly run: string | null }

export function signedStatement(
  found: Completeness,
  record: LedgerRecord,
  window: StatementWindow,
  generatedAt: string,
  { signer, chain }: StatementSigner,
): string {
  const body: JsonObject = {
    schemaVersion: 1,
    generatedAt,
    origin: record.origin,
    window,
    verdict: found.verdict,
    problems: found.problems.length,
    recordedSince: found.recordedSince,
    stores: found.stores.map(({ name, state, schemaVersion, rows }) => ({ name, state, schemaVersion, rows })),
    totals: Object.fromEntries(Object.entries(found.totals).map(([kind, tally]) => [kind, { ...tally }])),
    grades: found.grades,
    days: found.days
      .slice(-mostDays)
      .map(({ day, totals }) => ({ day, totals: Object.fromEntries(Object.entries(totals).map(([kind, tally]) => [kind, { ...tally }])) })),
    daysTruncated: found.days.length > mostDays,
    missingSha256: found.missingSha256,
    neverStored: found.neverStored,
    ...(chain.notes.length === 0 ? {} : { handOvers: chain.notes }),
  }
  return signer.note({ origin: `${statementHead}\n${JSON.stringify(body)}`, size: record.size, root: record.root })
}

/** What kind of statement a note is: its first line, how long it may be, and which bodies are of it. */
export type StatementForm = { readonly head: string; readonly name: string; readonly mostBytes: number; readonly accepts: (body: JsonObject) => boolean }

const completenessForm: StatementForm = {
  head: statementHead,
  name: "completeness statement",
  mostBytes: mostStatementBytes,
  accepts: ({ verdict }) => typeof verdict === "string" && verdicts.includes(verdict),
}

export type NoteCheck =
  | { readonly ok: true; readonly statement: JsonObject; readonly size: number; readonly root: string }
  | { readonly ok: false; readonly readable: boolean; readonly why: string }

export type StatementCheck =
  | { readonly ok: true; readonly verdict: Completeness["verdict"]; readonly statement: JsonObject; readonly size: number; readonly root: string }
  | { readonly ok: false; readonly readable: boolean; readonly why: string }

/** Ed25519 (RFC 8032): whether these bytes were signed by this key. */
export type VerifySignature = (publicKey: Buffer, text: Buffer, signature: Buffer) => boolean

/**
 * `given` is the key the reader trusts. The statement is signed by the key in force at its size: the given one, or one that the hand-overs in the
 * statement, or `told` by another way, tie to it.
 */
export function checkStatement(note: string, given: VerifierKey, verify: VerifySignature, told: readonly string[] = []): StatementCheck {
  const found = checkNote(note, completenessForm, { given, verify, told })
  return found.ok ? { ...found, verdict: found.statement["verdict"] as Completeness["verdict"] } : found
}

type Trusted = { readonly given: VerifierKey; readonly verify: VerifySignature; readonly told: readonly string[] }

export function checkNote(note: string, form: StatementForm, { given, verify, told }: Trusted): NoteCheck {
  const parsed = parseStatement(note, form)
  if (!parsed) return { ok: false, readable: false, why: `it is not a ${form.name} of this version` }
  const key = keyInForce(parsed, given, told)
  if (typeof key === "string") return { ok: false, readable: true, why: key }
  const signature = parsed.signatures.find(({ name, keyHash }) => name === key.name && keyHash.equals(key.keyHash))
  if (signature?.signature.length !== signatureBytes) return { ok: false, readable: true, why: `it is not signed by ${key.name}` }
  if (!verify(key.publicKey, Buffer.from(parsed.text), signature.signature)) return { ok: false, readable: true, why: "its signature is wrong: it was changed" }
  if (parsed.statement["origin"] !== key.name) return { ok: false, readable: true, why: "it speaks of another ledger than the one that signed it" }
  return { ok: true, statement: parsed.statement, size: parsed.size, root: parsed.root }
}

/** The key in force at the statement's size, or why no key that the reader trusts is. */
function keyInForce({ statement, size }: Parsed, given: VerifierKey, told: readonly string[]): VerifierKey | string {
  const notes = noteTexts(statement["handOvers"])
  const read = chainOfNotes(notes ?? [], verifierKeyText(given.name, given.publicKey))
  if (!read || read.fault) return "it tells of hand-overs of the signing key that are not good"
  // One that tells of none may be of a time before the first: then those that were told decide alone.
  const chain = notes ? trustedChain(read.chain, { key: given, handOvers: told }) : (toldChain(given, told) ?? read.chain)
  return typeof chain === "string" ? chain : (exactVerifierKey(chain.keyAt(size)) ?? given)
}

type Parsed = {
  readonly text: string
  readonly statement: JsonObject
  readonly size: number
  readonly root: string
  readonly signatures: readonly NoteSignature[]
}

/** Nobody vouched for the note: anything but the one canonical form is refused. */
function parseStatement(note: string, form: StatementForm): Parsed | undefined {
  const end = note.indexOf("\n\n")
  if (end < 0 || !note.endsWith("\n") || note.length > form.mostBytes) return undefined
  const text = note.slice(0, end + 1)
  const [head, body = "", size = "", root = "", ...rest] = text.split("\n")
  if (head !== form.head || rest.length !== 1 || !/^(?:0|[1-9]\d{0,15})$/.test(size)) return undefined
  const rootBytes = Buffer.from(root, "base64")
  if (rootBytes.length !== hashBytes || rootBytes.toString("base64") !== root) return undefined
  const statement = jsonObject(body)
  if (!statement || statement["schemaVersion"] !== 1 || !form.accepts(statement)) return undefined
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map(signatureOf)
  if (!signatures.every((signature) => signature !== undefined)) return undefined
  return { text, statement, size: Number(size), root, signatures }
}

function signatureOf(line: string): NoteSignature | undefined {
  const [, name, encoded = ""] = signatureLine.exec(line) ?? []
  const bytes = Buffer.from(encoded, "base64")
  if (name === undefined || bytes.length < 5 || bytes.toString("base64") !== encoded) return undefined
  return { name, keyHash: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

/** Read and written again the line must be the same: no doubled names, no spaces that hide something. */
function jsonObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return JSON.stringify(value) === line && Object.keys(objectOf(value)).length > 0 ? (value as JsonObject) : undefined
  } catch {
    // Not JSON, so no statement.
    return undefined
  }
}
