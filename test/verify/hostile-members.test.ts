/** Whatever stands where a text or a number should, nothing throws, nothing is called valid that is not, and both verifiers come to one verdict. */
import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { readFileSync } from "node:fs"
import { InteractionEvidenceV01Schema, Wire02ClaimsSchema } from "@peac/schema"
import { Fault } from "../../src/base/fault.ts"
import type { Json, JsonObject } from "../../src/base/json.ts"
import { carrierOf, placedIn } from "../../src/format/peac/carrier.ts"
import { interactionGroup } from "../../src/format/peac/record.ts"
import { memorySource } from "../../src/verify/byte-source.ts"
import { examine } from "../../src/verify/evidence/examine.ts"
import type { Pins } from "../../src/verify/evidence/pins.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { parseCompleteness } from "../../src/format/peac/completeness.ts"
import { checkCompleteness } from "../../src/verify/peac/completeness-check.ts"
import { verifyRecordsFile } from "../../src/verify/peac/records-file.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { goodEvidence, type Evidence } from "./one-file/built.ts"
import { builtCore, pinsOf } from "./one-file/mutations.ts"
import { bentMembers } from "./hostile-members.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "./peac/made-records.ts"

describe("hostile values in the place of members", () => {
  const directory = temporaryDirectory({ after })
  const endings: (() => void)[] = []
  after(() => endings.reverse().forEach((end) => end()))
  const key = newKey()
  const jwks = JSON.stringify({ keys: [key.jwk] })
  let built: Awaited<ReturnType<typeof builtCore>>
  let evidence: Evidence
  before(async () => {
    built = await builtCore(directory)
    evidence = await goodEvidence({ after: (end) => void endings.push(end) }, 2)
  })
  const verdictOf = async (name: string, bytes: Buffer, texts: readonly string[], pins: Pins = pinsOf(texts)) => {
    const { verdict } = await examine(memorySource(name, bytes), pins)
    assert.equal(await built(name, bytes, texts), verdict, "both come to one verdict")
    return verdict
  }

  test("of a record are refused as the schema of the package refuses them", async () => {
    const { extensions, ...rest } = claimsOf(1) as { readonly extensions: JsonObject }
    const hash = `sha256:${"a".repeat(64)}`
    const good = {
      ...rest,
      actor: { id: "a", proof_type: "did", origin: "https://a.example", intent_hash: hash },
      policy: { digest: hash, uri: "https://a.example/p", version: "1" },
      representation: { content_hash: hash, content_type: "text/plain", content_length: 3 },
      extensions: {
        ...extensions,
        [interactionGroup]: {
          ...(extensions[interactionGroup] as JsonObject),
          tool: { name: "exec", provider: "a", version: "1" },
          policy: { decision: "allow" },
          duration_ms: 3,
        },
      },
    }
    assert.equal(await verdictOf("good.jws", Buffer.from(jwsOf(good, key)), [jwks]), "valid")
    let refused = 0
    for (const { what, value, path } of bentMembers(good)) {
      const bytes = Buffer.from(jwsOf(value as JsonObject, key))
      const { verdict } = verifyRecordsFile(bytes, [key.key])
      assert.equal(await verdictOf("bent.jws", bytes, [jwks]), verdict, what)
      const told = value as { readonly extensions?: Readonly<Record<string, unknown>> }
      const group = told.extensions?.[interactionGroup]
      const theirs = Wire02ClaimsSchema.safeParse(value).success && (group === undefined || InteractionEvidenceV01Schema.safeParse(group).success)
      // Bodies of other groups are not looked at.
      const isOther = path.length > 1 && path[0] === "extensions" && path[1] !== interactionGroup
      assert.ok(theirs || isOther || verdict === "invalid", what)
      if (verdict === "invalid") refused++
    }
    assert.ok(refused > 200, `${refused}`)
  })

  test("in one record of many hide none of the others", () => {
    const { extensions } = claimsOf(1) as { readonly extensions: JsonObject }
    const bent = { ...extensions, [interactionGroup]: { ...(extensions[interactionGroup] as JsonObject), result: { status: { toString: null } } } }
    const lines = [jwsOf(claimsOf(1), key), jwsOf(claimsOf(2, { extensions: bent }), key), jwsOf(claimsOf(3), key)]
    const { verdict, valid, invalid } = verifyRecordsFile(Buffer.from(lines.join("\n")), [key.key])
    assert.deepEqual([verdict, valid, invalid], ["invalid", 2, 1])
  })

  test("of what carries a record are refused, or carry nothing", async () => {
    const carried = (["mcp", "a2a"] as const).map((transport) => {
      const carrier = carrierOf(jwsOf(claimsOf(1), key), "https://a.example/r", transport)
      assert.ok("value" in carrier)
      return placedIn(carrier.value, transport) as Json
    })
    for (const good of carried) {
      assert.equal(await verdictOf("good.json", Buffer.from(JSON.stringify(good)), [jwks]), "valid")
      for (const { what, value } of bentMembers(good)) {
        const bytes = Buffer.from(JSON.stringify(value))
        const { verdict } = verifyRecordsFile(bytes, [key.key])
        assert.notEqual(verdict, "valid", what)
        assert.notEqual(await verdictOf("bent.json", bytes, [jwks]), "valid", what)
      }
    }
  })

  test("of a manifest are refused, also where the manifest is signed with them", async () => {
    const records = [1, 2].map((n) => ({ claims: claimsOf(n), jws: jwsOf(claimsOf(n), key) }))
    let good: Json = null
    bundleFiles(records, key, (told) => {
      good = told
      return told
    })
    // What the bundle is called, by whom, and what it says of keys is told and not judged.
    const told = new Set(["bundle_id", "created_by", "refs", "keys"])
    for (const { what, value, path } of bentMembers(good)) {
      const bytes = zipOf(bundleFiles(records, key, () => value as JsonObject))
      const { verdict } = verifyRecordsFile(bytes, [key.key])
      assert.equal(await verdictOf("bent.peacbundle", bytes, [jwks]), verdict, what)
      if (!told.has(String(path[0]))) assert.equal(verdict, "invalid", what)
    }
  })

  test("of a statement of completeness are refused", () => {
    const range = { first: 1, last: 1 }
    const good = { version: "sovereign-ledger/completeness/1", log: "a", selection: { agent: "main" }, numbers: range, sequences: range }
    const rest = { count: 0, root: "sha256:", before: null, head: "0".repeat(64), checkpoint: null }
    for (const { what, value } of bentMembers({ ...good, ...rest, handOvers: [] })) {
      const said = parseCompleteness(value as JsonObject)
      assert.ok(!said || "problem" in checkCompleteness(said, []), what)
    }
  })

  test("of rows and of the last line of an export are refused", async () => {
    const keys = [readFileSync(join(evidence.directory, evidence.keys.anchored || evidence.keys.ledger), "utf8")]
    const lines = (evidence.files.get("anchored.ndjson") ?? evidence.files.get("export.ndjson") ?? Buffer.of()).toString().trimEnd().split("\n")
    const row = lines.findIndex((line) => line.includes("tool."))
    // Who is called how in a label is under no proof; a label may be a text or nothing.
    const labels = new Set(["sessionId", "userId", "machineId"])
    for (const index of [row, lines.length - 1]) {
      for (const { what, value, path, put } of bentMembers(JSON.parse(lines[index] ?? "") as Json)) {
        const bytes = Buffer.from(`${lines.with(index, JSON.stringify(value)).join("\n")}\n`)
        // Of a row that something threw at, the verdict below would be another one.
        const report = index === row ? undefined : await verifyExport(memorySource("bent.ndjson", bytes), { key: undefined }).catch((error: unknown) => error)
        assert.ok(!(report instanceof Error) || report instanceof Fault, what)
        if (labels.has(String(path[0])) && put === null) continue
        const verdict = await verdictOf("bent.ndjson", bytes, keys)
        assert.ok(verdict === "invalid" || (index !== row && verdict === "unverifiable"), `${what} is ${verdict}`)
      }
    }
  })

  test("of proofs are refused", async () => {
    for (const [name, pinned] of [
      ["here.proof.json", "map"],
      ["absent.proof.json", "map"],
      ["entry.proof.json", "ledger"],
      ["grown.proof.json", "ledger"],
    ] as const) {
      const keys = [readFileSync(join(evidence.directory, evidence.keys[pinned]), "utf8")]
      for (const { what, value } of bentMembers(JSON.parse(evidence.files.get(name)?.toString() ?? "") as Json)) {
        const verdict = await verdictOf(name, Buffer.from(`${JSON.stringify(value)}\n`), keys)
        assert.ok(verdict === "invalid" || verdict === "unverifiable", `${name}: ${what} is ${verdict}`)
      }
    }
  })
})
