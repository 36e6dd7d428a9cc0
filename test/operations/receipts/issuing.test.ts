/** Receipts as they are issued in one process: what each says of its action, and when they begin and end. */
import assert from "node:assert/strict"
import { test, type TestContext } from "node:test"
import { objectOf, type JsonObject } from "../../../src/base/json.ts"
import type { NewEvent } from "../../../src/format/event.ts"
import { thumbprint } from "../../../src/format/peac/keys.ts"
import { parseRecord } from "../../../src/format/peac/record.ts"
import { eraseContent } from "../../../src/operations/erase/erase-content.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { Issuing } from "../../../src/operations/receipts/issuing.ts"
import { ViewStore } from "../../../src/projections/view-store.ts"
import { factsOf, JournalReader } from "../../../src/journal/reader.ts"
import { startMs, temporaryLedger } from "../../ledger-fixture.ts"

const rule = { digests: "plain" as const }
const scope = { session: "agent:main:main", sender: "" }

function issuingOf(t: TestContext) {
  const ledger = temporaryLedger(t)
  const opened = ledger.open()
  const reader = JournalReader.open(ledger.files, ledger.keys())
  t.after(() => reader.close())
  let steadyMs = 0
  let isWritable = true
  const record = (...events: readonly NewEvent[]) => {
    const entries = events.map((event) => entryOf(event, opened.scopes, startMs))
    if (entries.length > 0) opened.journal.append(entries, startMs)
  }
  const make = ({ signsBeside = false } = {}) => {
    const issuing = new Issuing({
      signsBeside,
      ledger: opened,
      nowMs: () => startMs + 5_000,
      steadyMs: () => steadyMs,
      busy: () => false,
      commit: (events, committed) => {
        if (!isWritable) return
        const first = opened.journal.size
        record(...events())
        committed(first)
      },
      catchUp: () => know(),
    })
    const know = () => {
      const views = ViewStore.open(ledger.files.views, ledger.keys().viewsKey)
      views.catchUp(reader, { sliceEntries: 2_000 })
      issuing.known(views.database)
      views.close()
    }
    const want = (told: typeof rule | undefined) => {
      record(...issuing.begin(told))
      issuing.useSettings("user", told)
    }
    t.after(() => issuing.close())
    return { issuing, know, want }
  }
  const ofType = (type: string) => [...reader.entries(0, reader.size())].filter(({ header }) => header.type === type).map((entry) => factsOf(entry))
  const claims = () =>
    ofType("receipt.issued").map(({ jws }): JsonObject => {
      const parsed = parseRecord(String(jws))
      assert.ok("value" in parsed, "problem" in parsed ? parsed.problem : "")
      return parsed.value.claims as JsonObject
    })
  return { ledger, opened, record, make, ofType, claims, later: (ms: number) => void (steadyMs += ms), refuse: () => void (isWritable = false) }
}

function returned(call: string, facts: JsonObject = {}, content: JsonObject = { params: { path: call }, result: { text: call } }): NewEvent {
  const told = { tool: "read", call, run: "run-1", agent: "main", failed: false, resultBytes: 9, atMs: startMs, durationMs: 250, ...facts }
  return { type: "tool.returned", id: `tool.returned:${call}`, scope, facts: told as never, content }
}

const groupOf = (claims: JsonObject | undefined, name: string) => objectOf(objectOf(claims?.["extensions"])[name])
const evidenceOf = (claims: JsonObject | undefined) => groupOf(claims, "org.peacprotocol/interaction")
const digestOf = (claims: JsonObject | undefined, name: string) => objectOf(objectOf(evidenceOf(claims)[name])["digest"])

