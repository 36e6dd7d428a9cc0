/**
 * Several agents: a storm of subagents of another agent, heartbeats with an account of their own, an allowance, and a model that the host falls back to. The
 * agents come to the shared gateway with this suite, and go with it: where they were there from the start, the host refused runs by the
 * provider openai for a while, because what it had prepared for them "was superseded".
 */
import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { nanosOf, spendingOf, type Spending } from "./cap-fixture.ts"
import { heartbeatJob, runJob } from "./jobs.ts"
import { eventually, ofType } from "./ledger.ts"
import { guardSettings } from "./ledger-fixture.ts"
import { suiteLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

type Movement = { readonly debit: string; readonly credit: string; readonly amounts: Readonly<Record<string, string>> }
type Spend = { readonly agent?: string; readonly payer?: string; readonly model?: string }

const agents = {
  ownership: "explicit",
  entries: { main: {}, helper: {}, thrifty: {}, frail: { model: { primary: "frail/frail-1", fallbacks: ["dear/dear-1"] } } },
  defaults: {
    // With a cadence the jobs are enabled; a day later the gateway is gone.
    heartbeat: { every: "24h", target: "none", prompt: "SAY NO_REPLY" },
    subagents: { allowAgents: ["*"] },
    systemAgent: { agentId: "main" },
  },
}

describe("several agents", () => {
  let fixture: SharedLedger & Spending
  const spends = () => fixture.ledger.events({ category: "spend" })
  const turn = (message: string, session: string) => runTurn(fixture.client, message, { sessionKey: session })

  before(async () => {
    const allowances = [{ name: "thrifty", to: "agent:thrifty", give: ["2 calls"], per: "day" }]
    const own = await suiteLedger("several-agents", { guard: guardSettings, allowances }, { host: { agents } })
    fixture = { ...own, ...(await spendingOf(own)) }
  })

  describe("a model that the host falls back to", () => {
    const fails = (word: string) => `FAIL 404 1\nSAY ${word}`
    const limit = (usd: string) => fixture.order({ do: "set-budget", budget: "fallback", limits: [usd], per: "lifetime", match: ["agent=frail"] })
    /** The scripted model's log since then: by which provider, and with what status. */
    const askedOf = (from: number) => fixture.model.requests.slice(from).map(({ provider, status }) => `${provider} ${status}`)

    /** Of the holds on a model, how they ended. */
    async function endsOf(name: string) {
      await fixture.settled()
      const events = await spends()
      const placed = ofType(events, "hold.placed").filter(({ facts }) => (facts["spend"] as Spend).model === name)
      const isEnd = (type: string) => /^hold\.(settled|released|expired)$/.test(type)
      return placed.map(({ facts: { hold, attempt } }) =>
        events.find(({ type, facts }) => isEnd(type) && facts["hold"] === hold && facts["attempt"] === attempt),
      )
    }

    /** What was held for the model that failed is given back, all of it. */
    async function assertGivenBack(): Promise<void> {
      const types = (await endsOf("frail/frail-1")).map((end) => end?.type)
      assert.deepEqual([types.length > 0, new Set(types)], [true, new Set(["hold.released"])])
    }

    after(async () => void (await fixture.removeBudget("fallback")))

    it("is held anew at its own price, and what was held before is given back", async () => {
      await limit("1000usd")
      const asked = fixture.model.requests.length
      const { status, text } = await turn(fails("fell back"), "agent:frail:fallback")
      assert.deepEqual([status, text, askedOf(asked)], ["ok", "fell back", ["frail 404", "dear 200"]])
      await assertGivenBack()
      const settled = (await endsOf("dear/dear-1")).filter((end) => end?.type === "hold.settled")
      const movements = (settled[0]?.facts["movements"] ?? []) as readonly Movement[]
      const [used] = fixture.model.requests.slice(-1).map(nanosOf)
      assert.deepEqual([settled.length, movements[0]?.amounts["moneyNanos"]], [1, `${(used ?? 0n) * 10n}`], "it is ten times as dear")
    })

    it("is refused where it has no room, and its request does not leave", async () => {
      await limit("2usd")
      const asked = fixture.model.requests.length
      const { status, text } = await turn(fails("must not fall back"), "agent:frail:fallback-two")
      assert.deepEqual([status, askedOf(asked)], ["error", ["frail 404"]], text)
      const refused = ofType(await spends(), "spend.refused", { budget: "fallback" })
      assert.deepEqual(new Set(refused.map(({ facts }) => facts["model"])), new Set(["dear-1"]))
      await assertGivenBack()
    })
  })

  it("heartbeats end with what they were allotted, while users go on", async () => {
    const asked = fixture.model.requests.length
    const made = () => fixture.model.requests.length - asked
    await fixture.order({ do: "allocate", id: "beats", account: "cron:heartbeat", amounts: ["1 call"] })
    const job = await heartbeatJob(fixture.client)
    assert.deepEqual([await runJob(fixture.client, job), made()], ["ok", 1])
    await fixture.settled()
    await runJob(fixture.client, job)
    assert.ok(ofType(await spends(), "spend.refused", { account: "cron:heartbeat" }).length > 0)
    assert.equal(made(), 1, "no request leaves for the second")
    assert.equal((await turn("SAY users go on", "agent:main:users")).text, "users go on")
  })

  it("an allowance of the settings is there from the first run on, and is spent to its end and no further", async () => {
    const asked = fixture.model.requests.length
    for (const word of ["one", "two"]) assert.equal((await turn(`SAY ${word}`, "agent:thrifty:main")).text, word)
    assert.match((await turn("SAY three", "agent:thrifty:main")).text, /Sovereign Ledger stopped this call/)
    assert.equal(fixture.model.requests.length - asked, 2)
    const { allowances } = await fixture.ledger.json("allowance", "list")
    const known = (allowances as readonly { readonly rule: { readonly name: string }; readonly left: object }[]).map(({ rule, left }) => [rule.name, left])
    assert.deepEqual(known, [["thrifty", { calls: "0" }]])
    assert.ok(ofType(await spends(), "spend.refused", { account: "agent:thrifty" }).length > 0)
  })

  describe("a storm of subagents", () => {
    /** Of model calls and tools: fewer than one of those that are sent would make. */
    const allotted = 12
    const task = Array.from({ length: 12 }, (_, n) => `TOOL exec {"command":"echo storm ${n}"}`).join("\n")
    const spawn = (n: number) => ({ name: "tool_call", args: { id: "sessions_spawn", args: { agentId: "helper", task: `${task}\nSAY storm ${n} is over` } } })

    it("ends with what its parent was allotted: none of its calls is above that, and all are the parent's spending", async () => {
      const before = (await spends()).length
      const asked = fixture.model.requests.length
      await fixture.order({ do: "allocate", id: "storm", account: "agent:main", amounts: [`${allotted} calls`] })
      await turn(`TOOLS ${JSON.stringify([1, 2, 3].map(spawn))}\nSAY storm is sent`, "agent:main:storm")
      const stopped = async () => ofType(await spends(), "spend.refused", { door: "model", account: "agent:main", agent: "helper" })
      const runs = (events: Awaited<ReturnType<typeof stopped>>) => new Set(events.map(({ facts }) => facts["run"])).size
      await eventually("all three are stopped", stopped, (events) => runs(events) === 3, 60_000)
      await fixture.settled()

      const events = (await spends()).slice(before)
      const movements = [...ofType(events, "hold.settled"), ...ofType(events, "transfer.posted", { kind: "spend" })]
        .flatMap(({ facts }) => facts["movements"] as readonly Movement[])
        .filter(({ credit }) => credit === "agent:main")
      const sum = (of: readonly Movement[], unit: string) => of.reduce((total, { amounts }) => total + BigInt(amounts[unit] ?? 0), 0n)
      assert.ok(sum(movements, "calls") <= BigInt(allotted), "nothing is spent above the allotment")
      const ofModels = movements.filter(({ debit }) => debit.startsWith("spent:model/"))
      const requests = fixture.model.requests.slice(asked)
      assert.deepEqual([ofModels.length, sum(ofModels, "moneyNanos")], [requests.length, requests.reduce((total, one) => total + nanosOf(one), 0n)])
      assert.ok(requests.length > 3, "some of the storm was let through")
      const byHelpers = ofType(events, "hold.placed").filter(({ facts }) => (facts["spend"] as Spend).agent === "helper")
      assert.ok(byHelpers.length > 0)
      for (const { facts } of byHelpers) {
        assert.equal((facts["spend"] as Spend).payer, "main")
        assert.equal((facts["movements"] as readonly Movement[])[0]?.credit, "agent:main")
      }
      const sent = new Set(ofType(await fixture.ledger.events(), "subagent.spawned").map(({ facts }) => facts["childRun"]))
      const told = async () => ofType(await fixture.ledger.events({ type: "usage.reported" }), "usage.reported").filter(({ facts }) => sent.has(facts["run"]))
      for (const { facts } of await eventually("what they used is told", told, (used) => used.length > 2))
        assert.match(String(facts["parent"]), /^~/, "usage names the session that began it")
    })
  })
})
