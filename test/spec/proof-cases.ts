/** Good proofs and notes of a real ledger, to be agreed on as they are and to be bent. */
import { proofText } from "../../src/format/proof.ts"
import { headCheckpoint, storedCheckpoint } from "../../src/views/checkpoints.ts"
import { proveConsistency, proveEntry } from "../../src/views/proof.ts"
import { temporaryLedger, type Ending } from "../ledger-fixture.ts"

export type GoodProofs = {
  /** In the order in which they signed; any of them is good. */
  readonly keys: readonly string[]
  readonly proofs: readonly string[]
  readonly notes: readonly string[]
}

/** `handOvers`: how often the signing key gave its place to another, from #264 on. */
export function goodProofs(t: Ending, options: { readonly handOvers: number }): GoodProofs {
  const ledger = temporaryLedger(t)
  for (const count of [3, 60, 200]) {
    ledger.append(count)
    ledger.checkpoint()
  }
  const keys = [ledger.keys().store.verifierKey]
  for (let round = 0; round < options.handOvers; round++) {
    ledger.handOver()
    keys.push(ledger.keys().store.verifierKey)
    ledger.append(7)
  }
  ledger.record({ type: "message.received", id: "m:\ud800/é", facts: { length: 1 }, content: { text: "\ud800 \u2028 ä€😀", n: 1e21, "7": [0.1, -0] } })
  ledger.checkpoint()
  const access = ledger.read()
  const sizes = access.reader.checkpoints().map(({ size }) => size)
  const head = headCheckpoint(access, undefined)
  const inclusion = [0, 1, 3, 64, 200, access.reader.size() - 1].flatMap((sequence) => {
    const entry = access.reader.entry(sequence)
    if (!entry) return []
    const content = entry.place !== null
    return [
      proveEntry(access, entry, head, { id: false, facts: false, content: false }),
      proveEntry(access, entry, head, { id: true, facts: false, content: false }),
      proveEntry(access, entry, head, { id: true, facts: true, content }),
    ]
  })
  const consistency = sizes.flatMap((to) =>
    sizes.filter((from) => from <= to).map((from) => proveConsistency(access, storedCheckpoint(access, from), storedCheckpoint(access, to))),
  )
  const notes = access.reader.checkpoints().map(({ note }) => note)
  return { keys, proofs: [...inclusion, ...consistency].map(proofText), notes }
}
