/** What a writer inherits of its starter: nothing secret; and what others can read of its files: nothing. */
import assert from "node:assert/strict"
import { chmodSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { gateCall, observeCall } from "./load.ts"
import { makeRig, type Rig } from "./rig.ts"

const canary = "canary-5f0c1d"
const secrets = {
  OPENCLAW_GATEWAY_TOKEN: `${canary}-gateway`,
  ANTHROPIC_API_KEY: `${canary}-anthropic`,
  AWS_SECRET_ACCESS_KEY: `${canary}-aws`,
  NODE_OPTIONS: `--title=${canary}-options`,
  MY_OWN_VARIABLE: `${canary}-own`,
}

function clientWith(rig: Rig, changes: { readonly environment?: Record<string, string>; readonly hostSecret?: string; readonly keyFile?: string }) {
  const { program } = rig.link()
  assert.ok(program)
  return rig.client({}, () => Promise.resolve(rig.link({ program: { ...program, ...changes } })))
}

function processTexts(pid: number): string {
  return ["environ", "cmdline"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", "\n")).join("\n")
}

const onlyLinux = process.platform === "linux" ? {} : { skip: "needs /proc" }

test("a writer has none of its starter's variables", onlyLinux, async (t) => {
  const rig = makeRig(t)
  const client = clientWith(rig, { environment: { ...rig.environment, ...secrets } })
  assert.ok(!((await gateCall(client, "one")) instanceof Fault))
  const text = processTexts((await rig.status()).pid)
  assert.match(text, /writer\n--data-dir/)
  assert.doesNotMatch(text, new RegExp(canary))
})

for (const [name, given] of [
  ["from the host's secret store", (key: string) => ({ hostSecret: key })],
  ["from the environment", (key: string) => ({ environment: { OPENCLAW_MASTER_KEY: key } })],
] as const) {
  test(`a master key ${name} reaches the writer over standard input and shows nowhere`, onlyLinux, async (t) => {
    const rig = makeRig(t)
    const key = readFileSync(rig.keyFile, "utf8").trim()
    rmSync(rig.keyFile)
    const program = given(key)
    const client = clientWith(rig, { ...program, environment: { ...rig.environment, ...("environment" in program ? program.environment : {}) } })
    const answer = await gateCall(client, "one")
    assert.ok(!(answer instanceof Fault), String(answer))
    assert.ok(!processTexts((await rig.status()).pid).includes(key))
    client.close()
    await rig.stopWriter()
    const files = globSync(join(rig.root, "**/*")).filter((path) => statSync(path).isFile())
    assert.ok(files.length >= 5)
    assert.deepEqual(
      files.filter((path) => readFileSync(path).includes(key)),
      [],
    )
  })
}

test("every file is its owner's alone, even with umask 022", async (t) => {
  const rig = makeRig(t, { bare: true })
  mkdirSync(dirname(rig.directory), { recursive: true })
  const umask = process.umask(0o022)
  t.after(() => process.umask(umask))
  const created = await rig.run(["key", "create", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
  assert.equal(created.status, 0, created.stderr)
  const client = rig.client()
  observeCall(client, "one")
  await client.flush(10_000)
  const modes = () =>
    [rig.directory, dirname(rig.keyFile), rig.keyFile, rig.files.headNote, ...globSync(join(rig.directory, "**/*"))].map((path) => ({
      path: path.slice(rig.root.length + 1),
      mode: (statSync(path).mode & 0o777).toString(8),
      wanted: statSync(path).isDirectory() ? "700" : "600",
    }))
  const running = modes()
  assert.ok(running.some(({ path }) => path.endsWith("journal.db-wal")) && running.some(({ path }) => path.endsWith("writer.sock")))
  client.close()
  await rig.stopWriter()
  assert.deepEqual(
    [...running, ...modes()].filter(({ mode, wanted }) => mode !== wanted),
    [],
  )
})

test("a socket is not put where other users could put theirs", async (t) => {
  const rig = makeRig(t)
  chmodSync(rig.directory, 0o777)
  const { status, stderr } = await rig.run(["writer", "--data-dir", rig.directory, "--key-file", rig.keyFile])
  assert.equal(status, 2)
  assert.match(stderr, /^Writing to \S+ failed: other users can write in the directory of the socket\.\n/)
})

test("a master key in the environment is taken by every command, with a warning, and shown by none", async (t) => {
  const rig = makeRig(t)
  const key = readFileSync(rig.keyFile, "utf8").trim()
  rmSync(rig.keyFile)
  const env = { OPENCLAW_MASTER_KEY: key }
  const places = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const commands = [["key", "status"], ["key", "status", "--json"], ["status"], ["verify"]]
  const [words, json, status, verify] = await Promise.all(commands.map((command) => rig.run([...command, ...places], { env })))
  assert.match(words?.stderr ?? "", /^The master key is in the environment, where any command an agent runs can read it\./)
  assert.match(json?.stdout ?? "", /"source":"environment".*"warning":"The master key is in the environment/)
  assert.match(status?.stdout ?? "", /Warning:.* the master key is in the environment/)
  for (const ended of [words, json, status, verify]) {
    assert.equal(ended?.status, 0)
    assert.ok(!`${ended?.stdout}${ended?.stderr}`.includes(key))
  }
})
