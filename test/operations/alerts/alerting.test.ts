/** Alerts without a writer: whose settings count, what was committed before anything was known, and chats that gateways are asked to write in. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import type { NewEvent } from "../../../src/format/event.ts"
import { Alerting } from "../../../src/operations/alerts/alerting.ts"
import type { Tell } from "../../../src/operations/alerts/deliveries.ts"
import type { WebhookRequest } from "../../../src/operations/alerts/webhook.ts"
import { alerts as projection } from "../../../src/projections/alerts.ts"
import { ViewStore } from "../../../src/projections/view-store.ts"

const own = { url: "https://hooks.example.com/secret-path", name: "own" }
const reference = { source: "env", provider: "default", id: "HOOK" }
const chat = { channel: "telegram", to: "4242" }

function alertingRig({ hasGateway = true } = {}) {
  const committed: NewEvent[] = []
  const posted: WebhookRequest[] = []
  const told: Tell[] = []
  let nowMs = 1_780_000_000_000
  const journal = { size: 0 }
  const ledger = { journal, keys: { store: { origin: "ledger.test/1" } }, scopes: { pseudonym: (text: string) => `p:${text}` } }
  const rig = {
    committed,
    posted,
    told,
    hasGateway,
    answer: () => Promise.resolve({ status: 200, retryAfter: undefined as string | undefined }),
    alerting: undefined as unknown as Alerting,
    /** One commit; what is decided in it follows it. */
    commit(events: readonly Pick<NewEvent, "type" | "facts">[]): void {
      const first = journal.size
      journal.size += events.length
      rig.alerting.committed(
        first,
        events.map(({ type, facts }) => ({ type, factsText: JSON.stringify(facts) })),
        nowMs,
      )
    },
    later(ms: number): void {
      nowMs += ms
    },
    async second(): Promise<void> {
      rig.alerting.everySecond()
      for (let n = 0; n < 10; n++) await turn()
    },
    known: () => {
      const { database } = ViewStore.inMemory([projection])
      database.exec(projection.schema)
      rig.alerting.known(database)
    },
    settings: (alerts: object | undefined, userId: string | null = null, gate?: object) =>
      rig.alerting.useSettings({
        guard: { tools: [], deny: [] },
        userId,
        hashed: { promptText: false, toolArgs: false },
        ...(alerts ? { alerts: { alerts } } : {}),
        ...(gate ? { gate } : {}),
      }),
    types: () => committed.map(({ type }) => type),
  }
  rig.alerting = new Alerting({
    ledger: ledger as unknown as ConstructorParameters<typeof Alerting>[0]["ledger"],
    nowMs: () => nowMs,
    steadyMs: () => nowMs,
    post: (request) => {
      posted.push(request)
      return rig.answer()
    },
    tell: (tell) => {
      if (rig.hasGateway) told.push(tell)
      return rig.hasGateway
    },
    chance: () => 0,
    commit: (events, done) =>
      setImmediate(() => {
        const made = events()
        committed.push(...made)
        const first = journal.size
        rig.commit(made)
        done(first)
      }),
  })
  return rig
}

const disabled = { type: "guard.disabled" as const, facts: { reason: "entry disabled" } }

describe("alerts of a writer", () => {
  test("nothing is told or put on record where nobody is named", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings(undefined)
    rig.commit([disabled])
    await rig.second()
    assert.deepEqual([rig.types(), rig.posted], [[], []])
    assert.throws(() => rig.alerting.test(), /names anybody to tell/)
  })

  test("what is committed before it is known what was on record counts, once it is", async () => {
    const rig = alertingRig()
    rig.settings({ webhooks: [own] })
    rig.commit([{ type: "alerts.begun", facts: { receivers: 1 } }, disabled])
    await rig.second()
    assert.deepEqual(rig.types(), [])
    rig.known()
    await rig.second()
    assert.deepEqual(rig.types(), ["alert.raised", "alert.delivered"])
    assert.equal(rig.posted[0]?.url, own.url)
  })

  test("a process that did not resolve its references takes nothing from the gateway that did", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings({ webhooks: [own] })
    await rig.second()
    rig.settings({ webhooks: [{ ...own, url: reference }] })
    rig.commit([disabled])
    await rig.second()
    assert.equal(rig.posted.length, 1)
  })

  test("one whose reference nobody resolved waits for a gateway that does", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings({ webhooks: [{ ...own, url: reference }] })
    await rig.second()
    rig.commit([disabled])
    await rig.second()
    assert.deepEqual([rig.posted.length, rig.types()], [0, ["alerts.begun", "alert.raised"]])
    rig.settings({ webhooks: [own] }, "another")
    await rig.second()
    assert.deepEqual([rig.posted.length, rig.types().at(-1)], [1, "alert.delivered"])
  })

  test("it ends when no gateway names anybody any more, and not at once", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings({ webhooks: [own] })
    await rig.second()
    rig.settings(undefined)
    await rig.second()
    rig.later(30_000)
    await rig.second()
    assert.deepEqual(rig.types(), ["alerts.begun", "alerts.ended"])
    rig.commit([disabled])
    await rig.second()
    assert.equal(rig.types().length, 2)
    rig.settings({ webhooks: [own] })
    await rig.second()
    assert.deepEqual([rig.types().at(-1), rig.posted.length], ["alerts.begun", 0])
  })

  test("a chat waits for a gateway, and hears of nothing twice while it is asked", async () => {
    const rig = alertingRig({ hasGateway: false })
    rig.known()
    rig.settings({ operatorChat: chat })
    await rig.second()
    rig.commit([disabled])
    await rig.second()
    await rig.second()
    assert.deepEqual([rig.told.length, rig.types()], [0, ["alerts.begun", "alert.raised"]])
    rig.hasGateway = true
    await rig.second()
    await rig.second()
    const [tell] = rig.told
    assert.ok(tell && rig.told.length === 1 && rig.alerting.asking)
    assert.deepEqual([tell.channel, tell.to, tell.attempt], ["telegram", "4242", 1])
    assert.match(tell.text, /^critical: guard\.\u200bdisabled\nthe plugin was switched off: entry disabled\n/)
    rig.alerting.told("another", 1, { took: true })
    rig.alerting.told(tell.alert, 2, { took: true })
    await rig.second()
    assert.equal(rig.types().at(-1), "alert.raised")
    rig.alerting.told(tell.alert, 1, { took: true })
    await rig.second()
    assert.deepEqual([rig.types().at(-1), rig.alerting.asking], ["alert.delivered", false])
  })

  test("that the gate keeps the operator's chat is not told there", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings({ operatorChat: chat, webhooks: [own] }, null, { channel: "telegram", protectedTo: ["4242"] })
    await rig.second()
    rig.commit([{ type: "outbound.refused", facts: { atMs: 0, channel: "telegram", peer: "p:peer:telegram:4242", why: "not-armed" } }])
    await rig.second()
    assert.deepEqual([rig.told.length, rig.posted.length], [0, 1])
  })

  test("what is under way when the writer goes is on its way still", async () => {
    const rig = alertingRig()
    rig.known()
    rig.settings({ webhooks: [own] })
    await rig.second()
    let fail = (_: Error) => {}
    rig.answer = () => new Promise((_resolve, reject) => (fail = reject))
    rig.commit([disabled])
    await rig.second()
    assert.ok(rig.alerting.asking)
    rig.alerting.close()
    fail(new Error("aborted"))
    await rig.second()
    assert.deepEqual(rig.types(), ["alerts.begun", "alert.raised"])
  })
})
