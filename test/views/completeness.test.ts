/** Our record against the host's rows: what counts as matched, missing, extra or apart. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { describe, test } from "node:test"
import type { HostModelCall, HostRecords, HostToolCall } from "../../src/views/completeness-host.ts"
import { compareWithHost, completenessExit, type Completeness, type Question } from "../../src/views/completeness.ts"
import { bareId, type LedgerRecord, type RecordedModelCall, type RecordedRun, type RecordedToolCall } from "../../src/views/completeness-record.ts"

const startMs = Date.UTC(2026, 10, 20, 12)
const nowMs = startMs + 86_400_000
const message = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
/** As `ScopeStore.pseudonym`, for whoever reads this: a name that starts with a tilde. */
const canonical = (id: string) => (id.startsWith("~") ? id : `~${id}`)
const sha = (text: string) => createHash("sha256").update(text).digest("hex")

function record(parts: Partial<LedgerRecord> & { readonly runIds?: readonly string[] } = {}): LedgerRecord {
  const { runIds = ["r1"], ...rest } = parts
  const runs = new Map(runIds.map((run) => [canonical(run), recordedRun(run)]))
  return { origin: "test", size: 9, root: Buffer.alloc(32), sinceMs: startMs, modelCalls: [], toolCalls: [], runs, gaps: [], canonical, ...rest }
}

function recordedRun(shown: string, parts: Partial<RecordedRun> = {}): RecordedRun {
  return { shown, atMs: startMs, lastMs: startMs, compaction: false, completed: 0, reported: 0, ...parts }
}

function ours(n: number, parts: Partial<RecordedModelCall> = {}): RecordedModelCall {
  return {
    row: undefined,
    imported: false,
    session: canonical("s"),
    message: canonical(message(n)),
    response: undefined,
    run: canonical("r1"),
    what: "mock/m",
    id: `usage.reported:s/${n}`,
    atMs: startMs + n,
    ...parts,
  }
}

function theirs(n: number, parts: Partial<HostModelCall> = {}): HostModelCall {
  return {
    agent: "main",
    session: "s",
    message: message(n),
    run: "r1",
    response: undefined,
    provider: "mock",
    model: "m",
    row: `row-${n}`,
    atMs: startMs + n,
    ...parts,
  }
}

function ourTool(call: string, parts: Partial<RecordedToolCall> = {}): RecordedToolCall {
  return { run: canonical("r1"), call, callSha256: sha(call), bareCall: bareId(call), tool: "exec", atMs: startMs, asked: 1, ended: 1, ...parts }
}

function theirTool(evidence: HostToolCall["evidence"], call: string, parts: Partial<HostToolCall> = {}): HostToolCall {
  return { evidence, run: "r1", call: evidence.startsWith("audit") ? undefined : call, callSha256: sha(call), tool: "exec", atMs: startMs + 1, ...parts }
}

const store = { name: "state", path: "/s", state: "read", schemaVersion: 18, problem: null, rows: 1, unreadableRows: 0 } as const

function compare(host: Partial<HostRecords>, ledger: LedgerRecord, question: Partial<Question> = {}): Completeness {
  const whole = { stores: [store], modelCalls: [], toolCalls: [], runs: [], ...host }
  return compareWithHost(whole, ledger, { fromMs: 0, toMs: nowMs, run: null, limit: 100, nowMs, ...question })
}

const tallyOf = (found: Completeness, kind: keyof Completeness["totals"]) => {
  const { matched, missing, extra, inGaps, beforeRecord } = found.totals[kind]
  return [matched, missing, extra, inGaps, beforeRecord]
}

