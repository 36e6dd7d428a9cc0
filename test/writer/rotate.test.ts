/** `vault rotate` beside a writer at work and without one, for keys that stand in a file and elsewhere, and what of it is refused. */
import assert from "node:assert/strict"
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { keyFingerprint, parseWrittenKey, writeKey } from "../../src/vault/master-key.ts"
import { wrapNext } from "../../src/vault/next-master.ts"
import { assertOnce, startLoad } from "./load.ts"
import { makeRig, until, type Ended, type Rig } from "./rig.ts"

type Done = { readonly state: string; readonly previousFingerprint: string; readonly fingerprint: string; readonly where: string }

const placesOf = (rig: Rig) => ["--data-dir", rig.directory, "--head-note", rig.files.headNote]
const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> => rig.run([...words, ...placesOf(rig), "--key-file", rig.keyFile])
async function json<T>(rig: Rig, ...words: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await command(rig, ...words, "--json")
  assert.deepEqual([status, stderr], [0, ""], stdout)
  return JSON.parse(stdout) as T
}
const codeOf = ({ stdout }: Ended) => (JSON.parse(stdout) as { error: { code: string } }).error.code
const inFile = (rig: Rig) => keyFingerprint(parseWrittenKey(readFileSync(rig.keyFile, "utf8").trim()) ?? assert.fail("a written key"))

test("rotations while events flow: the same writer goes on, nothing is lost, and a backup of before opens nothing that is there now", async (t) => {
  const rig = makeRig(t)
  const client = rig.client()
  const load = startLoad(client, "rotated", { gates: 2, observersEveryMs: 50 })
  t.after(load.end)
  await until(() => load.answered.length > 10, "there is a load")
  const { pid } = await rig.status()
  const old = join(rig.root, "old.key")
  copyFileSync(rig.keyFile, old)
  const fingerprints = [inFile(rig)]
  for (let count = 0; count < 2; count++) {
    const done = await json<Done>(rig, "vault", "rotate")
    assert.deepEqual([done.state, done.previousFingerprint, done.fingerprint], ["rotated", fingerprints.at(-1), inFile(rig)])
    fingerprints.push(done.fingerprint)
    assert.equal((await json<{ verdict: string }>(rig, "verify")).verdict, "valid")
    await json(rig, "key", "hand-over") // the writer wraps its next signing key under the master key it was told of
    const reached = load.answered.length
    await until(() => load.answered.length > reached + 10, "the load goes on")
  }
  await load.stop()
  await client.flush(10_000)
  assert.equal((await rig.status()).pid, pid)
  assert.deepEqual(
    rig.entries("master.replaced").map(({ facts }) => [facts["previousFingerprint"], facts["nextFingerprint"]]),
    [fingerprints.slice(0, 2), fingerprints.slice(1)],
  )
  assertOnce(rig.entries(), [load])
  assert.deepEqual([load.refused, rig.logged, rig.entries("capture.gap")], [[], [], []])

  const refused = await rig.run(["verify", ...placesOf(rig), "--key-file", old])
  assert.equal(refused.status, 2)
  assert.match(
    refused.stderr,
    new RegExp(`^The master key from ${old} \\(fingerprint ${fingerprints[0]}\\) opened this ledger until 2\\S+; then ${fingerprints[2]} took its place`),
  )
  await rig.stopWriter()
  await rig.writer()
  assert.equal((await json<{ verdict: string }>(rig, "verify")).verdict, "valid")
})

test("without a writer one is started for it; people are told which key opens the ledger and what to do", async (t) => {
  const rig = makeRig(t)
  const before = inFile(rig)
  const { status, stdout, stderr } = await command(rig, "vault", "rotate")
  assert.deepEqual([status, stderr], [0, ""])
  assert.equal(
    stdout,
    `A new master key opens the ledger.\n  old key     ${before}\n  new key     ${inFile(rig)}   key file (${rig.keyFile})\n\nThe old one opens it no more, but still opens copies of keys.json from before. Make new backups, and destroy the old ones:\n  sovereign-ledger key backup FILE\n  sovereign-ledger backup create --to DIRECTORY\n`,
  )
  assert.equal(rig.entries("master.replaced").length, 1)
  assert.equal(rig.verify().verdict, "valid")
})

