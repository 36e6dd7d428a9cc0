/** `prune` beside a writer at work, and a writer that has it done by itself: what is old goes, nothing else is lost, and who may not is refused. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { createKey } from "../../src/operations/create-key.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import type { WriterStatus } from "../../src/surfaces/socket/protocol.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { eventAt } from "../ledger-fixture.ts"
import { assertOnce, observeCall, startLoad } from "./load.ts"
import { makeRig, until, type Ended, type Rig } from "./rig.ts"

const dayMs = 86_400_000
const oldEntries = 1_500

const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> =>
  rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
/** Asked as a command does, without settings: those of a gateway would be the latest of its user. */
const retentionNow = async (rig: Rig) => ((await askWriter({ socketPath: rig.link().socketPath, role: "cli" }, "status", 15_000)) as WriterStatus).retention
const jsonOf = ({ stdout }: Ended) => JSON.parse(stdout) as Readonly<Record<string, unknown>>

/** A ledger whose first entries are a hundred days old; what comes is of now. */
function agedRig(t: Parameters<typeof makeRig>[0]): Rig {
  const rig = makeRig(t, { bare: true })
  const nowMs = Date.now() - 100 * dayMs
  const umask = process.umask(0o077)
  createKey(rig.files, () => rig.keyFile, { nowMs, version: "test" })
  process.umask(umask)
  const ledger = openLedger(rig.files, { keyFile: rig.keyFile, environment: {} }, { nowMs, version: "test" })
  const events: readonly NewEvent[] = Array.from({ length: oldEntries }, (_, n) => eventAt(n))
  ledger.journal.append(
    events.map((event) => entryOf(event, ledger.scopes, nowMs)),
    nowMs,
  )
  ledger.close()
  return rig
}

test("beside a load: every event is there once, the next writer goes on, and verify says what is gone", async (t) => {
  const rig = agedRig(t)
  const client = rig.client()
  const load = startLoad(client, "pruned", { gates: 2, observersEveryMs: 20 })
  t.after(load.end)
  await until(() => load.answered.length > 20, "there is a load")
  const { pid } = await rig.status()
  const shown = await command(rig, "prune", "--days", "30")
  assert.match(shown.stdout, /^1,\d{3} entries before #1280 would go\.\nNothing was changed\. To remove it: the same command with --yes\n$/)
  const done = jsonOf(await command(rig, "prune", "--days", "30", "--yes", "--json"))
  assert.deepEqual([done["removed"], done["upTo"], done["removedEntries"]], [true, 1_280, 1_279])
  const reached = load.answered.length
  await until(() => load.answered.length > reached + 10, "the load goes on")
  await load.stop()
  await client.flush(10_000)
  assert.notEqual((await rig.status()).pid, pid)
  assertOnce(rig.entries(), [load])
  assert.deepEqual([load.refused, rig.entries("capture.gap").filter(({ facts, sequence }) => sequence > oldEntries && facts["uncounted"] !== true)], [[], []])
  const report = rig.verify()
  assert.deepEqual([report.verdict, report.entriesRemoved, report.problems], ["valid", 1_279, []])
  const said = await command(rig, "verify")
  assert.match(said.stdout, new RegExp(`By #${String(done["closedBy"])}, 1,279 entries before #1280 were removed`))
  const { storage } = jsonOf(await command(rig, "status", "--json")) as { storage: { removed: { before: number; by: number }; oldest: string } }
  assert.deepEqual([storage.removed.before, storage.removed.by], [1_280, done["closedBy"]])
  const gone = jsonOf(await command(rig, "events", "show", "5", "--json"))
  assert.equal((gone["error"] as { code: string }).code, "retention.removed")
  assert.equal((await command(rig, "prune", "--days", "30", "--yes")).stdout, "Nothing is older or more than is to be kept.\n")
})

test("by the settings of the gateway, a while after the writer's start, and without a word where everything is kept", async (t) => {
  const rig = agedRig(t)
  const retention = { days: 30, maxSizeMb: 0, contentDays: {} }
  await rig.writer(["--prune-after-ms", "1"])
  const client = rig.client(undefined, () => {
    const link = rig.link()
    return Promise.resolve({ ...link, config: { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, retention } })
  })
  observeCall(client, "one")
  await until(() => rig.entries("journal.closed").length === 1 && rig.reading(({ reader }) => reader.closedBy()) !== undefined, "it is removed")
  const [{ facts } = assert.fail()] = rig.entries("journal.closed")
  assert.deepEqual([facts["upTo"], facts["reason"]], [1_280, "age"])
  await until(async () => (await retentionNow(rig).catch(() => undefined)) !== undefined, "the next writer serves")
  observeCall(client, "two")
  await until(async () => (await retentionNow(rig)) !== null, "it knows the settings")
  const status = await command(rig, "status")
  assert.match(status.stdout, /Kept +30 days; looked at again in .+?; what was before #1280 was removed .+ago \(#\d+\)/)
  assert.equal(rig.verify().verdict, "valid")
})

test("who follows what is recorded goes on over the switch, in the file that then has it", async (t) => {
  const rig = agedRig(t)
  const client = rig.client()
  observeCall(client, "before")
  await client.flush(10_000)
  const follower = rig.start([
    "events",
    "follow",
    "--json",
    "--type",
    "tool.returned",
    "--data-dir",
    rig.directory,
    "--key-file",
    rig.keyFile,
    "--head-note",
    rig.files.headNote,
  ])
  let calls = 0
  await until(async () => {
    observeCall(client, `seen ${++calls}`)
    await client.flush(10_000)
    return follower.printed().includes('"seen ')
  }, "it follows")
  assert.equal(jsonOf(await command(rig, "prune", "--days", "30", "--yes", "--json"))["removed"], true)
  observeCall(client, "after")
  await client.flush(20_000)
  await until(() => follower.printed().includes('"after"'), "it follows the new file", 30_000)
  follower.child.kill("SIGTERM")
  const { status } = await follower.ended
  const said = follower
    .printed()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { sequence: number }).sequence)
  assert.deepEqual([status, said], [0, [...new Set(said)].toSorted((a, b) => a - b)])
})

