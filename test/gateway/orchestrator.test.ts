/** Delegation on a real gateway: a session that people talk to hands its work on, its orchestrator has it done, and what fails is given out again. */
import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { eventually, ofType, type LedgerCommandLine } from "./ledger.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { resetSession, runTurn } from "./turn.ts"

const call = (id: string, args: object = {}) => ({ name: "tool_call", args: { id, args } })
const line = (id: string, args: object = {}) => `TOOL tool_call ${JSON.stringify(call(id, args).args)}`
const exec = (word: string) => `TOOL exec ${JSON.stringify({ command: `echo ${word}` })}`

describe("delegation", () => {
  let fixture: SharedLedger
  let ledger: LedgerCommandLine
  const events = async (type: string) => ofType(await ledger.events({ category: "agent" }), type)
  const turn = (session: string, ...lines: readonly string[]) => runTurn(fixture.client, lines.join("\n"), { sessionKey: `agent:main:${session}` })
  const more = (type: string, than: number) =>
    eventually(
      type,
      () => events(type),
      (found) => found.length > than,
      60_000,
    )

  before(async () => {
    fixture = await suiteLedger("orchestrator", { orchestrator: { enabled: true, enforceMainDelegation: true } })
    ledger = fixture.ledger
  })

  it("refuses a front session every direct tool, and lets it hand the work on", async () => {
    const task = [exec("one"), exec("two"), exec("three"), "SAY orchestrated"].join("\n")
    await turn("front", exec("never"), exec("never"), exec("never"), line("sessions_spawn", { task }), line("sessions_spawn", { task }), "SAY handed on")
    const front = (await events("orchestrator.refused")).filter(({ facts }) => facts["role"] === "front")
    assert.deepEqual(
      front.map(({ facts }) => [facts["tool"], facts["why"]]),
      [
        ["exec", "direct"],
        ["exec", "direct"],
        ["exec", "direct"],
        ["sessions_spawn", "bound"],
      ],
    )
    assert.equal((await more("orchestrator.bound", 0)).length, 1)
    const passed = await more("orchestrator.passed", 0)
    assert.deepEqual(
      passed.map(({ facts }) => [facts["tool"], facts["attempt"]]),
      [["exec", 3]],
    )
    const refused = (await events("orchestrator.refused")).filter(({ facts }) => facts["role"] === "orchestrator")
    assert.deepEqual(
      refused.map(({ facts }) => facts["attempt"]),
      [1, 2],
    )
    const prompt = fixture.model.requests.find(({ userText }) => userText.includes("handed on"))
    assert.match(JSON.stringify(prompt?.messages), /<orchestrator-mode>/)
  })

  it("tells the orchestrator whose it is and what to do", () => {
    const asked = fixture.model.requests.find(
      ({ userText }) => userText.includes("echo one") && userText.includes("You are the orchestrator of the session agent:main:front."),
    )
    assert.ok(asked, "the contract stands before the task")
  })

  it("addresses what a front session sends without saying to whom, and what it looks at", async () => {
    const { text } = await turn(
      "front",
      line("sessions_send", { message: "SAY heard by the orchestrator", timeoutSeconds: 30 }),
      line("sessions_history"),
      "SAY sent",
    )
    assert.equal(text, "sent")
    const filled = await events("orchestrator.filled")
    assert.deepEqual(
      filled.map(({ facts }) => [facts["tool"], facts["filled"], facts["kept"] ?? false]),
      [
        ["sessions_send", ["sessionKey"], true],
        ["sessions_history", ["sessionKey"], false],
      ],
    )
    const answers = fixture.model.requests.filter(({ answer }) => answer.kind === "text" && answer.text === "heard by the orchestrator")
    assert.equal(answers.length, 1)
  })

  it("has failed work given out again twice, and no more", async () => {
    const worker = line("sessions_spawn", { task: "FAIL 404\nSAY never", label: "worker-a" })
    await turn("front", line("sessions_send", { message: `${worker}\nSAY given out`, timeoutSeconds: 30 }), "SAY sent")
    await more("orchestrator.exhausted", 0)
    const retried = await events("orchestrator.retried")
    assert.deepEqual(
      retried.map(({ facts }) => [facts["attempt"], facts["most"], facts["outcome"]]),
      [
        [1, 2, "error"],
        [2, 2, "error"],
      ],
    )
    assert.equal(new Set(retried.map(({ facts }) => facts["childRun"])).size, 2)
    assert.deepEqual(
      (await more("orchestrator.told", 1)).map(({ facts }) => facts["success"]),
      [true, true],
    )
    assert.equal((await events("orchestrator.joined")).length, 3)
    assert.equal((await events("orchestrator.bound")).length, 1)
    assert.equal((await events("orchestrator.unbound")).length, 0)
  })

  it("of two starts at once lets one go on, and counts once what two hooks tell", async () => {
    const slow = line("sessions_spawn", { task: "SLOW 5000\nSAY late", label: "slow", runTimeoutSeconds: 1 })
    const start = (task: string) => call("sessions_spawn", { task })
    const [bound, retried] = [(await events("orchestrator.bound")).length, (await events("orchestrator.retried")).length]
    await turn("other", `TOOLS ${JSON.stringify([start(`${slow}\nSAY one`), start("SAY two")])}`, "SAY both asked for")
    assert.equal((await more("orchestrator.bound", bound)).length, bound + 1)
    const starting = (await events("orchestrator.refused")).filter(({ facts }) => facts["why"] === "starting")
    assert.equal(starting.length, 1)
    const again = (await more("orchestrator.retried", retried)).slice(retried)
    assert.deepEqual(
      again.map(({ facts }) => [facts["attempt"], facts["outcome"]]),
      [[1, "timeout"]],
    )
    const worker = (await events("orchestrator.joined")).at(-1)
    await eventually(
      "it goes well",
      () => events("orchestrator.ended"),
      (ended) => ended.some(({ facts }) => facts["outcome"] === "ok" && facts["role"] === "worker"),
      60_000,
    )
    assert.ok(worker)
    assert.equal((await events("orchestrator.retried")).length, retried + 1)
  })

  it("says who works for whom, and what it came to", async () => {
    const { bindings, workers, day } = await ledger.json("orchestrator", "status")
    const known = bindings as readonly {
      readonly session: string
      readonly account: string
      readonly workers: number
      readonly costNanos: string
      readonly totalNanos: string
    }[]
    assert.deepEqual(
      known.map(({ session, account, workers: count }) => [session, account, count]),
      [
        ["agent:main:other", "agent:main", 2],
        ["agent:main:front", "agent:main", 3],
      ],
    )
    const costs = (workers as readonly { readonly costNanos: string; readonly spawner: string }[]).map(({ costNanos }) => BigInt(costNanos))
    const [own, total] = [known.map(({ costNanos }) => BigInt(costNanos)), known.map(({ totalNanos }) => BigInt(totalNanos))]
    const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n)
    assert.ok(own.every((amount) => amount > 0n) && costs.some((amount) => amount > 0n))
    assert.equal(sum(total), sum(own) + sum(costs))
    assert.equal((day as { readonly untold: number }).untold, 0)
  })

  it("lets go of an orchestrator when its session is reset, and starts another one", async () => {
    const [bound, unbound] = [(await events("orchestrator.bound")).length, (await events("orchestrator.unbound")).length]
    await resetSession(fixture.client, "agent:main:other")
    const gone = (await more("orchestrator.unbound", unbound)).slice(unbound)
    assert.deepEqual(
      gone.map(({ facts }) => facts["why"]),
      ["reset"],
    )
    await turn("other", line("sessions_spawn", { task: "SAY anew" }), "SAY handed on anew")
    assert.equal((await more("orchestrator.bound", bound)).length, bound + 1)
  })

  it("leaves a record that verifies", async () => {
    assert.equal((await ledger.verify()).verdict, "valid")
  })
})

describe("delegation that is off", () => {
  it("touches nothing: no call is judged, no parameter is filled in, no prompt is changed", async () => {
    const fixture = await suiteLedger("orchestrator-off", { orchestrator: { enforceMainDelegation: true } })
    const from = fixture.model.requests.length
    const task = `${exec("worked")}\nSAY worked here`
    const lines = [exec("here"), line("sessions_spawn", { task }), line("sessions_spawn", { task }), line("sessions_history"), "SAY all of it"]
    const { text } = await runTurn(fixture.client, lines.join("\n"), { sessionKey: "agent:main:off" })
    assert.equal(text, "all of it")
    const requests = () => fixture.model.requests.slice(from)
    await eventually(
      "both work",
      () => requests().filter(({ answer }) => answer.kind === "text" && answer.text === "worked here").length,
      (count) => count === 2,
      60_000,
    )
    assert.doesNotMatch(JSON.stringify(requests().map(({ messages }) => messages)), /orchestrator/i)
    const recorded = await fixture.ledger.events()
    assert.deepEqual(
      recorded.filter(({ type }) => type.startsWith("orchestrator.")),
      [],
    )
    const refused = ofType(recorded, "tool.denied")
    assert.deepEqual(refused, [])
  })
})
