/** A ledger that is told of another past: frozen once for each evidence where anything ever limited spending, and let go by whoever unfreezes everything. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import type { Command } from "../../src/ledger/commands.ts"
import { loosened } from "../../src/ledger/loosening.ts"
import { snapshotText, stateFrom } from "../../src/ledger/snapshot.ts"
import { unaccepted } from "../../src/ledger/state.ts"
import { must, newRun, type Run } from "./naive-ledger.ts"

const atMs = 1_795_000_000_000
const found = { do: "recognise", evidence: "note:9:aa", by: "head note", finding: "ahead", seenSize: 9, size: 5, atMs } as const
const other = { ...found, evidence: "witness:w:12", by: "witness", seenSize: 12 } as const
const all = { do: "unfreeze", target: "all", reason: "seen", atMs } as const

const limits: readonly (readonly [name: string, commands: readonly Command[]])[] = [
  ["a budget", [{ do: "set-budget", rule: parseBudget({ name: "b", limits: ["1usd"], per: "day" }), atMs }]],
  [
    "a budget that was removed",
    [
      { do: "set-budget", rule: parseBudget({ name: "b", limits: ["1usd"], per: "day" }), atMs },
      { do: "remove-budget", budget: "b", atMs },
    ],
  ],
  ["an allotment", [{ do: "allocate", id: "a", account: "agent:main", amounts: { moneyNanos: 1n }, atMs }]],
  ["a frozen account", [{ do: "freeze", target: { account: "agent:main" }, reason: "look", atMs }]],
  ["a credential", [{ do: "set-credential", salt: "s", verifier: "v", atMs }]],
]

const types = (run: Run, command: Command): readonly string[] => must(run, command).events.map(({ type }) => type)

describe("evidence of another past", () => {
  for (const [name, commands] of limits)
    test(`freezes a ledger with ${name}`, () => {
      const run = newRun()
      for (const command of commands) must(run, command)
      assert.deepEqual(types(run, found), ["ledger.restored", "ledger.frozen"])
      assert.match(run.state.frozen ?? "", /put back from a copy .* the note outside it knows 9 entries, 5 stood here; .*sovereign-ledger unfreeze all$/)
    })

  test("is recorded, and stops nobody, where nothing ever limited spending", () => {
    const run = newRun()
    must(run, { do: "set-budget", rule: parseBudget({ name: "b", limits: ["1usd"], per: "day", mode: "warn" }), atMs })
    must(run, { do: "spend", id: "s", account: "agent:main", amounts: { moneyNanos: 1n }, spend: {}, atMs })
    assert.deepEqual(types(run, found), ["ledger.restored"])
    assert.deepEqual([run.state.frozen, types(run, found)], [undefined, []])
    assert.deepEqual(must(run, all).events, [{ type: "ledger.unfrozen", facts: { atMs, reason: "seen", accepts: ["note:9:aa"] } }])
    assert.deepEqual([unaccepted(run.state), types(run, all)], [[], []])
  })

  test("freezes once, is accepted by its name, and other evidence freezes again; a snapshot knows it all", () => {
    const run = newRun()
    must(run, limits[0]?.[1][0] ?? assert.fail())
    must(run, found)
    assert.deepEqual([types(run, found), types(run, other)], [[], ["ledger.restored"]], "it is frozen already")
    assert.equal(loosened(run.state, all), "unfreezing")
    assert.deepEqual(must(run, all).events, [{ type: "ledger.unfrozen", facts: { atMs, reason: "seen", accepts: ["note:9:aa", "witness:w:12"] } }])
    assert.deepEqual([types(run, found), types(run, other), run.state.frozen], [[], [], undefined])
    assert.deepEqual(types(run, { ...found, evidence: "note:10:bb" }), ["ledger.restored", "ledger.frozen"])
    const kept = stateFrom(snapshotText(run.state))
    assert.deepEqual([kept?.restored, kept?.frozen], [run.state.restored, run.state.frozen])
    assert.equal(snapshotText(kept ?? assert.fail()), snapshotText(run.state))
  })

  test("keeps a standstill of the operator's own, with its reason", () => {
    const run = newRun()
    must(run, { do: "freeze", target: "all", reason: "mine", atMs })
    assert.deepEqual([types(run, found), run.state.frozen], [["ledger.restored"], "mine"])
  })
})
