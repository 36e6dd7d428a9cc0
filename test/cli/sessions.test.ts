/** Sessions of the command line with a ledger: looking into it, taking it elsewhere, checking it. */
import assert from "node:assert/strict"
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { after, before, describe, test, type TestContext } from "node:test"
import { entryOf } from "../../src/operations/entry-of.ts"
import { eventAt, startMs, temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, jsonOf, makeHome, type Row } from "./home.ts"

test("--json: one line of every command that sets a ledger up", async (t) => {
  const home = makeHome(t)
  const said = async (command: string) => jsonOf(await home.run(`${command} --json`))
  const absent = await said("status")
  assert.deepEqual([absent["recording"], absent["next"]], ["not set up", "sovereign-ledger key create"])
  const created = await said("key create")
  const again = jsonOf<{ error: Record<string, string> }>(await home.run("key create --json"))
  assert.equal(again.error["code"], "key.exists")
  assert.equal((await said("status"))["recording"], "ready")
  assert.equal((await said("key status"))["storeId"], created["storeId"])
  assert.equal((await said("key backup kept.json"))["sealed"], false)
  assert.deepEqual((await said("key restore kept.json"))["written"], [])
})

describe("a ledger with events in it", { concurrency: 4 }, () => {
  const home = makeHome({ after })
  const ledger = temporaryLedger({ after })
  before(() => {
    ledger.append(699)
    ledger.checkpoint()
    ledger.close()
  })
  const run = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])
  const verifierKey = () => ledger.keys().store.verifierKey

  const rows: readonly Row[] = [
    { command: "status", exit: 0, stdout: /READY[^]*Storage +700 entries[^]*head note agrees[^]*Writer +not running[^]*tool\.invoked/ },
    { command: "events list", exit: 0, stdout: /^#650 [^]*\n#699 [^\n]*\n50 events of 700; --last shows more\n$/ },
    { command: "events list --last 2 --offset 10", exit: 0, stdout: /^#688 [^\n]*\n#689 [^\n]*\n2 events of 700/ },
    { command: "list --last 1 --preview", exit: 0, stdout: /^#699 [^\n]*\n/ },
    { command: "events list --type tool.denied --to 6", exit: 0, stdout: /^#5 [^\n]* tool\.denied [^\n]*\n$/ },
    { command: "events list --type tool.result --last 1", exit: 0, stdout: /^#\d+ [^\n]* tool\.returned / },
    { command: "events list --session agent:nobody", exit: 0, stdout: /^No events\.\n$/ },
    { command: "events show 1", exit: 0, stdout: /\nsequence {2}1\n[^]*\ncontent\n[^]*words of event 1/ },
    { command: "events show 700", exit: 2, stderr: /^There is no entry 700 in this ledger\.\n.*events list/ },
    { command: "events show tool.denied:4711", exit: 2, stderr: /^There is no entry tool\.denied:4711/ },
    { command: "verify", exit: 0, stdout: /VALID[^]*700 entries \(#0 to #699\)/ },
    { command: "verify --headers", exit: 0, stdout: /VALID[^]*0 payloads opened/ },
    { command: "export csv --category tool --limit 3", exit: 0, stdout: /^[^\r]+\r\n(?:\d+,[^\r]+\r\n){3}$/ },
    { command: "export json --to 2", exit: 0, stdout: /^(?:\{[^\n]+\}\n){4}$/ },
    { command: "export json --out no/such/folder.ndjson", exit: 2, stderr: /^Writing to no\/such\/folder\.ndjson failed: ENOENT/ },
  ]
  for (const { command, ...wanted } of rows) test(command, async () => holds(await run(command), wanted))

  test("list --json is events list --json", async () => {
    type Listed = { events: { sequence: number }[]; total: number; truncated: boolean; filter: unknown }
    const [one, other] = await Promise.all(["list", "events list"].map(async (path) => jsonOf<Listed>(await run(`${path} --category tool --limit 5 --json`))))
    assert.deepEqual([one?.events, one?.total], [other?.events, other?.total])
    assert.deepEqual([one?.events.length, one?.truncated, one?.filter], [5, true, { category: "tool" }])
  })

  test("events show --json, by number and by id", async () => {
    type Shown = { event: { id: string; sequence: number; content: { text?: string } } }
    const { event } = jsonOf<Shown>(await run("events show 2 --json"))
    assert.deepEqual([event.sequence, event.content.text?.startsWith("words of event 2")], [2, true])
    assert.deepEqual(jsonOf<Shown>(await run(`events show ${event.id} --json`)).event, event)
  })

  test("an export to a file is its owner's, is never replaced, and can be checked by a stranger", async () => {
    const file = join(home.directory, "all.ndjson")
    holds(await run("export json --out all.ndjson"), { exit: 0, stderr: /^700 rows written to all\.ndjson\.\n$/ })
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const text = readFileSync(file, "utf8")
    holds(await run("export json --out all.ndjson"), { exit: 2, stderr: /^all\.ndjson exists already; name another file\.\n/ })
    assert.equal(readFileSync(file, "utf8"), text)
    const stranger = makeHome({ after })
    const check = async (name: string, content: string, key: readonly string[], wanted: Omit<Row, "command">) => {
      writeFileSync(join(stranger.directory, name), content)
      holds(await stranger.run(["verify", "--offline", name, ...key]), wanted)
    }
    const key = ["--key", verifierKey()]
    await check("good.ndjson", text, key, { exit: 0, stdout: /VALID {2}good\.ndjson/ })
    await check("keyless.ndjson", text, [], { exit: 2, stdout: /UNVERIFIABLE/ })
    await check("edited.ndjson", text.replace('"tool.denied"', '"tool.invoked"'), key, { exit: 1, stdout: /INVALID/ })
    await check("no-export.ndjson", "a,b\r\n1,2\r\n", key, { exit: 2, stderr: /is not an export this version can check/ })
  })

  test("whoever closes the pipe (| head) sees no error", async () => {
    const session = home.start(["export", "json", "--include-content", ...flagsOf(ledger)])
    session.child.stdout.once("data", () => session.child.stdout.destroy())
    const { exit, stderr } = await session.ended
    assert.deepEqual([exit, stderr], [0, ""])
    assert.ok(session.stdout().length < 200_000, "it ended early")
  })

  test("a copied directory can be read where no writer ever was", async (t) => {
    const copy = ledger.copy(t)
    const said = async (command: string) => home.run([...command.split(" "), ...flagsOf(copy)])
    holds(await said("status"), { exit: 0, stdout: /READY[^]*Storage +700 entries[^]*Writer +not running/ })
    holds(await said("events list --last 1"), { exit: 0, stdout: /^#699 / })
    holds(await said("verify"), { exit: 0, stdout: /VALID/ })
    const bare = join(home.directory, "only-data")
    mkdirSync(bare)
    cpSync(copy.directory, join(bare, "ledger"), { recursive: true })
    const flags = ["--data-dir", join(bare, "ledger"), "--key-file", copy.places.keyFile ?? ""]
    holds(await home.run(["events", "list", "--last", "1", ...flags]), { exit: 0, stdout: /^#699 / })
    holds(await home.run(["events", "list", ...flags.slice(0, 2)]), { exit: 2, stderr: /^No master key was found/ })
  })

  test("verify names the entry that was changed", async (t) => {
    const copy = ledger.copy(t)
    copy.edit((journal) => journal.exec("UPDATE entries SET facts = zeroblob(length(facts)) WHERE sequence = 8"))
    const said = await home.run(["verify", ...flagsOf(copy)])
    holds(said, { exit: 1, stdout: /INVALID[^]*#8\b/ })
    const report = jsonOf<{ verdict: string; problems: { from: number; to: number }[] }>(await home.run(["verify", "--json", ...flagsOf(copy)]))
    assert.equal(report.verdict, "invalid")
    assert.ok(
      report.problems.every(({ from, to }) => from === 8 && to === 8),
      JSON.stringify(report.problems),
    )
  })
})

test("a text behind a hash is checked, and its salt is handed out", async (t) => {
  const home = makeHome(t)
  const ledger = temporaryLedger(t)
  const { scopes, journal } = ledger.open()
  const prompt = { type: "prompt.submitted", id: "p:1", scope: { session: "agent:main:a" }, facts: { promptLength: 5, historyMessages: 0 } } as const
  const hashed = { promptText: true, toolArgs: false }
  journal.append([entryOf({ ...prompt, content: { prompt: "hello" } }, scopes, startMs, { hashed })], startMs)
  ledger.append(1)
  ledger.close()
  const said = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])
  writeFileSync(join(home.directory, "prompt.txt"), "hello\n")
  writeFileSync(join(home.directory, "other.txt"), "hallo\n")
  holds(await said("redaction check 1 --file prompt.txt"), { exit: 0, stdout: /^✓ THE SAME {2}prompt of event #1\n$/ })
  holds(await said("redaction check 1 --file other.txt"), { exit: 1, stdout: /^✗ NOT THE SAME {2}event #1 hides prompt\n$/ })
  holds(await said("redaction check 1 --file none.txt"), { exit: 2, stderr: /^none\.txt cannot be read: ENOENT[^\n]*\n/ })
  holds(await said("redaction check 1"), { exit: 2, stderr: /--file/ })
  holds(await said("redaction check 2 --file prompt.txt"), { exit: 2, stderr: /^Event #2 hides nothing/ })
  holds(await said("redaction salt 1"), { exit: 0, stdout: /^salt {2}[0-9a-f]{64}\nprompt {2}[0-9a-f]{64}\n$/ })
  holds(await said("redaction salt 9"), { exit: 2, stderr: /^There is no entry 9/ })
})

/** Appends until it is seen: nothing says when the command has begun to look. */
async function followed(t: TestContext, flags: readonly string[], seen: (text: string) => boolean): Promise<string> {
  const ledger = temporaryLedger(t)
  ledger.append(20)
  const session = makeHome(t).start(["events", "follow", ...flags, ...flagsOf(ledger)])
  t.after(() => session.child.kill("SIGKILL"))
  const endMs = Date.now() + 20_000
  for (let n = 100; !seen(session.stdout()); n++) {
    assert.ok(Date.now() < endMs && session.child.exitCode === null, `what was appended was not shown: ${session.stdout()}`)
    ledger.record(eventAt(n * 7 + 5), eventAt(n * 7 + 2))
    await sleep(100)
  }
  session.child.kill("SIGINT")
  const said = await session.ended
  holds(said, { exit: 0, stdout: /./ })
  return said.stdout
}

describe("events follow", { concurrency: 2 }, () => {
  test("shows what is appended, and nothing from before; Ctrl-C is a good end", async (t) => {
    const text = await followed(t, ["--category", "tool"], (shown) => /tool\.denied/.test(shown))
    assert.doesNotMatch(text, /^#\d /m)
  })

  test("with --json a line an event", async (t) => {
    const text = await followed(t, ["--json", "--type", "message.received"], (shown) => shown.split("\n").length > 2)
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; sequence: number })
    assert.ok(events.every(({ type, sequence }) => type === "message.received" && sequence > 20))
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      events.map((_, i) => (events[0]?.sequence ?? 0) + 2 * i),
      "each one, in order",
    )
  })
})
