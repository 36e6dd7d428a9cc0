/** A ledger whose signing key was handed over twice, the one it was made of, and what a test says of copies of them. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { Fault } from "../../src/base/fault.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import type { Signer } from "../../src/vault/signer.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { signerOfSeed } from "../hand-over-fixture.ts"
import { startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

export type HandedOverTwice = {
  /** 300 entries, none of them a hand-over. */
  readonly plain: TestLedger
  /** The same, handed over at #300 and at #311; 322 entries. */
  readonly twice: TestLedger
  /** Its keys in the order in which they signed. */
  readonly real: Signer
  readonly second: Signer
  readonly third: Signer
  /** Somebody who made himself a key of the ledger's name. */
  readonly thief: Signer
  /** keys.json as it was before the first hand-over, and between the two. */
  readonly keysBefore: Buffer
  readonly keysBetween: Buffer
}

export function handedOverTwice(t: Ending): HandedOverTwice {
  const plain = temporaryLedger(t)
  plain.append(299)
  plain.checkpoint()
  plain.close()
  const real = plain.keys().signer
  const twice = plain.copy(t)
  const keysBefore = readFileSync(twice.files.keys)
  twice.handOver()
  const keysBetween = readFileSync(twice.files.keys)
  const second = twice.keys().signer
  twice.append(10)
  twice.checkpoint()
  twice.handOver()
  twice.append(10)
  twice.checkpoint()
  twice.close()
  return { plain, twice, real, second, third: twice.keys().signer, thief: signerOfSeed(4, real.name), keysBefore, keysBetween }
}

export function is(report: VerifyReport, verdict: VerifyReport["verdict"], words?: RegExp): void {
  assert.equal(report.verdict, verdict, JSON.stringify(report.problems))
  if (words) assert.match(report.problems.map(({ what }) => what).join("\n"), words)
}

/** No writer takes such a journal on. */
export function refusedBy(ledger: TestLedger, code: string): void {
  ledger.close()
  const entries = ledger.read().reader.size()
  const refused = (error: unknown) => error instanceof Fault && error.code === code
  assert.throws(() => openLedger(ledger.files, ledger.places, { nowMs: startMs, version: "test" }), refused)
  assert.equal(ledger.read().reader.size(), entries)
}