test("they begin with the settings, and end when nobody wants them any more, each call between with one", (t) => {
  const { record, make, ofType, claims, later } = issuingOf(t)
  const first = make()
  first.know()
  record(returned("before"))
  first.want(rule)
  first.want(rule)
  record(returned("a"), returned("b"))
  first.issuing.everySecond()
  assert.equal(first.issuing.standing()?.issued, 2)
  const second = make()
  second.want(undefined)
  second.know()
  record(returned("c"))
  second.issuing.everySecond()
  assert.equal(ofType("receipts.ended").length, 0, "other gateways may come")
  later(31_000)
  second.issuing.everySecond()
  second.issuing.everySecond()
  assert.deepEqual(
    ofType("receipts.ended").map(({ number }) => number),
    [3],
  )
  record(returned("after"))
  second.issuing.everySecond()
  assert.equal(second.issuing.standing()?.state, "off")
  const third = make()
  third.know()
  third.want(rule)
  record(returned("d"))
  third.issuing.everySecond()
  assert.deepEqual(
    claims().map(({ sub }) => Buffer.from(String(sub).split("/")[2] ?? "", "base64url").toString()),
    ["a", "b", "c", "d"],
  )
  assert.equal(ofType("receipts.begun").length, 2)
})

test("what was on its way when a writer died has its receipt by the next one, whatever that one is told", (t) => {
  const { record, make, claims } = issuingOf(t)
  const first = make()
  first.want(rule) // and it dies before it knew how far they were
  record(returned("a"))
  const second = make()
  second.know()
  second.issuing.finish(() => {})
  assert.equal(claims().length, 1)
})

test("a payload that was cut is never labelled as a whole, one without its secrets says so, an erased one has no digest", (t) => {
  const { opened, record, make, claims } = issuingOf(t)
  const { know, want, issuing } = make()
  know()
  want(rule)
  record(
    returned("cut", { cutFromBytes: 900_000 }, { params: { path: "cut" }, result: { text: "aaa…[cut from 900000]" } }),
    returned("redacted", { redacted: 1 }, { params: { key: "[redacted:api-key]" }, result: null }),
    returned("hashed", {}, { params: { hash: "ab".repeat(32) }, result: { text: "plain" } }),
    { ...returned("erased"), scope: { session: "gone", sender: "" } },
  )
  const entered: NewEvent[] = []
  eraseContent(opened.scopes, {
    who: { by: "session", value: "gone" },
    beforeMs: undefined,
    reason: undefined,
    enter: (events) => void entered.push(...events),
  })
  issuing.everySecond()
  const [cut, redacted, hashed, erased] = claims()
  assert.equal(digestOf(cut, "output")["alg"], "sha-256:trunc-64k")
  assert.ok(Number(digestOf(cut, "output")["bytes"]) > 899_000)
  assert.equal(digestOf(cut, "input")["alg"], "sha-256")
  assert.equal(objectOf(evidenceOf(redacted)["input"])["redaction"], "redacted")
  assert.deepEqual([objectOf(evidenceOf(hashed)["input"])["redaction"], objectOf(evidenceOf(hashed)["output"])["redaction"]], ["redacted", "hash_only"])
  assert.deepEqual([evidenceOf(erased)["input"], evidenceOf(erased)["output"], objectOf(evidenceOf(erased)["result"])["status"]], [undefined, undefined, "ok"])
})

test("what was held for a call stands in its receipt, and nothing of another's", (t) => {
  const { record, make, claims } = issuingOf(t)
  const { know, want, issuing } = make()
  know()
  want(rule)
  const settled = (call: string): NewEvent => ({
    type: "hold.settled",
    id: `hold.settled:${call}`,
    facts: {
      ...{ atMs: startMs, hold: `h-${call}`, attempt: 1, grade: "exact", basis: { door: "tool", run: "run-1", call } },
      movements: [{ debit: "spent:tools/read", credit: "agent:main", amounts: { moneyNanos: "5000" } }],
    } as never,
  })
  record(returned("a"), settled("a"), returned("b"), settled("x"))
  issuing.everySecond()
  const [a, b] = claims().map((told) => groupOf(told, "org.sovereign-ledger/entry"))
  assert.deepEqual([a?.["hold"], a?.["grade"], a?.["posted"]], ["h-a", "exact", { moneyNanos: "5000" }])
  assert.equal(b?.["hold"], undefined)
})

