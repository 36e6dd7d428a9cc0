/** What the skill tells agents to run is there, and reads. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { commands } from "../../src/surfaces/cli/command-list.ts"
import { hostNames } from "../../src/surfaces/agent-tools/tool-list.ts"
import { runCommand } from "../commands/command-process.ts"
import { read } from "./repository.ts"

const skill = read("skills/sovereign-ledger/SKILL.md")
/** Of these nothing is changed by asking. */
const readOnly = [
  ...["spend", "usage", "budget list", "budget forecast", "quotas", "events list", "status", "verify", "sql", "inventory", "balance"],
  ...["report daily", "report weekly", "report cron", "report session", "smt proof", "smt chain", "anchors list"],
]

test("the skill has what skills need: a name like its directory's, and one line on what it is for", () => {
  const [, front = ""] = /^---\n([^]*?)\n---\n/.exec(skill) ?? []
  assert.match(front, /^name: sovereign-ledger$/m)
  assert.match(front, /^description: [^\n]{40,200}$/m)
  assert.deepEqual(JSON.parse(/^metadata: (.*)$/m.exec(front)?.[1] ?? ""), { openclaw: { requires: { bins: ["sovereign-ledger"] } } })
})

test("every command of the skill is one, with flags that it has, and reads; every tool is one", async () => {
  const lines = [...skill.matchAll(/`sovereign-ledger ([^`]+)`/g)].map((match) => match[1] ?? "")
  assert.ok(lines.length >= readOnly.length)
  const known = commands.map(({ path }) => path)
  const used = new Set<string>()
  for (const line of lines) {
    const path = known.filter((one) => `${line} `.startsWith(`${one} `)).sort((a, b) => b.length - a.length)[0] ?? assert.fail(`no command: ${line}`)
    used.add(path)
    const help = (await runCommand([...path.split(" "), "--help"])).stdout
    for (const [flag] of line.matchAll(/(?<= )--[a-z-]+/g)) assert.match(help, new RegExp(`^ +${flag}\\b`, "m"), line)
  }
  assert.deepEqual([...used].sort(), readOnly.toSorted())
  for (const [, tool = ""] of skill.matchAll(/`((?:peac_receipts|ledger)\.\w+)`/g))
    assert.ok(
      hostNames.some((name) => name === tool),
      tool,
    )
})