test("a key in the environment: two runs, between which the writer and commands open the ledger by either", async (t) => {
  const rig = makeRig(t)
  const [oldText, newText] = [readFileSync(rig.keyFile, "utf8").trim(), writeKey(Buffer.alloc(32, 8))]
  rmSync(rig.keyFile)
  const newFile = join(rig.root, "new.key")
  writeFileSync(newFile, newText, { mode: 0o600 })
  const by = (text: string, ...words: readonly string[]) =>
    rig.run([...words, ...placesOf(rig), "--key-file", rig.keyFile], { env: { OPENCLAW_MASTER_KEY: text } })
  const elsewhere = await by(oldText, "vault", "rotate", "--json")
  assert.deepEqual([elsewhere.status, codeOf(elsewhere)], [2, "key.kept-elsewhere"])
  const waiting = await by(oldText, "vault", "rotate", "--new-key-file", newFile)
  assert.deepEqual([waiting.status, waiting.stdout.split("\n")[0]], [0, "Two master keys open the ledger now."])
  assert.match(waiting.stdout, /Put the new one where the old one stands \(OPENCLAW_MASTER_KEY\)/)
  for (const text of [oldText, newText]) assert.equal((await by(text, "verify")).status, 0)
  const open = await by(oldText, "vault", "rotate", "--json")
  assert.equal(codeOf(open), "key.rotation-open")
  const handOver = await by(oldText, "key", "hand-over", "--json")
  assert.equal(codeOf(handOver), "key.not-successor")
  const completed = await by(newText, "vault", "rotate", "--json")
  assert.equal((JSON.parse(completed.stdout) as Done).state, "completed")
  assert.equal(codeOf(await by(oldText, "verify", "--json")), "key.replaced")
  assert.equal((await by(newText, "verify")).status, 0)
  writeFileSync(rig.keyFile, newText, { mode: 0o600 })
  assert.equal(rig.entries("master.replaced").length, 1)
})

test("given up: the key that is found stays, and the other opens nothing", async (t) => {
  const rig = makeRig(t)
  const nothing = await command(rig, "vault", "rotate", "--cancel", "--json")
  assert.deepEqual([nothing.status, codeOf(nothing)], [2, "key.not-next"])
  const old = readFileSync(rig.keyFile)
  const { child } = await rig.writer()
  const { next, wrapping } = rig.reading(({ files, keys }) =>
    wrapNext(files.directory, keys, { source: "key file", where: "there", text: writeKey(Buffer.alloc(32, 9)) }),
  )
  await askWriter(rig.link({ program: undefined }), "replace-master", 5_000, { step: "add", next, wrapping: wrapping.export().toString("base64") })
  const cancelled = await json<Done>(rig, "vault", "rotate", "--cancel")
  assert.equal(cancelled.state, "given up")
  assert.deepEqual(readFileSync(rig.keyFile), old)
  assert.equal(child.exitCode, null)
  assert.deepEqual(rig.entries("master.replaced"), [])
})

test("who has the socket and not the master key changes nothing, and the writer goes on", async (t) => {
  const rig = makeRig(t)
  const { child } = await rig.writer()
  const stranger = makeRig(t)
  const keys = readFileSync(rig.files.keys)
  const text = writeKey(Buffer.alloc(32, 9))
  const foreign = stranger.reading(({ files, keys: theirs }) => wrapNext(files.directory, theirs, { source: "key file", where: "there", text }))
  const wrapping = foreign.wrapping.export().toString("base64")
  const ask = (line: object) => askWriter(rig.link({ program: undefined }), "replace-master", 5_000, line)
  for (const line of [
    {},
    { step: "add" },
    { step: "add", wrapping },
    { step: "add", wrapping, next: {} },
    { step: "add", wrapping, next: foreign.next },
    { step: "promote", wrapping },
    { step: "drop", wrapping },
    { step: "wipe", wrapping },
  ]) {
    await assert.rejects(ask(line), (error) => error instanceof Fault && error.code === "key.not-next", JSON.stringify(line))
  }
  assert.deepEqual(readFileSync(rig.files.keys), keys)
  assert.equal(child.exitCode, null)
})

