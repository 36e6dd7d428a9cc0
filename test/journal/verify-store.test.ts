/** Verdicts on whole stores: cut tails, files put back from a copy, erased and missing keys, lost notes. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../../src/base/fault.ts"
import { leafHash, parseHeader, writeUint64 } from "../../src/format/header.ts"
import { tileKey } from "../../src/journal/tiles.ts"
import { pinFileSalt } from "../../src/vault/key-store-steps.ts"
import { temporaryDirectory, temporaryLedger, verifyFiles, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { sql, tamperedLedger } from "./tampered-ledger.ts"

/** 601 entries, the last checkpoint over 521 of them. */
function makeLedgerWithTail(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  ledger.append(520)
  ledger.checkpoint()
  ledger.append(80)
  ledger.close()
  return ledger
}

/** Copies of one ledger: making one costs many syncs. */
const template = makeLedgerWithTail({ after })
const ledgerWithTail = (t: Ending): TestLedger => template.copy(t)

describe("a cut tail", () => {
  const cut = (from: number) => `DELETE FROM entries WHERE sequence >= ${from}`
  const tiles = (from: number) => `DELETE FROM tiles WHERE tile >= ${Math.floor(from / 256)} AND tile < ${tileKey(1, 0)}`
  const cases: readonly (readonly [string, ...string[]])[] = [
    ["entries behind the last full tile", cut(530), "DELETE FROM chunks WHERE number > 100"],
    ["entries alone", cut(300)],
    ["entries and their tiles", cut(300), tiles(300)],
    ["entries and checkpoints", cut(300), "DELETE FROM checkpoints WHERE size > 300"],
    ["entries, tiles and checkpoints", cut(300), tiles(300), "DELETE FROM checkpoints WHERE size > 300"],
    ["entries, all tiles and all checkpoints", cut(200), "DELETE FROM tiles", "DELETE FROM checkpoints"],
    ["everything", cut(0), "DELETE FROM tiles", "DELETE FROM checkpoints", "DELETE FROM chunks"],
  ]
  const { after: afterCrime } = tamperedLedger({ after }, false)
  for (const [what, ...statements] of cases) {
    test(`${what}: found`, () => {
      const report = afterCrime(sql(...statements))
      assert.equal(report.verdict, "invalid")
      assert.ok(
        report.problems.some(({ what }) => /cut or rolled back|no checkpoint of size/.test(what)),
        JSON.stringify(report.problems),
      )
    })
  }

  test("cut with great care, and the note outside removed too: not called valid", (t) => {
    const { ledger, after: afterCrime } = tamperedLedger(t, false)
    afterCrime(() => {})
    rmSync(ledger.files.headNote)
    const careful = "DELETE FROM chunks WHERE number > (SELECT max(place) / 1024 FROM entries)"
    ledger.edit(sql(cut(200), "DELETE FROM tiles", "DELETE FROM checkpoints"))
    assert.match(ledger.verify().problems[0]?.what ?? "", /contents are stored that no entry leads to/)
    ledger.edit(sql(careful))
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.checkpoints], ["unverifiable", 0])
    assert.match(report.notes.join(" "), /No checkpoint covers/)
  })
})

describe("a ledger put back from a copy", () => {
  test("an older journal.db under a newer note is found, before and after it grew on", (t) => {
    const ledger = ledgerWithTail(t)
    const older = readFileSync(ledger.files.journal)
    ledger.append(200)
    ledger.checkpoint()
    const note = readFileSync(ledger.files.headNote)
    ledger.close()
    writeFileSync(ledger.files.journal, older)
    const report = ledger.verify()
    assert.equal(report.verdict, "invalid")
    assert.match(JSON.stringify(report.problems), /covers 801 entries, but the journal ends at 601/)
    ledger.record(...Array.from({ length: 300 }, (_, n) => ({ type: "gateway.started", id: `other:${n}`, facts: {} }) as const))
    assert.match(JSON.stringify(ledger.verify().problems), /signed over other entries/)
    ledger.checkpoint()
    writeFileSync(ledger.files.headNote, note)
    assert.match(JSON.stringify(ledger.verify().problems), /signed over other entries/)
  })

  test("the whole directory put back is found by the note outside it", (t) => {
    const ledger = ledgerWithTail(t)
    const kept = join(temporaryDirectory(t), "kept")
    cpSync(ledger.directory, kept, { recursive: true })
    ledger.append(200)
    ledger.checkpoint()
    ledger.close()
    rmSync(ledger.directory, { recursive: true })
    cpSync(kept, ledger.directory, { recursive: true })
    assert.equal(ledger.verify().verdict, "invalid")
  })

  test("the journal of another ledger does not open at all", (t) => {
    const [ledger, other] = [ledgerWithTail(t), makeLedgerWithTail(t)]
    cpSync(other.files.journal, ledger.files.journal)
    assert.throws(
      () => ledger.verify(),
      (error) => error instanceof Fault && error.code === "key.out-of-step" && /or of another ledger/.test(error.message),
    )
  })

  test("a copy, with its note or without, is as valid as the original", (t) => {
    const ledger = ledgerWithTail(t)
    const copy = ledger.copy(t)
    assert.equal(copy.verify().verdict, "valid")
    assert.equal(copy.verify().root, ledger.verify().root)
    rmSync(copy.files.headNote)
    const report = copy.verify()
    assert.equal(report.verdict, "valid")
    assert.match(report.notes.join(" "), /no sovereign-ledger\.head\.note to compare with/)
  })
})

