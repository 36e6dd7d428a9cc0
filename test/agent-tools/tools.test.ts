/** What an agent is told of its receipts: its own session's, in bounds, and never that there are others. */
import assert from "node:assert/strict"
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { objectOf, type JsonObject } from "../../src/base/json.ts"
import { receiptKeys } from "../../src/views/receipt-keys.ts"
import { zipFiles } from "../../src/verify/peac/zip.ts"
import { makeRig } from "../writer/rig.ts"
import { asking, otherSession, ownCalls, ownDirectory, ownSession, fillTwoSessions, type Ask } from "./session-ledger.ts"

type Answer = { status: string; error?: string; total: number; truncated: boolean; results: JsonObject[] } & Record<string, unknown>

describe("tools for an agent's receipts", () => {
  const rig = makeRig({ after })
  const directory = ownDirectory({ after })
  const told: string[] = []
  const ask = asking(rig, directory, told)
  const refusal = (...words: Parameters<Ask>) => {
    const { status, error } = ask(...words) as Answer
    assert.equal(status, "error", JSON.stringify(words))
    return error ?? ""
  }
  const query = (parameters?: object, session = ownSession) => ask("peac_receipts.query", parameters, { session }) as Answer

  before(() => fillTwoSessions(rig))

  test("status: of the own session alone, and who signs", () => {
    const [status, empty] = [ask("peac_receipts.status"), ask("peac_receipts.status", {}, { session: "agent:main:nobody" })]
    assert.deepEqual(status["spool"], { pending_entries: 0, total_captured: ownCalls, duplicates_skipped: 0 })
    const {
      count,
      last_receipt_time: last,
      oldest_receipt_time: oldest,
    } = status["receipts"] as { count: number; last_receipt_time: string; oldest_receipt_time: string }
    assert.ok(count === ownCalls && oldest <= last && Date.parse(oldest) > 0)
    const [{ kid } = { kid: "" }] = rig.reading(receiptKeys).keys
    assert.deepEqual(status["emitter"], { total_emitted: ownCalls, total_errors: 0, is_running: true, key_id: kid })
    assert.deepEqual(empty["receipts"], { count: 0, last_receipt_time: null, oldest_receipt_time: null })
  })

  test("query: newest first, filtered, in pages, without a word of the other session", () => {
    const all = query()
    assert.deepEqual([all.status, all.total, all["offset"], all["limit"], all.results.length, all.truncated], ["ok", ownCalls, 0, 100, ownCalls, false])
    const names = (answer: Answer) => answer.results.map(({ interaction_id: id }) => Buffer.from(String(id).split("/")[2] ?? "", "base64url").toString())
    assert.deepEqual(names(all), ["mine-6", "mine-5", "mine-4", "mine-3", "mine-2", "mine-1", "mine-0"])
    assert.deepEqual(Object.keys(all.results[0] ?? {}), [
      ...["receipt_id", "receipt_ref", "interaction_id", "observed", "tool_name", "status", "workflow_id", "completed_at", "issued_at", "entry_digest"],
    ])
    const page = query({ limit: 2, offset: 1 })
    assert.deepEqual([names(page), page.total, page.truncated], [["mine-5", "mine-4"], ownCalls, true])
    assert.equal(query({ limit: 2, offset: 5 }).truncated, false)
    assert.deepEqual(names(query({ status: "error" })), ["mine-3"])
    assert.deepEqual(names(query({ tool_name: "exec" })), ["mine-5"])
    assert.deepEqual(names(query({ workflow_id: "run-mine-1" })), ["mine-5", "mine-3", "mine-1"])
    const at = String(all.results[0]?.["completed_at"])
    assert.equal(query({ since: "2000-01-01T00:00:00Z", until: at }).total + query({ since: at }).total, ownCalls)
  })

  test("what is another session's is as if it were not there, by whatever it is asked for", () => {
    const [theirs] = query({}, otherSession).results
    assert.ok(theirs && query({}, otherSession).total > 0)
    for (const parameters of [{ tool_name: "secret_tool" }, { workflow_id: "run-theirs" }, { workflow_id: "run-that-never-was" }])
      assert.deepEqual({ ...query(parameters), results: [] }, { status: "ok", total: 0, offset: 0, limit: 100, results: [], truncated: false })
    const never = refusal("peac_receipts.export_bundle", { workflow_id: "run-that-never-was" })
    assert.equal(refusal("peac_receipts.export_bundle", { workflow_id: "run-theirs" }), never)
    for (const name of ["peac_receipts.status", "peac_receipts.query"] as const) {
      const said = JSON.stringify(ask(name))
      for (const secret of ["theirs", "secret_tool", String(theirs["receipt_id"]), String(theirs["entry_digest"]), otherSession])
        assert.ok(!said.includes(secret), secret)
    }
    for (const session of ["%", "agent:main:%", "agent:main:mine' OR 1=1 --", "AGENT:MAIN:MINE", "agent:main:mine ", "agent:main"])
      assert.equal(query({}, session).total, 0)
  })

  test("export_bundle: a new directory, whose bundle is good and knows nothing of what is not in it", () => {
    const written = ask("peac_receipts.export_bundle", { output_path: "for-audit" })
    assert.deepEqual([written["status"], written["path"], written["receipt_count"]], ["ok", "for-audit", ownCalls])
    const place = join(directory, "for-audit")
    assert.deepEqual(readdirSync(place).sort(), ["manifest.json", "receipts.peacbundle"])
    assert.deepEqual(
      [statSync(place).mode & 0o777, ...["manifest.json", "receipts.peacbundle"].map((name) => statSync(join(place, name)).mode & 0o777)],
      [0o700, 0o600, 0o600],
    )
    const bytes = readFileSync(join(place, "receipts.peacbundle"))
    const archive = zipFiles(bytes)
    assert.ok("files" in archive)
    const whole = JSON.parse(String(archive.files.find(({ name }) => name === "completeness.json")?.bytes)) as JsonObject
    assert.deepEqual([whole["selection"], whole["before"], whole["checkpoint"], whole["count"]], [{ session: "one" }, null, null, ownCalls])
    assert.ok(![ownSession, otherSession, "secret_tool"].some((word) => bytes.includes(word)))
    const checked = ask("peac_receipts.verify", { path: "for-audit" })
    assert.deepEqual(
      [checked["valid"], checked["verdict"], checked["kind"], checked["bundle_signature"]],
      [true, "valid", "bundle", "valid"],
      JSON.stringify(checked),
    )
    assert.match(String(checked["message"]), /^Valid: 7 receipts and the list of them/)
    assert.equal(ask("peac_receipts.verify", { path: "for-audit/receipts.peacbundle" })["valid"], true)
    const byDefault = ask("peac_receipts.export_bundle", { workflow_id: "run-mine-0", since: "2000-01-01T00:00:00Z" })
    assert.deepEqual([byDefault["path"], byDefault["receipt_count"]], ["peac-bundle-2026-11-30T12-00-00-123Z", 4])
  })

  test("verify: a record alone, keys that are named, a record and a manifest that were changed", () => {
    const [{ facts } = { facts: {} }] = rig.entries("receipt.issued")
    const jws = String(objectOf(facts)["jws"])
    const put = (name: string, text: string) => writeFileSync(join(directory, name), text)
    put("one.jws", `${jws}\n`)
    put("jwks.json", JSON.stringify(rig.reading(receiptKeys)))
    put("stranger.json", JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }))
    put(
      "changed.jws",
      jws.replace(/.$/, (last) => (last === "A" ? "Q" : "A")),
    )
    const check = (parameters: object) => ask("peac_receipts.verify", parameters) as Answer
    assert.deepEqual([check({ path: "one.jws" })["valid"], check({ path: "one.jws" })["keys_from"]], [true, "this ledger"])
    assert.deepEqual(
      [check({ path: "one.jws", jwks_path: "jwks.json" })["valid"], check({ path: "one.jws", jwks_path: "jwks.json" })["kind"]],
      [true, "records"],
    )
    const stranger = check({ path: "one.jws", jwks_path: "stranger.json" })
    assert.deepEqual([stranger.status, stranger["valid"], stranger["verdict"]], ["ok", false, "unverifiable"])
    assert.match(String(stranger["message"]), /Pass the issuer's keys as jwks_path/)
    assert.deepEqual([check({ path: "changed.jws" })["valid"], check({ path: "changed.jws" })["verdict"]], [false, "invalid"])
    assert.match(refusal("peac_receipts.verify", { path: "one.jws", jwks_path: "one.jws" }), /^jwks_path has no keys that can be used/)
    ask("peac_receipts.export_bundle", { output_path: "swapped" })
    put("swapped/manifest.json", "{}")
    assert.match(refusal("peac_receipts.verify", { path: "swapped" }), /is not the one in it/)
  })

  test("what is passed wrongly is a sentence with a remedy, never an exception", () => {
    const cases: readonly (readonly [string, Parameters<Ask>, RegExp])[] = [
      ["no object", ["peac_receipts.query", "all"], /are no object\. It takes workflow_id, tool_name/],
      ["an unknown name", ["peac_receipts.query", { session: otherSession }], /has no parameter "session"\. It takes/],
      ["a name of Object", ["peac_receipts.query", JSON.parse('{"__proto__": 1, "constructor": 1}')], /has no parameter/],
      ["parameters where there are none", ["peac_receipts.status", { verbose: true }], /It takes no parameters/],
      ["too many results", ["peac_receipts.query", { limit: 501 }], /limit must be a whole number from 1 to 500/],
      ["no results", ["peac_receipts.query", { limit: 0 }], /whole number from 1/],
      ["half a result", ["peac_receipts.query", { limit: 1.5 }], /whole number/],
      ["a number as a text", ["peac_receipts.query", { limit: "10" }], /whole number/],
      ["an offset before the first", ["peac_receipts.query", { offset: -1 }], /offset must be a whole number from 0/],
      ["a status there is none of", ["peac_receipts.query", { status: "good" }], /status must be one of ok, error, timeout, canceled/],
      ["an empty text", ["peac_receipts.query", { tool_name: "" }], /1 to 1024 characters/],
      ["a text that is too long", ["peac_receipts.query", { tool_name: "x".repeat(1_025) }], /1 to 1024 characters/],
      ["an object as a text", ["peac_receipts.verify", { path: { toString: 1 } }], /path must be a text/],
      ["no path", ["peac_receipts.verify", {}], /peac_receipts.verify needs path\. File or directory/],
      ["a time in words", ["peac_receipts.query", { since: "yesterday" }], /since is no RFC 3339 time\. Pass one such as/],
      ["times the wrong way round", ["peac_receipts.query", { since: "2026-11-30T00:00:00Z", until: "2026-11-29T00:00:00Z" }], /since is not before until/],
      ["no directory", ["peac_receipts.export_bundle", {}, { directory: undefined }], /No directory is known.*--directory/],
      ["a directory that is gone", ["peac_receipts.verify", { path: "x" }, { directory: "/nowhere/at/all" }], /is not there/],
    ]
    for (const [name, words, expected] of cases) assert.match(refusal(...words), expected, name)
    assert.equal(query({ tool_name: null, limit: null } as object).total, ownCalls, "what is null was left out")
    assert.deepEqual(told, [], "none of it is the operator's business")
  })

  test("a ledger that does not open is told to the operator, and to the agent only that it is so", () => {
    const broken = () => {
      throw new Error("no key in /a/secret/place")
    }
    const answer = refusal("peac_receipts.query", {}, { reading: broken })
    assert.deepEqual([/secret/.test(answer), /sovereign-ledger status/.test(answer), told.splice(0)], [false, true, ["no key in /a/secret/place"]])
  })
})