describe("model calls", () => {
  test("match by session and message; one that only the host has is missing and unseen, one that only we have is extra", () => {
    const found = compare({ modelCalls: [theirs(1), theirs(2), theirs(3)] }, record({ modelCalls: [ours(1), ours(2), ours(4)] }))
    assert.deepEqual(tallyOf(found, "model call"), [2, 1, 1, 0, 0])
    assert.deepEqual(found.grades, { seen: 2, imported: 0, unseen: 1, seenShare: 2 / 3 })
    assert.deepEqual([found.verdict, completenessExit[found.verdict]], ["incomplete", 1])
    assert.deepEqual(found.missing, [
      { kind: "model call", at: new Date(startMs + 3).toISOString(), run: "r1", what: "mock/m", id: `s/${message(3)}`, note: null },
    ])
    assert.deepEqual(
      found.extra.filter(({ kind }) => kind === "model call").map(({ id, note }) => [id, note]),
      [["usage.reported:s/4", "no row in the host's stores"]],
    )
  })

  test("match by the message alone where it names one row anywhere, and not where it is short", () => {
    const modelCalls = [theirs(1, { session: "fork" }), theirs(2, { session: "fork", message: "369b43ff" })]
    const found = compare({ modelCalls }, record({ modelCalls: [ours(1), ours(2, { message: canonical("369b43ff") })] }))
    assert.deepEqual(tallyOf(found, "model call"), [1, 1, 1, 0, 0])
  })

  test("match by the provider's response of the same run when the message does not tell", () => {
    const modelCalls = [
      theirs(1, { message: "new-id-after-a-rewrite-1", response: "resp-1" }),
      theirs(2, { message: undefined, response: "resp-2", run: "r2" }),
    ]
    const mine = [ours(1, { response: canonical("resp-1") }), ours(2, { message: undefined, response: canonical("resp-2") })]
    assert.deepEqual(tallyOf(compare({ modelCalls }, record({ modelCalls: mine })), "model call"), [1, 1, 1, 0, 0])
  })

  test("each row of ours is taken once: two of theirs with one id are two calls", () => {
    const twice = [theirs(1, { message: "short" }), theirs(2, { message: "short" })]
    const found = compare({ modelCalls: twice }, record({ modelCalls: [ours(1, { message: canonical("short") })] }))
    assert.deepEqual(tallyOf(found, "model call"), [1, 1, 0, 0, 0])
  })

  test("ids that stand in our facts as pseudonyms are the host's ids", () => {
    const run = "announce:v1:agent:main:subagent:x"
    const mine = record({ modelCalls: [ours(1, { session: "~s", run: `~${run}` })], runIds: [] })
    const found = compare(
      { modelCalls: [theirs(1, { run })], runs: [{ agent: "main", run, atMs: startMs }] },
      { ...mine, runs: new Map([[`~${run}`, recordedRun(`~${run}`)]]) },
    )
    assert.deepEqual(
      [tallyOf(found, "model call"), tallyOf(found, "run")],
      [
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
      ],
    )
  })

  test("match by the name of the row what was imported: every copy of it; what was heard, too, is extra for neither", () => {
    const byImport = { imported: true, session: undefined, message: undefined }
    const modelCalls = [theirs(1), theirs(1, { session: "fork", message: "x" }), theirs(2), theirs(3)]
    const mine = [ours(1, { ...byImport, row: "row-1" }), ours(2), ours(2, { ...byImport, row: "row-2" }), ours(9, { ...byImport, row: "row-9" })]
    const found = compare({ modelCalls }, record({ modelCalls: mine }))
    assert.deepEqual(tallyOf(found, "model call"), [3, 1, 1, 0, 0])
    assert.deepEqual(found.grades, { seen: 3, imported: 2, unseen: 1, seenShare: 3 / 4 })
    assert.match(found.extra.find(({ kind }) => kind === "model call")?.note ?? "", /^imported from elsewhere/)
  })

  test("a row without tokens is missed by nobody, and matched where it was heard", () => {
    const found = compare({ modelCalls: [theirs(1, { row: undefined }), theirs(2, { row: undefined })] }, record({ modelCalls: [ours(1)] }))
    assert.deepEqual([tallyOf(found, "model call"), found.apart[0]?.count], [[1, 0, 0, 0, 0], 1])
  })

  test("a completed call without any row with usage is extra: compaction, or a row the host did not keep", () => {
    const runs = new Map([
      ["~c", recordedRun("c:compaction:cmp", { compaction: true, completed: 2 })],
      ["~r1", recordedRun("r1", { completed: 3, reported: 2 })],
    ])
    const found = compare({ modelCalls: [theirs(1), theirs(2)] }, record({ modelCalls: [ours(1), ours(2)], runs }))
    assert.deepEqual(tallyOf(found, "model call"), [2, 0, 3, 0, 0])
    assert.deepEqual(
      found.extra.filter(({ kind }) => kind === "model call").map(({ note }) => note),
      ["compaction, which the host does not store", "compaction, which the host does not store", "the host kept no row with its usage"],
    )
    assert.equal(found.verdict, "complete")
  })

  test("a row that is missing while the call itself is on record says so, and the call is not extra too", () => {
    const runs = new Map([["~r1", recordedRun("r1", { completed: 1, reported: 0 })]])
    const found = compare({ modelCalls: [theirs(1)] }, record({ runs }))
    assert.deepEqual(tallyOf(found, "model call"), [0, 1, 0, 0, 0])
    assert.equal(found.missing[0]?.note, "the call is on record, its tokens and cost are not")
  })
})

