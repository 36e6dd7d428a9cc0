/**
 * Salted commitments, so that a header says nothing about what it commits to (docs/spec/journal.md, "Commitments").
 *
 *   id hash      = SHA-256(0x12 | id salt, 32 bytes | event id, UTF-8)
 *   facts hash   = SHA-256(0x10 | facts salt, 16 bytes | facts, UTF-8 JSON)
 *   content hash = SHA-256(0x11 | content salt, 16 bytes | content, UTF-8 JSON)
 *
 * The id salt is one for the journal and is disclosed with exclusion proofs; facts and content have a salt each,
 * and the content's salt is sealed with the content, so that erased content cannot be guessed back.
 */
import { hashBytes, sha256, sha256Into } from "./sha256.ts"

export const saltBytes = 16
export const idSaltBytes = 32

const factsTag = 0x10
const contentTag = 0x11
const idTag = 0x12

let scratch = Buffer.allocUnsafe(64 * 1024)

function scratchFor(sizeBytes: number): Buffer {
  if (scratch.length < sizeBytes) scratch = Buffer.allocUnsafe(sizeBytes * 2)
  return scratch
}

/** The salt and the text as they are stored one after the other: the bytes a commitment covers after its tag. */
export function saltedText(salt: Uint8Array, text: string): Buffer {
  const bytes = Buffer.allocUnsafe(salt.length + Buffer.byteLength(text))
  bytes.set(salt, 0)
  bytes.write(text, salt.length, "utf8")
  return bytes
}

function commitInto(target: Buffer, offset: number, tag: number, salted: Uint8Array): void {
  const sizeBytes = salted.length + 1
  const input = scratchFor(sizeBytes)
  input[0] = tag
  input.set(salted, 1)
  sha256Into(target, offset, input.subarray(0, sizeBytes))
}

export function factsHashInto(target: Buffer, offset: number, saltedFacts: Uint8Array): void {
  commitInto(target, offset, factsTag, saltedFacts)
}

export function contentHashInto(target: Buffer, offset: number, saltedContent: Uint8Array): void {
  commitInto(target, offset, contentTag, saltedContent)
}

export function idHashInto(target: Buffer, offset: number, idSalt: Uint8Array, id: string): void {
  const input = scratchFor(1 + idSaltBytes + id.length * 3)
  input[0] = idTag
  input.set(idSalt, 1)
  const written = input.write(id, 1 + idSaltBytes, "utf8")
  sha256Into(target, offset, input.subarray(0, 1 + idSaltBytes + written))
}

export function factsHash(salt: Uint8Array, facts: string): Buffer {
  return sha256(Buffer.concat([Buffer.of(factsTag), saltedText(salt, facts)]))
}

export function contentHash(salt: Uint8Array, content: string): Buffer {
  return sha256(Buffer.concat([Buffer.of(contentTag), saltedText(salt, content)]))
}

export function idHash(idSalt: Uint8Array, id: string): Buffer {
  const digest = Buffer.allocUnsafe(hashBytes)
  idHashInto(digest, 0, idSalt, id)
  return digest
}