describe("the note outside", () => {
  for (const [what, edit] of [
    ["emptied", () => ""],
    ["cut", (note: string) => note.slice(0, -5)],
    ["of a larger size", (note: string) => note.replace("\n521\n", "\n522\n")],
    ["of another log", (note: string) => note.replace("sovereign-ledger/", "sovereign-ledger/a")],
  ] as const) {
    test(`${what}: found`, (t) => {
      const ledger = ledgerWithTail(t)
      const note = readFileSync(ledger.files.headNote, "utf8")
      assert.notEqual(edit(note), note)
      writeFileSync(ledger.files.headNote, edit(note))
      assert.equal(ledger.verify().verdict, "invalid")
    })
  }

  test("that cannot be read is a fault", (t) => {
    const ledger = ledgerWithTail(t)
    rmSync(ledger.files.headNote)
    mkdirSync(ledger.files.headNote)
    assert.throws(
      () => ledger.verify(),
      (error) => error instanceof Fault && error.code === "store.unreadable",
    )
  })
})

describe("content that cannot be opened", () => {
  test("erased by destroying its keys: valid with erasures, everything else checked", (t) => {
    const { ledger, after: afterCrime } = tamperedLedger(t, true)
    const report = afterCrime(() => {})
    assert.equal(report.verdict, "valid with erasures")
    assert.ok(report.contentsErased > 50 && report.contentsOpened > 50)
    assert.equal(report.root, ledger.verify(false).root)
    assert.equal(afterCrime(sql("UPDATE entries SET facts = x'00' WHERE sequence = 9")).verdict, "invalid")
  })

  test("erasure is no excuse for an entry whose key is there", (t) => {
    const { ledger, after: afterCrime } = tamperedLedger(t, true)
    afterCrime(() => {})
    let erased = ""
    ledger.editScopes((scopes) => (erased = scopes.prepare("SELECT lower(hex(scope_id)) FROM scopes WHERE salt IS NULL LIMIT 1").pluck().get() as string))
    const live = `sequence = (SELECT e.sequence FROM entries e JOIN chunks c ON c.number = e.place / 1024 WHERE c.scope_id <> x'${erased}' AND e.sequence > 9 ORDER BY 1 LIMIT 1)`
    for (const crime of [
      `UPDATE entries SET place = (SELECT number * 1024 FROM chunks WHERE scope_id = x'${erased}' LIMIT 1) WHERE ${live}`,
      `UPDATE chunks SET scope_id = x'${erased}' WHERE number = (SELECT place / 1024 FROM entries WHERE ${live})`,
      `UPDATE entries SET place = NULL WHERE ${live}`,
    ]) {
      const report = afterCrime(sql(crime))
      assert.equal(report.verdict, "invalid", crime)
    }
  })

  test("without scopes.db nothing can be called valid", (t) => {
    const ledger = ledgerWithTail(t)
    rmSync(ledger.files.scopes)
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.contentsOpened], ["unverifiable", 0])
    assert.equal(ledger.verify(false).verdict, "valid")
  })

  test("under keys of another scopes.db it is invalid", (t) => {
    const [ledger, other] = [ledgerWithTail(t), makeLedgerWithTail(t)]
    const report = verifyFiles({ ...ledger.files }, { ...ledger.keys() })
    assert.equal(report.verdict, "valid")
    ledger.editScopes((scopes) => scopes.exec("DELETE FROM scopes"))
    assert.equal(ledger.verify().verdict, "invalid")
    assert.equal(other.verify().verdict, "valid")
  })
})

describe("what only the holder of the signing key could do", () => {
  test("a header whose time runs backwards, signed anew", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(3)
    ledger.close()
    ledger.edit((journal) => {
      const header = Buffer.from(journal.prepare("SELECT header FROM entries WHERE sequence = 3").pluck().get() as Buffer)
      writeUint64(header, 12, parseHeader(header).timeMs - 1_000)
      journal.prepare("UPDATE entries SET header = ? WHERE sequence = 3").run(header)
      assert.equal(leafHash(header).length, 32)
    })
    ledger.checkpoint()
    const report = ledger.verify()
    assert.equal(report.verdict, "invalid")
    assert.deepEqual(report.problems, [{ from: 3, to: 3, what: "the time runs backwards" }])
  })

  test("the first bytes of the file are compared with keys.json", (t) => {
    const ledger = ledgerWithTail(t)
    pinFileSalt(ledger.directory, ledger.keys(), "journal.db", Buffer.alloc(24))
    assert.match(JSON.stringify(ledger.verify().problems), /first bytes of journal\.db/)
  })
})
