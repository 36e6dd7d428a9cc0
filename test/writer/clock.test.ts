/** The writer's process with clocks that are set: no new period, one entry, the remedy told; across restarts, a kill, another boot, and by an operator's word. */
import assert from "node:assert/strict"
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { makeRig, until, type Started } from "./rig.ts"

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

async function machine(t: TestContext) {
  const rig = makeRig(t)
  const file = join(rig.root, "clocks.json")
  /** Replaced at once: it may be read at any moment. */
  const set = (moved: object) => {
    writeFileSync(`${file}.next`, JSON.stringify(moved))
    renameSync(`${file}.next`, file)
  }
  set({})
  const begin = (): Promise<Started> => rig.writer(["--clock-file", file, "--leave-after-ms", "600000"])
  const places = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const run = async (...words: readonly string[]) => {
    const { status, stdout, stderr } = await rig.run([...words, ...places])
    return { status, told: stdout + stderr }
  }
  const json = async (...words: readonly string[]) => JSON.parse((await run(...words, "--json")).told) as Readonly<Record<string, unknown>>
  let holds = 0
  /** The whole budget, held and settled; or why not. */
  const spends = async (): Promise<string> => {
    const id = `h${++holds}`
    const what = { id, account: "agent:main", amounts: ["1usd"] }
    const order = async (order: object) => (await askWriter(rig.link({ program: undefined }), "order", 15_000, { order })) as { refused?: { words: string } }
    const { refused } = await order({ do: "hold", ...what })
    if (!refused) await order({ do: "settle", ...what })
    return refused?.words ?? "spent"
  }
  await begin()
  assert.equal((await run("budget", "set", "cap", "--limit", "1usd", "--per", "day")).status, 0)
  assert.equal(await spends(), "spent")
  return { rig, set, begin, run, json, spends }
}

describe("a writer whose wall clock is set a day ahead", () => {
  test("opens no period, records it once, and says what to do; the operator's word takes the clock as it is", async (t) => {
    const { rig, set, begin, run, json, spends } = await machine(t)
    const before = Date.now()
    set({ wallMs: day })
    assert.match(await spends(), /needs up to \$1\.00, \$0\.00 left of \$1\.00, resets 00:00 \(budget cap\)/)
    await until(() => rig.entries("clock.jumped").length === 1, "the jump is on record")
    const { aheadMs, atMs, wallMs } = (rig.entries("clock.jumped")[0] ?? assert.fail()).facts as Record<string, number>
    assert.ok(
      aheadMs && Math.abs(aheadMs - day + 5 * minute) < minute && atMs && Math.abs(atMs - before - 5 * minute) < minute && wallMs && wallMs > before + day,
    )

    const shown = await run("clock")
    assert.equal(shown.status, 1)
    assert.match(shown.told, /ahead of ledger time .*\n.*sovereign-ledger clock accept/)
    const status = await run("status")
    assert.deepEqual([status.status, /Clock +the wall clock .* ahead of ledger time/.test(status.told)], [1, true], status.told)
    const { checks } = (await json("watch", "--once")) as { checks: { name: string; state: string; remedy: string | null }[] }
    assert.deepEqual(
      checks.filter(({ name }) => name === "clock").map(({ state, remedy }) => [state, remedy]),
      [["wrong", "sovereign-ledger clock"]],
    )
    const [budget] = ((await json("budget", "list")) as { budgets: { left: object; resetsAtMs: number }[] }).budgets
    assert.deepEqual(budget?.left, { moneyNanos: "0" }, "what is shown is what doors say")
    assert.ok((budget?.resetsAtMs ?? 0) < before + day + 6 * minute)

    await rig.stopWriter()
    await begin()
    assert.match(await spends(), /\$0\.00 left/)
    await rig.stopWriter()
    await begin()
    assert.equal(rig.entries("clock.jumped").length, 1, "not again at each start")
    assert.equal(rig.entries("budget.opened").length, 0)

    assert.equal((await run("clock", "accept")).status, 0)
    assert.equal(await spends(), "spent")
    assert.match(await spends(), /\$0\.00 left/)
    assert.match((await run("clock", "accept")).told, /agrees with ledger time already/)
    assert.equal((await run("clock")).status, 0)
    assert.equal((await run("reconcile")).status, 0)
    assert.equal(rig.verify().verdict, "valid")
  })

  test("and killed, goes on from the point on record, and a clock that comes back needs nobody", async (t) => {
    const { rig, set, begin, run, spends } = await machine(t)
    process.kill((await rig.status()).pid, "SIGKILL")
    await until(() => rig.writerPids().length === 0, "it is dead")
    set({ wallMs: 40 * day })
    await begin()
    assert.match(await spends(), /\$0\.00 left/)
    assert.equal(rig.entries("clock.jumped").length, 1, "found at the start")
    set({})
    assert.equal((await run("clock")).status, 0)
    assert.match(await spends(), /\$0\.00 left/)
  })

  test("in a machine that slept, or that was off, is not one that was set", async (t) => {
    const { rig, set, begin, spends } = await machine(t)
    set({ wallMs: day, uptimeMs: day })
    assert.equal(await spends(), "spent")
    await rig.stopWriter()
    set({ wallMs: 3 * day, uptimeMs: day, boot: "another" })
    await begin()
    assert.equal(await spends(), "spent")
    assert.deepEqual([rig.entries("clock.jumped").length, rig.entries("clock.anchored").length], [0, 3], "a point a day, and one in each life")
    assert.doesNotMatch(JSON.stringify(rig.entries("clock.anchored")), /another/, "a pseudonym stands for the boot")
  })

  test("is accepted with the credential only, and asking without it changes nothing", async (t) => {
    const { rig, set, run, spends } = await machine(t)
    const file = join(rig.root, "credential")
    writeFileSync(file, "only the operator knows\n")
    assert.equal((await run("operator", "set-credential", "--new-file", file)).status, 0)
    set({ wallMs: hour * 30 })
    const refused = await run("clock", "accept")
    assert.deepEqual([refused.status, /taking the wall clock as it is needs the operator's credential/.test(refused.told)], [1, true], refused.told)
    assert.match(await spends(), /\$0\.00 left/)
    assert.equal((await run("clock", "accept", "--credential-file", file)).status, 0)
    assert.equal(await spends(), "spent")
  })
})
