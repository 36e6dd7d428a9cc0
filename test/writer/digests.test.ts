/** A digest by a real writer: the report is made beside it, goes on record sealed, and arrives signed, with hashes in the place of recipients. */
import assert from "node:assert/strict"
import { createHash, createHmac } from "node:crypto"
import { describe, test } from "node:test"
import { startReceiver } from "../alerts/receivers.ts"
import { lineOf } from "./load.ts"
import { makeRig, until } from "./rig.ts"

const secret = "of reports"
/** Noon of yesterday, by this machine's clocks. */
const yesterdayMs = new Date(new Date().setHours(12, 0, 0, 0) - 86_400_000).getTime()

describe("digests by a writer", () => {
  test("yesterday arrives once, by the web hook of reports", async (t) => {
    const receiver = await startReceiver()
    t.after(() => receiver.stop())
    const rig = makeRig(t)
    await rig.writer(["--digest-after-ms", "1", "--leave-after-ms", "600000"])
    const config = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false } }
    const quiet = rig.client({}, () => rig.link({ config }))
    const sent = { to: "+15550109999", content: "The build is green.", success: true }
    for (const second of [0, 5]) {
      const atMs = yesterdayMs + second * 1_000
      quiet.observe("message_sent", atMs, lineOf("message_sent", sent, { channelId: "whatsapp" }, atMs))
    }
    await quiet.flush(20_000)
    quiet.close()
    const alerts = { reportWebhook: receiver.url, reportWebhookSecret: secret, webhookAllowPrivateHost: true }
    const telling = rig.client({}, () => rig.link({ config: { ...config, alerts } }))
    telling.observe("message_sent", Date.now(), lineOf("message_sent", { ...sent, content: "today" }, { channelId: "whatsapp" }))
    const daily = () => receiver.requests.find(({ body }) => body["period"] === "daily")
    await until(() => daily() !== undefined, "yesterday was told", 60_000)
    await until(() => rig.entries("alert.delivered").length >= 1, "it is on record as delivered")
    const told = daily()
    assert.ok(told)
    assert.equal(told.problem, undefined)
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(told.headers["sovereign-ledger-signature"])) ?? []
    assert.equal(hex, createHmac("sha256", secret).update(`${seconds}.${told.text}`).digest("hex"))
    assert.equal(told.headers["sovereign-ledger-alert"], told.body["id"])
    const { projection } = told.body as {
      projection: { outbound: { sent: number }; anomalies: { duplicates: readonly { recipient: string; count: number }[] } }
    }
    assert.equal(projection.outbound.sent, 2)
    const hashed = `sha256:${createHash("sha256").update(sent.to).digest("hex").slice(0, 16)}`
    assert.deepEqual(
      projection.anomalies.duplicates.map(({ recipient, count }) => [recipient, count]),
      [[hashed, 2]],
    )
    assert.ok(!told.text.includes(sent.to))
    // On record stands that it was told, and its report is sealed content.
    const raised = rig.entries("alert.raised").map(({ facts }) => facts["digest"])
    assert.deepEqual(raised[0], { period: "daily", label: told.body["label"] })
    assert.ok(!JSON.stringify(rig.entries("alert.raised")).includes("projection"))
    telling.close()
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })
})
