/** Who may ask the ledger in a chat: what the host does not say counts as no. And how the answers look. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { registerChatCommands, senderOf } from "../../src/host/chat-commands.ts"
import { chatBudgets, chatSpend } from "../../src/host/chat-words.ts"
import type { HostApi } from "../../src/host/host-api.ts"
import { parseAllowance } from "../../src/ledger/allowance-rule.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { newBudget } from "../../src/ledger/budgets.ts"
import { boundsAt } from "../../src/ledger/periods.ts"
import { budgetSummary } from "../../src/ledger/summary.ts"

const owner = { channel: "telegram", senderId: "801", isAuthorizedSender: true, senderIsOwner: true }
const client = { channel: "webchat", isAuthorizedSender: true, gatewayClientScopes: ["operator.write"] }

describe("who may ask", () => {
  for (const [name, told] of [
    ["an owner", owner],
    ["a client with the scope", client],
    ["a client with every scope", { ...client, gatewayClientScopes: ["operator.admin"] }],
  ] as const)
    test(`${name} may`, () => assert.notEqual(senderOf(told, "operator.write"), undefined))

  for (const [name, told] of [
    ["nobody", undefined],
    ["a sender of whom nothing is said", { channel: "telegram", senderId: "801" }],
    ["an authorised sender of whom it is not said that it is an owner", { ...owner, senderIsOwner: undefined }],
    ["one who is none", { ...owner, senderIsOwner: false }],
    ["one of whom a text says that it is", { ...owner, senderIsOwner: "true" }],
    ["an owner whom the host does not authorise", { ...owner, isAuthorizedSender: false }],
    ["an owner without an id", { ...owner, senderId: undefined }],
    ["a client without the scope", { ...client, gatewayClientScopes: ["operator.read"] }],
    ["a client with scopes of another shape, owner or not", { ...owner, gatewayClientScopes: "operator.admin" }],
    ["a client whose sender is an owner, without the scope", { ...owner, gatewayClientScopes: [] }],
  ] as const)
    test(`${name} may not`, () => assert.equal(senderOf(told, "operator.write"), undefined))

  test("the host is asked to look, too: each command needs an authorised sender and a scope, without which it would not tell who is an owner", () => {
    const registered: { name: string; requireAuth: boolean; requiredScopes: readonly string[] }[] = []
    const registerCommand: HostApi["registerCommand"] = (command) => void registered.push(command)
    registerChatCommands({ registerCommand } as HostApi, () => assert.fail("nobody asked"))
    assert.deepEqual(
      registered.map(({ name, requireAuth, requiredScopes }) => [name, requireAuth, ...requiredScopes]),
      [
        ["budget", true, "operator.read"],
        ["spend", true, "operator.read"],
        ["gate", true, "operator.read"],
        ["freeze", true, "operator.write"],
        ["unfreeze", true, "operator.write"],
      ],
    )
  })
})

describe("answers", () => {
  const nowMs = Date.parse("2026-11-25T08:00:00Z")
  const summary = (words: Parameters<typeof parseBudget>[0]) => {
    const rule = parseBudget(words)
    return budgetSummary(newBudget(rule, boundsAt(rule.period, nowMs), 1), nowMs)
  }

  test("budgets are a line each, cents are cut off and not rounded up", () => {
    const daily = {
      ...summary({ name: "daily", limits: ["5usd", "50 calls"], per: "day", zone: "Europe/Berlin" }),
      left: { moneyNanos: "3209999999", calls: "1" },
    }
    const month = { ...summary({ name: "month", limits: ["0.005usd"], per: "month", mode: "warn" }), frozen: "look" }
    assert.equal(
      chatBudgets({ budgets: [daily, month, summary({ name: "ever", limits: ["1m tokens"], per: "lifetime" })], frozen: "stop" }, nowMs),
      [
        "Everything is frozen: stop",
        "daily: $3.20 left of $5.00; 1 call left of 50 calls, resets 00:00 Europe/Berlin",
        "month: $0.005 left of $0.005, resets 2026-12-01 00:00 UTC (frozen: look; only warns)",
        "ever: 1m tokens left of 1m tokens",
      ].join("\n"),
    )
    assert.equal(chatBudgets({}, nowMs), "There is no budget.")
    const rule = parseAllowance({ name: "pocket", to: "agent:main", give: ["5usd"], per: "day", zone: "Europe/Berlin" })
    const resetsAtMs = Date.parse("2026-11-25T23:00Z")
    const pocket = { rule, left: { moneyNanos: "1999999999" }, held: {}, startMs: resetsAtMs - 86_400_000, resetsAtMs }
    assert.equal(
      chatBudgets({ accounts: [{}, { allowances: [pocket] }, { allowances: [{ ...pocket, waits: true }] }] }, nowMs),
      [
        "agent:main (allowance pocket): $1.99 left of $5.00, next 00:00 Europe/Berlin",
        "agent:main (allowance pocket): $1.99 left of $5.00, waits for what is frozen",
      ].join("\n"),
    )
  })

  test("a budget that runs low says which model runs use meanwhile", () => {
    const steps = [70, 80, 95].map((at) => ({ budget: "ever", at, model: `local/at-${at}`, match: {}, isReached: at < 90 }))
    const ever = { ...summary({ name: "ever", limits: ["100 calls"], per: "lifetime" }), downgrades: steps }
    assert.equal(chatBudgets({ budgets: [ever] }, nowMs), "ever: 100 calls left of 100 calls (runs use local/at-80)")
  })

  test("a day's spend is a line a model, the dearest first, and says of models without a price that they are not in it", () => {
    const row = (model: string, costNanos: string, calls: number) => ({ keys: { model }, costNanos, calls })
    const rows = [row("a/one", "1239999999", 30), row("b/two", "0", 1)]
    assert.equal(
      chatSpend({ rows, total: { calls: 31, costNanos: "1239999999" }, unpriced: [{ model: "b/two", calls: 1 }] }, "UTC"),
      "Today (since 00:00 UTC): $1.23 in 31 calls\na/one: $1.23, 30 calls\nb/two: $0.00, 1 call\nCalls of models without a price are not in it.",
    )
    assert.equal(chatSpend({ rows: [], total: { calls: 0 } }, "UTC"), "Nothing was spent today (since 00:00 UTC).")
    const many = Array.from({ length: 40 }, (_, at) => row(`m/${at}`, "10000000", 1))
    assert.equal(chatSpend({ rows: many, total: { calls: 40, costNanos: "400000000" } }, "UTC").split("\n").length, 13)
  })
})
