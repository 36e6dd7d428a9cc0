/** Kills the writer while it issues receipts, again and again: each call has exactly one in the end, in the order of the calls. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { slowDisk } from "./kill-run.ts"
import { areOf, called, configOf } from "./receipt-calls.ts"
import { makeRig, type Rig } from "./rig.ts"

export type ReceiptKills = { readonly calls: number; readonly receipts: number; readonly between: number }

/** Ledgers beside each other: most of a kill is waiting for the next writer. */
const lanes = 4
const callsAKill = 96
const longestLifeMs = 900

/** `between`: kills that came when some of the calls that waited for their receipt had it, and others had not. */
export async function killIssuing(kills: number, say: (words: string) => void = () => {}): Promise<ReceiptKills> {
  const shares = Array.from({ length: Math.min(lanes, kills) }, (_, lane) => Math.floor((kills + lane) / lanes))
  const runs = await Promise.all(shares.map((share, lane) => ofOneLedger(share, (words) => say(`ledger ${lane + 1}: ${words}`))))
  const sum = (of: keyof ReceiptKills) => runs.reduce((total, run) => total + run[of], 0)
  return { calls: sum("calls"), receipts: sum("receipts"), between: sum("between") }
}

async function ofOneLedger(kills: number, say: (words: string) => void): Promise<ReceiptKills> {
  const rig = makeRig(undefined)
  const calls: string[] = []
  let [between, issuedBefore] = [0, 0]
  try {
    const client = rig.client({}, slowDisk(rig, { config: configOf({}) }))
    for (let kill = 0; kill < kills; kill++) {
      for (let i = 0; i < callsAKill; i++) {
        const call = `${kill}-${i}`
        calls.push(call)
        called(client, call)
      }
      await client.flush(60_000)
      if (kill % 2 === 0) await sleep(Math.random() * longestLifeMs)
      else await issuing(rig, issuedBefore)
      for (const pid of rig.writerPids()) process.kill(pid, "SIGKILL")
      const issued = rig.entries("receipt.issued").length
      if (issued < calls.length && issued > issuedBefore) between++
      issuedBefore = issued
      say(`kill ${kill + 1} of ${kills}, ${issued} of ${calls.length} receipts`)
    }
    called(client, "last")
    await client.flush(60_000)
    await rig.stopWriter()
    areOf(rig, [...calls, "last"])
    assert.equal(rig.verify().verdict, "valid")
    return { calls: calls.length + 1, receipts: rig.entries("receipt.issued").length, between }
  } finally {
    await rig.end()
  }
}

/** Until the first receipts of a burst are on record; the rest of them may not be. */
async function issuing(rig: Rig, before: number): Promise<void> {
  const sinceMs = performance.now()
  const issued = async () => (await rig.status()).receipts?.issued ?? 0
  while (performance.now() - sinceMs < 5_000 && (await issued()) <= before) await sleep(1)
}
