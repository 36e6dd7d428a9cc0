/** A range of a store: what is in it is proven against the checkpoints, what is outside is not looked at, and the report says which is which. */
import assert from "node:assert/strict"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { after, describe, test } from "node:test"
import fc from "fast-check"
import { rangeRoot, rootAround } from "../../src/format/merkle.ts"
import { verifyRange, type RangeOptions } from "../../src/journal/verify-range.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"
import { tileKey } from "../../src/journal/tiles.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { naiveRoot, subtreesOf, syntheticLeaves } from "../format/naive-tree.ts"
import { change, flipped, sql, tamperedLedger, type Crime } from "./tampered-ledger.ts"
import type { TestLedger } from "../ledger-fixture.ts"

/** 701 entries; checkpoints over 200, 520 and 701 of them. */
const { ledger, after: afterCrime, putBack } = tamperedLedger({ after }, false)

function ranged(of: TestLedger, from: number, to: number, more: Partial<RangeOptions> = {}): VerifyReport {
  const access = openForReading(of.files, of.places)
  try {
    return verifyRange(access, { payloads: true, from, to, ...more })
  } finally {
    access.close()
  }
}

const whole = (of: TestLedger, against: string): VerifyReport => {
  const access = openForReading(of.files, of.places)
  try {
    return verifyStore(access, { payloads: true, against: [{ text: against, where: "the kept note" }] })
  } finally {
    access.close()
  }
}

const afterOf = (crime: Crime, from: number, to: number) => (afterCrime(crime), ranged(ledger, from, to))
const words = (report: VerifyReport) => report.problems.map(({ what }) => what).join("; ")

test("the root around a range is the tree's, whatever the range", () => {
  const leaves = syntheticLeaves(300)
  const ranges = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat())
  fc.assert(
    fc.property(ranges, ([size, a, b]) => {
      const [from, to] = [a % (size + 1), b % (size + 1)].sort((x, y) => x - y) as [number, number]
      const list = leaves.slice(0, size)
      const asked: number[] = []
      const root = rootAround(subtreesOf(list), { from, to, size }, (index) => (asked.push(index), list[index] ?? Buffer.alloc(0)))
      assert.ok(root.equals(naiveRoot(list)))
      assert.deepEqual(
        asked,
        Array.from({ length: to - from }, (_, i) => from + i),
        "each leaf of the range, in order",
      )
    }),
  )
  assert.ok(rootAround(subtreesOf([]), { from: 0, to: 0, size: 0 }, () => Buffer.alloc(0)).equals(rangeRoot(subtreesOf([]), 0, 0)))
})

