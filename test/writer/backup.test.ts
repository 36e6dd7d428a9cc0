/** Backups of a ledger that works, and the whole disaster: what is put back has what was acknowledged, and neither money nor erased words come back with it. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, test, type TestContext } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { destroyKeys, filesWith } from "../operations/backup/backup-rig.ts"
import { backUp, backupPlaces, factsIn, filesAt, keysOf, must, placesOf, putBack, type Backups } from "./backup-rig.ts"
import { LedgerLoad, spend } from "./ledger-load.ts"
import { lineOf, startLoad } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

const begin = (rig: Rig) => rig.writer(["--leave-after-ms", "600000"])

/** What a door would be told. */
async function spends(rig: Rig, id: string, amount: string): Promise<string> {
  const order = { do: "hold", id, account: "agent:main", amounts: [amount] }
  const { refused } = (await askWriter(rig.link({ program: undefined }), "order", 15_000, { order })) as { refused?: { words: string } }
  return refused?.words ?? "held"
}

describe("a ledger that records and spends while it is backed up", () => {
  test("is in each backup with everything that was acknowledged before it began", async (t) => {
    const rig = makeRig(t)
    const places = backupPlaces(rig)
    const config = { guard: { tools: ["guarded*"], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, spend }
    const client = rig.client({}, () => Promise.resolve(rig.link({ config })))
    client.lost("a writer is needed", "gateway_start", Date.now())
    await until(() => rig.status().then(Boolean, () => false), "a writer serves")
    await askWriter(rig.link({ program: undefined, config }), "order", 10_000, {
      order: { do: "set-budget", budget: "all", limits: ["1000usd"], per: "lifetime", match: [] },
    })
    const [spending, observing] = [new LedgerLoad(client, "r"), startLoad(client, "o", { gates: 2, observersEveryMs: 30 })]
    const running = spending.runs(3)
    const keys = keysOf(rig)
    const sizes: number[] = []
    try {
      for (let round = 0; round < 4; round++) {
        const before = spending.promised.length
        await until(() => spending.promised.length > before + 5, "runs go on")
        const acknowledged = { holds: [...spending.promised], calls: [...observing.answered] }
        const { backup, entries, covered } = await backUp(rig, places)
        const files = filesAt(rig, `restored-${round}`)
        const restored = await putBack(rig, places, backup, files)
        assert.deepEqual([restored.report.verdict, restored.report.problems, restored.frozen], ["valid", [], true])
        const report = await must<VerifyReport>(rig, ["verify"], files)
        assert.deepEqual([report.verdict, report.problems], ["valid", []])
        const found = {
          holds: new Set(factsIn(files, keys, "hold.placed").map(({ hold }) => hold)),
          calls: new Set(factsIn(files, keys, "tool.invoked").map(({ call }) => call)),
        }
        assert.deepEqual(
          [acknowledged.holds.filter((hold) => !found.holds.has(hold)), acknowledged.calls.filter((call) => !found.calls.has(call))],
          [[], []],
          "acknowledged, and not in the backup",
        )
        assert.ok(covered > 0 && covered <= entries)
        sizes.push(entries)
        t.diagnostic(`${entries} entries, ${covered} of them covered, ${acknowledged.holds.length} holds`)
      }
    } finally {
      spending.stop()
      await Promise.all([running, observing.stop()])
    }
    await client.flush(30_000)
    assert.deepEqual([rig.verify().verdict, rig.logged, spending.refused], ["valid", [], []])
    assert.deepEqual(
      [...sizes].sort((a, b) => a - b),
      sizes,
    )
  })
})

const canary = "what she said to nobody else"
const erased = "agent:main:telegram:direct:4242"

function say(rig: Rig, session: string, call: string, text: string): Promise<unknown> {
  const client = rig.client()
  client.observe(
    "after_tool_call",
    Date.now(),
    lineOf("after_tool_call", { toolName: "read", toolCallId: call, result: text, durationMs: 3 }, { sessionKey: session }),
  )
  return client.flush(10_000).finally(() => client.close())
}

/** A ledger with a budget of five dollars, of which four are spent after the first backup; and after that a session is erased, and a second one is made. */
async function lost(
  t: TestContext,
): Promise<{ readonly rig: Rig; readonly places: Backups; readonly first: string; readonly entries: number; readonly destroyed: readonly Buffer[] }> {
  const rig = makeRig(t)
  const places = backupPlaces(rig)
  await begin(rig)
  await must(rig, ["budget", "set", "cap", "--limit", "5usd", "--per", "lifetime"])
  assert.equal(await spends(rig, "before", "0.5usd"), "held")
  await say(rig, erased, "c1", canary)
  await say(rig, "agent:main:main", "c2", "what stays")
  await until(() => rig.entries("tool.returned").length === 2, "both are recorded")
  const { backup: first, entries } = await backUp(rig, places)
  assert.equal(await spends(rig, "after", "4usd"), "held")
  assert.match(await spends(rig, "too much", "1usd"), /needs up to \$1\.00, \$0\.50 left/)
  await rig.stopWriter()
  const keys = keysOf(rig)
  const destroyed = destroyKeys(rig.files, keys.scopesKey, erased)
  assert.equal(destroyed.length, 1)
  await backUp(rig, places)
  assert.equal(rig.writerPids().length, 0, "a backup starts no writer")
  for (const place of Object.values(places)) assert.deepEqual(filesWith(place, keys, [...destroyed, Buffer.from(canary)]), [])
  rmSync(rig.directory, { recursive: true })
  return { rig, places, first, entries, destroyed }
}

const frozen = /all spending is frozen \(this ledger was put back from a (?:backup|copy) .*unfreeze all\)/

async function goesOn(rig: Rig): Promise<void> {
  await begin(rig)
  assert.match(await spends(rig, "h1", "0.1usd"), frozen)
  await rig.stopWriter()
  await begin(rig)
  assert.match(await spends(rig, "h2", "4.5usd"), frozen, "over restarts, too")
  await must(rig, ["status"], rig.files, 1)
  await must(rig, ["unfreeze", "all"])
  assert.equal(await spends(rig, "h3", "0.1usd"), "held")
  const report = await must<VerifyReport>(rig, ["verify"])
  assert.deepEqual([report.verdict, report.problems, report.contentsErased], ["valid with erasures", [], 1])
  await rig.stopWriter()
  await begin(rig)
  assert.equal(await spends(rig, "h4", "0.1usd"), "held", "not again for the same backup")
  await must(rig, ["reconcile"])
}

describe("a ledger whose directory is lost", () => {
  test("comes back from an older backup with the newest keys: older than its note, frozen, and what was erased is erased", async (t) => {
    const { rig, places, first, entries, destroyed } = await lost(t)
    const note = readFileSync(rig.files.headNote, "utf8")
    const restored = await putBack(rig, places, first)
    assert.deepEqual(
      [restored.entries, restored.report.verdict, restored.report.contentsErased, restored.note, restored.frozen],
      [entries, "valid with erasures", 1, "ahead of the journal", true],
    )
    assert.ok(restored.behind > 0)
    assert.equal(readFileSync(rig.files.headNote, "utf8"), note)
    const before = await must<VerifyReport>(rig, ["verify"], rig.files, 1)
    assert.match(before.problems.map(({ what }) => what).join("\n"), /covers \d+ entries, but the journal ends at \d+: it was cut or rolled back/)
    await goesOn(rig)
    assert.deepEqual(
      rig
        .entries("ledger.restored")
        .map(({ facts }) => facts["by"])
        .sort(),
      ["head note", "restore"],
    )
    await until(() => readdirSync(rig.root).some((name) => name.startsWith("head.note.kept-")), "the note of the lost time is kept")
    await rig.stopWriter()
    assert.deepEqual(filesWith(rig.directory, keysOf(rig), [...destroyed, Buffer.from(canary)]), [])
  })

  test("and whose note is lost with it, is frozen all the same", async (t) => {
    const { rig, places, first } = await lost(t)
    rmSync(rig.files.headNote)
    const restored = await putBack(rig, places, first)
    assert.deepEqual([restored.note, restored.behind, restored.frozen], ["missing", 0, true])
    assert.equal((await must<VerifyReport>(rig, ["verify"])).verdict, "valid with erasures")
    await goesOn(rig)
    assert.deepEqual(
      rig.entries("ledger.restored").map(({ facts }) => facts["by"]),
      ["restore"],
    )
  })

  test("is not restored beside a writer, which goes on", async (t) => {
    const rig = makeRig(t)
    const places = backupPlaces(rig)
    await begin(rig)
    const { backup } = await backUp(rig, places)
    const { status, stderr } = await rig.run(["backup", "restore", backup, "--keys", places.keysTo, "--set-aside", ...placesOf(rig)])
    assert.equal(status, 2)
    assert.match(stderr, /^Another writer holds the ledger in /)
    assert.ok(existsSync(rig.files.journal))
    await sleep(1)
    assert.equal(await spends(rig, "h1", "0.1usd"), "held")
  })
})
