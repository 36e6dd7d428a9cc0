/** Many crimes at random on one copy of a small ledger, each judged by the real verification and put back. Short in CI, long in `npm run soak`. */
import assert from "node:assert/strict"
import { chanceOf } from "../../src/drill/chance.ts"
import { flipBit } from "../../src/drill/crimes/file-crimes.ts"
import { judge, verifyCopy, type JudgeOptions, type Verifier } from "../../src/drill/judgement.ts"
import { StoreCopy } from "../../src/drill/store-copy.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"
import { fileSaltBytes } from "../../src/vault/database.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import { temporaryDirectory, temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { commitAttack, recordOf } from "./random-attacks.ts"

export type Trials = {
  readonly count: number
  readonly seed: number
  readonly verify?: Verifier
  /** Enough is known once so many were not found. */
  readonly mostMissed?: number
  readonly say?: (words: string) => void
}

const sayEvery = 1_000
/** Every so many flips one hits the few bytes that no page seal covers, which chance alone would leave out. */
const unsealedEvery = 40

/** Flips that were not found, by bit of the file. */
export function flipAtRandom(t: Ending, { count, seed, verify = verifyStore, say }: Trials): readonly number[] {
  const { copy, judging } = target(t, verify, [260])
  const chance = chanceOf(seed)
  const missed: number[] = []
  for (let i = 1; i <= count; i++) {
    const bit = chance.below(8 * (i % unsealedEvery === 0 ? fileSaltBytes : copy.sizeBytes))
    flipBit(copy, bit)
    if (!judge(copy, judging).found) missed.push(bit)
    copy.putBack()
    if (i % sayEvery === 0) say?.(`${i} bits flipped`)
  }
  assert.equal(verifyCopy(copy, judging).verdict, "valid", "the copy was not put back")
  return missed
}

export type AttackTally = {
  readonly attacks: number
  /** Attacks that left what is recorded as it was: counted apart, and made up for. */
  readonly idle: number
  readonly missed: readonly string[]
}

/** As many attacks as are asked for, each of which changes something. */
export function attackAtRandom(t: Ending, { count, seed, verify = verifyStore, mostMissed = Infinity, say }: Trials): AttackTally {
  const { copy, judging } = target(t, verify, [60, 150, 61])
  const chance = chanceOf(seed)
  const whole = recordOf(copy)
  const missed: string[] = []
  let idle = 0
  let attacks = 0
  while (attacks < count && missed.length < mostMissed) {
    const words = commitAttack(copy, chance)
    const { found, sentence } = judge(copy, judging)
    if (!found && recordOf(copy) === whole) {
      idle++
      assert.ok(idle < count, "most attacks change nothing")
    } else {
      attacks++
      if (!found) missed.push(`${words}: ${sentence}`)
      if (attacks % sayEvery === 0) say?.(`${attacks} attacks`)
    }
    copy.putBack()
  }
  assert.equal(verifyCopy(copy, judging).verdict, "valid", "the copy was not put back")
  assert.equal(recordOf(copy), whole)
  return { attacks, idle, missed }
}

/** A full tile and more, a checkpoint after each of these counts of entries, the last of which covers everything; counters of a sender; every page of the file in use. */
function target(t: Ending, verify: Verifier, counts: readonly number[]): { readonly copy: StoreCopy; readonly judging: JudgeOptions } {
  const ledger = temporaryLedger(t)
  for (const count of counts) {
    ledger.append(count)
    ledger.checkpoint()
  }
  ledger.open().journal.append([], 1, new Map([["0011223344556677", 3]]))
  ledger.close()
  ledger.edit((journal) => assert.equal(journal.pragma("freelist_count", { simple: true }), 0, "there are free pages for a bit to hide in"))
  const access = ledger.read()
  const secret = findMasterSecret(ledger.places)
  assert.ok(secret)
  const copy = new StoreCopy(access, temporaryDirectory(t))
  return { copy, judging: { verify, keys: access.keys, secret } }
}
