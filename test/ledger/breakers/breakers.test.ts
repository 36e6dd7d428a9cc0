/** What holds of breakers whatever the order: loops trip however they are mixed with other work, states survive as text, and memory stays bounded. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { afterToolCall, beforeToolCall } from "../../../src/capture/hooks/tool-call.ts"
import { breakersJson, breakersOf } from "../../../src/ledger/breakers/breaker-snapshot.ts"
import { emptyBreakers, mostRepeats, mostRuns, mostSessions, mostUnattended, type BreakerState, type Seen } from "../../../src/ledger/breakers/breaker-state.ts"
import { cutOf, see, tripOf } from "../../../src/ledger/breakers/breakers.ts"
import { benign } from "../../vectors/breakers/benign.ts"
import { loops } from "../../vectors/breakers/loops.ts"
import { exec, words, type TracedCall } from "../../vectors/breakers/trace.ts"
import { play, seenOf } from "./play.ts"

const again = exec("make", "nothing to be done")

/** Events of several runs, mixed as `order` says: which run goes on next. */
function mixed(runs: readonly (readonly Seen[])[], order: readonly number[]): readonly Seen[] {
  const left = runs.map((run) => [...run])
  const all: Seen[] = []
  for (const turn of order) {
    const open = left.filter((run) => run.length > 0)
    const next = open[turn % Math.max(1, open.length)]?.shift()
    if (next) all.push(next)
  }
  return [...all, ...left.flat()]
}

function eventsOf(run: string, calls: readonly TracedCall[]): readonly Seen[] {
  return calls.flatMap((call, index) => [beforeToolCall, afterToolCall].flatMap((hook) => seenOf(hook, run, call, index)))
}

function feed(state: BreakerState, events: readonly Seen[]): readonly string[] {
  return events.flatMap((seen) => {
    see(state, seen)
    const trip = tripOf(state, seen)
    if (trip) state.cuts.set(trip.cut, { ...trip, atMs: 0, mode: "block" })
    return trip ? [`${trip.breaker} ${trip.cut}`] : []
  })
}

describe("a loop", () => {
  test("trips in the run that has it and in no other, however the events of runs are mixed", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...loops.keys()], { minLength: 1, maxLength: 4 }),
        fc.shuffledSubarray([...benign.keys()], { maxLength: 4 }),
        fc.array(fc.nat(7), { minLength: 50, maxLength: 400 }),
        (looping, working, order) => {
          const alone = (trace: (typeof loops)[number], run: string) =>
            eventsOf(
              run,
              trace.calls.map(({ beside: _beside, ...call }) => call),
            )
          const runs = [
            ...looping.map((at) => alone(loops[at] ?? assert.fail(), `l${at}`)),
            ...working.map((at) => alone(benign[at] ?? assert.fail(), `b${at}`)),
          ]
          const tripped = feed(emptyBreakers(), mixed(runs, order))
          assert.deepEqual(tripped.toSorted(), looping.map((at) => `${loops[at]?.trips?.breaker} run:l${at}`).toSorted())
        },
      ),
      { numRuns: 40 },
    )
  })

  test("is none where results are told more than once; one whose calls all have the same name is one all the same", () => {
    const told = (run: string, calls: readonly TracedCall[], nameOf: (index: number) => number, times: number) =>
      calls.flatMap((call, index) => [
        ...seenOf(beforeToolCall, run, call, nameOf(index)),
        ...Array.from({ length: times }, () => seenOf(afterToolCall, run, call, nameOf(index))).flat(),
      ])
    assert.deepEqual(feed(emptyBreakers(), told("twice", [again, again], Number, 5)), [])
    const same = feed(
      emptyBreakers(),
      told("named", [again, again, again, again], () => 0, 2),
    )
    assert.deepEqual(same, ["identical-calls run:named"])
  })

  test("trips at its fourth call behind any calls that repeat, and by the twentieth behind calls that are all new", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 30 }), fc.boolean(), (between, isNew) => {
        let n = 0
        const other = (kind: number) => (isNew ? exec(`cat ${words(++n, 3)}${n}`, words(n, 8)) : exec(`part-${words(kind, 2)}`, words(kind, 3)))
        const known = isNew ? [] : [0, 1, 2, 3].map(other)
        const calls = [...known, ...Array.from({ length: 20 }, (_, at) => [again, ...(between[at] === undefined ? [] : [other(between[at])])]).flat()]
        const tripped = play(emptyBreakers(), "r", calls)
        assert.equal(tripped?.breaker, "identical-calls")
        const made = calls.slice(0, tripped.atCall).filter((call) => call === again).length
        assert.ok(made <= (isNew ? 20 : 4), `after ${made}`)
      }),
      { numRuns: 200 },
    )
  })
})

