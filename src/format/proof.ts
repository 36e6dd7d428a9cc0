/**
 * A proof as a file, format 1 (docs/spec/proof.md): that an entry stands in a journal, or that a journal grew from an earlier state of it.
 * One JSON object in its one spelling; it carries the signed checkpoints it leads to, so that a public key is all that is needed beside it.
 */
import { nestsTooDeep, objectOf } from "../base/json.ts"
import { base64url, bytesOfBase64url } from "./base64url.ts"
import { idSaltBytes, saltBytes } from "./commitment.ts"
import { noteTexts } from "./hand-over.ts"

export const proofFormat = 1

/** What is disclosed of an entry beside its header. Salted bytes are salt and text. */
export type Disclosed = {
  /** Not to be disclosed lightly: the salt is one for the whole journal. */
  readonly id?: { readonly salt: Buffer; readonly text: string } | undefined
  readonly saltedFacts?: Buffer | undefined
  readonly saltedContent?: Buffer | undefined
}

/** Which key signs: the ledger's last one, and how it came by its place; without hand-overs it is the only one. */
export type ProofKeys = { readonly handOvers?: readonly string[] | undefined; readonly verifierKey: string }

export type InclusionProof = Disclosed &
  ProofKeys & {
    readonly proves: "inclusion"
    readonly header: Buffer
    /** Audit path, nearest sibling first. */
    readonly path: readonly Buffer[]
    readonly checkpoint: string
  }

export type ConsistencyProof = ProofKeys & {
  readonly proves: "consistency"
  readonly older: string
  readonly newer: string
  readonly path: readonly Buffer[]
}

export type Proof = InclusionProof | ConsistencyProof

/** `unreadable`: no proof of this format, so there is nothing to judge. `wrong`: one, and not as a proof is written. */
export type ParsedProof = { readonly proof: Proof } | { readonly unreadable: string } | { readonly wrong: string }

export function proofText(proof: Proof): string {
  return JSON.stringify(proof.proves === "inclusion" ? inclusionFields(proof) : consistencyFields(proof))
}

/** The members of the file, in their order. */
export function inclusionFields(proof: InclusionProof): object {
  const { id, saltedFacts, saltedContent } = proof
  return {
    proofFormat,
    proves: proof.proves,
    entry: base64url(proof.header),
    ...(id === undefined ? {} : { idSalt: base64url(id.salt), id: id.text.toWellFormed() }),
    ...(saltedFacts === undefined ? {} : { factsSalt: saltOf(saltedFacts), facts: textOf(saltedFacts) }),
    ...(saltedContent === undefined ? {} : { contentSalt: saltOf(saltedContent), content: textOf(saltedContent) }),
    inclusion: proof.path.map(base64url),
    checkpoint: proof.checkpoint,
    ...keyFields(proof),
  }
}

function consistencyFields({ proves, older, newer, path, ...keys }: ConsistencyProof): object {
  return { proofFormat, proves, older, newer, consistency: path.map(base64url), ...keyFields(keys) }
}

function keyFields({ handOvers, verifierKey }: ProofKeys): ProofKeys {
  return { ...(handOvers === undefined ? {} : { handOvers }), verifierKey }
}

/** Reads what nobody vouched for. One line feed at the end, with or without a carriage return, is not part of the text. */
export function parseProof(file: string): ParsedProof {
  const text = file.replace(/\r?\n$/, "")
  if (nestsTooDeep(text)) return { unreadable: "it is nested deeper than a proof" }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { unreadable: "it is not JSON" }
  }
  const fields = objectOf(value)
  if (fields["proofFormat"] !== proofFormat) return { unreadable: `it is no proof of format ${proofFormat}` }
  const { proves } = fields
  if (proves !== "inclusion" && proves !== "consistency") return { unreadable: "it proves something that this version does not know" }
  if (![...Object.values(fields), ...(noteTexts(fields["handOvers"]) ?? [])].every(isWellFormed)) return { wrong: "a text in it is not well-formed Unicode" }
  const proof = proves === "inclusion" ? inclusionOf(fields) : consistencyOf(fields)
  if (!proof) return { wrong: "a member is missing or not in its one encoding" }
  return proofText(proof) === text ? { proof } : { wrong: "it is not written as a proof is written" }
}

/** Undefined when a member is missing or not in its one encoding; members that are not of a proof are for who writes it again to find. */
export function inclusionOf(fields: Fields): InclusionProof | undefined {
  const header = bytesOfBase64url(fields["entry"])
  const path = pathOf(fields["inclusion"])
  const { checkpoint } = fields
  const keys = keysOf(fields)
  const [id, saltedFacts, saltedContent] = [disclosedId(fields), salted(fields, "facts"), salted(fields, "content")]
  if (!header || !path || typeof checkpoint !== "string" || !keys) return undefined
  if (id === "wrong" || saltedFacts === "wrong" || saltedContent === "wrong") return undefined
  return { proves: "inclusion", header, id, saltedFacts, saltedContent, path, checkpoint, ...keys }
}

function consistencyOf(fields: Fields): ConsistencyProof | undefined {
  const path = pathOf(fields["consistency"])
  const { older, newer } = fields
  const keys = keysOf(fields)
  if (!path || typeof older !== "string" || typeof newer !== "string" || !keys) return undefined
  return { proves: "consistency", older, newer, path, ...keys }
}

export type Fields = Readonly<Record<string, unknown>>

function keysOf({ handOvers, verifierKey }: Fields): ProofKeys | undefined {
  const notes = noteTexts(handOvers)
  if (typeof verifierKey !== "string" || (handOvers !== undefined && !notes)) return undefined
  return notes ? { handOvers: notes, verifierKey } : { verifierKey }
}

function pathOf(value: unknown): readonly Buffer[] | undefined {
  if (!Array.isArray(value)) return undefined
  const path = value.map(bytesOfBase64url)
  return path.every((hash) => hash !== undefined) ? path : undefined
}

function disclosedId(fields: Fields): InclusionProof["id"] | "wrong" {
  const { idSalt, id } = fields
  if (idSalt === undefined && id === undefined) return undefined
  const salt = bytesOfBase64url(idSalt)
  return salt?.length === idSaltBytes && typeof id === "string" ? { salt, text: id } : "wrong"
}

function salted(fields: Fields, name: "facts" | "content"): Buffer | undefined | "wrong" {
  const [salt, text] = [fields[`${name}Salt`], fields[name]]
  if (salt === undefined && text === undefined) return undefined
  const bytes = bytesOfBase64url(salt)
  return bytes?.length === saltBytes && typeof text === "string" ? Buffer.concat([bytes, Buffer.from(text)]) : "wrong"
}

/** A lone surrogate has no bytes, so two texts that differ in one would have one hash. */
function isWellFormed(value: unknown): boolean {
  return typeof value !== "string" || value.isWellFormed()
}

function saltOf(salted: Buffer): string {
  return base64url(salted.subarray(0, saltBytes))
}

function textOf(salted: Buffer): string {
  return salted.toString("utf8", saltBytes)
}
