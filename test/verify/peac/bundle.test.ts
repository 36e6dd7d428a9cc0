/** Bundles: everything the manifest promises and nothing else, by pinned keys. Each mistake that verifiers are known to make is one that ours does not. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import type { JsonObject } from "../../../src/base/json.ts"
import { verifyBundle } from "../../../src/verify/peac/bundle.ts"
import { zipFiles } from "../../../src/verify/peac/zip.ts"
import { chance } from "../../history/jsonl-corpus.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf, type BundleFiles } from "./made-records.ts"

const key = newKey()
const thief = newKey()
const recordsOf = (count: number, by = key, from = 0) =>
  Array.from({ length: count }, (_, n) => {
    const claims = claimsOf(from + n)
    return { claims, jws: jwsOf(claims, by) }
  })
const keys = [key.key]
const told = (files: BundleFiles) => verifyBundle(zipOf(files), keys)
const changed = (files: BundleFiles, name: string, change: (text: string) => string) =>
  new Map(files).set(name, Buffer.from(change(files.get(name)?.toString() ?? "")))

describe("a bundle", () => {
  test("that is whole and signed by a pinned key is valid; by no pinned key it cannot be said", () => {
    const files = bundleFiles(recordsOf(5), key)
    const { verdict, total, valid, bundleSignature, keysUsed, problems } = told(files)
    assert.deepEqual([verdict, total, valid, bundleSignature, keysUsed, problems], ["valid", 5, 5, "valid", [{ kid: key.kid, records: 5 }], []])
    assert.deepEqual([verifyBundle(zipOf(files), []).verdict, verifyBundle(zipOf(files), [thief.key]).verdict], ["unverifiable", "unverifiable"])
    const unsigned = new Map(files)
    unsigned.delete("bundle.sig")
    assert.deepEqual([told(unsigned).verdict, told(unsigned).bundleSignature], ["unverifiable", "absent"])
  })

  test("of 10,000 records is valid, and of one more is not", () => {
    const all = recordsOf(10_001)
    assert.deepEqual([told(bundleFiles(all.slice(0, 10_000), key)).verdict, told(bundleFiles(all, key)).verdict], ["valid", "invalid"])
  })

  const five = recordsOf(5)
  const files = bundleFiles(five, key)
  const lines = (jws: readonly string[]) => jws.map((line) => `${line}\n`).join("")
  const all = five.map(({ jws }) => jws)
  const foreign = recordsOf(1, thief, 2)[0]?.jws ?? ""
  const hash = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`
  /** The records are others, and the file list says so. */
  const withLines = (jws: readonly string[]) => {
    const content = Buffer.from(lines(jws))
    return bundleFiles(five, key, (manifest) => {
      const [first = null, second = {}] = manifest["files"] as readonly JsonObject[]
      return { ...manifest, files: [first, { ...second, sha256: hash(content), size: content.length }] }
    }).set("receipts.ndjson", content)
  }

  for (const [what, made, problem] of [
    ["a dropped record", withLines([...all.slice(0, 2), ...all.slice(3)]), /is listed, and is not there/],
    ["a record that is not listed", withLines([...all, recordsOf(1, key, 9)[0]?.jws ?? ""]), /is there, and is not listed/],
    ["a record in the place of another", withLines([...all.slice(0, 2), foreign, ...all.slice(3)]), /is listed, and is not there/],
    ["two records exchanged", withLines([all[1] ?? "", all[0] ?? "", ...all.slice(2)]), /out of order/],
    ["a record twice", withLines([...all, all[4] ?? ""]), /there twice/],
    [
      "another file of records than is listed",
      changed(files, "receipts.ndjson", (text) => text.slice(0, -2)),
      /receipts\.ndjson is not the one that is listed/,
    ],
    ["a manifest that was changed", changed(files, "manifest.json", (text) => text.replace('"audit"', '"dispute"')), /not the one that its hash is of/],
    ["a file that is not listed", new Map(files).set("policy/policy.json", Buffer.from("{}")), /policy\/policy\.json is there, and is not listed/],
    ["no manifest", new Map([...files].filter(([name]) => name !== "manifest.json")), /it has no manifest\.json/],
    [
      "a signature over another manifest",
      new Map(files).set("bundle.sig", bundleFiles(recordsOf(4), key).get("bundle.sig") ?? Buffer.alloc(0)),
      /not a signature over its manifest/,
    ],
    ["a signature that was changed", changed(files, "bundle.sig", (text) => `${text.slice(0, -4)}AAAA`), /bundle\.sig/],
    [
      "a hash in the list that is another's",
      bundleFiles(five, key, (m) => ({
        ...m,
        receipts: [...(m["receipts"] as JsonObject[]).slice(0, 4), { ...(m["receipts"] as JsonObject[])[4], receipt_hash: `sha256:${"0".repeat(64)}` }],
      })),
      /is listed, and is not there/,
    ],
    [
      "an id in the list that is another's",
      bundleFiles(five, key, (m) => ({
        ...m,
        receipts: [...(m["receipts"] as JsonObject[]).slice(0, 4), { ...(m["receipts"] as JsonObject[])[4], receipt_id: claimsOf(77)["jti"] ?? "" }],
      })),
      /is listed as another/,
    ],
    [
      "another range of time",
      bundleFiles(five, key, (m) => ({ ...m, time_range: { start: "2026-01-01T00:00:00Z", end: "2026-12-01T00:00:00Z" } })),
      /time range/,
    ],
    ["a manifest that names a member twice", changed(files, "manifest.json", (text) => text.replace('"kind"', '"kind":"audit","kind"')), /twice/],
  ] as const) {
    test(`with ${what} is invalid`, () => {
      const { verdict, problems } = told(made)
      assert.equal(verdict, "invalid")
      assert.match(problems.join("\n"), problem)
    })
  }

  const signedAs = (header: JsonObject, more: JsonObject = {}) => {
    const { content_hash: contentHash = null } = JSON.parse(String(files.get("manifest.json"))) as JsonObject
    return new Map(files).set("bundle.sig", Buffer.from(jwsOf({ content_hash: contentHash, ...more }, key, { typ: "peac-bundle-sig+jwt", ...header })))
  }
  for (const [what, made] of [
    ["a header that names what nobody here understands", signedAs({ crit: ["b64"], b64: false })],
    ["a key of its own in the header", signedAs({ jwk: thief.jwk })],
    ["the type of a record", signedAs({ typ: "interaction-record+jwt" })],
    ["more in it than the hash", signedAs({}, { exp: 1 })],
    ["blanks behind it", changed(signedAs({}), "bundle.sig", (text) => `${text}\r\n \u00a0`)],
  ] as const) {
    test(`whose signature has ${what} is invalid`, () => {
      assert.equal(told(signedAs({})).verdict, "valid")
      const { verdict, problems } = told(made)
      assert.deepEqual([verdict, problems], ["invalid", ["its bundle.sig is no signature of a bundle, or says more than one can"]])
    })
  }

  /** Other bytes for a text, in a manifest whose hash is that of what a lenient reader makes of them. */
  const withMark = (bytes: Buffer, read: string) => {
    const made = bundleFiles(five, key, (m) => ({ ...m, created_by: `a${read}b` }))
    const manifest = made.get("manifest.json") ?? Buffer.alloc(0)
    const mark = Buffer.from(JSON.stringify(read).slice(1, -1))
    const at = manifest.indexOf(mark)
    return made.set("manifest.json", Buffer.concat([manifest.subarray(0, at), bytes, manifest.subarray(at + mark.length)]))
  }
  test("with bytes that are not UTF-8, or with half of a character, is invalid", () => {
    assert.equal(told(withMark(Buffer.from("\ufffd"), "\ufffd")).verdict, "valid")
    assert.match(told(withMark(Buffer.of(0xff), "\ufffd")).problems.join(), /manifest\.json: it is not UTF-8/)
    assert.match(told(withMark(Buffer.from("\\uD800"), "\ud800")).problems.join(), /manifest\.json: it has half of a character/)
    assert.equal(told(withMark(Buffer.from("\\\\ud800"), "\\ud800")).verdict, "valid", "a text about one is none")
    const keyFile = changed(files, "keys/keys.json", (text) => text.replace('"kid"', '"n": "\\ud800", "kid"'))
    assert.match(told(keyFile).problems.join(), /keys\/keys\.json: it has half of a character/)
  })

  test("by somebody else's key is theirs, whatever keys it brings along", () => {
    const stolen = verifyBundle(zipOf(bundleFiles(recordsOf(3, thief), thief)), keys)
    assert.deepEqual([stolen.verdict, stolen.untrusted, stolen.bundleSignature], ["unverifiable", 3, "untrusted"])
    const mixed = [...recordsOf(2), ...recordsOf(1, thief, 2)]
    const report = told(bundleFiles(mixed, key))
    assert.deepEqual([report.verdict, report.valid, report.untrusted], ["unverifiable", 2, 1])
  })

  test("changed anywhere in its files is never valid, and nothing crashes or hangs", () => {
    const bytes = zipOf(files)
    const random = chance(7)
    const times = process.env["CI"] === "true" ? 2_000 : 4_000
    for (let i = 0; i < times; i++) {
      const other = Buffer.from(bytes)
      const at = Math.floor(random() * other.length)
      if (random() < 0.5) other.writeUInt8(other.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at)
      else other.copy(other, at, Math.floor(random() * other.length), Math.min(other.length, at + Math.floor(random() * 40)))
      if (other.equals(bytes)) continue
      const said = verifyBundle(random() < 0.1 ? other.subarray(0, at) : other, keys).verdict
      // Of an archive's directory there are bytes that say nothing of a file: who made it, and its modes.
      if (said === "valid") assert.deepEqual(zipFiles(other), zipFiles(bytes), `byte ${at}`)
    }
  })
})

