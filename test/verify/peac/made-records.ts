/** Records and bundles as an issuer makes them, with keys of a test's own; and the same with one thing wrong. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { canonicalJson } from "../../../src/base/canonical-json.ts"
import type { JsonObject } from "../../../src/base/json.ts"
import { thumbprint, type RecordKey } from "../../../src/format/peac/keys.ts"

export const vectors = join(import.meta.dirname, "../../vectors/peac")

export type TestKey = { readonly kid: string; readonly jwk: JsonObject; readonly key: RecordKey; readonly secret: KeyObject; readonly seed: Uint8Array }

export function newKey(): TestKey {
  const { privateKey } = generateKeyPairSync("ed25519")
  const { x = "", d = "" } = createPublicKey(privateKey).export({ format: "jwk" }) && privateKey.export({ format: "jwk" })
  const kid = thumbprint(x)
  const jwk = { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" }
  return {
    kid,
    jwk,
    key: { kid, publicKey: Buffer.from(x, "base64url"), revoked: undefined, sets: [] },
    secret: createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })),
    seed: Buffer.from(d, "base64url"),
  }
}

/** The claims of a real record, of another moment and id. */
export function claimsOf(n: number, changes: JsonObject = {}): JsonObject {
  const { payload } = JSON.parse(readFileSync(join(vectors, "record.json"), "utf8")) as { payload: JsonObject }
  const jti = `01a1f879-11d1-7${String(n % 1_000).padStart(3, "0")}-b8f2-${n.toString(16).padStart(12, "0")}`
  return { ...payload, iat: 1_795_170_046 + n, jti, ...changes }
}

export function jwsOf(claims: JsonObject | string, key: TestKey, header: JsonObject = {}): string {
  const head = { typ: "interaction-record+jwt", alg: "EdDSA", kid: key.kid, ...header }
  const input = [JSON.stringify(head), typeof claims === "string" ? claims : JSON.stringify(claims)]
    .map((text) => Buffer.from(text).toString("base64url"))
    .join(".")
  return `${input}.${sign(null, Buffer.from(input), key.secret).toString("base64url")}`
}

const hashOf = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`

export type BundleFiles = Map<string, Buffer>

/** All files of a bundle, in order. `manifest` may change what the manifest says before it is hashed and signed. */
export function bundleFiles(
  records: readonly { readonly jws: string; readonly claims: JsonObject }[],
  key: TestKey,
  manifest: (told: JsonObject) => JsonObject = (told) => told,
): BundleFiles {
  const lines = Buffer.from(records.map(({ jws }) => `${jws}\n`).join(""))
  const keys = Buffer.from(JSON.stringify({ keys: [key.jwk] }, null, 2))
  const times = records.map(({ claims }) => new Date(Number(claims["iat"]) * 1_000).toISOString())
  const file = (path: string, content: Buffer) => ({ path, sha256: hashOf(content), size: content.length })
  const told = manifest({
    version: "peac-bundle/0.1",
    kind: "audit",
    bundle_id: "01M7W7J61FB1ZPMM5D33S89CBH",
    refs: [],
    created_by: "test",
    created_at: "2026-11-20T10:20:48.047Z",
    time_range: { start: times[0] ?? "", end: times.at(-1) ?? "" },
    receipts: records.map(({ jws, claims }, at) => ({ receipt_id: claims["jti"] ?? null, issued_at: times[at] ?? "", receipt_hash: hashOf(jws) })),
    keys: [{ kid: key.kid, alg: "EdDSA" }],
    files: [file("keys/keys.json", keys), file("receipts.ndjson", lines)],
  })
  const contentHash = hashOf(canonicalJson(told))
  return new Map([
    ["manifest.json", Buffer.from(JSON.stringify({ ...told, content_hash: contentHash }, null, 2))],
    ["receipts.ndjson", lines],
    ["keys/keys.json", keys],
    ["bundle.sig", Buffer.from(jwsOf({ content_hash: contentHash }, key, { typ: "peac-bundle-sig+jwt" }))],
  ])
}

export type BundleSigner = { readonly kid: string; readonly sign: (bytes: Buffer) => Uint8Array }

/** A bundle that says something else of its completeness, by whoever signs it; everything else in it fits. */
export function resigned(files: BundleFiles, by: TestKey | BundleSigner, changes: JsonObject = {}): BundleFiles {
  const said = Buffer.from(canonicalJson({ ...(JSON.parse(String(files.get("completeness.json"))) as JsonObject), ...changes }))
  const { content_hash: _, ...told } = JSON.parse(String(files.get("manifest.json"))) as JsonObject & { files: readonly JsonObject[] }
  const listed = told.files.map((file) => (file["path"] === "completeness.json" ? { ...file, sha256: hashOf(said), size: said.length } : file))
  const manifest = { ...told, files: listed }
  const contentHash = hashOf(canonicalJson(manifest))
  const header = { typ: "peac-bundle-sig+jwt", alg: "EdDSA", kid: by.kid }
  const input = [header, { content_hash: contentHash }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")
  const signature = "sign" in by ? by.sign(Buffer.from(input)) : sign(null, Buffer.from(input), by.secret)
  return new Map(files)
    .set("completeness.json", said)
    .set("manifest.json", Buffer.from(JSON.stringify({ ...manifest, content_hash: contentHash })))
    .set("bundle.sig", Buffer.from(`${input}.${Buffer.from(signature).toString("base64url")}`))
}

/** A ZIP archive of stored files, written by nothing of ours. */
export function zipOf(files: BundleFiles): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, content] of files) {
    const title = Buffer.from(name)
    const frame = Buffer.alloc(26)
    frame.writeUInt16LE(10, 0)
    frame.writeUInt32LE(crc32(content), 10)
    frame.writeUInt32LE(content.length, 14)
    frame.writeUInt32LE(content.length, 18)
    frame.writeUInt16LE(title.length, 22)
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), frame, title, content])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(at, 10)
    centrals.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([10, 0]), frame, place, title]))
    locals.push(local)
    at += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.size, 4)
  end.writeUInt16LE(files.size, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...locals, directory, Buffer.from("PK\u0005\u0006"), end])
}