test("approvals and delegations are actions, and the outer call of Tool Search is none unless it failed", (t) => {
  const { record, make, claims } = issuingOf(t)
  const { know, want, issuing } = make()
  know()
  want(rule)
  const event = (type: string, facts: JsonObject): NewEvent => ({ type, id: `${type}:${JSON.stringify(facts)}`, scope, facts }) as NewEvent
  record(
    event("approval.resolved", { status: "resolved", decision: "allow-once", call: "a", tool: "exec", run: "run-1" }),
    event("approval.resolved", { status: "resolved", decision: "deny", call: "b", tool: "exec", run: "run-1" }),
    event("subagent.spawned", { run: "run-1", childRun: "run-2" }),
    returned("outer", { tool: "tool_call", wrapper: true }),
    returned("failed", { tool: "tool_call", wrapper: true, failed: true }),
    returned("old", { imported: true }),
  )
  issuing.everySecond()
  assert.deepEqual(
    claims().map((told) => [String(told["type"]).split("/")[1], evidenceOf(told)["kind"]]),
    [
      ["agent-action-approved-observed", "tool.approval"],
      ["agent-action-delegated-observed", "agent.delegation"],
      ["agent-action-invoked-observed", "tool.call"],
    ],
  )
})

test("a writer whose disk refuses ends all the same, and what it could not write is issued by the next", (t) => {
  const { record, make, claims, refuse } = issuingOf(t)
  const { know, want, issuing } = make()
  know()
  want(rule)
  record(returned("a"))
  refuse()
  issuing.finish(() => {})
  assert.deepEqual([claims().length, issuing.standing()?.state], [0, "on"])
})

test("receipts that were halted can begin again once those on record are a chain", (t) => {
  const { record, make, claims, ofType } = issuingOf(t)
  const first = make()
  first.know()
  first.want(rule)
  record(returned("a"))
  first.issuing.everySecond()
  record({ type: "receipts.halted", id: "receipts.halted:1:digest", facts: { number: 1, problem: "digest" } })
  const second = make()
  second.know()
  second.want(rule)
  record(returned("b"))
  second.issuing.everySecond()
  assert.deepEqual([claims().length, ofType("receipts.begun").length, second.issuing.standing()?.state], [2, 2, "on"])
})

test("other threads sign: nothing is on record before they have, and then everything in order", async (t) => {
  const { record, make, claims } = issuingOf(t)
  const { know, want, issuing } = make({ signsBeside: true })
  know()
  want(rule)
  const calls = Array.from({ length: 100 }, (_, at) => `call-${at}`)
  record(...calls.map((call) => returned(call)))
  issuing.everySecond()
  assert.equal(claims().length, 0)
  while (claims().length < calls.length) await nextTurn()
  assert.deepEqual(
    claims().map(({ sub }) => Buffer.from(String(sub).split("/")[2] ?? "", "base64url").toString()),
    calls,
  )
  assert.equal(issuing.standing()?.waiting, 0)
})

test("a writer that ends while other threads sign does not wait for them, and has each receipt once", async (t) => {
  const { record, make, claims } = issuingOf(t)
  const { know, want, issuing } = make({ signsBeside: true })
  know()
  want(rule)
  record(returned("a"), returned("b"))
  issuing.everySecond()
  issuing.finish(() => {})
  assert.equal(claims().length, 2)
  for (let turn = 0; turn < 50; turn++) await nextTurn()
  assert.equal(claims().length, 2)
})

test("a key that was replaced while other threads sign by it has signed nothing behind the hand-over", async (t) => {
  const { ledger, opened, record, make, ofType } = issuingOf(t)
  const { know, want, issuing } = make({ signsBeside: true })
  know()
  want(rule)
  record(returned("a"))
  const before = kidOf(opened.keys.signer.publicKey)
  issuing.everySecond()
  ledger.handOver()
  while (ofType("receipt.issued").length === 0) await nextTurn()
  const kids = ofType("receipt.issued").map(({ jws }) => String(JSON.parse(Buffer.from(String(jws).split(".")[0] ?? "", "base64url").toString()).kid))
  assert.deepEqual(kids, [kidOf(opened.keys.signer.publicKey)])
  assert.notEqual(kids[0], before)
})

const nextTurn = () => new Promise((resolve) => void setImmediate(resolve))
const kidOf = (key: Buffer) => thumbprint(key.toString("base64url"))
