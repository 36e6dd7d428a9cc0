/** What an agent is told of the ledger: its own session, in bounds; of others nothing, not even whether there are any. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import type { JsonObject } from "../../src/base/json.ts"
import type { ToolName } from "../../src/surfaces/agent-tools/tool-list.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { makeRig } from "../writer/rig.ts"
import { asking, otherSession, ownCalls, ownDirectory, ownSession, fillTwoSessions, type Ask } from "./session-ledger.ts"

type Entry = { readonly event_id: string; readonly type: string; readonly sequence: number }

describe("tools that ask the ledger", () => {
  const rig = makeRig({ after })
  const told: string[] = []
  const ask = asking(rig, ownDirectory({ after }), told)
  const refusal = (...words: Parameters<Ask>) => {
    const { status, error } = ask(...words)
    assert.equal(status, "error", JSON.stringify(words))
    return String(error)
  }
  const chain = (parameters: object = {}, session = ownSession) =>
    ask("ledger.chain", parameters, { session }) as JsonObject & { readonly entries: readonly Entry[]; readonly total: number }
  const last = () => chain({ limit: 1 }).entries[0]?.event_id ?? ""

  before(async () => {
    await fillTwoSessions(rig)
  })

  test("chain: the own entries, newest first, in pages", () => {
    const whole = chain({ limit: 500 })
    assert.equal(whole.entries.length, whole.total)
    assert.equal(whole.entries.filter(({ type }) => type === "tool.returned").length, ownCalls)
    assert.deepEqual(
      whole.entries.map(({ sequence }) => sequence),
      whole.entries.map(({ sequence }) => sequence).toSorted((a, b) => b - a),
    )
    const page = chain({ limit: 3, offset: 2 })
    assert.deepEqual([page.entries, page["truncated"]], [whole.entries.slice(2, 5), true])
    assert.equal(chain({}, "agent:main:nobody").total, 0)
    assert.match(refusal("ledger.chain", { limit: 501 }), /from 1 to 500/)
  })

  test("status: how much of the session is on record, and which checkpoint covers it", () => {
    const status = ask("ledger.status")
    const whole = chain({ limit: 500 })
    assert.deepEqual([status["entries"], (status["by_type"] as JsonObject)["tool.returned"]], [whole.total, ownCalls])
    assert.equal((status["checkpoint"] as JsonObject)["covers_entries"], whole.total)
    assert.equal(ask("ledger.status", {}, { session: "agent:main:nobody" })["entries"], 0)
  })

  test("a proof: of nothing before a root is on record, then of the own events alone, and only while it is whole", async () => {
    const id = last()
    assert.match(refusal("ledger.proof", { event_id: id }), /no root on record covers it yet\. Ask again later/)
    await rig.writer()
    await askWriter(rig.link({ program: undefined }), "commit-map")
    await rig.stopWriter()
    const proof = ask("ledger.proof", { event_id: id })
    assert.deepEqual([proof["status"], proof["proves"], proof["event_id"]], ["ok", "recorded", id], JSON.stringify(proof))
    const text = String(proof["proof"])
    const checked = ask("ledger.verify", { proof: text })
    assert.deepEqual([checked["valid"], checked["proves"], checked["event_id"]], [true, "recorded", id])
    const bent = text.replace(id, `${id.slice(0, -1)}${id.endsWith("x") ? "y" : "x"}`)
    assert.equal(ask("ledger.verify", { proof: bent })["valid"], false)
    const [theirs] = chain({}, otherSession).entries
    const [unknown, other] = [refusal("ledger.proof", { event_id: "tool.returned:never/was" }), refusal("ledger.proof", { event_id: theirs?.event_id ?? "" })]
    assert.equal(other, unknown, "that it is another's is not told")
    for (const wrong of ["{}", "not a proof", "[]"]) assert.match(refusal("ledger.verify", { proof: wrong }), /no proof from a map/)
    assert.match(refusal("ledger.verify", { proof: "x".repeat(70_000) }), /1 to 65536 characters/)
  })

  test("root and trees name the map; spend tells the own cost and account; anchors what to do", () => {
    const [root, trees] = [ask("ledger.root"), ask("ledger.trees")]
    const [tree] = trees["trees"] as readonly JsonObject[]
    assert.deepEqual([root["tree"], root["root"]], [tree?.["tree"], tree?.["root"]])
    assert.notEqual(root["committed"], null)
    const spend = ask("ledger.spend")
    assert.deepEqual([spend["status"], spend["cost_nanos"], (spend["account"] as JsonObject)["account"]], ["ok", "0", "agent:main"], JSON.stringify(spend))
    assert.match(refusal("ledger.spend", { since: "yesterday" }), /no RFC 3339 time/)
    const anchors = ask("ledger.anchors")
    assert.deepEqual([anchors["state"], anchors["last_anchored_at"]], ["not configured", null])
    assert.match(String(anchors["message"]), /timestampAuthorities/)
  })

  test("nothing that is told names another session, its tools or its runs", () => {
    const names: readonly ToolName[] = ["ledger.status", "ledger.spend", "ledger.root", "ledger.trees", "ledger.chain", "ledger.anchors"]
    const all = names.map((name) => JSON.stringify(ask(name))).join("\n")
    for (const secret of ["theirs", "secret_tool", otherSession, rig.directory, rig.keyFile]) assert.ok(!all.includes(secret), secret)
    for (const name of names) assert.match(refusal(name, { session: otherSession }), /has no parameter "session"/)
    assert.deepEqual(told, [])
  })
})
