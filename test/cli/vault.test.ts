/** `vault status` and `vault check`: a ledger that is well, and everything that may be wrong with one. */
import assert from "node:assert/strict"
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { openDatabase } from "../../src/vault/database.ts"
import { lineOf } from "../writer/load.ts"
import { makeRig, type Ended, type Rig } from "../writer/rig.ts"

const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> =>
  rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
const posix = process.platform === "win32" ? { skip: "Windows has no modes" } : {}

type Check = {
  readonly sound: boolean
  readonly files: readonly { readonly file: string; readonly state: string; readonly words: string; readonly remedy: string | null }[]
}

async function record(rig: Rig): Promise<void> {
  const client = rig.client()
  for (let i = 0; i < 300; i++) {
    const event = { toolName: "read", toolCallId: `c${i}`, result: `words that nobody else should read ${i} `.repeat(30) }
    client.observe("after_tool_call", Date.now(), lineOf("after_tool_call", event, { sessionKey: "agent:main:main" }))
  }
  await client.flush(10_000)
}

/** What is told of one file; asserts that nothing else is wrong. */
async function wrong(rig: Rig, file: string): Promise<Check["files"][number]> {
  const ended = await command(rig, "vault", "check", "--json")
  const check = JSON.parse(ended.stdout) as Check
  const bad = check.files.filter(({ state }) => state !== "sealed" && state !== "plain by design")
  assert.deepEqual([ended.status, check.sound, bad.map((one) => one.file)], [1, false, [file]])
  return bad[0] ?? assert.fail("it is told")
}

describe("vault check", () => {
  test("of a ledger at work and at rest finds nothing that can be read", async (t) => {
    const rig = makeRig(t)
    await record(rig)
    await command(rig, "spend")
    for (const state of ["running", "stopped"]) {
      const { status, stdout } = await command(rig, "vault", "check")
      assert.deepEqual([status, /✗/.test(stdout)], [0, false], `${state}: ${stdout}`)
      assert.match(stdout, /✓ SEALED {2}.* looked at; nothing of the ledger is readable without its key\n$/)
      assert.match(stdout, /journal\.db {2}[\d.]+ .B {2}0600 {2}sealed pages; nothing readable in them/)
      if (state === "stopped") return
      assert.match(stdout, /journal\.db-wal /)
      await rig.stopWriter()
    }
  })

  test("names a page that was not sealed, by its place", async (t) => {
    const rig = makeRig(t)
    await record(rig)
    await rig.stopWriter()
    const whole = readFileSync(rig.files.journal)
    const bent = Buffer.from(whole)
    bent[8_999] = 0
    bent.write("words that nobody else should read, and more of them", 9_000, "latin1")
    writeFileSync(rig.files.journal, bent)
    assert.deepEqual(await wrong(rig, rig.files.journal).then(({ state, words }) => [state, words]), ["readable", "readable at byte 9000"])
    const plain = rig.reading(({ keys }) => {
      writeFileSync(rig.files.journal, whole)
      const database = openDatabase(rig.files.journal, { key: keys.journalKey })
      const pages = database.serialize()
      database.close()
      return pages
    })
    writeFileSync(rig.files.journal, plain)
    assert.equal((await wrong(rig, rig.files.journal)).state, "readable")
  })

  test("names files that others can open, that are not the ledger's, and that a crash left", posix, async (t) => {
    const rig = makeRig(t)
    chmodSync(rig.files.scopes, 0o640)
    const open = await wrong(rig, rig.files.scopes)
    assert.deepEqual([open.state, open.remedy], ["open to others", `chmod 600 ${rig.files.scopes}`])
    chmodSync(rig.files.scopes, 0o600)
    chmodSync(rig.directory, 0o755)
    assert.equal((await wrong(rig, rig.directory)).remedy, `chmod 700 ${rig.directory}`)
    chmodSync(rig.directory, 0o700)
    for (const [name, text, words] of [
      ["notes.txt", "what somebody wrote down here about the agents", /^not of the ledger, and readable at byte 0$/],
      ["keys.json.4711.tmp", "{", /^left by a process that was killed while it wrote$/],
    ] as const) {
      const file = join(rig.directory, name)
      writeFileSync(file, text, { mode: 0o600 })
      const found = await wrong(rig, file)
      assert.equal(found.state, "unexpected")
      assert.match(found.words, words)
      rmSync(file)
    }
    const folder = join(rig.directory, "folder")
    mkdirSync(folder, { mode: 0o700 })
    assert.equal((await wrong(rig, folder)).state, "unexpected")
    rmSync(folder, { recursive: true })
    writeFileSync(`${rig.keyFile}.next`, "a key", { mode: 0o600 })
    assert.equal((await wrong(rig, `${rig.keyFile}.next`)).remedy, "sovereign-ledger vault rotate completes it")
  })

  test("needs no key, and goes on past a keys.json that is none", async (t) => {
    const rig = makeRig(t)
    rmSync(rig.keyFile)
    assert.equal((await command(rig, "vault", "check")).status, 0)
    writeFileSync(rig.files.keys, "{}")
    assert.equal((await wrong(rig, rig.files.keys)).remedy, "sovereign-ledger fsck")
    rmSync(rig.directory, { recursive: true })
    assert.match((await command(rig, "vault", "check")).stderr, /^There is no ledger in/)
  })
})

