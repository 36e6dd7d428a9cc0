/** doctor: each check finds the fault that was planted for it and names the command that mends it; where nothing is wrong, nothing is found. */
import assert from "node:assert/strict"
import { chmodSync, existsSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { jsonOf } from "./home.ts"
import { hostedHome, usualPlugins, type Host } from "./hosted-home.ts"

type Body = {
  readonly findings: readonly { readonly name: string; readonly state: string; readonly words: string; readonly remedy: string | null }[]
  readonly fixed: readonly { readonly name: string }[]
}

const id = "sovereign-ledger"
const well = { plugins: { allow: [id], entries: { [id]: { hooks: { allowConversationAccess: true }, config: {} } } } }
const withSettings = (config: object) => ({ plugins: { ...well.plugins, entries: { [id]: { ...well.plugins.entries[id], config } } } })

describe("doctor", () => {
  let host: Host
  let directory: string
  let keyFile: string
  const ending: (() => void)[] = []
  const look = async (flags = "") => jsonOf<Body>(await host.home.run(host.with(`doctor --json${flags}`)))
  /** What is wrong, by the names of the checks. */
  const wrong = (body: Body) => body.findings.filter(({ state }) => state !== "good")
  const finds = async (name: string, words: RegExp, remedy: RegExp | null, flags = "") => {
    const found = wrong(await look(flags))
    const one = found.find((finding) => finding.name === name && words.test(finding.words))
    assert.ok(one, `${name} ${words} is not among ${JSON.stringify(found)}`)
    if (remedy) assert.match(one.remedy ?? "", remedy)
    return found
  }

  before(async () => {
    host = hostedHome({ after: (step) => void ending.push(step) }, well)
    await host.home.check({ command: "key create", exit: 0, stdout: /is set up/ })
    directory = join(host.home.directory, ".openclaw", "sovereign-ledger")
    keyFile = jsonOf<{ where: string }>(await host.home.run("key status --json")).where
    // A writer makes the note outside, and leaves.
    const writer = host.home.start(["writer"])
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && !jsonOf<{ writer: unknown }>(await host.home.run("status --json")).writer;);
    writer.child.kill("SIGTERM")
    await writer.ended
  })

  after(() => {
    for (const step of ending.reverse()) step()
  })

  test("where nothing is wrong nothing is found: 0, every check by its name", async () => {
    const said = await host.home.run(host.with("doctor"))
    assert.deepEqual([said.exit, said.stderr], [0, ""], said.stdout)
    assert.match(
      said.stdout,
      /^ok {5}host, installed, version, settings, key-file, directory, socket, disk, log, views, set-up, key, [^\n]*stalled\nAll is well\.\n$/,
    )
    const { findings } = await look()
    assert.ok(findings.every(({ state, remedy }) => state === "good" && remedy === null))
  })

  test("the host: not there, without the plugin, with an older copy of it, or not loading it", async () => {
    const absent = jsonOf<Body>(await host.home.run("doctor --json --openclaw no/openclaw"))
    assert.match(wrong(absent)[0]?.words ?? "", /^The host's command cannot be run: no\/openclaw/)
    host.know({ plugins: usualPlugins.slice(0, 3) })
    await finds("installed", /does not know the plugin/, /^openclaw plugins install/)
    host.know({})
    host.configure({ plugins: { allow: ["telegram"] } })
    const found = await finds(
      "plugin",
      /does not load the plugin: not in plugins\.allow/,
      /^openclaw config set plugins\.allow '\["telegram","sovereign-ledger"\]'/,
    )
    assert.ok(found.some(({ name, remedy }) => name === "permission" && remedy?.includes("allowConversationAccess true")))
    host.configure(well)
  })

  test("settings that are unknown, unusable or ignored, each by its name", async () => {
    host.configure(withSettings({ nonsense: 1 }))
    await finds("settings", /The setting nonsense is not usable: there is no setting of that name/, /^openclaw config get/)
    host.configure(withSettings({ dbPath: "/tmp/x.db", rateLimitPerSec: 5, smt: { maxTreeSize: 9 } }))
    const found = await finds("settings", /dbPath is ignored/, /^openclaw config unset plugins\.entries\.sovereign-ledger\.config\.dbPath$/)
    assert.deepEqual(
      found.map(({ words }) => /setting ([\w.]+) is/.exec(words)?.[1]),
      ["dbPath", "rateLimitPerSec", "smt.maxTreeSize"],
    )
    host.configure(well)
  })

  test("budgets of the settings that are not in force", async () => {
    host.configure(withSettings({ budgets: [{ name: "daily", limit: ["5usd"], per: "day" }] }))
    await finds("enforcement", /the budget daily stands in the settings and is not in force/, /gateway restart/)
    host.configure(well)
  })

  test("files that others may read, and what is mended by --fix", async () => {
    chmodSync(keyFile, 0o644)
    chmodSync(directory, 0o755)
    const found = await finds("key-file", /others may read the master key/, /^chmod 600 /)
    assert.ok(found.some(({ name, remedy }) => name === "directory" && remedy === `chmod 700 ${directory}`))
    assert.ok(
      found.some(({ name }) => name === "key"),
      "nor does anything open it",
    )
    const said = await host.home.run(host.with("doctor --fix"))
    assert.equal(said.exit, 0, said.stdout)
    assert.match(said.stdout, /^mended key-file [^\n]*\nmended directory /)
    assert.deepEqual([statSync(keyFile).mode & 0o777, statSync(directory).mode & 0o777], [0o600, 0o700])
    chmodSync(join(directory, "scopes.db"), 0o644)
    await finds("directory", /others may read scopes\.db/, /^chmod 600 .*scopes\.db$/)
    assert.deepEqual(
      (await look(" --fix")).fixed.map(({ name }) => name),
      ["directory"],
    )
  })

  test("a socket that a killed writer left over", async () => {
    const socket = join(directory, "writer.sock")
    // What is left of one: a socket that nobody listens at.
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(`${socket}.made`, resolve))
    renameSync(`${socket}.made`, socket)
    await new Promise<void>((resolve) => server.close(() => resolve()))
    assert.ok(existsSync(socket), "closing takes away the name it was made under, not this one")
    await finds("socket", /is left over from a writer that was killed/, /^rm /)
    await look(" --fix")
    assert.ok(!existsSync(socket))
  })

  test("a log that does not begin anew, and damaged tables", async () => {
    const log = join(directory, "journal.db-wal")
    const sizeBytes = existsSync(log) ? statSync(log).size : 0
    if (!existsSync(log)) writeFileSync(log, "", { mode: 0o600 })
    truncateSync(log, 70_000_000)
    await finds("log", /has 70 MB: something keeps it from beginning anew/, /^fuser -v /)
    truncateSync(log, sizeBytes)
    const views = join(directory, "views.db")
    const bytes = readFileSync(views)
    bytes.fill(7, 3 * 4096, 5 * 4096)
    writeFileSync(views, bytes)
    await finds("views", /the tables of projections are damaged/, /^sovereign-ledger status$/)
    await host.home.run("status") // whoever reads makes them anew
    assert.deepEqual(wrong(await look()), [])
  })

  test("a note outside that is gone, as watch finds it", async () => {
    const note = join(host.home.directory, ".openclaw", "sovereign-ledger.head.note")
    const text = readFileSync(note)
    writeFileSync(note, "nonsense")
    await finds("head-note", /note outside/, /verify/)
    writeFileSync(note, text, { mode: 0o600 })
  })

  test("a budget that is to refuse and has no door", async () => {
    await host.home.check({ command: "budget set daily --limit 5usd", exit: 0, stdout: /^daily is in force/ })
    host.configure({ plugins: { allow: [id] } })
    await finds("enforcement", /^daily cannot refuse a run: without the permission/, /allowConversationAccess true/)
    host.configure(well)
    assert.deepEqual(wrong(await look()), [])
    process.kill(jsonOf<{ writer: { pid: number } }>(await host.home.run("status --json")).writer.pid)
  })

  test("no ledger at all: what is missing is said, and the command", async (t) => {
    const empty = hostedHome(t, well)
    const said = await empty.home.run(empty.with("doctor"))
    assert.equal(said.exit, 1)
    assert.match(said.stdout, /WRONG +set-up +there is no ledger in [^\n]*\n +-> sovereign-ledger key create/)
  })
})
