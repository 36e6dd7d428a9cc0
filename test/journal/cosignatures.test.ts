/** Cosignatures beside checkpoints: what verify says of who saw what, and every edit of them by somebody who has the page key. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { describe, test, type TestContext } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { witnessId } from "../../src/format/witness.ts"
import type { WitnessPin } from "../../src/verify/witness-tally.ts"
import { storeCosignature } from "../../src/operations/checkpoint.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const one = new WitnessKey("example.org/one", Buffer.alloc(32, 3))
const two = new WitnessKey("example.org/two", Buffer.alloc(32, 4))
const idOf = ({ verifierKey }: WitnessKey) => witnessId(parseVerifierKey(verifierKey, "witness"))
const pin = ({ verifierKey }: WitnessKey, required = false): WitnessPin => ({ key: parseVerifierKey(verifierKey, "witness"), required })
const atS = (size: number) => 1_795_000_000 + size

function cosign(ledger: TestLedger, key: WitnessKey, size: number, writesNote = true): string {
  const { reader } = ledger.read()
  const stored = reader.checkpoints().find((checkpoint) => checkpoint.size === size) ?? assert.fail(`there is no checkpoint of size ${size}`)
  const line = key.cosign(parseSignedCheckpoint(stored.note)?.text ?? "", atS(size)).trimEnd()
  storeCosignature(ledger.open().journal, reader, { witness: idOf(key), size, line }, writesNote)
  return line
}

/** 301 entries; the checkpoints of 101 and 301 were seen by the first witness, that of 201 by both. */
function witnessedLedger(t: TestContext): TestLedger {
  const ledger = temporaryLedger(t)
  for (const keys of [[one], [one, two], [one]]) {
    ledger.append(100)
    const size = ledger.checkpoint()
    for (const key of keys) cosign(ledger, key, size)
  }
  return ledger
}

describe("a ledger that was witnessed", () => {
  test("verify says who saw how much and when, and checks those whose keys are pinned", (t) => {
    const ledger = witnessedLedger(t)
    const { verdict, problems, witnesses } = ledger.verifyWitnessed([pin(one)])
    assert.deepEqual([verdict, problems], ["valid", []])
    assert.deepEqual(witnesses, [
      { witness: idOf(one), cosignatures: 3, upTo: 301, at: new Date(atS(301) * 1000).toISOString(), checked: true },
      { witness: idOf(two), cosignatures: 1, upTo: 201, at: new Date(atS(201) * 1000).toISOString(), checked: false },
    ])
  })

  test("without pinned keys it is as valid as before", (t) => {
    const { verdict, witnesses } = witnessedLedger(t).verify()
    assert.deepEqual([verdict, witnesses.map(({ checked }) => checked)], ["valid", [false, false]])
  })

  test("a witness that is asked for and has seen nothing makes it unverifiable; one of the settings does not", (t) => {
    const ledger = witnessedLedger(t)
    const stranger = new WitnessKey("example.org/three", Buffer.alloc(32, 5))
    assert.equal(ledger.verifyWitnessed([pin(one, true), pin(two, true)]).verdict, "valid")
    const asked = ledger.verifyWitnessed([pin(stranger, true)])
    assert.deepEqual([asked.verdict, asked.witnesses.find(({ witness }) => witness === idOf(stranger))?.cosignatures], ["unverifiable", 0])
    assert.equal(ledger.verifyWitnessed([pin(stranger)]).verdict, "valid")
    assert.equal(ledger.verifyWitnessed([pin(new WitnessKey(one.name, Buffer.alloc(32, 9)), true)]).verdict, "unverifiable", "another key of the same name")
  })

  test("the note outside carries the lines on the checkpoint it holds, in the order of their witnesses, and no others", (t) => {
    const ledger = witnessedLedger(t)
    const last = ledger.read().reader.latestCheckpoint()?.note ?? ""
    const lineOne = cosign(ledger, one, 301)
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), `${last}${lineOne}\n`)
    const lineTwo = cosign(ledger, two, 301)
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), `${last}${lineOne}\n${lineTwo}\n`)
    cosign(ledger, two, 101)
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), `${last}${lineOne}\n${lineTwo}\n`)
    assert.equal(ledger.verifyWitnessed([pin(one, true), pin(two, true)]).verdict, "valid")
    ledger.append(1)
    assert.equal(ledger.checkpoint(), 302)
    assert.equal(readFileSync(ledger.files.headNote, "utf8").split("\n").length, 6, "a new checkpoint has no lines yet")
  })

  test("a note that is evidence is left alone", (t) => {
    const ledger = witnessedLedger(t)
    writeFileSync(ledger.files.headNote, "evidence")
    cosign(ledger, two, 301, false)
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), "evidence")
  })

  test("of two cosignatures by one witness on one checkpoint the first stays", (t) => {
    const ledger = witnessedLedger(t)
    ledger.open().journal.storeCosignature({ witness: idOf(one), size: 301, line: "another" })
    assert.equal(ledger.verifyWitnessed([pin(one)]).verdict, "valid")
  })

  test("the last of each witness is found among many", (t) => {
    const ledger = witnessedLedger(t)
    for (let i = 0; i < 40; i++)
      for (let size = 1; size < 5; size++) ledger.open().journal.storeCosignature({ witness: `w${i}+00000000`, size, line: `${i} ${size}` })
    const last = ledger.read().reader.cosignatures.last()
    assert.equal(last.length, 42)
    assert.deepEqual(
      last.filter(({ witness }) => witness === "w17+00000000" || witness === idOf(one)).map(({ size }) => size),
      [301, 4],
    )
    assert.ok(last.every(({ witness, size }) => !witness.startsWith("w") || size === 4))
  })
})

