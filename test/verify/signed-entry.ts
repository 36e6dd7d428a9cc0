/** Proofs of entries that no recorder would write, honestly hashed and signed: what only the holder of a signing key could make. */
import { verifierKeyText } from "../../src/format/checkpoint.ts"
import { contentHash, factsHash, idHash, saltedText } from "../../src/format/commitment.ts"
import { encodeHeader, leafHash, zeroHash } from "../../src/format/header.ts"
import { nodeHash } from "../../src/format/merkle.ts"
import type { InclusionProof } from "../../src/format/proof.ts"
import { Signer } from "../../src/vault/signer.ts"

export const nonsenseOrigin = "sovereign-ledger/00000000000000aa"
export const nonsenseSigner = new Signer(nonsenseOrigin, Buffer.alloc(32, 0xaa))
export const nonsenseKey = verifierKeyText(nonsenseOrigin, nonsenseSigner.publicKey)

export type SignedEntry = {
  readonly sequence?: 0 | 1
  readonly type?: string
  readonly facts?: string
  readonly content?: string
  readonly id?: string
  /** The id the header's hash is of; that of `id` when absent. */
  readonly hashedId?: string
}

export function signedEntry({ sequence = 1, type = "tool.invoked", facts, content, id, hashedId = id }: SignedEntry): InclusionProof {
  const [salt, idSalt] = [Buffer.alloc(16, 1), Buffer.alloc(32, 2)]
  const header = encodeHeader({
    sequence,
    timeMs: 1_795_000_000_000,
    idHash: idHash(idSalt, hashedId ?? ""),
    scopeId: Buffer.alloc(16, 3),
    factsHash: factsHash(salt, facts ?? ""),
    contentHash: content === undefined ? zeroHash : contentHash(salt, content),
    previousHash: zeroHash,
    type,
  })
  const sibling = Buffer.alloc(32, 7)
  const root = sequence === 0 ? leafHash(header) : nodeHash(sibling, leafHash(header))
  return {
    proves: "inclusion",
    header,
    id: id === undefined ? undefined : { salt: idSalt, text: id },
    saltedFacts: facts === undefined ? undefined : saltedText(salt, facts),
    saltedContent: content === undefined ? undefined : saltedText(salt, content),
    path: sequence === 0 ? [] : [sibling],
    checkpoint: nonsenseSigner.note({ origin: nonsenseOrigin, size: sequence + 1, root }),
    verifierKey: nonsenseKey,
  }
}

const opened = (more = "") => `{"id":"journal.opened:x","format":1,"origin":"${nonsenseOrigin}"${more}}`

/** What it is, the verdict it deserves, and the entry. */
export const signedEntries: readonly (readonly [what: string, verdict: "valid" | "invalid", entry: SignedEntry])[] = [
  ["an entry as it should be", "valid", { facts: '{"id":"a"}', content: '{"n":1}', id: "a" }],
  ["a header alone", "valid", {}],
  ["an id alone", "valid", { id: "tool.invoked:-/é€𝄞" }],
  ["the first entry", "valid", { sequence: 0, type: "journal.opened", facts: opened() }],
  ["the first entry, header alone", "valid", { sequence: 0, type: "journal.opened" }],
  ["a first entry of another type", "invalid", { sequence: 0 }],
  ["a journal.opened that is not the first", "invalid", { type: "journal.opened", facts: opened() }],
  ["a first entry of another origin", "invalid", { sequence: 0, type: "journal.opened", facts: opened().replace("00aa", "00ab") }],
  ["a first entry of another format", "invalid", { sequence: 0, type: "journal.opened", facts: opened().replace('"format":1', '"format":2') }],
  ["a first entry whose format is true", "invalid", { sequence: 0, type: "journal.opened", facts: opened().replace('"format":1', '"format":true') }],
  ["facts without an id", "invalid", { facts: "{}" }],
  ["facts with an empty id", "invalid", { facts: '{"id":""}' }],
  ["facts whose id is a number", "invalid", { facts: '{"id":1}' }],
  ["facts that are a list", "invalid", { facts: '["id"]' }],
  ["facts that are no JSON", "invalid", { facts: "id" }],
  ["empty facts", "invalid", { facts: "" }],
  ["facts with white space", "invalid", { facts: '{"id": "a"}' }],
  ["facts with a name twice", "invalid", { facts: '{"id":"b","id":"a"}' }],
  ["facts with a number in another form", "invalid", { facts: '{"id":"a","n":1.0}' }],
  ["facts with a large number", "valid", { facts: '{"id":"a","n":1e+21,"m":0.000001,"k":1e-7,"i":123456789012345680000}' }],
  ["facts with a member that must stand first", "invalid", { facts: '{"id":"a","7":1}' }],
  ["facts with a needless escape", "invalid", { facts: '{"id":"\\u0061"}' }],
  ["facts with an escaped lone surrogate", "valid", { facts: '{"id":"a","t":"\\ud800"}' }],
  ["content that is a text", "invalid", { content: '"a"' }],
  ["content that is null", "invalid", { content: "null" }],
  ["content that is no JSON", "invalid", { content: "{" }],
  ["content with names as objects have them", "valid", { content: '{"__proto__":1,"toString":2,"constructor":{}}' }],
  ["an id that is not that of the facts", "invalid", { facts: '{"id":"a"}', id: "b" }],
  ["an id that is not that of the hash", "invalid", { id: "b", hashedId: "a" }],
  ["an id with a lone surrogate, in the facts and disclosed", "valid", { facts: '{"id":"a\\ud800"}', id: "a\ud800" }],
  ["an empty id", "valid", { id: "" }],
  ["a type with a capital letter", "invalid", { type: "Tool.invoked" }],
  ["a type of one word", "invalid", { type: "tool" }],
  ["a type of a newer version", "valid", { type: "budget.frozen-2", facts: '{"id":"a"}' }],
]