describe("an archive", () => {
  const entry = new Map([["a", Buffer.from("content")]])
  const good = zipOf(entry)
  test("of stored files is read; one that could be read in another way is not", () => {
    assert.deepEqual(zipFiles(good), { files: [{ name: "a", bytes: Buffer.from("content") }] })
    const at = (offset: number, value: number) => {
      const changed = Buffer.from(good)
      changed.writeUInt16LE(value, offset)
      return changed
    }
    const withAttributes = (attributes: number) => {
      const changed = Buffer.from(good)
      changed.writeUInt32LE(attributes, good.indexOf("PK\u0001\u0002") + 38)
      return changed
    }
    const withMode = (mode: number) => withAttributes(mode * 0x1_0000)
    for (const bytes of [withMode(0o100_644), withMode(0o600), withAttributes(0x20)]) assert.ok("files" in zipFiles(bytes), "a plain file is one")
    for (const [what, bytes] of [
      ["compressed", at(8, 8)],
      ["encrypted", at(6, 1)],
      ["with bytes before it", Buffer.concat([Buffer.from("PK"), good])],
      ["with bytes behind it", Buffer.concat([good, Buffer.from("x")])],
      ["of a symbolic link", withMode(0o120_777)],
      ["of a directory", withMode(0o040_755)],
      ["of a device", withMode(0o060_644)],
      ["that runs as its owner", withMode(0o104_755)],
      ["of a directory of MS-DOS", withAttributes(0x10)],
      ["twice", zipOf(new Map([["a", Buffer.from("1")]])).subarray(0, 10)],
      ["with a name that leads elsewhere", zipOf(new Map([["../a", Buffer.from("1")]]))],
      ["with an absolute name", zipOf(new Map([["/a", Buffer.from("1")]]))],
      ["empty", Buffer.alloc(0)],
    ] as const) {
      assert.ok("problem" in zipFiles(bytes), what)
    }
  })
})
