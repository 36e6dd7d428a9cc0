/** Breakers on the command line: what is cut off is listed with its numbers, shows in status and watch, and an operator lets it go on. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import type { ClientConfig } from "../../src/operations/client-config.ts"
import { makeRig, type Rig } from "../writer/rig.ts"

const places = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
const told = async (rig: Rig, ...words: readonly string[]) => {
  const { status, stdout, stderr } = await rig.run([...words, ...places(rig)])
  return `${status} ${stdout}${stderr}`
}

/** A gateway's agent asks for one call again and again; answers how often it ran. */
async function loop(rig: Rig, run: string, config?: ClientConfig): Promise<number> {
  const client = config === undefined ? rig.client() : rig.client({}, () => rig.link({ config }))
  let ran = 0
  for (let n = 0; n < 6; n++) {
    const call = { run, session: "agent:main:main", agent: "main", tool: "exec", call: `c${n}`, params: { command: "date" } }
    const answer = await client.gate(`,"h":"before_tool_call","t":${Date.now()},"p":${JSON.stringify(call)}}`)
    if (answer instanceof Error || answer.verdict === "deny") continue
    client.observe("after_tool_call", Date.now(), `,"h":"after_tool_call","t":${Date.now()},"p":${JSON.stringify({ ...call, result: "same" })}}`)
    await client.flush(10_000)
    ran++
  }
  client.close()
  return ran
}

describe("breakers on the command line", () => {
  test("are listed with what they cut off and reset by the operator", async (t) => {
    const rig = makeRig(t)
    assert.match(await told(rig, "budget", "set", "daily", "--limit", "5usd"), /^0/)
    assert.match(
      await told(rig, "breaker", "list"),
      /^0 Nothing is cut off\.\n\nBreakers trip at these \(they cut while a budget blocks, and only tell otherwise\):\n {2}4 identical/,
    )
    assert.equal(await loop(rig, "run-1"), 3)
    assert.match(await told(rig, "breaker", "list"), /^0 cut off {2}run:run-1 .*\n {2}this run is in a loop: exec was called 4 times with the same arguments/)
    const { stdout } = await rig.run(["breaker", "list", "--json", ...places(rig)])
    const { cuts, rule } = JSON.parse(stdout) as {
      readonly cuts: readonly Readonly<Record<string, unknown>>[]
      readonly rule: Readonly<Record<string, unknown>>
    }
    assert.deepEqual(
      [cuts.length, cuts[0]?.["breaker"], cuts[0]?.["mode"], cuts[0]?.["until"], rule["identicalCalls"]],
      [1, "identical-calls", "block", null, 4],
    )
    assert.match(await told(rig, "status"), /cut off, run:run-1: this run is in a loop/)
    assert.match(
      await told(rig, "watch", "--once"),
      /WRONG breakers +1 breakers tripped since .*breaker identical-calls cut off run:run-1: 4 calls, threshold 4/,
    )
    assert.match(await told(rig, "breaker", "reset", "run:nobody"), /^1 Refused: no breaker has cut off run:nobody/)
    assert.match(await told(rig, "breaker", "reset", "all", "--reason", "seen"), /^0 Everything that was cut off may spend again\./)
    assert.match(await told(rig, "breaker", "list"), /^0 Nothing is cut off\./)
    assert.equal(rig.entries("breaker.reset")[0]?.facts["reason"], "seen")
    assert.equal(rig.verify().verdict, "valid")
  })

  test("trip as the settings of a gateway say, without any budget", async (t) => {
    const rig = makeRig(t)
    const spend = { prices: [], toolPrices: [], providers: {}, budgets: [], breakers: { mode: "block", identicalCalls: 3 } }
    const settings = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, spend }
    assert.equal(await loop(rig, "run-1", settings), 2)
    assert.match(await told(rig, "breaker", "list"), /^0 cut off {2}run:run-1[^]*\(they cut\):\n {2}3 identical/)
  })

  test("only tell where nothing blocks", async (t) => {
    const rig = makeRig(t)
    assert.equal(await loop(rig, "run-1"), 6)
    assert.match(await told(rig, "breaker", "list"), /^0 told of {2}run:run-1/)
    assert.ok(!/cut off, run/.test(await told(rig, "status")))
  })
})
