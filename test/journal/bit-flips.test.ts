/** One bit flipped anywhere in journal.db: found, never called valid, never anything but a verdict or a fault, and nothing written. */
import assert from "node:assert/strict"
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { flipAtRandom } from "../drill/trials.ts"
import { excusing } from "../drill/weakened.ts"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { witnessId } from "../../src/format/witness.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { temporaryLedger, verifyFiles, type TestLedger } from "../ledger-fixture.ts"

const pageBytes = 4096
const witness = new WitnessKey("example.org/w", Buffer.alloc(32, 3))
let ledger: TestLedger
let whole: Buffer

/** What is said of the file with these bytes. */
function verdictOf(bytes: Buffer): string {
  writeFileSync(ledger.files.journal, bytes)
  for (const name of readdirSync(ledger.directory)) if (/-(?:wal|shm)$/.test(name)) rmSync(join(ledger.directory, name))
  try {
    return verifyFiles(ledger.files, ledger.keys()).verdict
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    assert.ok(error.message !== "" && error.remedy !== "")
    return error.code
  } finally {
    assert.ok(readFileSync(ledger.files.journal).equals(bytes), "the file was changed")
  }
}

function flip(at: number, bit: number): Buffer {
  const bytes = Buffer.from(whole)
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
  return bytes
}

describe("a flipped bit", () => {
  const mine = temporaryLedger({ after })
  before(() => {
    ledger = mine
    ledger.append(60)
    ledger.checkpoint()
    ledger.append(230)
    ledger.checkpoint()
    for (const { size, note } of ledger.read().reader.checkpoints()) {
      const line = witness.cosign(parseSignedCheckpoint(note)?.text ?? "", 1).trimEnd()
      ledger.open().journal.storeCosignature({ witness: witnessId(parseVerifierKey(witness.verifierKey, "witness")), size, line })
    }
    ledger.open().journal.append([], 1, new Map([["0011223344556677", 3]]))
    ledger.close()
    ledger.edit(() => {})
    whole = readFileSync(ledger.files.journal)
  })

  test("the file is small, of whole pages, and valid", () => {
    assert.equal(whole.length % pageBytes, 0)
    assert.ok(whole.length / pageBytes > 30)
    assert.equal(verdictOf(whole), "valid")
  })

  test("in any of the first 100 bytes, which the cipher covers only in part", () => {
    for (let at = 0; at < 100; at++) assert.match(verdictOf(flip(at, at % 8)), /^(?:invalid|store\.damaged)$/, `byte ${at}`)
    for (let bit = 0; bit < 24 * 8; bit += 5) assert.match(verdictOf(flip(bit >> 3, bit & 7)), /^(?:invalid|store\.damaged)$/, `bit ${bit}`)
  })

  test("in every page: at its beginning, within, in what the cipher reserves at its end", () => {
    for (let page = 0; page < whole.length / pageBytes; page++) {
      for (const at of [7, 1_000 + page, pageBytes - 40, pageBytes - 1]) {
        assert.match(verdictOf(flip(page * pageBytes + at, (page + at) % 8)), /^(?:invalid|store\.damaged)$/, `page ${page + 1}, byte ${at}`)
      }
    }
  })

  test("in 5,000 places at random", (t) => {
    assert.deepEqual(flipAtRandom(t, { count: 5_000, seed: 20_261_120 }), [])
  })

  test("a verification that excuses what it finds misses some, and that is told", (t) => {
    assert.notDeepEqual(flipAtRandom(t, { count: 50, seed: 1, verify: excusing(/./) }), [])
  })

  test("a page of zeros, a page that stands in the place of another, an older page", () => {
    for (let page = 0; page < whole.length / pageBytes; page++) {
      const zeros = Buffer.from(whole).fill(0, page * pageBytes, (page + 1) * pageBytes)
      assert.match(verdictOf(zeros), /^(?:invalid|store\.damaged)$/, `page ${page + 1} of zeros`)
      const other = (page + 1) % (whole.length / pageBytes)
      const moved = Buffer.from(whole)
      whole.copy(moved, page * pageBytes, other * pageBytes, (other + 1) * pageBytes)
      assert.match(verdictOf(moved), /^(?:invalid|store\.damaged)$/, `page ${other + 1} in place of ${page + 1}`)
    }
  })

  test("pages of an older copy of the same file, one at a time", () => {
    writeFileSync(ledger.files.journal, whole)
    const older = whole
    ledger.append(40)
    ledger.checkpoint()
    ledger.close()
    ledger.edit(() => {})
    whole = readFileSync(ledger.files.journal)
    assert.equal(verdictOf(whole), "valid")
    let differing = 0
    for (let at = 0; at < older.length; at += pageBytes) {
      if (older.subarray(at, at + pageBytes).equals(whole.subarray(at, at + pageBytes))) continue
      differing++
      const mixed = Buffer.from(whole)
      older.copy(mixed, at, at, at + pageBytes)
      assert.match(verdictOf(mixed), /^(?:invalid|store\.damaged)$/, `page ${at / pageBytes + 1}`)
    }
    assert.ok(differing > 3)
  })
})
