/** More for one run on the command line: what is asked is listed, shown below its budget once it is granted, approved and denied, once each. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { makeRig, type Rig } from "../writer/rig.ts"

const places = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
const told = async (rig: Rig, ...words: readonly string[]) => {
  const { status, stdout, stderr } = await rig.run([...words, ...places(rig)])
  return `${status} ${stdout}${stderr}`
}

const spend = { prices: [{ model: "mock/big", input: "3", output: "15" }], toolPrices: [], providers: {}, budgets: [], ask: { amount: ["2 calls"] } }
const settings = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, spend }

/** A run that is refused; answers the code in its refusal. */
async function refused(rig: Rig, session: string): Promise<string> {
  const client = rig.client({}, () => rig.link({ config: settings }))
  const picked = { run: `run of ${session}`, session, agent: "main", provider: "mock", model: "big", prompt: "hello" }
  const answer = await client.gate(`,"h":"before_agent_run","t":${Date.now()},"p":${JSON.stringify(picked)}}`)
  client.close()
  const words = answer instanceof Error ? answer.message : (answer.words ?? "")
  return /\/budget approve (\w+)/.exec(words)?.[1] ?? assert.fail(words)
}

test("what owners are asked is listed, approved and denied on the command line, once each", async (t) => {
  const rig = makeRig(t)
  assert.match(await told(rig, "budget", "set", "daily", "--limit", "0 calls"), /^0/)
  assert.match(await told(rig, "budget", "extensions"), /^0 Nobody was asked for more\./)
  const [code, other] = [await refused(rig, "agent:main:one"), await refused(rig, "agent:main:two")]
  const listed = await told(rig, "budget", "extensions")
  assert.match(
    listed,
    new RegExp(
      `^0 ${other}  asked  2 calls more, for one run, until .*\\n  daily: 0 calls spent of it, 2 calls left\\n  sovereign-ledger budget approve ${other}`,
    ),
  )
  assert.match(await told(rig, "budget", "approve", code, "--reason", "go on"), new RegExp(`^0 ${code} is approved: `))
  assert.match(await told(rig, "budget", "approve", code), new RegExp(`^1 Refused: what was asked for under the code ${code} is granted already\\.`))
  assert.match(await told(rig, "budget", "deny", other.toLowerCase()), new RegExp(`^0 ${other} is denied\\.`))
  assert.match(await told(rig, "budget", "approve", "no code"), /^2 .*a code has six letters and digits/)
  assert.match(await told(rig, "budget", "show", "daily"), new RegExp(`0 calls left\\n  \\+ up to 2 calls for one run \\(${code}\\): 0 calls spent of it`))
  const { stdout } = await rig.run(["budget", "extensions", "--json", ...places(rig)])
  const { extensions } = JSON.parse(stdout) as { readonly extensions: readonly { readonly extension: string; readonly state: string }[] }
  assert.deepEqual(
    extensions.map(({ extension, state }) => [extension, state]),
    [
      [other, "denied"],
      [code, "granted"],
    ],
  )
  assert.equal(rig.entries("extension.granted")[0]?.facts["reason"], "go on")
  assert.equal(rig.verify().verdict, "valid")
})