describe("edited cosignatures", () => {
  const found = (what: string, edit: string | ((ledger: TestLedger) => void), words: RegExp, pins: readonly WitnessPin[] = [pin(one)]) =>
    test(what, (t) => {
      const ledger = witnessedLedger(t)
      ledger.close()
      if (typeof edit === "string") ledger.edit((journal) => void journal.exec(edit))
      else edit(ledger)
      const { verdict, problems } = ledger.verifyWitnessed(pins)
      assert.equal(verdict, "invalid")
      assert.match(problems.map((problem) => problem.what).join("\n"), words)
      for (const { from, to } of problems) assert.ok(from === 0 && to >= 0 && to <= 300)
    })
  const rewrite = (change: (bytes: Buffer) => Buffer) => (ledger: TestLedger) =>
    ledger.edit((journal) => {
      const line = journal.prepare("SELECT line FROM cosignatures WHERE witness = ? AND size = 201").pluck().get(idOf(one)) as string
      const [dash, name, encoded = ""] = line.split(" ")
      const changed = change(Buffer.from(encoded, "base64")).toString("base64")
      journal.prepare("UPDATE cosignatures SET line = ? WHERE witness = ? AND size = 201").run(`${dash} ${name} ${changed}`, idOf(one))
    })
  const flipped = (at: number) => (bytes: Buffer) => {
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes
  }

  for (const at of [4, 11, 12, 40, 75]) found(`byte ${at} of one`, rewrite(flipped(at)), /cannot be trusted: its signature is wrong|is not one/)
  for (const at of [0, 3]) found(`byte ${at} of its key hash`, rewrite(flipped(at)), /is not one/, [])
  found(
    "one cut short",
    rewrite((bytes) => bytes.subarray(0, -1)),
    /is not one/,
    [],
  )
  found("one that is nonsense", "UPDATE cosignatures SET line = 'nonsense' WHERE size = 201", /is not one/, [])
  found(
    "one of zeros",
    rewrite((bytes) => bytes.fill(0, 12)),
    /its signature is wrong/,
  )
  found("one filed under another size", `UPDATE cosignatures SET size = 1 WHERE size = 101`, /its signature is wrong/)
  found("one filed under a size without a checkpoint", "UPDATE cosignatures SET size = 150 WHERE size = 101", /stands under no checkpoint/, [])
  found("one filed under another witness", "UPDATE cosignatures SET witness = 'example.org/four+00000000' WHERE size = 101", /is not one/, [])
  found(
    "two exchanged",
    "UPDATE cosignatures SET line = (SELECT line FROM cosignatures c WHERE c.witness = cosignatures.witness AND c.size = 301) WHERE size = 101",
    /is wrong/,
  )
  found(
    "one taken out that the note outside carries",
    "DELETE FROM cosignatures WHERE size = 301",
    /does not have a cosignature by example\.org\/one that the note outside carries/,
    [],
  )
  found("its checkpoint taken out", "DELETE FROM checkpoints WHERE size = 101", /stands under no checkpoint/, [])

  test("all taken out, and the note outside put back to one without: nothing shows, but a witness that is asked for is missing", (t) => {
    const ledger = witnessedLedger(t)
    const note = ledger.read().reader.latestCheckpoint()?.note ?? ""
    ledger.close()
    ledger.edit((journal) => void journal.exec("DELETE FROM cosignatures"))
    writeFileSync(ledger.files.headNote, note)
    assert.equal(ledger.verify().verdict, "valid")
    assert.equal(ledger.verifyWitnessed([pin(one, true)]).verdict, "unverifiable")
  })
})
