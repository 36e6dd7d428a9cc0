/** The door of messages that leave, as the host asks it: what goes, what goes changed, and what stays. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { listEvents, showEvent } from "../../src/views/event-list.ts"
import { makeRig, until, type Rig } from "../writer/rig.ts"
import { builtVersion } from "../writer/versions.ts"
import { dropSharedClient, registerCopy, sharedClient, type PluginCopy } from "./fake-host.ts"
import plugin from "../../src/plugin.ts"

const strip = { reasoning: true, secrets: true, internalMarkers: true }
const gate = { channel: "telegram", protectedTo: ["4242"], allowedFrom: ["4242"], duplicateWindowMs: 0, wrapperTargets: ["7"], strip }
const frame = (text: string) => `↓↓↓ F.R.I.D.A.Y. ↓↓↓\n${text}\n↑↑↑ F.R.I.D.A.Y. ↑↑↑`
const where = (id: string) => ({ channelId: "telegram", conversationId: `telegram:${id}` })

describe("the door of messages that leave", () => {
  let rig: Rig
  let copy: PluginCopy
  const sends = (to: string, content: string, metadata: object = {}) => copy.fire("message_sending", { to: `telegram:${to}`, content, metadata }, where(to))
  const hears = (id: string, content: string, messageId: string) =>
    copy.fire("message_received", { from: `telegram:${id}`, senderId: id, messageId, content }, where(id))
  const entries = async (type: string, count: number) => {
    await sharedClient()?.flush(60_000)
    await until(() => rig.entries(type).length >= count, `${count} of ${type}`)
    return rig.entries(type)
  }
  /** All that is on record of messages that were to leave. */
  const offeredTexts = () =>
    rig.reading((access) =>
      JSON.stringify(listEvents(access, { type: "message.offered" }, 100, 0).events.map(({ sequence }) => showEvent(access, String(sequence)))),
    )

  before(async () => {
    dropSharedClient()
    rig = makeRig(undefined)
    const { directory } = await builtVersion("1.2.3")
    copy = registerCopy({ default: plugin }, { rig, rootDir: directory, config: { gate } })
  })
  after(async () => {
    await copy.dispose()
    dropSharedClient()
    await rig.end()
  })

  test("to everybody else a text goes as it is, or without what is internal, before it is wrapped", async () => {
    assert.equal(await sends("8", "  hello  "), undefined)
    assert.deepEqual(await sends("8", "<think>no</think>hello"), { content: "hello" })
    assert.deepEqual(await sends("7", "<think>no</think>hello"), { content: frame("hello") })
    assert.equal(await sends("7", frame("hello")), undefined)
  })

  test("of which nothing is left it stays, to whomever it goes, unless media go with it", async () => {
    const kept = { cancel: true, cancelReason: "Sovereign Ledger: nothing was left of it once what is internal was taken out" }
    assert.deepEqual([await sends("8", "<think>no"), await sends("4242", "NO_REPLY")], [kept, kept])
    assert.deepEqual(await sends("8", "NO_REPLY", { mediaUrls: ["/tmp/a.png"] }), { content: "" })
    assert.equal(await sends("8", ""), undefined)
  })

  test("what was taken out is on record by kind and number, and is not on record itself", async () => {
    const secret = `ghp_${"q1W2e3R4t5".repeat(4).slice(0, 36)}`
    assert.deepEqual(await sends("8", `<think>a canary of thoughts</think>use ${secret}`), { content: "use [redacted:github-token]" })
    const stripped = await entries("outbound.stripped", 6)
    assert.deepEqual(
      [stripped.at(-1)?.facts["kinds"], stripped.at(-1)?.facts["counts"]],
      [
        ["reasoning", "github-token"],
        [1, 1],
      ],
    )
    assert.equal(stripped.filter(({ facts }) => facts["emptied"] === true).length, 2)
    await entries("message.offered", 8)
    assert.doesNotMatch(offeredTexts(), /canary of thoughts|q1W2e3R4t5/)
  })

  test("to a protected recipient what is left is judged, and what becomes of it is known again by its words", async () => {
    await hears("4242", "friday: when?", "m1")
    assert.deepEqual(await sends("4242", "<think>a canary of answers</think>At six."), { content: "At six." })
    copy.fire("message_sent", { to: "telegram:4242", content: "At six.", success: true }, where("4242"))
    const [told] = await entries("outbound.told", 1)
    assert.equal(told?.facts["success"], true)
    assert.equal(rig.entries("outbound.allowed").length, 1)
    assert.doesNotMatch(offeredTexts(), /canary of answers/)
  })

  test("an action of the tool is refused by what the gateway saw of it, also where the record is cut", async () => {
    const params = {
      action: "poll",
      channel: "telegram",
      filler: "x".repeat(3_000_000),
      target: ["8", ...Array.from({ length: 20_000 }, (_, n) => `9${n}`), "4242"],
    }
    const answer = (await copy.fire("before_tool_call", { toolName: "message", params, toolCallId: "c1" }, { sessionKey: "agent:main:main" })) as {
      block?: boolean
    }
    assert.equal(answer.block, true)
    assert.equal(rig.entries("tool.invoked").at(-1)?.facts["rule"], "gate poll")
  })

  test("what the tool is to say goes without what is internal, and is on record once", async () => {
    const before = (await entries("outbound.stripped", 1)).length
    const call = (params: object) => copy.fire("before_tool_call", { toolName: "message", params, toolCallId: "c3" }, { sessionKey: "agent:main:main" })
    const say = { action: "send", channel: "telegram", target: "8" }
    assert.deepEqual(await call({ ...say, message: "<scratchpad>no</scratchpad>At six." }), { params: { ...say, message: "At six." } })
    assert.equal(((await call({ ...say, message: "<scratchpad>no" })) as { block?: boolean }).block, true)
    assert.deepEqual(await call({ ...say, message: "NO_REPLY", media: "/tmp/a.png" }), { params: { ...say, message: "", media: "/tmp/a.png" } })
    assert.equal(await call({ ...say, message: "At six." }), undefined)
    assert.equal(await call({ ...say, channel: "slack", message: "<scratchpad>no</scratchpad>At six." }), undefined, "a channel that is not watched")
    const facts = (await entries("outbound.stripped", before + 3)).slice(before).map(({ facts: { kinds, counts, emptied } }) => [kinds, counts, emptied])
    assert.deepEqual(facts, [
      [["reasoning"], [1], undefined],
      [["reasoning"], [1], true],
      [["internal-marker"], [1], undefined],
    ])
  })

  test("an answer goes without what is internal as soon as the host shows it", async () => {
    const before = (await entries("outbound.stripped", 1)).length
    const reply = (text: string, more: object = {}) =>
      copy.fire("reply_payload_sending", { payload: { text, ...more }, kind: "final", channel: "telegram" }, where("8"))
    assert.deepEqual(reply("<scratchpad>no</scratchpad>At six.", { replyToId: "1" }), { payload: { text: "At six.", replyToId: "1" } })
    assert.deepEqual(reply("NO_REPLY"), { cancel: true })
    assert.deepEqual(reply("NO_REPLY", { mediaUrls: ["/tmp/a.png"] }), { payload: { text: "", mediaUrls: ["/tmp/a.png"] } })
    assert.equal(reply("At six."), undefined)
    const facts = (await entries("outbound.stripped", before + 3)).slice(before).map(({ facts: { kinds, emptied } }) => [kinds, emptied])
    assert.deepEqual(facts, [
      [["reasoning"], undefined],
      [["internal-marker"], true],
      [["internal-marker"], undefined],
    ])
  })

  test("a recipient whose id is too long for the record gets nothing, for the writer cannot tell who it is", async () => {
    const answer = await copy.fire("message_sending", { to: `${"telegram:".repeat(500_000)}4242`, content: "hello" }, { channelId: "telegram" })
    assert.deepEqual(answer, { cancel: true, cancelReason: "Sovereign Ledger: its recipient cannot be told" })
  })

  test("settings that cannot be read close it to everybody, and the tool as well", async () => {
    await copy.dispose()
    dropSharedClient()
    const { directory } = await builtVersion("1.2.3")
    copy = registerCopy({ default: plugin }, { rig, rootDir: directory, config: { guard: { tools: [], deny: [] }, gate: { ...gate, triggerRegex: "(" } } })
    assert.equal(((await sends("8", "hello")) as { cancel?: boolean }).cancel, true)
    const call = { toolName: "message", params: { action: "poll", target: "8" }, toolCallId: "c2" }
    assert.equal(((await copy.fire("before_tool_call", call)) as { block?: boolean } | undefined)?.block, true)
    assert.equal(await copy.fire("before_tool_call", { ...call, toolName: "read" }), undefined)
  })
})
