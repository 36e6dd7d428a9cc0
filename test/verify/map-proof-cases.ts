/** Good proofs from the map of a ledger with several roots on record and a hand-over, and the check that nothing that was done to one verifies. */
import assert from "node:assert/strict"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import type { Trusted } from "../../src/verify/key-chain.ts"
import { verifyMapProof } from "../../src/verify/map-proof.ts"
import { eventAt, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { commitMap, mapProofOf } from "../map-ledger.ts"
import { bentMapProofs } from "./bent-map-proofs.ts"

export type MapProofCases = { readonly texts: readonly string[]; readonly trusted: Trusted }

export function goodMapProofs(t: Ending): MapProofCases & { readonly ledger: TestLedger } {
  const ledger = temporaryLedger(t)
  const texts: string[] = []
  for (const count of [20, 400]) {
    ledger.append(count)
    commitMap(ledger)
    for (const id of [eventAt(9).id, eventAt(14).id, "tool.invoked:never", "message.received:no", "x"]) texts.push(mapProofOf(ledger, id))
  }
  ledger.handOver()
  commitMap(ledger) // a proof of the same root by two checkpoints would be two good halves to put together
  texts.push(mapProofOf(ledger, "tool.invoked:later"))
  const handOvers = ledger.keys().store.handOvers
  return { ledger, texts, trusted: { key: parseVerifierKey(ledger.keys().store.verifierKey), handOvers } }
}

/** The text without the line feed at its end and without signatures of others below the checkpoint, which are passed over. */
function own(text: string): string {
  return text.replace(/\r?\n$/, "").replace(/("checkpoint":"(?:[^"\\]*\\n){5})[^"]*"/, '$1"')
}

/** A place where nothing hangs is that of many ids: a proof of one is a proof of each, and what it says is so. */
function provesAnother(good: ReadonlySet<string>, text: string): boolean {
  const { proves, id } = JSON.parse(own(text)) as { proves: string; id: string }
  return proves === "not-recorded" && !recorded.has(id) && [...good].some((one) => withoutId(one) === withoutId(own(text)))
}

const recorded: ReadonlySet<string> = new Set(Array.from({ length: 500 }, (_, n) => eventAt(n).id))

function withoutId(text: string): string {
  return text.replace(/"id":"(?:[^"\\]|\\.)*",/, "")
}

/** How many were judged; fails on the first that is called valid, and is not one of the good ones as it stands. */
export function expectNoneValid({ texts, trusted }: MapProofCases, count: number, seed: number): number {
  const good = new Set(texts.map(own))
  const bent = bentMapProofs(texts, count * 2, seed)
    .filter(({ text }) => !good.has(own(text)))
    .slice(0, count)
  for (const { what, text } of bent) {
    if (verifyMapProof(text, trusted)?.verdict !== "valid" || provesAnother(good, text)) continue
    assert.fail(`seed ${seed}: ${what}\n${text}`)
  }
  return bent.length
}