describe("the state", () => {
  test("as text and back, at any moment, trips and refuses as the one that went on", () => {
    fc.assert(
      fc.property(fc.nat(loops.length - 1), fc.nat(120), (at, cut) => {
        const events = eventsOf("r", loops[at]?.calls ?? [])
        const [whole, first] = [emptyBreakers(), emptyBreakers()]
        feed(first, events.slice(0, cut))
        const restored = breakersOf(JSON.parse(JSON.stringify(breakersJson(first))) as ReturnType<typeof breakersJson>)
        assert.deepEqual(restored, first)
        feed(whole, events)
        feed(restored, events.slice(cut))
        assert.deepEqual(breakersJson(restored), breakersJson(whole))
      }),
      { numRuns: 100 },
    )
  })

  test("stays bounded with ten thousand runs, sessions and jobs, and with a run of ten thousand calls", () => {
    const state = emptyBreakers()
    for (let n = 0; n < 10_000; n++) {
      const usage = { atMs: n * 60_000, inputTokens: 1, computedNanos: "1" }
      feed(state, [
        ...eventsOf(`r${n}`, [exec("date", "today")]),
        { type: "usage.reported", facts: { ...usage, run: `r${n}` }, scope: `s${n}` },
        { type: "usage.reported", facts: { ...usage, run: `c${n}`, runKind: "cron", job: `j${n}` }, scope: "c" },
        { type: "usage.reported", facts: { ...usage, run: `h${n}`, runKind: "heartbeat", agent: "main" }, scope: "m" },
      ])
    }
    feed(
      state,
      eventsOf(
        "long",
        Array.from({ length: 10_000 }, (_, n) => exec(`cat ${words(n, 3)}${n}`, `${words(n, 6)} ${n}`)),
      ),
    )
    assert.deepEqual([state.runs.size, state.sessions.size, state.unattended.size], [mostRuns, mostSessions, mostUnattended])
    const long = state.runs.get("long")
    for (const calls of [long?.identical, long?.similar, long?.results]) assert.equal(calls?.size, mostRepeats)
    assert.ok((state.unattended.get("heartbeat:main")?.quarters.length ?? 0) <= 105)
    assert.ok(JSON.stringify(breakersJson(state)).length < 1_000_000)
  })

  test("of a history that was read is none: it happened before anybody looked", () => {
    const state = emptyBreakers()
    const imported = eventsOf(
      "r",
      Array.from({ length: 50 }, () => again),
    ).map((seen) => ({ ...seen, facts: { ...seen.facts, imported: true } }))
    assert.deepEqual(feed(state, imported), [])
    assert.equal(state.runs.size, 0)
  })

  test("cuts what it names and nothing beside it", () => {
    const state = emptyBreakers()
    feed(
      state,
      eventsOf(
        "r",
        Array.from({ length: 4 }, () => again),
      ),
    )
    const asks = { run: "r", session: "s", agent: "main", job: undefined }
    assert.equal(cutOf(state, asks, 0)?.cut, "run:r")
    assert.equal(cutOf(state, { ...asks, run: "other" }, 0), undefined)
    assert.equal(cutOf(state, { ...asks, run: undefined }, 0), undefined)
  })
})
