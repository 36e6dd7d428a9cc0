/** When anchors are asked, what becomes of their words, and that nobody is asked too often, on clocks that the test moves. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { anchorDigest, parseAnchor } from "../../../src/format/anchor.ts"
import type { NewEvent } from "../../../src/format/event.ts"
import type { AnchorService, AnchorWord } from "../../../src/operations/anchor/anchor-service.ts"
import { Anchoring, type AnchorRules } from "../../../src/operations/anchor/anchoring.ts"
import { Pace, pauseAfter } from "../../../src/operations/anchor/pace.ts"
import { anchors } from "../../../src/projections/anchors.ts"
import { openMemoryDatabase } from "../../../src/vault/database.ts"
import { until } from "../../writer/rig.ts"

const noonMs = Date.UTC(2026, 10, 30, 12)
const dayMs = 86_400_000

type Answer = () => AnchorWord | Promise<AnchorWord>

/** A journal that is nothing but a count, and one who anchors it as the test says. */
function makeAnchoring(answer: Answer, rules: Partial<AnchorRules> = {}) {
  const views = openMemoryDatabase()
  views.exec(anchors.schema)
  const [asked, recorded, failures]: [number[], NewEvent[], unknown[]] = [[], [], []]
  const clock = { wallMs: noonMs, steadyMs: 5_000 }
  let size = 1
  const anchoring = new Anchoring({
    nowMs: () => clock.wallMs,
    steadyMs: () => clock.steadyMs,
    size: () => size,
    checkpoint: () => ({ size, note: `note of ${size}` }),
    record: (event) => {
      recorded.push(event)
      size++
    },
    failed: (error) => failures.push(error),
  })
  const service: AnchorService = {
    kind: "rfc3161",
    authority: "http://a.example/",
    ask: async (checkpoint) => {
      asked.push(checkpoint.size)
      return answer()
    },
  }
  anchoring.use([service], { mostADay: 86_400, ...rules })
  const tick = async (ms = 1_000, ticks = 1) => {
    for (let i = 0; i < ticks; i++) {
      clock.wallMs += ms
      clock.steadyMs += ms
      anchoring.everySecond()
      await until(() => !anchoring.asking, "it has answered")
    }
  }
  const one = () => anchoring.status()[0] ?? assert.fail("nobody is asked")
  return { anchoring, views, service, asked, recorded, failures, clock, tick, one, grow: (entries: number) => void (size += entries), size: () => size }
}

const good: Answer = () => ({ state: "anchored", atMs: noonMs, reference: "01", proof: Buffer.from("proof") })
const down: Answer = () => ({ state: "could not be asked", problem: "connect ECONNREFUSED" })