describe("vault status", () => {
  test("says what the ledger is sealed under, and what was before", async (t) => {
    const rig = makeRig(t)
    await record(rig)
    const first = await command(rig, "vault", "status")
    assert.deepEqual([first.status, first.stderr], [0, ""])
    assert.match(
      first.stdout,
      /^ledger {7}[0-9a-f]{16}\nmaster key {3}[0-9a-f]{16} {3}key file \(\S+\)\nsince {8}2\S+\nsigning key {2}sovereign-ledger\S+\ncontents {5}\d+ conversations under \d+ keys\n$/,
    )
    await command(rig, "vault", "rotate")
    await command(rig, "key", "hand-over")
    await command(rig, "erase", "--agent", "main", "--yes")
    await command(rig, "legal-hold", "place", "--agent", "main")
    const { stdout } = await command(rig, "vault", "status")
    assert.match(
      stdout,
      /\nbefore {7}[0-9a-f]{16} until 2\S+\nsigning key .* from size \d+ on, after 1 other\ncontents .*; 1 key destroyed, 1 conversation erased whole; 1 legal hold\n$/,
    )
  })

  test("a rotation that waits is due, and told with its commands", async (t) => {
    const rig = makeRig(t)
    const key = readFileSync(rig.keyFile, "utf8").trim()
    rmSync(rig.keyFile)
    const file = join(rig.root, "new.key")
    writeFileSync(file, "another horse, another battery", { mode: 0o600 })
    const by = (...words: readonly string[]) =>
      rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile], { env: { OPENCLAW_MASTER_KEY: key } })
    await by("vault", "rotate", "--new-key-file", file)
    const { status, stdout } = await by("vault", "status")
    assert.equal(status, 1)
    assert.match(stdout, /\nopens, too {3}[0-9a-f]{16}\n/)
    assert.match(stdout, /A rotation has begun: .*\nsovereign-ledger vault rotate goes on with it, vault rotate --cancel gives it up\n/)
    assert.match(stdout, /The master key is in the environment, where any command an agent runs can read it\.\n/)
  })

  test("without a key, or a ledger, there is a sentence", async (t) => {
    const rig = makeRig(t)
    rmSync(rig.keyFile)
    const { status, stderr } = await command(rig, "vault", "status")
    assert.deepEqual([status, stderr.startsWith("No master key was found")], [2, true])
    const bare = makeRig(t, { bare: true })
    assert.match((await command(bare, "vault", "status")).stderr, /^There is no ledger in/)
  })
})