describe("a range of a good store", () => {
  for (const [from, to] of [
    [0, 0],
    [0, 700],
    [1, 1],
    [199, 201],
    [255, 256],
    [300, 555],
    [519, 520],
    [700, 700],
    [690, 5_000],
  ] as const) {
    test(`#${from} to #${to} is valid, and what was not looked at is said`, () => {
      putBack()
      const report = ranged(ledger, from, to)
      const end = Math.min(to, 700)
      assert.deepEqual([report.verdict, report.problems, report.from, report.to, report.entries], ["valid", [], from, end, end - from + 1])
      assert.deepEqual([report.covered, report.checkpoints], [701, 2])
      assert.ok(report.contentsOpened <= report.entries)
      const said = report.notes.find((note) => note.startsWith("Not looked at:"))
      const outside = [...(from > 0 ? [from === 1 ? "#0" : `#0 to #${from - 1}`] : []), ...(end < 700 ? [`#${end + 1} to #700`] : [])]
      if (outside.length === 0) assert.equal(said, undefined)
      else assert.ok(said?.includes(`${outside.join(" and ")}, and checkpoints older than the last`), said)
    })
  }

  test("ranges that hold no entry are refused", () => {
    assert.throws(() => ranged(ledger, 701, 800), /There is no entry #701: the journal has 701 entries/)
    assert.throws(() => ranged(ledger, 5, 4), /--from 5 is after --to 4/)
  })

  test("without payloads nothing is opened", () => {
    assert.deepEqual([ranged(ledger, 10, 90, { payloads: false }).verdict, ranged(ledger, 10, 90, { payloads: false }).contentsOpened], ["valid", 0])
  })

  test("progress counts the entries of the range", () => {
    const told: [number, number][] = []
    ranged(ledger, 10, 90, { onProgress: (done, total) => told.push([done, total]) })
    assert.deepEqual(told.at(-1), [81, 81])
  })
})

describe("a crime in the range is found, outside it is somebody else's question", () => {
  const crimes: readonly (readonly [string, Crime, RegExp])[] = [
    ["facts", sql("UPDATE entries SET facts = zeroblob(length(facts)) WHERE sequence = 333"), /facts are not the ones/],
    ["a header", change("entries", "header", "sequence", 333, flipped(60)), /signed over other entries/],
    ["an entry gone", sql("DELETE FROM entries WHERE sequence = 333"), /entries are missing/],
    ["the content of another", sql("UPDATE entries SET place = (SELECT place FROM entries WHERE sequence = 1) WHERE sequence = 331"), /content/],
    [
      "a chunk",
      sql("UPDATE chunks SET sealed = zeroblob(length(sealed)) WHERE number = (SELECT place / 1024 FROM entries WHERE sequence = 331)"),
      /does not open/,
    ],
  ]
  for (const [what, crime, said] of crimes) {
    test(`${what}: invalid in #300 to #400, not seen in #0 to #99`, () => {
      const report = afterOf(crime, 300, 400)
      assert.equal(report.verdict, "invalid")
      assert.match(words(report), said)
      assert.equal(afterOf(crime, 0, 99).verdict, "valid")
    })
  }

  test("the entry right before the range is compared by its hash", () => {
    assert.match(words(afterOf(change("entries", "header", "sequence", 299, flipped(60)), 300, 400)), /the chain is broken/)
    assert.match(words(afterOf(sql("DELETE FROM entries WHERE sequence = 299"), 300, 400)), /entries are missing/)
  })

  test("a tile that the way to the root needs, changed or gone, is found", () => {
    const tile = (edit: string, key: number) => sql(`${edit} WHERE tile = ${key}`)
    assert.match(words(afterOf(tile("UPDATE tiles SET hashes = zeroblob(8192)", tileKey(1, 0)), 300, 400)), /signed over other entries/)
    assert.match(words(afterOf(tile("DELETE FROM tiles", tileKey(0, 0)), 250, 400)), /tile 0\/0 is missing/)
    assert.equal(afterOf(tile("DELETE FROM tiles", tileKey(0, 0)), 256, 400).verdict, "valid", "its root stands above it")
  })

  test("a journal that was cut below the note outside is invalid, whatever range is asked for", () => {
    const cut = sql("DELETE FROM entries WHERE sequence >= 600", "DELETE FROM checkpoints WHERE size > 600")
    assert.match(words(afterOf(cut, 0, 10)), /covers 701 entries, but the journal ends at 600: it was cut or rolled back/)
  })

  test("erased contents: valid with erasures; without scopes.db: unverifiable", (t) => {
    const erased = tamperedLedger(t, true)
    assert.equal(ranged(erased.ledger, 0, 50).verdict, "valid with erasures")
    rmSync(erased.ledger.files.scopes)
    assert.equal(ranged(erased.ledger, 0, 50).verdict, "unverifiable")
  })
})

describe("entries that no checkpoint covers", () => {
  test("alone are unverifiable, beside covered ones they are named, and a head signed now covers them", (t) => {
    putBack()
    const copy = ledger.copy(t)
    copy.append(40)
    copy.close()
    assert.equal(ranged(copy, 720, 730).verdict, "unverifiable")
    const beside = ranged(copy, 690, 730)
    assert.deepEqual([beside.verdict, beside.covered], ["valid", 701])
    assert.match(beside.notes.join(), /No checkpoint covers #701 to #730 yet/)
    const head = { text: copy.open().journal.checkpoint().note, where: "the head" }
    copy.close()
    const covered = ranged(copy, 720, 730, { head })
    assert.deepEqual([covered.verdict, covered.covered], ["valid", 741])
  })
})

describe("a note that was kept elsewhere", () => {
  const kept = (size: number) => ledger.read().reader.checkpoint(size)?.note ?? ""
  const note = { text: "", where: "the kept note" }

  test("of the same journal changes nothing, whole or in part, stored or signed on demand", (t) => {
    putBack()
    const copy = ledger.copy(t)
    const before = ranged(copy, 300, 400, { against: [{ ...note, text: kept(200) }] })
    assert.deepEqual([before.verdict, before.checkpoints], ["valid", 3])
    assert.equal(whole(copy, kept(520)).verdict, "valid")
    copy.append(5)
    const onDemand = copy.open().journal.checkpoint().note
    copy.append(5)
    copy.close()
    assert.deepEqual([whole(copy, onDemand).verdict, whole(copy, onDemand).problems], ["valid", []])
    assert.equal(whole(copy, onDemand).checkpoints, 6, "four stored, the one outside, the one brought along")
  })

  test("a store put back from a copy, its outside note with it, is found by it in exact words", (t) => {
    const copy = ledger.copy(t)
    const [files, outside] = [readFileSync(copy.files.journal), readFileSync(copy.files.headNote)]
    copy.append(99)
    copy.checkpoint()
    const later = readFileSync(copy.files.headNote, "utf8")
    copy.close()
    rmSync(`${copy.files.journal}-wal`, { force: true })
    rmSync(`${copy.files.journal}-shm`, { force: true })
    writeFileSync(copy.files.journal, files)
    writeFileSync(copy.files.headNote, outside)
    assert.equal(copy.verify().verdict, "valid", "it agrees with itself")
    const said = "the kept note covers 800 entries, but the journal ends at 701: it was cut or rolled back"
    assert.deepEqual(whole(copy, later).problems, [{ from: 701, to: 799, what: said }])
    assert.equal(words(ranged(copy, 0, 5, { against: [{ ...note, text: later }] })), said)
    copy.record(...Array.from({ length: 200 }, (_, n) => ({ type: "gateway.started", id: `other:${n}`, facts: {} }) as const))
    copy.checkpoint()
    copy.close()
    const fork = "the kept note was signed over other entries: the journal was rewritten, or is a fork"
    assert.equal(words(whole(copy, later)), fork)
    assert.equal(words(ranged(copy, 0, 5, { against: [{ ...note, text: later }] })), fork)
  })

  test("that is not one, or another ledger's, cannot be trusted", (t) => {
    putBack()
    for (const text of ["", "hello\n", kept(200).slice(0, -9), kept(200).replace("\n200\n", "\n201\n"), kept(200).replace("sovereign", "other")]) {
      assert.equal(whole(ledger, text).verdict, "invalid")
      assert.match(words(ranged(ledger, 3, 4, { against: [{ ...note, text }] })), /the kept note cannot be trusted/)
    }
    assert.ok(t)
  })
})
