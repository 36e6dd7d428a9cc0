/** The host's own figure of what its models used, held against the record of the same gateway: where they differ, each token has its reason. */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { before, describe, it } from "node:test"
import type { JsonObject } from "./home.ts"
import { eventually, ledgerOf, ofType, type LedgerCommandLine } from "./ledger.ts"
import type { ModelRequest } from "./model-server.ts"
import { sharedLedger, type SharedLedger } from "./shared-ledger.ts"
import { resetSession, runTurn } from "./turn.ts"
import { usageOfRequest } from "./usage.ts"

type Sum = { readonly calls: number; readonly tokens: number; readonly nanos: number }
type Reasons = Readonly<Record<string, Sum>>

const marker = "weighed-by-the-host"
const nothing: Sum = { calls: 0, tokens: 0, nanos: 0 }

describe("the host's own figure beside the record", () => {
  let fixture: SharedLedger
  let elsewhere: LedgerCommandLine
  let requests: readonly ModelRequest[]
  /** Other suites of this gateway have a history, too. */
  let earlier: Reasons
  let figure: JsonObject & { readonly daily: readonly JsonObject[] }
  const key = (name: string) => `agent:main:weighed-${name}`
  const saying = (word: string) => requests.filter(({ userText, purpose }) => purpose === "turn" && userText.includes(`${marker} ${word}`))

  const turn = async (name: string, word: string) => {
    const { status, text } = await runTurn(fixture.client, `SAY ${marker} ${word}`, { sessionKey: key(name) })
    assert.equal(status, "ok", `${name}: ${text}`)
  }

  async function compare(ledger: LedgerCommandLine, told: object) {
    const file = join(fixture.home.directory, "usage-cost.json")
    writeFileSync(file, JSON.stringify(told))
    const args = ["usage", "--against-host", file, "--host-dir", fixture.home.stateDirectory]
    const { stdout, exitCode, stderr } = await ledger.run([...args, "--json"])
    assert.ok(stdout !== "", stderr)
    const body = JSON.parse(stdout) as JsonObject
    const total = body["total"] as JsonObject & { readonly reasons: readonly JsonObject[]; readonly rest: JsonObject }
    const reasons = Object.fromEntries(
      total.reasons.map(({ reason, calls, tokens, costNanos }) => [reason, { calls, tokens, nanos: Number(costNanos) }]),
    ) as Reasons
    return { exitCode, verdict: body["verdict"], rest: total.rest, reasons, text: async () => (await ledger.run(args)).stdout }
  }

  before(async () => {
    fixture = await sharedLedger()
    const { client, model, home, ledger, cliPath } = fixture
    const from = model.requests.length
    // Other suites may have been at it before midnight.
    const zeros = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalCost: 0 }
    const daily = [86_400_000, 0].map((backMs) => ({ date: new Date(Date.now() - backMs).toISOString().slice(0, 10), ...zeros }))
    await ledger.json("import", home.stateDirectory, "--usage-only")
    earlier = (await compare(ledger, { updatedAt: Date.now() + 3_600_000, daily })).reasons
    await turn("revised", "think-again")
    await turn("reset", "before")
    await resetSession(client, key("reset"))
    await turn("reset", "after")
    await client.request("sessions.patch", { key: key("dark"), model: "dark/without-price" })
    await turn("dark", "unpriced")
    await turn("forked", "inherited")
    await turn("forked", "left behind")
    const { messages } = (await client.request("chat.history", { sessionKey: key("forked"), limit: 10 })) as { messages?: readonly JsonObject[] }
    const last = messages?.findLast(({ role }) => role === "user")?.["__openclaw"] as JsonObject
    const place = { sessionKey: key("forked"), entryId: last["id"] ?? "" }
    await client.request("sessions.fork", place)
    await client.request("sessions.rewind", place)
    await turn("compacted", "at length")
    assert.equal((await client.request("sessions.compact", { key: key("compacted") }))["compacted"], true)
    await turn("deleted", "gone")
    await client.request("sessions.delete", { key: key("deleted") })
    requests = model.requests.slice(from)
    const told = new Set(requests.map((request) => usageOfRequest(request).response))
    await eventually(
      "each call's usage",
      () => ledger.events({ type: "usage.reported" }),
      (events) => ofType(events, "usage.reported").filter(({ facts }) => told.has(String(facts["response"]))).length === told.size,
    )
    figure = await hostFigure()
    const dataDirectory = join(home.directory, "weighed", "sovereign-ledger")
    mkdirSync(join(home.directory, "weighed"))
    elsewhere = ledgerOf(home, { cliPath, dataDirectory })
    await elsewhere.json("key", "create")
  })

  /**
   * What its command prints, once it has added up everything. A question it was asked in the last half minute it answers from memory; while it migrates
   * or deletes it may say that it cannot answer now.
   */
  async function hostFigure() {
    let days = 1
    const answer = await eventually(
      "the host's figure",
      () => fixture.client.request("usage.cost", { days: ++days, agentScope: "all" }).catch((error: unknown) => ({ cacheStatus: { status: String(error) } })),
      ({ cacheStatus }) => (cacheStatus as JsonObject)["status"] === "fresh",
      60_000,
    )
    return answer as unknown as typeof figure
  }

  /** By the scripted model's own log. */
  function expected(): Reasons {
    const sum = (counted: readonly ModelRequest[], sign = 1): Sum => {
      const told = counted.map(usageOfRequest)
      const tokens = told.reduce((total, { input, output, cached }) => total + input + output + cached, 0)
      return { calls: told.length, tokens: sign * tokens, nanos: sign * told.reduce((total, { nanos }) => total + Number(nanos), 0) }
    }
    return {
      // The second answer is to the same words.
      branch: sum(saying("think-again").slice(0, 1)),
      compaction: sum(requests.filter(({ purpose }) => purpose === "compaction")),
      // By the fork, and by the conversation that was rewound; what was left behind by both is still counted once.
      twice: sum([...saying("inherited"), ...saying("inherited")], -1),
      unpriced: { calls: 1, tokens: 0, nanos: 0 },
    }
  }

  function since(before: Reasons, now: Reasons): Reasons {
    const rows = Object.entries(now).map(([reason, { calls, tokens, nanos }]) => {
      const { calls: c, tokens: t, nanos: n } = before[reason] ?? nothing
      return [reason, { calls: calls - c, tokens: tokens - t, nanos: nanos - n }] as const
    })
    return Object.fromEntries(rows.filter(([, { calls }]) => calls > 0))
  }

  it("explains to the token what the host leaves out, and what it counts twice", async () => {
    const found = await compare(fixture.ledger, figure)
    assert.deepEqual(since(earlier, found.reasons), expected())
    const text = await found.text()
    assert.deepEqual([found.exitCode, found.verdict], [0, "explained"], text)
    assert.match(text, /Every difference is explained\.\n$/)
  })

  it("explains it for a ledger that was not there, which has no compactions", async () => {
    const nothingYet = await compare(elsewhere, figure)
    assert.deepEqual([nothingYet.exitCode, Object.keys(nothingYet.reasons).filter((reason) => reason !== "twice")], [0, ["unrecorded"]])
    await elsewhere.json("import", fixture.home.stateDirectory, "--usage-only")
    const found = await compare(elsewhere, figure)
    assert.deepEqual([found.exitCode, found.reasons["compaction"], found.reasons["unrecorded"]], [0, undefined, undefined], await found.text())
    assert.equal(found.reasons["branch"]?.tokens, (earlier["branch"]?.tokens ?? 0) + (expected()["branch"]?.tokens ?? 0))
  })

  it("says so when a single token is not explained", async () => {
    const daily = figure.daily.map((day, index) => (index === figure.daily.length - 1 ? { ...day, output: Number(day["output"]) + 1 } : day))
    const found = await compare(fixture.ledger, { ...figure, daily })
    assert.deepEqual([found.exitCode, found.verdict, found.rest["output"], found.rest["tokens"]], [1, "unexplained", -1, -1])
    assert.match(await found.text(), /unexplained +−1\n/)
  })
})
