/** Records written: byte for byte what the tools of PEAC write, and what their packages accept. */
import assert from "node:assert/strict"
import { generateKeyPairSync, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { canonicalJson } from "../../src/base/canonical-json.ts"
import type { JsonObject } from "../../src/base/json.ts"
import { didKey } from "../../src/format/peac/did-key.ts"
import { payloadDigest } from "../../src/format/peac/payload-digest.ts"
import { parseRecord } from "../../src/format/peac/record.ts"
import { anchorOf, spoolEntryOf } from "../../src/format/peac/spool-of-record.ts"
import { actionId, emptySpool, entryDigest, genesisDigest, linked, type Action, type SpoolEntry } from "../../src/format/peac/spool.ts"
import { uuidV7 } from "../../src/format/peac/uuid-v7.ts"
import { recordClaims, recordHeader, signedRecord, signingInput } from "../../src/format/peac/write-record.ts"
import { sha256 } from "../../src/format/sha256.ts"

const vectors = join(import.meta.dirname, "../vectors/peac")
const spool = readFileSync(join(vectors, "spool-entries.ndjson"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as SpoolEntry)
const sample = JSON.parse(readFileSync(join(vectors, "record.json"), "utf8")) as { readonly payload: JsonObject }
const jws = readFileSync(join(vectors, "record.jws"), "utf8").trim()

test("entries of a spool are linked by the digests that other tools give them", () => {
  let previous = genesisDigest
  for (const { entry_digest: digest, ...entry } of spool) {
    assert.equal(entry.prev_entry_digest, previous)
    assert.equal(entryDigest(entry), digest)
    previous = digest
  }
  const [first] = spool
  assert.ok(first)
  const { input_digest: input, output_digest: output } = first
  assert.ok(input && output)
  assert.deepEqual(linked(emptySpool, first.action, { input_digest: input, output_digest: output }), first)
})

test("the digest of a payload is over its canonical JSON", () => {
  const value = "71864848a31789ee2351a996d0fa6034c47e2063b2512959349a02406851cca9"
  assert.deepEqual(payloadDigest({ query: "PEAC protocol", n: 3 }, 0), { alg: "sha-256", value, bytes: 31 })
  const long = { text: "é".repeat(600_000) }
  const whole = Buffer.from(canonicalJson(long))
  assert.deepEqual(payloadDigest(long, 0), { alg: "sha-256:trunc-1m", value: sha256(whole.subarray(0, 1_048_576)).toString("hex"), bytes: whole.length })
  const cut = { text: `${"a".repeat(100_000)}…[cut from 900000]` }
  const kept = Buffer.from(canonicalJson(cut))
  const { alg, bytes, value: told } = payloadDigest(cut, 800_000)
  assert.deepEqual([alg, bytes, told], ["sha-256:trunc-64k", kept.length + 800_000, sha256(kept.subarray(0, 65_536)).toString("hex")])
  const short = payloadDigest({ a: "…[cut from 9]" }, 5)
  assert.equal(short.alg, "sha-256:trunc-64k", "what was cut is never labelled as a whole")
})

test("a record is byte for byte the one that other tools make of the same entry", () => {
  const [entry] = spool
  assert.ok(entry)
  const { provider: _, ...action } = { ...entry.action, provider: undefined }
  const claims = recordClaims({
    ...{ observed: "invoked", iss: String(sample.payload["iss"]), iat: Number(sample.payload["iat"]), jti: String(sample.payload["jti"]) },
    ...{ agentRef: "urn:openclaw:agent:main", actionRef: "urn:openclaw:cnVuX2RlbW8:Y2FsbF8wMDE", workflow: "run_demo", redactions: {} },
    entry: { ...entry, action },
  })
  const { extensions } = sample.payload as { readonly extensions: JsonObject }
  const told = extensions["org.peacprotocol/interaction"] as { readonly tool: { readonly provider?: string } }
  assert.equal(told.tool.provider, "builtin", "which the host does not tell us")
  const without = structuredClone(sample.payload) as { extensions: Record<string, { tool: { provider?: string } }> }
  delete without.extensions["org.peacprotocol/interaction"]?.tool.provider
  assert.equal(JSON.stringify(claims), JSON.stringify(without))
  assert.equal(recordHeader("KXUSQRW-KS32zA3Pnvp-uEMrkje3eEJVhONTSiODj1g"), jws.split(".")[0])
})

test("the entry a record was made of follows from the record", () => {
  const { privateKey } = generateKeyPairSync("ed25519")
  const action: Action = {
    ...{
      id: actionId("run", "call"),
      kind: "tool.call",
      platform: "openclaw",
      started_at: "2026-01-02T03:04:05.000Z",
      completed_at: "2026-01-02T03:04:05.250Z",
    },
    ...{ duration_ms: 250, tool_name: "exec", status: "error", error_code: "failed", policy: { decision: "allow" } },
  }
  const entry = linked({ sequence: 41, digest: "ab".repeat(32) }, action, { input_digest: payloadDigest({ a: 1 }, 0) })
  const parts = { observed: "invoked", iss: didKey(Buffer.alloc(32, 7)), iat: 1_800_000_000, jti: uuidV7(1, sha256("x")) } as const
  const claims = recordClaims({ ...parts, agentRef: "urn:openclaw:agent:main", actionRef: "urn:a:b", entry, redactions: {} })
  const input = signingInput(Buffer.from(JSON.stringify(claims)), recordHeader("kid"))
  const parsed = parseRecord(signedRecord(input, sign(null, Buffer.from(input), privateKey)))
  assert.ok("value" in parsed, "problem" in parsed ? parsed.problem : "")
  assert.equal(anchorOf(parsed.value), entry.entry_digest)
  assert.deepEqual(spoolEntryOf(parsed.value, entry.prev_entry_digest), entry)
  assert.notEqual(spoolEntryOf(parsed.value, genesisDigest)?.entry_digest, entry.entry_digest, "after another entry it is another one")
})

test("did:key and UUIDs of version 7", () => {
  // The example of the did:key specification, section 3.1.1.
  const key = Buffer.from("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6", "hex")
  assert.equal(didKey(key), "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
  // The example of RFC 9562, appendix A.6.
  const bits = Buffer.from("0cc318c4dc0c0c07398f", "hex")
  assert.equal(uuidV7(0x017f22e279b0, bits), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
})
