/** watch, as a timer runs it: one look and an exit status; and as a person leaves it running: a line for what changes. */
import assert from "node:assert/strict"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { jsonOf, makeHome, type Home } from "./home.ts"

type Body = {
  readonly schemaVersion: number
  readonly generatedAt: string
  readonly checks: readonly { readonly name: string; readonly state: string; readonly remedy: string | null }[]
}

const well = { plugins: { allow: ["sovereign-ledger"], entries: { "sovereign-ledger": { enabled: true, hooks: { allowConversationAccess: true } } } } }

describe("watch", () => {
  let home: Home
  let configFile: string
  let noteFile: string
  const configure = (config: object) => writeFileSync(configFile, JSON.stringify(config))
  const ending: (() => void)[] = []

  before(async () => {
    home = makeHome({ after: (step) => void ending.push(step) })
    await home.check({ command: "key create", exit: 0, stdout: /is set up/ })
    configFile = join(home.directory, ".openclaw", "openclaw.json")
    noteFile = join(home.directory, ".openclaw", "sovereign-ledger.head.note")
    configure(well)
    // A writer makes the journal and the note, and leaves.
    const writer = home.start(["writer"])
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && !jsonOf<{ writer: unknown }>(await home.run("status --json")).writer;);
    writer.child.kill("SIGTERM")
    await writer.ended
  })

  after(() => {
    for (const step of ending.reverse()) step()
  })

  test("all is well: 0, each check by its name, and as one line of JSON", async () => {
    await home.check({ command: "watch --once", exit: 0, stdout: /^ok +set-up +the ledger is in [^]*ok +writer +no writer runs; the next event starts one\n$/ })
    const said = await home.run("watch --once --json")
    assert.equal(said.stdout.split("\n").length, 2)
    const { schemaVersion, generatedAt, checks } = jsonOf<Body>(said)
    assert.deepEqual([schemaVersion, Number.isNaN(Date.parse(generatedAt)), checks.length], [1, false, 16])
    assert.ok(checks.every(({ state, remedy }) => state === "good" && remedy === null))
  })

  test("something is wrong: 1, with the command that mends it; left out by its name, 0", async () => {
    configure({ plugins: { allow: ["sovereign-ledger"] } })
    await home.check({
      command: "watch --once",
      exit: 1,
      stdout: /WRONG permission +the host has not given[^\n]*-> openclaw config set plugins\.entries\.sovereign-ledger\.hooks\./,
    })
    await home.check({ command: "watch --once --except permission,gaps", exit: 0, stdout: /^(?:ok [^\n]*\n)+$/ })
    configure(well)
  })

  test("what cannot be checked: 2", async () => {
    rmSync(configFile)
    await home.check({ command: "watch --once", exit: 2, stdout: /^\? +plugin +The host's configuration [^\n]*there is no such file\.[^\n]*->/m })
    writeFileSync(configFile, "{ plugins: ")
    await home.check({ command: "watch --once", exit: 2, stderr: /^The host's configuration [^\n]* cannot be read/ })
    configure(well)
  })

  test("flags that are not understood: 2, with what they take", async () => {
    await home.check({ command: "watch --once --except nonsense", exit: 2, stderr: /^There is no check "nonsense"; the checks are set-up, key, / })
    await home.check({ command: "watch --once --since yesterday", exit: 2, stderr: /^--since takes 30m, 24h, 7d/ })
    await home.check({ command: "watch --every 0", exit: 2, stderr: /^--every takes a whole number from 1 to 86,400/ })
  })

  test("left running it prints what changes, and nothing else", async () => {
    const session = home.start(["watch", "--every", "1"])
    const shows = async (pattern: RegExp) => {
      for (const untilMs = Date.now() + 30_000; !pattern.test(session.stdout()) && Date.now() < untilMs;)
        await new Promise((resolve) => setTimeout(resolve, 50))
      assert.match(session.stdout(), pattern)
    }
    await shows(/ok +writer [^\n]*\n$/)
    rmSync(noteFile)
    await shows(/\n\d{4}-\d\d-\d\dT[\d:.]+Z WRONG head-note +the note outside is not there/)
    const before = session.stdout()
    configure({ plugins: { enabled: false, entries: well.plugins.entries } })
    await shows(/Z WRONG plugin +the host does not load the plugin: plugins disabled -?[^\n]*-> openclaw config set plugins\.enabled true/)
    assert.equal(session.stdout().slice(0, before.length), before)
    assert.equal(session.stdout().slice(before.length).trimEnd().split("\n").length, 1)
    session.child.kill("SIGTERM")
    assert.equal((await session.ended).signal, "SIGTERM")
    configure(well)
  })
})
