/**
 * Verifies that an event is on record, or that it is not, with nothing but the proof and a public key (docs/spec/map.md, "What a verifier does"). The text is taken as
 * attacker-controlled, and nothing it holds throws.
 */
import { plainId } from "../base/plain-text.ts"
import { idHash } from "../format/commitment.ts"
import { commonBits, emptyMap, fixedDepth, mapLeaf, mostDepth, rootFromPath } from "../format/event-map.ts"
import { committedMap, mapCommittedType, openedId } from "../format/map-commitment.ts"
import { parseMapProof, type MapProof } from "../format/map-proof.ts"
import { canBeRecorded } from "../format/plain-part.ts"
import { proofText } from "../format/proof.ts"
import { hashBytes } from "../format/sha256.ts"
import type { Trusted } from "./key-chain.ts"
import { nothing, verifyProof, type ProofReport } from "./proof.ts"

export const shortProofWords =
  "It is a short proof: only a ledger that has the root on record can say whether it is one. Ask for a whole one, made without --short."

/** The report on a proof from the map; undefined for a text that is none. @param trusted as `verifyProof` has it */
export function verifyMapProof(text: string, trusted: Trusted): ProofReport | undefined {
  const parsed = parseMapProof(text)
  if (parsed === "other") return undefined
  if ("wrong" in parsed) return { ...nothing, verdict: "invalid", problems: [parsed.wrong] }
  const { proof } = parsed
  const { proves, idSalt } = proof
  if (!proof.committed || !idSalt) return { ...nothing, proves, notes: [shortProofWords] }
  const problems = wayProblems(proof, idHash(idSalt, proof.id))
  const root = verifyProof(proofText(proof.committed), trusted)
  const all = [...root.problems.map((problem) => `of the entry that has the root: ${problem}`), ...committedProblems(proof, idSalt, root), ...problems]
  const verdict = all.length > 0 ? "invalid" : root.verdict
  return { ...root, verdict, proves, entry: null, statement: all.length > 0 ? "" : statementOf(proof, root), problems: all }
}

/** What is wrong with the way from the place of the id to the root; nothing, where it leads there. @param key the id's */
export function wayProblems(proof: MapProof, key: Buffer): readonly string[] {
  return [...placeProblems(proof, key), ...rootProblems(proof, key)]
}

function placeProblems({ other, depth, siblings }: MapProof, key: Buffer): readonly string[] {
  const problems: string[] = []
  const common = other ? commonBits(key, other) : depth
  if (common === mostDepth && other) problems.push("the other key at the place is that of the event: it is recorded")
  else if (common < depth) problems.push("the other key does not hang at the place of the event")
  if (depth > fixedDepth && siblings[depth - 1] === undefined) problems.push("nothing hangs as deep as the place that it tells")
  return problems
}

function rootProblems({ leaf, other, root, ...path }: MapProof, key: Buffer): readonly string[] {
  const hash = leaf ? mapLeaf(key, leaf) : other ? mapLeaf(other.subarray(0, hashBytes), other.subarray(hashBytes)) : emptyMap
  return rootFromPath(key, hash, path).equals(root) ? [] : ["the way through the map does not lead to its root"]
}

/** Whether the entry that was proven says of this root, and of this salt. */
function committedProblems({ size, root }: MapProof, idSalt: Buffer, { entry, checkpoints }: ProofReport): readonly string[] {
  const origin = checkpoints[0]?.origin
  if (!entry || origin === undefined) return ["no entry is proven to have the root"]
  if (entry.type !== mapCommittedType) return [`the entry that is to have the root is a ${entry.type}`]
  const committed = entry.facts ? committedMap(entry.facts) : undefined
  if (!committed) return ["the entry that is to have the root does not show one"]
  const problems: string[] = []
  if (committed.size > entry.sequence) problems.push("the map is said to be of entries that came after it")
  if (committed.size !== size || !committed.root.equals(root)) problems.push("the root is not the one on record")
  if (!idHash(idSalt, openedId(origin)).equals(committed.opened)) problems.push("the salt is not that of this journal: under another one nothing is on record")
  return problems
}

function statementOf({ proves, id, size, leaf }: MapProof, { checkpoints, entry }: ProofReport): string {
  const from = Number(entry?.facts?.["from"] ?? 0)
  const entries = from === 0 ? `the first ${size} entries` : `the entries #${from} to #${size - 1}`
  const where = `${entries} of ${checkpoints[0]?.origin}, by the map recorded ${entry?.createdAt}`
  return proves === "recorded"
    ? `${plainId(id)} is among ${where}: its first entry has the leaf hash ${leaf?.toString("hex")}.`
    : `${plainId(id)} was NOT recorded: none of ${where}, has this id.${spellingWords({ proves, id })}`
}

/** What a proof that an id is not there says of the event: where no entry could have such an id, nothing. */
export function spellingWords({ proves, id }: Pick<MapProof, "proves" | "id">): string {
  if (proves === "recorded" || canBeRecorded(id)) return ""
  return " No call is ever recorded under an id that is written so: its parts stand on record as pseudonyms, ~ and 19 characters. It says NOTHING of whether the call was recorded."
}
