/**
 * A proof from the map of event ids as a file (docs/spec/map.md, "File"): that an event is on record, or that it is not. It leads to a root of the map, and, where it is
 * not a short one, from there to a signed checkpoint by the inclusion proof of the entry that has the root.
 */
import { countOf, objectOf } from "../base/json.ts"
import { base64url, bytesOfBase64url } from "./base64url.ts"
import { idSaltBytes } from "./commitment.ts"
import { bitOf, emptyMap, fixedDepth, mostDepth, pairBytes, type MapPath } from "./event-map.ts"
import { inclusionFields, inclusionOf, proofFormat, type Fields, type InclusionProof } from "./proof.ts"
import { hashBytes } from "./sha256.ts"

export type MapProof = MapPath & {
  readonly proves: "recorded" | "not-recorded"
  readonly id: string
  /** Left out of a short proof, as is `committed`: who has the ledger has the salt. */
  readonly idSalt?: Buffer | undefined
  /** What stands under the key, of one that is recorded. */
  readonly leaf?: Buffer | undefined
  /** The other key that hangs at the place, and its value, of one that is not; undefined where nothing does. */
  readonly other?: Buffer | undefined
  readonly size: number
  readonly root: Buffer
  /** Of the entry that has the root. */
  readonly committed?: InclusionProof | undefined
}

/** `other`: a text that is no such proof at all. `wrong`: one, and not as one is written. */
export type ParsedMapProof = { readonly proof: MapProof } | { readonly wrong: string } | "other"

/** A whole proof takes 3 kB, and some more for each hand-over and what a checkpoint carries. */
const mostCharacters = 4 * 2 ** 20

export function mapProofText(proof: MapProof): string {
  const { proves, id, idSalt, leaf, other, depth, siblings, size, root, committed } = proof
  return JSON.stringify({
    ...{ proofFormat, proves, id: id.toWellFormed() },
    ...(idSalt === undefined ? {} : { idSalt: base64url(idSalt) }),
    ...(leaf === undefined ? {} : { leaf: base64url(leaf) }),
    ...(other === undefined ? {} : { other: base64url(other) }),
    ...{ depth, levels: base64url(levelsOf(siblings)), siblings: base64url(Buffer.concat(siblings.filter((sibling) => sibling !== undefined))) },
    ...{ size, root: base64url(root) },
    ...(committed === undefined ? {} : { committed: inclusionFields(committed) }),
  })
}

function levelsOf(siblings: MapPath["siblings"]): Buffer {
  const levels = Buffer.alloc((siblings.length + 7) >> 3)
  siblings.forEach((sibling, at) => {
    if (sibling) levels[at >> 3] = (levels[at >> 3] ?? 0) | (0x80 >> (at & 7))
  })
  return levels
}

/** Reads what nobody vouched for; nothing it holds throws. */
export function parseMapProof(file: string): ParsedMapProof {
  if (file.length > mostCharacters) return "other"
  const text = file.replace(/\r?\n$/, "")
  const fields = objectOf(jsonOf(text))
  const { proves } = fields
  if (fields["proofFormat"] !== proofFormat || (proves !== "recorded" && proves !== "not-recorded")) return "other"
  const proof = proofOf(fields, proves)
  if (typeof proof === "string") return { wrong: proof }
  return mapProofText(proof) === text ? { proof } : { wrong: "it is not written as a proof is written" }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no proof at all, whatever is wrong with it
  }
}

function proofOf(fields: Fields, proves: MapProof["proves"]): MapProof | string {
  const member = "a member is missing or not in its one encoding"
  const [idSalt, root, leaf, other] = ["idSalt", "root", "leaf", "other"].map((name) => bytesOfBase64url(fields[name]))
  const [id, size, path] = [fields["id"], countOf(fields["size"]), pathOf(fields)]
  if (typeof id !== "string" || !id.isWellFormed() || root?.length !== hashBytes || size === undefined) return member
  const isShort = fields["committed"] === undefined
  if (isShort ? fields["idSalt"] !== undefined : idSalt?.length !== idSaltBytes) return member
  if (!path) return "its way through the map is not well formed"
  if (!isPlace(proves, fields, { leaf, other })) return member
  const committed = isShort ? undefined : committedOf(objectOf(fields["committed"]))
  if (!isShort && !committed) return "what it says of the root is no inclusion proof"
  return { proves, id, idSalt, leaf, other, ...path, size, root, committed }
}

function isPlace(proves: MapProof["proves"], fields: Fields, { leaf, other }: Pick<MapProof, "leaf" | "other">): boolean {
  if (proves === "recorded") return leaf?.length === hashBytes && fields["other"] === undefined
  return fields["leaf"] === undefined && (fields["other"] === undefined || other?.length === pairBytes)
}

function pathOf(fields: Fields): MapPath | undefined {
  const [depth, levels, packed] = [countOf(fields["depth"]), bytesOfBase64url(fields["levels"]), bytesOfBase64url(fields["siblings"])]
  if (depth === undefined || depth < fixedDepth || depth > mostDepth || levels?.length !== (depth + 7) >> 3 || !packed) return undefined
  const siblings: (Buffer | undefined)[] = []
  let used = 0
  for (let at = 0; at < 8 * levels.length; at++) {
    const isThere = bitOf(levels, at) === 1
    if (isThere && at >= depth) return undefined
    if (at < depth) siblings.push(isThere ? packed.subarray(used, (used += hashBytes)) : undefined)
  }
  const areWhole = used === packed.length && siblings.every((sibling) => sibling === undefined || !sibling.equals(emptyMap))
  return areWhole ? { depth, siblings } : undefined
}

function committedOf(fields: Fields): InclusionProof | undefined {
  return fields["proofFormat"] === proofFormat && fields["proves"] === "inclusion" ? inclusionOf(fields) : undefined
}