describe("tool calls", () => {
  test("several traces of one call are one call", () => {
    const toolCalls = (["asked", "result", "trajectory", "audit started", "audit finished"] as const).map((evidence) => theirTool(evidence, "call_1_0"))
    assert.deepEqual(tallyOf(compare({ toolCalls }, record({ toolCalls: [ourTool("call_1_0")] })), "tool call"), [1, 0, 0, 0, 0])
  })

  test("match by run and id; the audit trail's hash tells as much as the id", () => {
    const toolCalls = [theirTool("audit finished", "a"), theirTool("audit finished", "b"), theirTool("result", "c", { run: "r2" })]
    const found = compare({ toolCalls }, record({ toolCalls: [ourTool("a"), ourTool("c"), ourTool("d")] }))
    assert.deepEqual(tallyOf(found, "tool call"), [1, 2, 2, 0, 0])
    assert.deepEqual(found.missing.map(({ id }) => id).toSorted(), ["c", `sha256:${sha("b")}`])
  })

  test("an id the host wrote anew is the same call, also beside the audit trail's hash of the old one", () => {
    const rewritten = [theirTool("result", "call20")]
    assert.deepEqual(tallyOf(compare({ toolCalls: rewritten }, record({ toolCalls: [ourTool("call_2_0")] })), "tool call"), [1, 0, 0, 0, 0])
    const both = [...rewritten, theirTool("audit finished", "call_2_0")]
    assert.deepEqual(tallyOf(compare({ toolCalls: both }, record({ toolCalls: [ourTool("call_2_0")] })), "tool call"), [1, 0, 0, 0, 0])
  })

  test("an id used twice is two calls on both sides", () => {
    const toolCalls = [theirTool("result", "a"), theirTool("result", "a"), theirTool("result", "a")]
    assert.deepEqual(tallyOf(compare({ toolCalls }, record({ toolCalls: [ourTool("a", { asked: 2, ended: 1 })] })), "tool call"), [2, 1, 0, 0, 0])
  })

  test("a call of ours whose id is sealed for good matches one of the same tool and run, and of no other", () => {
    const sealed = { callSha256: undefined, bareCall: undefined }
    const toolCalls = [theirTool("audit finished", "a"), theirTool("audit finished", "b", { tool: "read" })]
    const found = compare({ toolCalls }, record({ toolCalls: [ourTool("~x", sealed), ourTool("~y", sealed)] }))
    assert.deepEqual(tallyOf(found, "tool call"), [1, 1, 1, 0, 0])
  })

  test("what a model asked for and the host never ran is told apart", () => {
    const found = compare({ toolCalls: [theirTool("asked", "a"), theirTool("asked", "b"), theirTool("result", "b")] }, record({ toolCalls: [ourTool("b")] }))
    assert.deepEqual(tallyOf(found, "tool call"), [1, 0, 0, 0, 0])
    assert.deepEqual(found.apart, [{ kind: "tool call", reason: "asked for by a model, never run by the host", count: 1 }])
  })
})