test("not by what is said over a socket that other users share: who is watched does not say what goes", async (t) => {
  const rig = agedRig(t)
  const shared = join(rig.root, "shared.sock")
  await rig.writer(["--service", "--socket", shared, "--prune-after-ms", "1"])
  const config = {
    guard: { tools: [], deny: [] },
    userId: "me",
    hashed: { promptText: false, toolArgs: false },
    retention: { days: 1, maxSizeMb: 1, contentDays: {} },
  }
  const client = rig.client(undefined, () => Promise.resolve({ ...rig.link(), socketPath: shared, config }))
  observeCall(client, "one")
  await client.flush(10_000)
  await until(() => rig.entries("config.loaded").length === 1, "the settings are on record")
  assert.equal(await retentionNow(rig), null)
})

test("an operator's credential is asked for, and a refusal is on record", async (t) => {
  const rig = agedRig(t)
  await rig.writer()
  const credential = join(rig.root, "credential")
  writeFileSync(credential, "the operator's own words\n")
  assert.equal((await command(rig, "operator", "set-credential", "--new-file", credential)).status, 0)
  const refused = await command(rig, "prune", "--days", "30", "--yes", "--json")
  assert.equal((jsonOf(refused)["error"] as { code: string }).code, "order.refused")
  assert.deepEqual(
    rig.entries("change.refused").map(({ facts }) => facts["change"]),
    ["removing old entries"],
  )
  assert.equal(rig.verify().entriesRemoved, 0)
  assert.equal((await command(rig, "prune", "--days", "30", "--yes", "--credential-file", credential)).status, 0)
  assert.equal(rig.verify().entriesRemoved, 1_279)
  const bad = await Promise.all([command(rig, "prune"), command(rig, "prune", "--contents", "tools=3"), command(rig, "prune", "--days", "-1")])
  assert.deepEqual(
    bad.map(({ status }) => status),
    [2, 2, 2],
  )
})
