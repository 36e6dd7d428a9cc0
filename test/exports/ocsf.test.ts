/** export ocsf: events hold to the published schema, by checks that are shown to catch what is wrong; their chain and signatures hold for a checker in Python written from docs/spec/ocsf.md. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { eventTypes } from "../../src/format/event.ts"
import { ocsfLines, type OcsfQuestion } from "../../src/views/exports/ocsf.ts"
import { startMs, temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { variedEvents } from "../spec/varied-events.ts"
import { requirePythonModule, requireTool } from "../tools.ts"
import { fieldsOf, ocsfFaults } from "./ocsf-shape.ts"
import { peer, priced, told } from "./told-calls.ts"

type Event = Readonly<Record<string, unknown>>

/** Each type with every set of facts. */
const allTypes = Object.keys(eventTypes).length * 4

const settings = { version: "1.2.3", nowMs: startMs + 86_400_000 }

function linesOf(ledger: TestLedger, question: Partial<OcsfQuestion> = {}): readonly string[] {
  return Array.from(ocsfLines(ledger.read(), { labels: false, ...question }, settings), ({ text }) => text.trimEnd())
}

const eventsOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Event)
const ours = (event: Event | undefined) => fieldsOf(fieldsOf(event?.["unmapped"])["sovereign_ledger"])

describe("OCSF events", () => {
  test("of every type there is hold to the schema, with all facts, with few and with wrong ones", (t) => {
    const ledger = temporaryLedger(t)
    ledger.record(...variedEvents(allTypes))
    const events = eventsOf(linesOf(ledger))
    const faults = events.flatMap((event) => ocsfFaults(event).map((fault) => `${String(ours(event)["type"])}: ${fault}`))
    assert.deepEqual(faults, [])
    const types = new Set(events.map((event) => ours(event)["type"]))
    assert.deepEqual(
      Object.keys(eventTypes).filter((type) => !types.has(type)),
      ["signer.replaced", "checkpoint.anchored"],
      "verifiers hold these two to the journal itself",
    )
    assert.deepEqual([...new Set(events.map((event) => event["class_uid"]))].sort(), [0, 2004, 3004, 6002, 6003])
  })

  test("tell refusals as findings that were blocked, and calls with model, agent and tokens", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(14)
    const events = eventsOf(linesOf(ledger))
    const denied = events.find((event) => ours(event)["type"] === "tool.denied")
    assert.deepEqual(
      [denied?.["type_uid"], denied?.["severity_id"], denied?.["action_id"], denied?.["disposition"], fieldsOf(denied?.["finding_info"])["title"]],
      [200_401, 3, 2, "Blocked", "write was refused (guard.deny write)"],
    )
    const call = events.find((event) => ours(event)["type"] === "usage.reported")
    assert.deepEqual(
      [call?.["type_uid"], fieldsOf(call?.["ai_model"])["model_name"], fieldsOf(call?.["message_context"])["completion_tokens"]],
      [600_399, "mock-1", 12],
    )
  })

  test("name nobody unless asked to, and take what is asked for", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(60)
    ledger.record(priced("one", { ...told.first, facts: {} }))
    const named = "agent:main:telegram:direct:4242"
    assert.ok(!linesOf(ledger).join("").includes(peer))
    assert.ok(linesOf(ledger, { labels: true }).join("").includes(peer))
    const count = (question: Partial<OcsfQuestion>) => linesOf(ledger, question).length - 1
    const all = count({})
    assert.ok(count({ session: named }) > 5 && count({ session: named }) < all)
    assert.equal(count({ limit: 3 }), 3)
    const fromMs = startMs + 30
    assert.equal(count({ fromMs }) + count({ toMs: fromMs }), all)
    assert.ok(count({ fromMs }) > 0 && count({ toMs: fromMs }) > 0)
  })

  test("fail the checks for what is planted", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(14)
    const events = eventsOf(linesOf(ledger))
    const find = (uid: number) => events.find((event) => event["class_uid"] === uid) ?? {}
    const [finding, api] = [find(2004), find(6003)]
    const { api: _, ...lacking } = api
    const metadata = fieldsOf(api["metadata"])
    const planted: readonly (readonly [Event, RegExp])[] = [
      [lacking, /^api is required/],
      [{ ...api, type_uid: 6003 }, /type_uid/],
      [{ ...api, activity_id: 12, type_uid: 600_312 }, /no activity 12/],
      [{ ...api, severity_id: 9 }, /severity_id may not be 9/],
      [{ ...api, time: Math.floor(startMs / 1000) }, /time is no timestamp/],
      [{ ...api, cost: 1 }, /cost is not in the schema/],
      [{ ...api, metadata: { ...metadata, profiles: [] } }, /profile ai_operation/],
      [{ ...api, metadata: { ...metadata, version: "1.9" } }, /version/],
      [{ ...api, message_context: { total_tokens: "12" } }, /total_tokens is no integer[^]*none of application/],
      [{ ...finding, finding_info: { title: "x" } }, /finding_info\.uid is required/],
      [{ ...finding, category_uid: 6 }, /category_uid/],
      [{ ...finding, class_uid: 2001 }, /no class 2001/],
      [{ ...finding, attestation: { uid: "x" } }, /none of fingerprint/],
    ]
    for (const [event, fault] of planted) assert.match(ocsfFaults(event).join("\n"), fault)
  })
})

describe("their record integrity", { ...requireTool("python3"), ...requirePythonModule("cryptography") }, () => {
  const checked = (t: Ending, lines: readonly string[], key: string) => {
    const file = join(temporaryDirectory(t), "events.jsonl")
    writeFileSync(file, `${lines.join("\n")}\n`)
    const { stdout, stderr } = spawnSync("python3", [join(import.meta.dirname, "check_ocsf.py"), file, key], { encoding: "utf8" })
    return (stdout + stderr).trim()
  }
  const made = (t: Ending) => {
    const ledger = temporaryLedger(t)
    ledger.record(...variedEvents(allTypes))
    const lines = linesOf(ledger)
    return { ledger, lines, key: ledger.keys().store.verifierKey }
  }

  test("holds for a whole export, down to the root that the ledger signed, and for a part", (t) => {
    const { ledger, lines, key } = made(t)
    assert.equal(checked(t, lines, key), "ok")
    assert.equal(ours(eventsOf(lines).at(-1))["complete"], true)
    const part = linesOf(ledger, { category: "tool" })
    assert.equal(checked(t, part, key), "ok")
    assert.equal(ours(eventsOf(part).at(-1))["complete"], false)
    assert.equal(checked(t, linesOf(ledger, { limit: 3, type: "gateway.stopped", from: 1_000_000 }), key), "ok", "nothing but the end")
  })

  test("shows what was changed, left out, put in, cut off or signed by another", (t) => {
    const { lines, key } = made(t)
    const changed = (at: number, from: RegExp | string, to: string) => lines.map((line, index) => (index === at ? line.replace(from, to) : line))
    assert.match(checked(t, changed(5, /"severity":"\w+"/, '"severity":"Fatal"'), key), /event 5 is not what its fingerprint says/)
    assert.match(checked(t, lines.toSpliced(5, 1), key), /event 5 does not follow/)
    assert.match(checked(t, lines.toSpliced(5, 0, lines[4] ?? ""), key), /event 5 does not follow/)
    assert.match(checked(t, lines.slice(0, -1), key), /the end is missing/)
    assert.match(checked(t, [...lines.slice(3)], key), /event 0 does not follow/)
    assert.match(checked(t, lines, temporaryLedger(t).keys().store.verifierKey), /not signed by the key/)
  })
})
