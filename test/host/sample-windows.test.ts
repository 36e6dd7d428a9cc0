/** What the host says of subscriptions, on its way to the writer: windows alone, bounded, and what fails is told once. */
import assert from "node:assert/strict"
import { test } from "node:test"
import type { SharedLedger } from "../../src/host/shared-ledger.ts"
import { sampleOnce, windowsIn } from "../../src/host/sample-windows.ts"

const answer = {
  updatedAt: 1_795_000_000_000,
  providers: [
    {
      provider: "anthropic",
      displayName: "Claude",
      plan: "Max",
      windows: [
        { label: "5h", usedPercent: 42.5, resetAt: 1_795_000_360_000 },
        { label: "Week", usedPercent: 7 },
      ],
    },
    { provider: "openai", windows: [{ label: "5h", usedPercent: 99 }], error: "Token expired" },
    { provider: "zai" },
    "nonsense",
  ],
}

function ledgerThatHears(): { readonly heard: string[]; readonly ledger: () => Pick<SharedLedger, "client"> } {
  const heard: string[] = []
  const client = { gate: (line: string) => (heard.push(line), Promise.resolve({ order: { done: true, events: [] } })) }
  return { heard, ledger: () => ({ client }) as unknown as Pick<SharedLedger, "client"> }
}

test("windows are picked, and nothing else of what the host says", () => {
  const { sampledAtMs, windows } = windowsIn(answer)
  assert.equal(sampledAtMs, 1_795_000_000_000)
  assert.deepEqual(windows, [
    { provider: "anthropic", label: "5h", usedPercent: 42.5, resetsAtMs: 1_795_000_360_000, plan: "Max" },
    { provider: "anthropic", label: "Week", usedPercent: 7, resetsAtMs: undefined, plan: "Max" },
  ])
  const many = { providers: [{ provider: "x", windows: Array.from({ length: 999 }, (_, at) => ({ label: `${at}`, usedPercent: 1 })) }] }
  assert.equal(windowsIn(many).windows.length, 64)
  for (const odd of [undefined, null, "x", { providers: {} }, { providers: [{ windows: "x" }] }]) assert.deepEqual(windowsIn(odd).windows, [])
})

test("a sample is one order; of no windows there is none", async () => {
  const { heard, ledger } = ledgerThatHears()
  const tell = (problem: string) => assert.fail(problem)
  assert.equal(await sampleOnce({ ask: () => Promise.resolve(answer), ledger, tell }), true)
  assert.equal(await sampleOnce({ ask: () => Promise.resolve({ providers: [], refreshing: true }), ledger, tell }), false, "is asked again soon")
  assert.equal(heard.length, 1)
  assert.match(heard[0] ?? "", /"do":"report-windows","sampledAtMs":1795000000000,"windows":\[\{"provider":"anthropic","label":"5h","usedPercent":42.5/)
})

test("what fails is told once", async () => {
  const { ledger } = ledgerThatHears()
  const told: string[] = []
  for (let turn = 0; turn < 3; turn++)
    await sampleOnce({ ask: () => Promise.reject(new Error("the gateway is busy")), ledger, tell: (problem) => void told.push(problem) })
  assert.equal(told.length, 1)
})