test("once there is an operator's credential, a rotation needs it, and what is refused is on record", async (t) => {
  const rig = makeRig(t)
  const credential = join(rig.root, "credential")
  writeFileSync(credential, "the operator's own words\n")
  await command(rig, "operator", "set-credential", "--new-file", credential)
  const before = [readFileSync(rig.keyFile), readFileSync(rig.files.keys)]
  const refused = await command(rig, "vault", "rotate")
  assert.deepEqual([refused.status, refused.stdout], [1, ""])
  assert.match(refused.stderr, /^Refused: another master key needs the operator's credential\.\nGive it with --credential-file/)
  assert.deepEqual([readFileSync(rig.keyFile), readFileSync(rig.files.keys), existsSync(`${rig.keyFile}.next`)], [...before, false])
  assert.deepEqual(
    rig.entries("change.refused").map(({ facts }) => [facts["change"], facts["why"]]),
    [["another master key", "credential"]],
  )
  assert.equal((await command(rig, "vault", "rotate", "--credential-file", credential)).status, 0)
})

test("a new key that cannot be read, or is none, is told in a sentence, and nothing is touched", async (t) => {
  const rig = makeRig(t)
  const before = [readFileSync(rig.keyFile), readFileSync(rig.files.keys)]
  const file = join(rig.root, "new.key")
  const given = () => command(rig, "vault", "rotate", "--new-key-file", file, "--json")
  assert.equal(codeOf(await given()), "store.unreadable")
  writeFileSync(file, "short", { mode: 0o600 })
  assert.equal(codeOf(await given()), "key.malformed")
  writeFileSync(file, "", { mode: 0o600 })
  assert.equal(codeOf(await given()), "key.malformed")
  const open = join(rig.root, "open.key")
  writeFileSync(open, writeKey(Buffer.alloc(32, 9)), { mode: 0o644 })
  assert.equal(codeOf(await command(rig, "vault", "rotate", "--new-key-file", open, "--json")), "key.exposed")
  assert.equal(codeOf(await command(rig, "vault", "rotate", "--new-key-file", file, "--cancel", "--json")), "cli.usage")
  assert.deepEqual([readFileSync(rig.keyFile), readFileSync(rig.files.keys)], before)
  assert.deepEqual(rig.writerPids(), [], "nothing was started for it")
})

test("a key command gives the key to every process, nothing of it stands in a file, and what it keeps is rotated in two runs", async (t) => {
  const rig = makeRig(t, { bare: true })
  const store = join(rig.root, "store of a password manager")
  const [oldText, newText] = [writeKey(Buffer.alloc(32, 7)), writeKey(Buffer.alloc(32, 8))]
  writeFileSync(store, `${oldText}\n`)
  const keyCommand = JSON.stringify(["cat", store])
  const by = (...words: readonly string[]) => rig.run([...words, ...placesOf(rig), "--key-command", keyCommand])
  const created = await by("key", "create")
  assert.match(created.stdout, /\n {2}master key {4}printed by cat /)
  assert.equal(existsSync(join(rig.home, ".config")), false)
  const writer = rig.start(["writer", ...placesOf(rig), "--key-command", keyCommand])
  await until(() => writer.printed().includes("is ready"), "the writer is ready")

  const newFile = join(rig.root, "new.key")
  writeFileSync(newFile, newText, { mode: 0o600 })
  assert.equal(codeOf(await by("vault", "rotate", "--json")), "key.kept-elsewhere")
  assert.match((await by("vault", "rotate", "--new-key-file", newFile)).stdout, /^Two master keys[^]*Put the new one where the old one stands \(cat\)/)
  writeFileSync(store, newText)
  assert.match((await by("vault", "rotate")).stdout, /^The rotation that had begun is complete/)
  assert.equal((await by("verify")).status, 0)
  writeFileSync(store, oldText)
  assert.equal(codeOf(await by("verify", "--json")), "key.replaced")
  rmSync(store)
  const failed = await by("verify")
  assert.deepEqual([failed.status, failed.stdout], [2, ""])
  assert.match(failed.stderr, /^The key command cat gave no master key: it ended with status 1, and said: .*No such file or directory\.\nRun it by hand/)

  const backup = join(rig.root, "backup.json")
  writeFileSync(store, newText)
  assert.equal((await by("key", "backup", backup)).status, 0)
  writer.child.kill()
  await writer.ended
  rmSync(rig.files.keys)
  assert.match((await by("key", "restore", backup)).stdout, /^restored {2}\S+keys\.json\nThe key opens ledger/)
  assert.equal((await by("verify")).status, 0)
  assert.equal(existsSync(join(rig.home, ".config")), false)
})
