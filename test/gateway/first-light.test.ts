/** What agents do in a real gateway is in the record, with the right facts, and the record proves itself. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { callsOf, lastToolTexts } from "./ledger-fixture.ts"
import { eventually, ofType, type LedgerEvent } from "./ledger.ts"
import type { ModelRequest } from "./model-server.ts"
import { sharedLedger, type SharedLedger } from "./shared-ledger.ts"
import { resetSession, runTurn } from "./turn.ts"
import { byResponse, usageFacts, usageOfRequest } from "./usage.ts"

const session = "agent:main:first-light"
const parentSession = "agent:main:first-light-parent"
const nothing = join("nowhere", "no-such-file.txt")

describe("first light", () => {
  let fixture: SharedLedger
  let requests: readonly ModelRequest[]
  let events: readonly LedgerEvent[]
  const inSession = (key: string) => events.filter((event) => event.sessionId === key)

  before(async () => {
    fixture = await sharedLedger()
    const { client, model, ledger } = fixture
    const firstRequest = model.requests.length
    const turn = (message: string, sessionKey = session) => runTurn(client, message, { sessionKey })
    const say = "SAY first light"
    const statuses = [
      await turn(`${say} replies`),
      await turn(`TOOL exec {"command":"echo first-light-alone"}\n${say} ran`),
      await turn(`TOOLS [{"name":"exec","args":{"command":"echo first-light-one"}},{"name":"ls","args":{"path":"."}}]\n${say} ran two`),
      await turn(`TOOL process {"action":"list"}\n${say} was refused`),
      await turn(`TOOL read {"path":"${nothing}"}\n${say} failed`),
      await turn(`TOOL tool_call {"id":"sessions_spawn","args":{"task":"SAY first light below"}}\n${say} sent`, parentSession),
    ].map(({ status }) => status)
    assert.deepEqual(statuses, Array(6).fill("ok"))
    await resetSession(client, session)
    await turn(`${say} begins again`)
    const done = (seen: readonly LedgerEvent[]) => {
      const runs = ofType(seen, "run.started").length
      // The host tells of the end of a session that is reset by the same hook, in that session.
      return (
        ofType(seen, "subagent.ended").some(({ sessionId }) => sessionId === parentSession) &&
        ["run.ended", "model.responded"].every((type) => ofType(seen, type).length === runs)
      )
    }
    const ours = (seen: readonly LedgerEvent[]) => {
      const childRuns = new Set(ofType(seen, "subagent.spawned").flatMap((event) => (event.sessionId === parentSession ? [event.facts["childRun"]] : [])))
      const child = seen.find(({ sessionId, facts }) => isChild(sessionId) && childRuns.has(facts["run"] ?? null))?.sessionId
      return seen.filter(({ sessionId }) => sessionId === session || sessionId === parentSession || (child !== undefined && sessionId === child))
    }
    events = await eventually("the record of the turns", async () => ours(await ledger.events()), done)
    requests = model.requests.slice(firstRequest).filter(({ userText }) => userText.includes("first light"))
  })

  it("records every step of a reply once", () => {
    const [run] = ofType(inSession(session), "run.started").map(({ facts }) => facts["run"])
    const expected = ["run.started", "prompt.submitted", "model.called", "model.returned", "usage.reported", "run.ended", "model.responded"]
    const steps = inSession(session).filter(({ type, facts }) => facts["run"] === run && expected.includes(type))
    assert.deepEqual(steps.map(({ type }) => type).toSorted(), expected.toSorted())
    assert.deepEqual(ofType(steps, "run.ended", { success: true }).length, 1)
    assert.deepEqual(ofType(inSession(session), "session.started").length, 2, "the session began, and began again after its reset")
  })

  it("records each tool call once, with its verdict and its end", () => {
    const asked = callsOf(requests)
    const invoked = ofType(events, "tool.invoked")
    const wrapped = ({ facts }: LedgerEvent) => String(facts["call"]).startsWith("tool_search_code:")
    assert.deepEqual(idsOf(invoked.filter((event) => !wrapped(event))), asked.map(({ id }) => id).toSorted())
    assert.deepEqual(idsOf([...ofType(events, "tool.returned"), ...ofType(events, "tool.denied")]), idsOf(invoked))
    const factsOf = (tool: string) => ofType(events, "tool.invoked", { tool }).map(({ facts: { guarded, verdict, rule } }) => ({ guarded, verdict, rule }))
    assert.deepEqual(
      factsOf("exec"),
      Array.from({ length: 2 }, () => ({ guarded: true, verdict: "allow", rule: "guard.tools exec" })),
    )
    assert.deepEqual(factsOf("ls"), [{ guarded: false, verdict: "allow", rule: undefined }])
    assert.deepEqual(factsOf("process"), [{ guarded: true, verdict: "deny", rule: "guard.deny process" }])
    assert.deepEqual(
      ofType(events, "tool.denied").map(({ facts }) => [facts["tool"], facts["deniedBy"]]),
      [["process", "plugin-before-tool-call"]],
    )
    assert.deepEqual(
      ofType(events, "tool.returned")
        .map(({ facts }) => `${String(facts["tool"])} ${facts["failed"] === true ? "failed" : "ended"}`)
        .toSorted(),
      ["exec ended", "exec ended", "ls ended", "read failed", "sessions_spawn ended", "tool_call ended"],
    )
    assert.match(lastToolTexts(requests, "first light was refused").at(-1) ?? "", /guard\.deny process/)
  })

  it("marks the outer call of Tool Search, so that nobody counts both", () => {
    const calls = ofType(inSession(parentSession), "tool.invoked").map(({ facts }) => [facts["tool"], facts["wrapper"]])
    assert.deepEqual(calls, [
      ["tool_call", true],
      ["sessions_spawn", undefined],
    ])
  })

  it("records the subagent in its parent's session and its run in its own", () => {
    const [spawned] = ofType(inSession(parentSession), "subagent.spawned")
    const [ended] = ofType(inSession(parentSession), "subagent.ended")
    assert.equal(ended?.facts["outcome"], "ok")
    assert.equal(ended?.facts["childRun"], spawned?.facts["childRun"])
    const child = events.filter(({ sessionId }) => isChild(sessionId))
    assert.deepEqual(
      ofType(child, "run.ended").map(({ facts }) => facts["run"]),
      [spawned?.facts["childRun"]],
    )
  })

  it("records the session's reset", () => {
    assert.deepEqual(
      ofType(inSession(session), "session.ended").map(({ facts }) => facts["reason"]),
      ["reset"],
    )
  })

  it("records tokens and cost of every model call as the model itself counted them", () => {
    const reported = ofType(events, "usage.reported").map(({ facts }) => facts)
    assert.deepEqual(
      reported.map(usageFacts).toSorted(byResponse),
      requests.map(usageOfRequest).toSorted(byResponse),
      "usage.reported has a row for each request, no more and no fewer",
    )
    const answered = ofType(events, "model.responded").map(({ facts }) => facts)
    for (const name of ["inputTokens", "outputTokens", "cacheReadTokens"]) assert.equal(sum(answered, name), sum(reported, name), `${name} of the runs`)
    assert.equal(sum(answered, "reportedNanos"), sum(reported, "reportedNanos"), "nano-dollars of the runs")
  })

  it("is valid as a ledger, and as an export that a stranger checks with the key alone", async () => {
    const { ledger, home } = fixture
    const { verdict, report } = await ledger.verify()
    assert.equal(verdict, "valid", JSON.stringify(report))
    for (const type of ["capture.gap", "capture.hook-unavailable"]) assert.deepEqual(await ledger.events({ type }), [], type)
    const file = join(home.directory, "first-light.ndjson")
    await ledger.run(["export", "json", "--out", file])
    const rows = readRows(file)
    assert.deepEqual(
      rows.filter(({ sessionId }) => sessionId === session).map(({ type }) => type),
      inSession(session).map(({ type }) => type),
    )
    const key = String((await ledger.json("key", "status"))["verifierKey"])
    const check = (path: string) =>
      ledger.run(["verify", "--offline", path, "--key", key, "--json"], { HOME: "/nonexistent", OPENCLAW_STATE_DIR: "/nonexistent" })
    const good = await check(file)
    assert.deepEqual([good.exitCode, JSON.parse(good.stdout).verdict], [0, "valid"])
    const changed = join(home.directory, "first-light-changed.ndjson")
    writeFileSync(changed, readFileSync(file, "utf8").replace('\\"tool\\":\\"exec\\"', '\\"tool\\":\\"read\\"'))
    const bad = await check(changed)
    assert.deepEqual([bad.exitCode, JSON.parse(bad.stdout).verdict], [1, "invalid"])
  })
})

function isChild(sessionId: string | null): boolean {
  return sessionId?.startsWith("agent:main:subagent:") ?? false
}

function idsOf(events: readonly LedgerEvent[]): readonly string[] {
  return events.map(({ facts }) => String(facts["call"])).toSorted()
}

function sum(facts: readonly JsonObject[], name: string): number {
  return facts.reduce((total, each) => total + Number(each[name] ?? 0), 0)
}

function readRows(file: string): readonly JsonObject[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject)
}
