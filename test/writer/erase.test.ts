/** `erase` and `legal-hold` as an operator uses them, beside a writer at work: what is shown first, what is refused, what goes and what goes on. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { openForReading } from "../../src/views/ledger-access.ts"
import { contentOf } from "../../src/views/event-list.ts"
import { lineOf, startLoad } from "./load.ts"
import { makeRig, until, type Ended, type Rig } from "./rig.ts"

const command = (rig: Rig, ...words: readonly string[]): Promise<Ended> =>
  rig.run([...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
async function json<T>(rig: Rig, ...words: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await command(rig, ...words, "--json")
  assert.deepEqual([status, stderr], [0, ""], stdout)
  return JSON.parse(stdout) as T
}
const codeOf = ({ stdout }: Ended) => (JSON.parse(stdout) as { error: { code: string } }).error.code

type Shown = {
  readonly erased: boolean
  readonly scopes: number
  readonly entries: number
  readonly erasure?: string
  readonly held: readonly { readonly id: string }[]
}

async function recorded(rig: Rig, session: string, count: number): Promise<void> {
  const client = rig.client()
  for (let i = 0; i < count; i++)
    client.observe(
      "after_tool_call",
      Date.now(),
      lineOf("after_tool_call", { toolName: "read", toolCallId: `${session}-${i}`, result: `secret words of ${session}` }, { sessionKey: session }),
    )
  await client.flush(10_000)
}

test("shown first, then done; what an agent does goes on, and a reader that had it open sees it no more", async (t) => {
  const rig = makeRig(t)
  const load = startLoad(rig.client(), "erasing", { gates: 2, observersEveryMs: 50 })
  t.after(load.end)
  await until(() => load.answered.length > 5, "there is a load")
  await recorded(rig, "agent:research:main", 20)
  await recorded(rig, "agent:research:cron:daily", 10)
  const reader = openForReading(rig.files, { keyFile: rig.keyFile, environment: {} })
  t.after(() => reader.close())
  const calls = () => [...reader.reader.entries(0, Infinity)].filter((entry) => (contentOf(reader, entry).text ?? "").includes("secret words")).length
  assert.equal(calls(), 30)

  const before = await command(rig, "erase", "--session", "agent:research:main")
  assert.match(
    before.stdout,
    /^Of session agent:research:main: 1 conversation with 20 entries\.\n {2}from \S+ to \S+\n\nNothing was changed\. To erase it, for good: the same command with --yes\n$/,
  )
  assert.deepEqual(rig.entries("content.erased"), [])
  const done = await command(rig, "erase", "--session", "agent:research:main", "--reason", "request no. 7", "--yes")
  assert.match(done.stdout, /^The contents of session agent:research:main are erased: 1 conversation, 20 entries \(erasure [0-9a-f]{16}\)\./)
  assert.equal(calls(), 10)
  const all = await json<Shown>(rig, "erase", "--agent", "research", "--yes")
  assert.deepEqual([all.erased, all.scopes, all.entries, calls()], [true, 1, 10, 0])
  const again = await json<Shown>(rig, "erase", "--agent", "research", "--yes")
  assert.deepEqual([again.erased, again.scopes, again.erasure], [false, 0, null])
  assert.deepEqual(
    rig.entries("content.erased").map(({ facts }) => [facts["by"], facts["scopes"]]),
    [
      ["session", 1],
      ["agent", 1],
    ],
  )
  const reached = load.answered.length
  await until(() => load.answered.length > reached + 10, "the load goes on")
  await load.stop()
  assert.deepEqual([load.refused, rig.logged], [[], []])
  assert.equal((await json<{ verdict: string }>(rig, "verify")).verdict, "valid with erasures")
  assert.match((await command(rig, "events", "list", "--type", "content.erased")).stdout, /contents of agent research erased \(1 scopes\)/)
})

test("what is held is not erased, by nobody, until the hold is lifted", async (t) => {
  const rig = makeRig(t)
  await recorded(rig, "agent:trader:main", 3)
  assert.equal((await command(rig, "legal-hold", "list")).stdout, "Nothing is held.\n")
  const placed = await command(rig, "legal-hold", "place", "--agent", "trader", "--reason", "audit 2026/7")
  const [, id = ""] = /legal hold ([0-9a-f]{8})\./.exec(placed.stdout) ?? assert.fail(placed.stdout)
  assert.match((await command(rig, "legal-hold", "list")).stdout, new RegExp(`^${id} {2}2\\S+ {2}agent trader {2}audit 2026/7\\n$`))
  assert.match((await command(rig, "erase", "--agent", "trader")).stdout, new RegExp(`stands under the legal hold ${id} \\(audit 2026/7\\)`))
  const refused = await command(rig, "erase", "--agent", "trader", "--yes")
  assert.deepEqual([refused.status, refused.stdout], [1, ""])
  assert.match(refused.stderr, new RegExp(`^Nothing was erased: some of it stands under the legal hold ${id} \\(audit 2026/7\\)\\.\\n.*legal-hold lift ${id}`))
  const unknown = await command(rig, "legal-hold", "lift", "ffffffff", "--json")
  assert.deepEqual([unknown.status, codeOf(unknown)], [2, "erase.no-hold"])
  assert.match((await command(rig, "legal-hold", "lift", id)).stdout, /is lifted: the contents of agent trader may be erased/)
  assert.equal((await command(rig, "erase", "--agent", "trader", "--yes")).status, 0)
  assert.equal(rig.verify().verdict, "valid with erasures")
})

test("once there is an operator's credential, erasing and lifting need it, and holding does not", async (t) => {
  const rig = makeRig(t)
  await recorded(rig, "agent:main:main", 2)
  const credential = join(rig.root, "credential")
  writeFileSync(credential, "the operator's own words\n")
  await command(rig, "operator", "set-credential", "--new-file", credential)
  const refused = await command(rig, "erase", "--agent", "main", "--yes")
  assert.deepEqual([refused.status, refused.stderr.split("\n")[0]], [1, "Refused: erasing contents of an agent needs the operator's credential."])
  const { hold } = await json<{ hold: { id: string } }>(rig, "legal-hold", "place", "--agent", "main")
  assert.equal((await command(rig, "legal-hold", "lift", hold.id)).status, 1)
  assert.equal((await command(rig, "legal-hold", "lift", hold.id, "--credential-file", credential)).status, 0)
  assert.equal((await command(rig, "erase", "--agent", "main", "--yes", "--credential-file", credential)).status, 0)
  assert.deepEqual(
    rig.entries("change.refused").map(({ facts }) => facts["change"]),
    ["erasing contents of an agent", "lifting a legal hold"],
  )
})

test("what is asked badly is told in a sentence, and nothing is erased", async (t) => {
  const rig = makeRig(t)
  await recorded(rig, "agent:main:main", 2)
  for (const [words, problem] of [
    [[], /one of --session, --sender and --agent/],
    [["--session", "a", "--agent", "b"], /one of --session, --sender and --agent/],
    [["--agent", ""], /was given an empty text/],
    [["--agent", "main", "--channel", "telegram"], /--channel goes with --sender/],
    [["--agent", "main", "--before", "soon"], /--before takes 30m, 24h, 7d, a day/],
    [["--agent", "main", "--before", "2999-01-01"], /--before takes a time that has passed/],
  ] as const) {
    const { status, stdout, stderr } = await command(rig, "erase", ...words, "--yes")
    assert.deepEqual([status, stdout], [2, ""])
    assert.match(stderr, problem)
  }
  const today = await json<Shown>(rig, "erase", "--agent", "main", "--before", "1m", "--yes")
  assert.deepEqual([today.scopes, today.erasure], [0, null], "what was recorded today stays until tomorrow")
  assert.equal(rig.verify().verdict, "valid")
})
