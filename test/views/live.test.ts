/** The live screen's figures, made of entries: who runs, with which tool, what it has cost; and its lines, whatever somebody is called and however little room there is. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { createColors } from "picocolors"
import type { NewEvent } from "../../src/format/event.ts"
import { liveNow, type Live } from "../../src/views/live.ts"
import { LiveLedger } from "../../src/views/live-ledger.ts"
import { LiveRuns } from "../../src/views/live-runs.ts"
import { liveLines } from "../../src/surfaces/render/live-text.ts"
import { startMs, temporaryLedger } from "../ledger-fixture.ts"

const hostile = "agent:\u001b[2Jmain\n:x"
let count = 0
const event = (type: string, facts: object, session = "agent:main:main") =>
  ({ type, id: `${type}:${(count += 1)}`, scope: { session, sender: "" }, facts }) as unknown as NewEvent
const started = (run: string, session?: string) => event("run.started", { run, provider: "mock", model: "mock-1", historyMessages: 0 }, session)
const ended = (run: string) => event("run.ended", { run, success: true, messageCount: 2 })
const invoked = (run: string, call: string, verdict = "allow") => event("tool.invoked", { run, call, tool: "exec", guarded: false, verdict })
const returned = (run: string, call: string) => event("tool.returned", { run, call, tool: "exec", failed: false, resultBytes: 1 })
const usage = (run: string, nanos: string) =>
  event("usage.reported", { run, provider: "mock", model: "mock-2", role: "assistant", inputTokens: 10, outputTokens: 5, reportedNanos: nanos })

describe("what goes on now", () => {
  const ledger = temporaryLedger({ after })
  const eye = new LiveLedger(ledger.files, () => ledger.places)
  after(() => eye.close())
  const runs = new LiveRuns()
  const now = (nowMs = startMs + 1_000): Live => eye.ask((access, state) => liveNow(access, state, runs, nowMs))

  test("a run from its beginning to its end, with its tool and its cost", () => {
    ledger.record(started("r1"), started("r2", hostile), ended("r0"))
    assert.deepEqual(
      now().runs.map(({ run, model, tool, calls, nanos, session }) => [run, session, model, tool, calls, nanos]),
      [
        ["r1", "agent:main:main", "mock/mock-1", null, 0, "0"],
        ["r2", hostile, "mock/mock-1", null, 0, "0"],
      ],
    )
    ledger.record(usage("r1", "2500000000"), invoked("r1", "c1"), invoked("r1", "c2", "deny"), usage("nobody", "7"))
    assert.deepEqual(now().runs.map(({ run, model, tool, calls, nanos }) => [run, model, tool, calls, nanos])[0], [
      "r1",
      "mock/mock-2",
      "exec",
      1,
      "2500000000",
    ])
    ledger.record(returned("r1", "c1"), ended("r2"))
    assert.deepEqual(
      now().runs.map(({ run, tool }) => [run, tool]),
      [["r1", null]],
    )
    assert.deepEqual([now().today.calls, now().today.costNanos], [2, 2_500_000_007])
  })

  test("who looks later sees the same; a run that nothing is heard of for long is not shown", () => {
    const later = eye.ask((access, state) => liveNow(access, state, new LiveRuns(), startMs + 1_000))
    assert.deepEqual(later.runs, now().runs)
    assert.equal(later.events[0]?.sequence, later.entries - 1)
    assert.deepEqual(now(startMs + 7 * 3_600_000).runs, [])
  })

  test("lines: nothing that somebody wrote is more than text, and no more of them than there is room for", () => {
    const fresh = eye.ask((access, state) => liveNow(access, state, new LiveRuns(), startMs + 1_000))
    const live = {
      ...fresh,
      runs: [{ run: "r", session: hostile, model: "m", since: new Date(startMs).toISOString(), tool: "ex\u001b]0;x\u0007ec", calls: 1, nanos: "5" }],
    }
    const report = {
      schemaVersion: 1,
      generatedAt: "",
      since: "",
      directory: "/l",
      checks: [{ name: "clock", state: "wrong", words: "set", remedy: "sovereign-ledger clock" }],
    } as const
    const lines = liveLines({ report, live, nowMs: startMs + 61_000 }, createColors(false), { rows: 18 })
    assert.ok(
      lines.every((line) => !/\p{Cc}/u.test(line)),
      JSON.stringify(lines),
    )
    assert.deepEqual([lines.length <= 18, lines[0]?.includes("SOMETHING IS WRONG"), lines[1]?.endsWith("set  -> sovereign-ledger clock")], [true, true, true])
    assert.match(lines.find((line) => line.includes("call")) ?? "", /61 s +1 call +agent:\\u001b\[2Jmain\\u000a:x {2}m {2}ex\\u001b/)
    assert.deepEqual(liveLines({ report: { ...report, checks: [] }, live: null, nowMs: startMs }, createColors(false), { rows: 5 }).length, 2)
  })
})
