/** What people write, and who they are, stands in no file of ours in clear; with the key all of it is there. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { before, describe, it } from "node:test"
import { searchFiles } from "./byte-search.ts"
import { eventually, ofType, type LedgerEvent, writerPids } from "./ledger.ts"
import { sharedLedger, type SharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const canaries = {
  prompt: "canary-prompt-5f0e1c",
  answer: "canary-answer-77aa02",
  argument: "canary-argument-c3d901",
  result: "canary-result-19b8e4",
  deniedArgument: "canary-denied-8e21f7",
  failedPath: "canary-failed-4b6d30",
  sessionKey: "canary-session-2ad95b",
  senderId: "7700881234",
  senderName: "Canaria-Sendername-61c0",
  senderUsername: "canary_username_90ef",
  inboundText: "canary-inbound-d41277",
  recipientId: "8800661239",
  outboundText: "canary-outbound-a0f36e",
  subagentTask: "canary-task-e7704d",
}
const texts = Object.values(canaries)
/** Shaped like keys of providers, in two pieces each: what joins them is the test. */
const secrets = {
  prompt: ["sk-proj-4fQ9", "zT1vX8mK2bN7cR5wL0yHdJ3gS6pA"],
  argument: ["ghp_9aK2", "mQ7xV4cB1nR8tL5wZ0yHdJ3gS6pE2uFi"],
  result: ["xoxb-2819", "40571-883201-kD8sQ2mVx7RtB4nL"],
} as const
const secretTexts = Object.values(secrets).map((pieces) => pieces.join(""))
const sessionKey = `agent:main:${canaries.sessionKey}`

describe("canaries", () => {
  let fixture: SharedLedger
  let events: readonly LedgerEvent[]
  let places: readonly string[]

  before(async () => {
    fixture = await sharedLedger()
    const { client, ledger, telegram, home } = fixture
    const turn = (message: string) => runTurn(client, message, { sessionKey })
    await turn(`${canaries.prompt}\nSAY ${canaries.answer}`)
    // The result is put together by the tool, so that the arguments do not hold it.
    const [half, rest] = [canaries.result.slice(0, 8), canaries.result.slice(8)]
    await turn(`TOOL exec {"command":"printf %s%s ${half} ${rest} # ${canaries.argument}"}\nSAY ran`)
    await turn(
      `the key is ${secrets.prompt.join("")}\nTOOL exec {"command":"printf %s%s ${secrets.result.join(" ")} # TOKEN=${secrets.argument.join("")}"}\nSAY kept`,
    )
    await turn(`TOOL process {"action":"list","note":"${canaries.deniedArgument}"}\nTOOL read {"path":"${canaries.failedPath}"}\nSAY done`)
    await turn(`TOOL tool_call {"id":"sessions_spawn","args":{"task":"SAY ${canaries.subagentTask}"}}\nSAY sent`)
    const send = { action: "send", channel: "telegram", to: `telegram:${canaries.recipientId}`, message: canaries.outboundText }
    telegram.receive(
      { id: Number(canaries.senderId), firstName: canaries.senderName, username: canaries.senderUsername },
      `${canaries.inboundText}\nTOOL tool_call ${JSON.stringify({ id: "message", args: send })}\nSAY told`,
    )
    await eventually(
      "two messages",
      () => telegram.sent.map(({ chatId }) => chatId),
      (sent) => sent.includes(canaries.recipientId) && sent.includes(canaries.senderId),
    )
    const settled = (seen: readonly LedgerEvent[]) => {
      const spawned = ofType(seen, "subagent.spawned").filter((event) => event.sessionId === sessionKey)
      const ended = ofType(seen, "subagent.ended").filter((event) => event.sessionId === sessionKey)
      return spawned.length === 1 && ended.length === 1 && ofType(seen, "message.sent", { channel: "telegram" }).length >= 2
    }
    events = await eventually("the record", () => ledger.events(), settled)
    const { dataDirectory } = ledger
    places = [dataDirectory, `${dataDirectory}.head.note`, join(home.directory, ".config"), ...temporaryPlaces()]
  })

  it("are in the record, for those who have the key", async () => {
    const { ledger, home } = fixture
    const file = join(home.directory, "with-content.ndjson")
    await ledger.run(["export", "json", "--include-content", "--out", file])
    const exported = readFileSync(file, "utf8")
    assert.deepEqual(
      texts.filter((text) => !exported.includes(text)),
      [],
    )
    const invoked = ofType(events, "tool.invoked", { tool: "exec" }).find((event) => event.sessionId === sessionKey)
    assert.ok(JSON.stringify(await ledger.show(invoked?.sequence ?? -1)).includes(canaries.argument))
  })

  it("that are secrets are in nothing that the key opens, and the model sees them as they are", async () => {
    const { ledger, home, model } = fixture
    const file = join(home.directory, "without-secrets.ndjson")
    await ledger.run(["export", "json", "--include-content", "--out", file])
    const exported = readFileSync(file, "utf8")
    // The halves of the result stand apart in the command, where nothing tells that they belong together.
    assert.deepEqual(
      [...secretTexts, secrets.prompt[1], secrets.argument[1]].filter((piece) => exported.includes(piece)),
      [],
    )
    const taken = events.filter(({ sessionId, facts }) => sessionId === sessionKey && Number(facts["redacted"] ?? 0) > 0).map(({ type }) => type)
    for (const type of ["prompt.submitted", "tool.invoked", "tool.returned", "run.ended"]) assert.ok(taken.includes(type), type)
    const shown = JSON.stringify(model.requests.map(({ messages }) => messages))
    // The host masks what tools return by itself; of our marks the model sees none.
    assert.deepEqual([secretTexts.filter((secret) => shown.includes(secret)), shown.includes("[redacted:")], [secretTexts.slice(0, 2), false])
  })

  it("are in no file of ours", () => {
    assert.ok(existsSync(`${fixture.ledger.dataDirectory}.head.note`) && readdirSync(join(fixture.ledger.dataDirectory, "runtime")).length > 0)
    const { found, filesRead } = searchFiles(places, texts)
    assert.deepEqual(found, [])
    assert.ok(filesRead > 8, `${filesRead} files`)
  })

  it("would be found if they were there", () => {
    const file = join(fixture.home.directory, "planted")
    for (const bytes of [
      Buffer.from(canaries.prompt),
      Buffer.from(canaries.prompt, "utf16le"),
      Buffer.from(Buffer.from(`a${canaries.prompt}b`).toString("base64")),
    ]) {
      writeFileSync(file, Buffer.concat([Buffer.alloc(100), bytes, Buffer.alloc(3)]))
      const found = new Set(searchFiles([file], texts).found.map(({ text }) => text))
      assert.deepEqual([...found], [canaries.prompt])
    }
  })

  it("are in no facts, which stay when contents are erased", () => {
    const facts = JSON.stringify(events.map((event) => [event.id, event.type, event.facts]))
    assert.deepEqual(
      texts.filter((text) => facts.includes(text)),
      [],
    )
  })

  it("are neither on the writer's command line nor in its environment, and nor is a secret of the gateway", () => {
    const [pid] = writerPids(fixture.ledger.dataDirectory)
    const told = ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8")).join("\n")
    assert.deepEqual(
      [...texts, fixture.home.token, "SL_TEST_MASTER_KEY", "OPENCLAW_CONFIG_PATH"].filter((text) => told.includes(text)),
      [],
    )
  })
})

/** Where a socket stands when the data directory's path is too long, and whatever else might carry our name. */
function temporaryPlaces(): readonly string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith("sovereign-ledger"))
    .map((name) => join(tmpdir(), name))
}