describe("what is counted apart, and the window", () => {
  test("before our record began", () => {
    const found = compare({ modelCalls: [theirs(1, { atMs: startMs - 1 }), theirs(2)] }, record({ modelCalls: [ours(2)] }))
    assert.deepEqual([tallyOf(found, "model call"), found.verdict], [[1, 0, 0, 0, 1], "complete"])
    assert.deepEqual(found.grades, { seen: 1, imported: 0, unseen: 0, seenShare: 1 })
  })

  test("a recorded gap excuses as many as it counted, of the hooks it counted, in its time", () => {
    const gap = { reason: "queue full", count: 3, byType: { transcript: 2, before_tool_call: 1 }, fromMs: startMs + 10_000, toMs: startMs + 20_000 }
    const modelCalls = [1, 2, 3].map((n) => theirs(n, { atMs: startMs + 15_000 + n }))
    const toolCalls = [theirTool("result", "a", { atMs: startMs + 12_000 }), theirTool("result", "b", { atMs: startMs + 30_000 })]
    const found = compare({ modelCalls, toolCalls }, record({ gaps: [gap] }))
    assert.deepEqual(
      [tallyOf(found, "model call"), tallyOf(found, "tool call")],
      [
        [0, 1, 0, 2, 0],
        [0, 1, 0, 1, 0],
      ],
    )
    assert.deepEqual(found.grades, { seen: 0, imported: 0, unseen: 3, seenShare: 0 })
    assert.deepEqual(found.apart, [
      { kind: "tool call", reason: "inside a recorded gap: queue full", count: 1 },
      { kind: "model call", reason: "inside a recorded gap: queue full", count: 2 },
    ])
  })

  test("what the host wrote a moment ago is not missing yet", () => {
    const found = compare({ modelCalls: [theirs(1, { atMs: nowMs - 1_000 }), theirs(2, { atMs: nowMs - 60_000 })] }, record())
    assert.deepEqual(tallyOf(found, "model call"), [0, 1, 0, 0, 0])
    assert.match(found.apart[0]?.reason ?? "", /just now/)
  })

  test("the window is half open and does not tear a match apart; a run may be asked for by either of its names", () => {
    const host = { modelCalls: [theirs(1), theirs(5, { run: "r2" })] }
    const mine = record({ modelCalls: [ours(1, { atMs: startMs - 5 })], runIds: ["r1"] })
    assert.deepEqual(tallyOf(compare(host, mine, { fromMs: startMs + 1, toMs: startMs + 5 }), "model call"), [1, 0, 0, 0, 0])
    assert.deepEqual(tallyOf(compare(host, mine, { fromMs: startMs + 2 }), "model call"), [0, 1, 0, 0, 0])
    assert.deepEqual(tallyOf(compare(host, mine, { run: "r2" }), "model call"), [0, 1, 0, 0, 0])
    assert.deepEqual(tallyOf(compare(host, mine, { run: "~r1" }), "model call"), [1, 0, 0, 0, 0])
  })

  test("days and runs add up to the totals; runs that lack something come first", () => {
    const modelCalls = [theirs(1), theirs(2, { atMs: startMs + 13 * 3_600_000 }), theirs(3, { run: "r2", atMs: startMs + 13 * 3_600_000 })]
    const runs = [
      { agent: "main", run: "r1", atMs: startMs },
      { agent: "main", run: "r2", atMs: startMs + 13 * 3_600_000 },
    ]
    const found = compare({ modelCalls, runs }, record({ modelCalls: [ours(1), ours(2)] }))
    assert.deepEqual(
      found.days.map(({ day, totals }) => [day, totals["model call"].matched, totals["model call"].missing]),
      [
        ["2026-11-20", 1, 0],
        ["2026-11-21", 1, 1],
      ],
    )
    assert.deepEqual(
      found.runs.map(({ run, totals }) => [run, totals["model call"].matched, totals["run"].missing]),
      [
        ["r2", 0, 1],
        ["r1", 2, 0],
      ],
    )
  })

  test("lists are cut at the limit and say so; the hash is of the whole list, in whatever order it was found", () => {
    const modelCalls = [1, 2, 3].map((n) => theirs(n))
    const [cut, whole] = [compare({ modelCalls }, record(), { limit: 1 }), compare({ modelCalls: modelCalls.toReversed() }, record())]
    assert.deepEqual([cut.missing.length, cut.missingTruncated, whole.missing.length, whole.missingTruncated], [1, true, 3, false])
    assert.equal(cut.missingSha256, whole.missingSha256)
    assert.notEqual(cut.missingSha256, compare({ modelCalls: modelCalls.slice(1) }, record()).missingSha256)
    assert.equal(compare({}, record()).missingSha256, sha(""))
  })
})

describe("what could not be compared", () => {
  test("a store that was not read, and rows nobody understood, leave no verdict", () => {
    for (const broken of [
      { ...store, state: "refused", problem: "its schema is version 99" },
      { ...store, state: "unreadable", problem: "disk I/O error" },
      { ...store, state: "absent" },
      { ...store, unreadableRows: 2 },
    ] as const) {
      const found = compare({ stores: [store, broken], modelCalls: [theirs(1)] }, record({ modelCalls: [ours(1)] }))
      assert.deepEqual([found.verdict, completenessExit[found.verdict], found.problems.length], ["not compared", 2, 1])
    }
  })

  test("something that is surely missing is said although a store was not read", () => {
    const found = compare({ stores: [{ ...store, state: "absent" }], modelCalls: [theirs(1)] }, record())
    assert.deepEqual([found.verdict, found.problems.length], ["incomplete", 1])
  })

  test("a record without any event of the host is no record to compare with", () => {
    const found = compare({ modelCalls: [theirs(1)] }, record({ sinceMs: null }))
    assert.deepEqual([found.verdict, tallyOf(found, "model call")], ["not compared", [0, 0, 0, 0, 1]])
  })
})
