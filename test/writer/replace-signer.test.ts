/** `key hand-over` beside a writer at work and without one, and what of it is refused. */
import assert from "node:assert/strict"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseHandOver } from "../../src/format/hand-over.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { writeKey } from "../../src/vault/master-key.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { assertOnce, startLoad } from "./load.ts"
import { makeRig, until, type Ended, type Rig } from "./rig.ts"

type Done = { readonly previousKey: string; readonly nextKey: string; readonly sequence: number; readonly size: number; readonly handOver: string }
type KeyStatus = {
  readonly verifierKey: string
  readonly pendingKey: string | null
  readonly signedBefore: { verifierKey: string; until: number }[]
  readonly handOvers: string[]
}

const placesOf = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> => rig.run([...words, ...placesOf(rig)])
async function json<T>(rig: Rig, ...words: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await command(rig, ...words, "--json")
  assert.deepEqual([status, stderr], [0, ""], stdout)
  return JSON.parse(stdout) as T
}
const verdictOf = async (rig: Rig, ...words: readonly string[]) => (await json<{ verdict: string }>(rig, "verify", ...words)).verdict

test("hand-overs while events flow: the same writer goes on, nothing is lost, and every key of the chain checks an export", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  const load = startLoad(client, "handed", { gates: 2, observersEveryMs: 50 })
  t.after(load.end)
  await until(() => load.answered.length > 10, "there is a load")
  const { pid } = await rig.status()
  const first = await json<KeyStatus>(rig, "key", "status")
  assert.deepEqual([first.signedBefore, first.handOvers, first.pendingKey], [[], [], null])

  const done: Done[] = []
  for (let count = 0; count < 2; count++) {
    done.push(await json<Done>(rig, "key", "hand-over"))
    assert.equal(await verdictOf(rig), "valid")
    const reached = load.answered.length
    await until(() => load.answered.length > reached + 10, "the load goes on")
  }
  const { note } = (await askWriter(rig.link({ program: undefined }), "checkpoint")) as { note: string }
  assert.match(note, new RegExp(`\\n\\n— ${rig.reading(({ keys }) => keys.store.origin)} \\S+\\n$`), "one signature, of the new key")
  await load.stop()
  await client.flush(10_000)

  const status = await json<KeyStatus>(rig, "key", "status")
  assert.deepEqual([done[0]?.previousKey, done[0]?.nextKey, done[1]?.nextKey], [first.verifierKey, done[1]?.previousKey, status.verifierKey])
  assert.deepEqual(
    status.signedBefore.map(({ verifierKey, until: size }) => [verifierKey, size]),
    done.map(({ previousKey, sequence }) => [previousKey, sequence]),
  )
  assert.deepEqual(
    status.handOvers,
    done.map(({ handOver }) => handOver),
  )
  assert.deepEqual(
    rig.entries("signer.replaced").map(({ sequence }) => sequence),
    done.map(({ sequence }) => sequence),
  )
  assert.equal((await rig.status()).pid, pid)
  assertOnce(rig.entries(), [load])
  assert.deepEqual([load.refused, rig.logged, rig.entries("capture.gap")], [[], [], []])

  const file = join(rig.root, "all.ndjson")
  assert.equal((await command(rig, "export", "json", "--out", file)).status, 0)
  for (const key of [first.verifierKey, ...done.map(({ nextKey }) => nextKey)]) assert.equal(await verdictOf(rig, "--offline", file, "--key", key), "valid")
  await rig.stopWriter()
  assert.equal(await verdictOf(rig), "valid")
  await rig.writer()
  assert.deepEqual(
    rig.entries("writer.started").map(({ facts }) => facts["clean"]),
    [true, true],
  )
})

