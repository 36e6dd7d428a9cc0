/** A ledger that is put back from a copy: its writer recognises it by the note outside, freezes everything, and goes on by the operator's word, once. */
import assert from "node:assert/strict"
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

const places = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

async function run(rig: Rig, ...words: readonly string[]) {
  const { status, stdout, stderr } = await rig.run([...words, ...places(rig)])
  return { status, told: stdout + stderr }
}

/** What a door would be told. */
async function spends(rig: Rig, id: string): Promise<string> {
  const order = { do: "hold", id, account: "agent:main", amounts: ["0.1usd"] }
  const { refused } = (await askWriter(rig.link({ program: undefined }), "order", 15_000, { order })) as { refused?: { words: string } }
  return refused?.words ?? "held"
}

const begin = (rig: Rig) => rig.writer(["--leave-after-ms", "600000"])

/** The directory is copied, its ledger goes on, and the copy is put back. */
async function putBack(rig: Rig, change: () => Promise<unknown>, copy = join(rig.root, "copy")): Promise<void> {
  await rig.stopWriter()
  if (!existsSync(copy)) cpSync(rig.directory, copy, { recursive: true })
  await begin(rig)
  await change()
  await rig.stopWriter()
  rmSync(rig.directory, { recursive: true })
  cpSync(copy, rig.directory, { recursive: true })
  await begin(rig)
}

async function limited(t: TestContext): Promise<Rig> {
  const rig = makeRig(t)
  await begin(rig)
  assert.equal((await run(rig, "budget", "set", "cap", "--limit", "5usd", "--per", "lifetime")).status, 0)
  assert.equal(await spends(rig, "before"), "held")
  return rig
}

/** A gateway's tool call, at its door. */
async function toolCall(rig: Rig, call: string): Promise<string> {
  const client = rig.client()
  const answer = await gateCall(client, call)
  client.close()
  return answer instanceof Error ? answer.message : `${answer.verdict} ${answer.words ?? ""}`
}

const keptNotes = (rig: Rig) => readdirSync(rig.root).filter((name) => name.startsWith("head.note.kept-"))
const words = /all spending is frozen \(this ledger was put back from a copy .*the note outside it knows \d+ entries, \d+ stood here; .*unfreeze all\)/

describe("a ledger that was put back from a copy", () => {
  test("is frozen over restarts, told everywhere, and goes on by unfreeze all; the note is kept", async (t) => {
    const rig = await limited(t)
    await putBack(rig, () => spends(rig, "forgotten"))
    const note = readFileSync(rig.files.headNote, "utf8")
    assert.match(await spends(rig, "h1"), words)
    assert.match(await toolCall(rig, "refused"), /^deny .*all spending is frozen \(this ledger was put back from a copy/)
    const status = await run(rig, "status")
    assert.deepEqual(
      [status.status, /Restored +put back from a copy/.test(status.told), /everything is frozen/.test(status.told)],
      [1, true, true],
      status.told,
    )
    const watched = await run(rig, "watch", "--once")
    assert.match(watched.told, /WRONG restored +put back from a copy.*-> sovereign-ledger unfreeze all\n/)
    const verified = await run(rig, "verify")
    assert.deepEqual([verified.status, /says that this ledger was put back from a copy/.test(verified.told)], [1, true], verified.told)

    await rig.stopWriter()
    await begin(rig)
    assert.match(await spends(rig, "h2"), words)
    assert.equal(rig.entries("ledger.restored").length, 1, "told once")
    assert.equal(readFileSync(rig.files.headNote, "utf8"), note, "evidence is not written over")
    const { evidence, by, finding, seenSize, size, limited: wasLimited } = (rig.entries("ledger.restored")[0] ?? assert.fail()).facts as Record<string, unknown>
    assert.deepEqual([by, finding, wasLimited], ["head note", "ahead", true])
    assert.ok(Number(seenSize) > Number(size))

    assert.equal((await run(rig, "unfreeze", "all")).status, 0)
    assert.deepEqual(
      rig.entries("ledger.unfrozen").map(({ facts }) => facts["accepts"]),
      [[evidence]],
    )
    assert.equal(await spends(rig, "h3"), "held")
    assert.match(await toolCall(rig, "allowed"), /^allow/)
    await until(() => keptNotes(rig).length === 1, "the note is set aside")
    await until(() => readFileSync(rig.files.headNote, "utf8") !== note, "and the new one stands in its place")
    assert.equal(readFileSync(join(rig.root, keptNotes(rig)[0] ?? ""), "utf8"), note)

    await rig.stopWriter()
    await begin(rig)
    assert.equal(await spends(rig, "h4"), "held", "not again for the same evidence")
    const later = await run(rig, "verify")
    assert.equal(later.status, 0, later.told)
    assert.match(later.told, /says that this ledger was put back from a copy/)
    assert.match(later.told, /head\.note\.kept-\S+ is a checkpoint of entries that are not in this ledger/)
    assert.match((await run(rig, "status")).told, /Restored +put back from a copy.*accepted at/)
    assert.equal((await run(rig, "reconcile")).status, 0)
  })

  test("a second time is frozen a second time, and both notes are kept", async (t) => {
    const rig = await limited(t)
    await putBack(rig, () => spends(rig, "forgotten"))
    await run(rig, "unfreeze", "all")
    await until(() => keptNotes(rig).length === 1, "the note is set aside")
    await putBack(rig, () => spends(rig, "forgotten too"))
    assert.match(await spends(rig, "h1"), words)
    await run(rig, "unfreeze", "all")
    await until(() => keptNotes(rig).length === 2, "the second note is set aside")
    assert.equal(await spends(rig, "h2"), "held")
  })

  test("needs the credential it knows of", async (t) => {
    const rig = await limited(t)
    const file = join(rig.root, "credential")
    writeFileSync(file, "only the operator knows\n")
    await run(rig, "operator", "set-credential", "--new-file", file)
    await putBack(rig, () => spends(rig, "forgotten"))
    assert.match((await run(rig, "unfreeze", "all")).told, /needs the operator's credential/)
    assert.match(await spends(rig, "h1"), words)
    assert.equal((await run(rig, "unfreeze", "all", "--credential-file", file)).status, 0)
    assert.equal(await spends(rig, "h2"), "held")
  })

  test("in which nothing ever limited spending stops nobody, and is told until somebody has seen it", async (t) => {
    const rig = makeRig(t)
    await begin(rig)
    await putBack(rig, () => run(rig, "budget", "set", "late", "--limit", "1usd", "--per", "day"))
    assert.deepEqual(
      rig.entries("ledger.restored").map(({ facts }) => facts["limited"]),
      [false],
    )
    assert.deepEqual([await spends(rig, "h1"), (await toolCall(rig, "observed")).split(" ")[0]], ["held", "allow"])
    const status = await run(rig, "status")
    assert.deepEqual([status.status, /budgets set after the copy was made are lost/.test(status.told)], [1, true], status.told)
    assert.equal((await run(rig, "unfreeze", "all")).status, 0)
    assert.equal((await run(rig, "status")).status, 0)
    assert.equal(rig.entries("ledger.frozen").length, 0)
  })

  test("by a writer that was killed right after the operator's word sets the note aside at the next start", async (t) => {
    const rig = await limited(t)
    await putBack(rig, () => spends(rig, "forgotten"))
    await run(rig, "unfreeze", "all")
    process.kill((await rig.status()).pid, "SIGKILL")
    await until(() => rig.writerPids().length === 0, "it is dead")
    await begin(rig)
    assert.equal(await spends(rig, "h1"), "held")
    await until(() => keptNotes(rig).length === 1, "the note is set aside")
  })
})