describe("anchoring", () => {
  test("nobody is asked before it is known what was anchored last", async () => {
    const { anchoring, views, asked, tick } = makeAnchoring(good)
    await tick()
    assert.deepEqual([asked, anchoring.status()], [[], []])
    anchoring.known(views)
    await tick()
    assert.deepEqual(asked, [1])
  })

  test("after so many entries, or on the timer if at least so many are new; its own entries are none of them", async () => {
    const { anchoring, views, asked, tick, grow, one } = makeAnchoring(good, { afterEvents: 10, leastEvents: 2 })
    anchoring.known(views)
    grow(3)
    await tick()
    assert.deepEqual([asked, one().pending], [[4], 0])
    grow(9)
    await tick(1_000, 20)
    assert.deepEqual([asked.length, one().pending], [1, 9])
    grow(1)
    await tick()
    assert.deepEqual([asked, one().pending, one().size], [[4, 15], 0, 15])
    await tick(1_000, 600)
    assert.equal(asked.length, 2, "nothing is new but the anchors themselves")
    grow(1)
    await tick(1_000, 600)
    assert.equal(asked.length, 2, "one is not enough")
    grow(1)
    await tick()
    assert.deepEqual(asked, [4, 15, 18])
  })

  test("the timer runs from the last one, in a writer that is started anew, too", async () => {
    const { anchoring, views, asked, tick, grow, clock } = makeAnchoring(good)
    views
      .prepare("INSERT INTO anchors VALUES (7, ?, 'rfc3161', 'http://a.example/', 4, 6, ?, '03', 'abc', NULL)")
      .run(clock.wallMs - 100_000, clock.wallMs - 100_000)
    grow(8)
    anchoring.known(views)
    assert.deepEqual([anchoring.status()[0]?.size, anchoring.status()[0]?.pending], [6, 2])
    await tick(1_000, 199)
    assert.deepEqual(asked, [])
    await tick()
    assert.deepEqual(asked, [9])
  })

  test("each names the one before it, whoever gave it, and begins where the journal's last one is", async () => {
    const { anchoring, views, recorded, service, tick, grow } = makeAnchoring(good, { afterEvents: 1 })
    views.prepare("INSERT INTO anchors VALUES (0, 0, 'rfc3161', 'http://z.example/', 4, 1, 0, '03', 'abc', NULL)").run()
    anchoring.use([service, { ...service, authority: "http://b.example/" }], { afterEvents: 1, mostADay: 86_400 })
    anchoring.known(views)
    grow(1)
    await tick()
    grow(1)
    await tick()
    const facts = recorded.map(({ facts }) => parseAnchor(facts) ?? assert.fail("not well formed"))
    assert.deepEqual(
      facts.map(({ authority, number }) => [authority, number]),
      [
        ["http://a.example/", 5],
        ["http://b.example/", 6],
        ["http://a.example/", 7],
        ["http://b.example/", 8],
      ],
    )
    assert.deepEqual(
      facts.map(({ previous }) => previous),
      ["abc", ...facts.slice(0, -1).map((one) => anchorDigest(one))],
    )
  })

  test("one that is away is asked later and later; after five failures it is left alone, then one question decides", async () => {
    let answer = down
    const { anchoring, views, asked, tick, recorded, one, clock } = makeAnchoring(() => answer(), { afterEvents: 1 })
    anchoring.known(views)
    const startMs = clock.steadyMs
    const at: number[] = []
    for (let seconds = 0; seconds < 1_200; seconds++) {
      const before = asked.length
      await tick()
      if (asked.length > before) at.push((clock.steadyMs - startMs) / 1_000)
    }
    const gaps = at.slice(1).map((second, index) => second - (at[index] ?? 0))
    assert.deepEqual(gaps, [1, 2, 4, 8, 30, 60, 120, 240, 300, 300])
    assert.deepEqual([one().circuit, one().state, recorded], ["open", "could not be asked", []])
    answer = good
    await tick(1_000, 300)
    assert.deepEqual([one().circuit, one().failures, recorded.map(({ type }) => type)], ["closed", 0, ["checkpoint.anchored"]])
  })

  test("a false answer is recorded once as long as it is the same one, and counts as a failure", async () => {
    let why = "other imprint"
    const { anchoring, views, tick, recorded, one, grow } = makeAnchoring(() => ({ state: "answers falsely", why, problem: "it stamps something else" }), {
      afterEvents: 1,
    })
    anchoring.known(views)
    grow(4)
    await tick(1_000, 60)
    assert.deepEqual(
      recorded.map(({ type, facts }) => [type, facts]),
      [["anchor.rejected", { kind: "rfc3161", authority: "http://a.example/", size: 5, why }]],
    )
    assert.deepEqual([one().circuit, one().pending], ["open", 5], "and it is no news to be anchored")
    why = "bad signature"
    await tick(1_000, 120)
    assert.equal(recorded.length, 2)
  })

  test("a day's questions are shared out over the day, and no more are asked than there are", async () => {
    const { anchoring, views, asked, tick, grow, clock } = makeAnchoring(good, { afterEvents: 1, mostADay: 12 })
    clock.wallMs = noonMs - dayMs / 2
    anchoring.known(views)
    for (let minutes = 0; minutes < 24 * 60 - 1; minutes++) {
      grow(1)
      await tick(60_000)
    }
    assert.ok(asked.length >= 10 && asked.length <= 12, `${asked.length} questions`)
    const eager = makeAnchoring(down, { afterEvents: 1, mostADay: 3 })
    eager.anchoring.known(eager.views)
    await eager.tick(60_000, 11 * 60)
    assert.deepEqual([eager.asked.length, eager.one().today], [3, 3], "those that failed are questions, too")
    await eager.tick(60_000, 120)
    assert.equal(eager.asked.length, 6, "another day")
  })

  test("before a writer leaves what is new is shown, and what is answered after the end is dropped", async () => {
    const { anchoring, views, asked, recorded, tick, grow, clock } = makeAnchoring(good)
    anchoring.known(views)
    await tick()
    grow(1)
    clock.steadyMs += 2_000
    clock.wallMs += 2_000
    anchoring.showAll()
    await until(() => !anchoring.asking, "it has answered")
    assert.deepEqual(asked, [1, 3])
    grow(1)
    clock.steadyMs += 2_000
    anchoring.showAll()
    anchoring.close()
    await until(() => !anchoring.asking, "it has answered")
    anchoring.showAll()
    assert.deepEqual([asked.length, recorded.length], [3, 2])
  })

  test("settings that let go of one and name it again find it where it was", async () => {
    const { anchoring, views, service, tick, asked, one } = makeAnchoring(good)
    anchoring.known(views)
    await tick()
    anchoring.use([])
    assert.deepEqual(anchoring.status(), [])
    anchoring.use([service, service])
    await tick(1_000, 10)
    assert.deepEqual([anchoring.status().length, one().size, asked], [1, 1, [1]])
  })

  test("what goes wrong here is the writer's failure", async () => {
    const { anchoring, views, failures, tick } = makeAnchoring(() => Promise.reject(new Error("a bug")))
    anchoring.known(views)
    await tick()
    assert.match(String(failures[0]), /a bug/)
  })
})

describe("the pace of questions", () => {
  test("pauses grow from a second, and from half a minute once it is left alone", () => {
    assert.deepEqual(
      Array.from({ length: 10 }, (_, i) => pauseAfter(i + 1) / 1_000),
      [1, 2, 4, 8, 30, 60, 120, 240, 300, 300],
    )
  })

  test("a clock that is set does not open the day's questions twice", () => {
    const pace = new Pace(noonMs, 5)
    assert.equal(pace.ofDay(noonMs), 5)
    pace.asked(0, noonMs)
    pace.answered(true, 0)
    assert.equal(pace.ofDay(noonMs), 6)
    assert.equal(pace.waitsMs(6, 0, noonMs), dayMs / 2, "until the day is over")
    assert.equal(pace.waitsMs(7, 10, noonMs), dayMs / 2 - 10)
  })
})