test("without a writer the command does it itself, tells both keys and what to do, and the next writer starts clean", async (t) => {
  const rig = makeRig(t)
  const before = rig.reading(({ keys }) => keys.store.verifierKey)
  const { status, stdout, stderr } = await command(rig, "key", "hand-over")
  assert.deepEqual([status, stderr], [0, ""])
  const after = rig.reading(({ keys }) => keys.store)
  assert.match(stdout, /^The signing key was handed over at entry #1\.\n/)
  for (const words of [`old key  ${before}`, `new key  ${after.verifierKey}`, "sovereign-ledger key backup FILE", "under the old key alone is a forgery"]) {
    assert.ok(stdout.includes(words), `${words}\n${stdout}`)
  }
  const note = stdout.slice(stdout.indexOf("sovereign-ledger/hand-over/1"))
  assert.deepEqual([parseHandOver(note)?.nextKey, after.handOvers], [after.verifierKey, [note]])
  const shown = await command(rig, "key", "status")
  assert.ok(shown.stdout.includes(`\nsigned before ${before} up to size 1\n`), shown.stdout)

  await rig.writer()
  assert.deepEqual(
    rig.entries("writer.started").map(({ facts }) => [facts["clean"], facts["headNote"]]),
    [[true, "agrees"]],
  )
  assert.equal(rig.verify().verdict, "valid")
})

for (const running of [true, false]) {
  test(`without the master key, or with another, it is refused ${running ? "beside a writer" : "without one"}, and nothing is touched`, async (t) => {
    const rig = makeRig(t)
    if (running) await rig.writer()
    const [keys, master] = [readFileSync(rig.files.keys), readFileSync(rig.keyFile)]
    rmSync(rig.keyFile)
    const absent = await command(rig, "key", "hand-over")
    assert.deepEqual([absent.status, absent.stdout], [2, ""])
    assert.match(absent.stderr, /^No master key was found/)
    writeFileSync(rig.keyFile, writeKey(Buffer.alloc(32, 7)), { mode: 0o600 })
    const wrong = await command(rig, "key", "hand-over")
    assert.deepEqual([wrong.status, wrong.stdout], [2, ""])
    assert.match(wrong.stderr, /does not open this ledger/)
    writeFileSync(rig.keyFile, master)
    assert.deepEqual(readFileSync(rig.files.keys), keys)
    assert.deepEqual(rig.entries("signer.replaced"), [])
  })
}

test("who has the socket and not the master key hands nothing over, and the writer goes on", async (t) => {
  const rig = makeRig(t)
  const { child } = await rig.writer()
  const stranger = makeRig(t)
  const ask = (successor: unknown) => askWriter(rig.link({ program: undefined }), "replace-signer", 5_000, { successor })
  const foreign = stranger.reading(({ keys }) => makeSuccessor(keys))
  const own = rig.reading(({ keys }) => makeSuccessor(keys))
  for (const successor of [undefined, null, "key", {}, foreign, { ...foreign, verifierKey: own.verifierKey }, { ...own, signing: foreign.signing }]) {
    await assert.rejects(ask(successor), (error) => error instanceof Fault && error.code === "key.not-successor")
  }
  assert.equal(child.exitCode, null)
  await ask(own)
  await assert.rejects(ask(own), (error) => error instanceof Fault && error.code === "key.not-successor", "the same one twice")
  assert.equal(rig.entries("signer.replaced").length, 1)
  await askWriter(rig.link({ program: undefined }), "checkpoint")
  const stored = rig.reading(({ reader }) => reader.latestCheckpoint())
  assert.deepEqual(
    [readFileSync(rig.files.headNote, "utf8"), stored?.note.split("\n").length],
    [stored?.note, 7],
    "the checkpoint of the hand-over is stored already",
  )
  assert.equal(rig.verify().verdict, "valid")
})

test("a hand-over that kill -9 cut off is told by key status, and completed by the next writer", async (t) => {
  const rig = makeRig(t)
  const before = rig.reading(({ keys }) => keys.store.verifierKey)
  const cut = await rig.run([rig.root, "entered"], { cli: join(import.meta.dirname, "../operations/dying-hand-over.ts") })
  assert.equal(cut.signal, "SIGKILL")
  const { verifierKey, pendingKey } = await json<KeyStatus>(rig, "key", "status")
  assert.equal(verifierKey, before)
  const shown = await command(rig, "key", "status")
  assert.ok(shown.stdout.includes(`\npending       ${pendingKey}: a hand-over was interrupted; the next writer completes or undoes it\n`), shown.stdout)
  assert.equal(await verdictOf(rig), "valid")

  await rig.writer()
  const after = await json<KeyStatus>(rig, "key", "status")
  assert.deepEqual([after.verifierKey, after.pendingKey, after.signedBefore], [pendingKey, null, [{ verifierKey: before, until: 1 }]])
  assert.deepEqual(
    rig.entries().map(({ type }) => type),
    ["journal.opened", "signer.replaced", "writer.started"],
  )
  assert.equal(await verdictOf(rig), "valid")
})

test("two commands at once: each is done whole, or refused by a sentence", async (t) => {
  const rig = makeRig(t)
  await rig.writer()
  const ended = await Promise.all([1, 2].map(() => command(rig, "key", "hand-over", "--json")))
  const refused = ended.filter(({ status }) => status !== 0)
  for (const { stdout } of refused) assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, "key.not-successor")
  assert.equal(rig.entries("signer.replaced").length, ended.length - refused.length)
  assert.ok(refused.length < 2)
  assert.equal(rig.verify().verdict, "valid")
})
