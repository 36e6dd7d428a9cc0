/** Kills the writer between any two steps of runs that spend, again and again, and holds what the ledger counts against the bill. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import type { LedgerEvent } from "../../src/format/facts/ledger.ts"
import { factsOf } from "../../src/journal/reader.ts"
import { isLedgerEvent } from "../../src/ledger/event-types.ts"
import type { LedgerState } from "../../src/ledger/state.ts"
import { ledgerState } from "../../src/projections/ledger-state.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { assertCounts } from "../operations/spend/sound.ts"
import { isServedByAnother, slowDisk } from "./kill-run.ts"
import { LedgerLoad, spend } from "./ledger-load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

export type LedgerKillRun = { readonly kills: number; readonly holds: number; readonly runs: number; readonly billNanos: string }

/** Ledgers beside each other: most of a kill is waiting. */
const lanes = 3
const runsBeside = 3

export async function ledgerKills(kills: number, say: (words: string) => void = () => {}): Promise<LedgerKillRun> {
  const beside = Math.min(lanes, kills)
  const shares = Array.from({ length: beside }, (_, lane) => Math.floor((kills + lane) / beside))
  const done = await Promise.all(shares.map((share, lane) => killRun(share, (words) => say(`ledger ${lane + 1}, ${words}`))))
  const bill = done.reduce((sum, { billNanos }) => sum + BigInt(billNanos), 0n)
  const sum = (of: (run: LedgerKillRun) => number) => done.reduce((total, run) => total + of(run), 0)
  return { kills, holds: sum((run) => run.holds), runs: sum((run) => run.runs), billNanos: `${bill}` }
}

async function killRun(kills: number, say: (words: string) => void): Promise<LedgerKillRun> {
  const rig = makeRig(undefined)
  const config = { guard: { tools: [], deny: [] }, userId: null, hashed: { promptText: false, toolArgs: false }, spend }
  const client = rig.client({}, slowDisk(rig, { config })) // so that most kills fall into a commit
  const load = new LedgerLoad(client, "r")
  try {
    client.lost("a writer is needed", "gateway_start", Date.now())
    await until(() => rig.status().then(Boolean, () => false), "a writer serves")
    const order = { do: "set-budget", budget: "all", limits: ["1000usd", "1000000 calls"], per: "lifetime", match: [] }
    await askWriter(rig.link({ program: undefined, config }), "order", 10_000, { order })
    const running = load.runs(runsBeside)
    for (let kill = 1; kill <= kills; kill++) {
      const before = load.promised.length
      await until(() => load.promised.length > before, "runs go on")
      await sleep(Math.random() * 120)
      const { pid } = await rig.status()
      process.kill(pid, "SIGKILL")
      await until(() => isServedByAnother(rig, pid), "another writer serves")
      const { state } = counted(rig, load)
      say(`kill ${kill}: ${load.promised.length} holds promised, ${state.holds.size} open`)
    }
    load.stop()
    await running
    await client.flush(30_000)
    const { state, events } = counted(rig, load)
    assert.deepEqual([...state.holds.keys()], [], "holds of runs that are over")
    assert.equal(state.budgets.get("all")?.spent.moneyNanos, load.bill, "the bill, neither twice nor for nothing")
    assert.deepEqual(load.refused, [])
    assert.deepEqual(
      rig.entries("capture.gap").filter(({ facts }) => facts["reason"] !== "a writer is needed"),
      [],
    )
    assert.equal(rig.verify().verdict, "valid")
    const holds = events.filter(({ type }) => type === "hold.placed").length
    return { kills, holds, runs: load.rounds, billNanos: `${load.bill}` }
  } finally {
    load.stop()
    await rig.end()
  }
}

/** The state of the journal as it stands, after a recount agreed with it and every promised hold was found. */
function counted(rig: Rig, load: LedgerLoad): { readonly state: LedgerState; readonly events: readonly LedgerEvent[] } {
  const promised = [...load.promised]
  const { state, events } = rig.reading(({ reader }) =>
    // One look at a journal that grows: both are of the same entries.
    reader.snapshot(() => {
      const entries = [...reader.entries(0, reader.size() - 1)].map((entry) => ({ type: entry.header.type, facts: factsOf(entry) }))
      return { state: ledgerState(reader, undefined), events: entries.filter(({ type }) => isLedgerEvent(type)) as unknown as readonly LedgerEvent[] }
    }),
  )
  assertCounts(state, events)
  const placed = new Set(events.flatMap((event) => (event.type === "hold.placed" ? [event.facts.hold] : [])))
  assert.deepEqual(
    promised.filter((hold) => !placed.has(hold)),
    [],
    "holds that were promised and are not on record",
  )
  return { state, events }
}
