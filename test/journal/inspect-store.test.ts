/** The report on a store in whatever state: it never throws, names what is damaged and which entries that touches, and counts what can still be read. */
import assert from "node:assert/strict"
import { chmodSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { inspectExit, inspectStore, type InspectReport } from "../../src/journal/inspect-store.ts"
import { openJournalDatabase } from "../../src/journal/schema.ts"
import { tileKey } from "../../src/journal/tiles.ts"
import { temporaryDirectory, temporaryLedger, ledgerPlaces, type TestLedger } from "../ledger-fixture.ts"
import { change, flipped, sql, tamperedLedger, type Crime } from "./tampered-ledger.ts"

const { ledger, after: afterCrime, putBack } = tamperedLedger({ after }, false)
const inspected = (of: TestLedger): InspectReport => inspectStore(of.files, () => of.places)
const part = (report: InspectReport, name: string) => report.parts.find((one) => one.part === name)
const stateOf = (report: InspectReport) => Object.fromEntries(report.parts.filter(({ state }) => state !== "sound").map(({ part, state }) => [part, state]))
const findings = (report: InspectReport, name: string) => part(report, name)?.findings.map(({ from, to, what }) => `${from}-${to} ${what}`) ?? []

describe("a store that is sound", () => {
  test("is said to be, table by table, with what can be read", () => {
    putBack()
    const report = inspected(ledger)
    assert.deepEqual([report.state, stateOf(report)], ["sound", {}])
    assert.deepEqual([report.entriesExpected, report.entriesReadable, report.contentsErased, report.contentsSealed], [701, 701, 0, 0])
    assert.equal(report.contentsReadable, ledger.verify().contentsOpened)
    const tables = ["entries", "chunks", "tiles", "checkpoints", "meta", "senders", "cosignatures"].map((name) => `journal.db: ${name}`)
    assert.deepEqual(
      report.parts.map((one) => one.part).sort(),
      ["journal.db", "keys.json", "scopes.db", "sovereign-ledger.head.note", "views.db", ...tables].sort(),
    )
    assert.ok(report.parts.every(({ remedy }) => remedy === null))
  })

  test("with erasures it is sound, too", (t) => {
    const { ledger: erased } = tamperedLedger(t, true)
    const report = inspected(erased)
    assert.equal(report.state, "sound")
    assert.ok(report.contentsErased > 50)
  })
})

describe("rows that were changed", () => {
  const crimes: readonly (readonly [string, Crime, string, RegExp])[] = [
    ["facts", change("entries", "facts", "sequence", 333, flipped(40)), "entries", /^333-333 the facts are not the ones that were recorded$/m],
    ["a header", change("entries", "header", "sequence", 333, flipped(80)), "entries", /^333-334 the chain is broken/m],
    ["an entry gone", sql("DELETE FROM entries WHERE sequence = 333"), "entries", /^333-333 missing$/m],
    ["entries gone at the end", sql("DELETE FROM entries WHERE sequence >= 600"), "entries", /^600-700 missing at the end$/m],
    [
      "an entry before the first",
      sql("INSERT INTO entries SELECT -5, header, facts, place FROM entries WHERE sequence = 3"),
      "entries",
      /^0-0 an entry stands before/m,
    ],
    ["a chunk", change("chunks", "sealed", "number", 30, flipped(60)), "chunks", /^\d+-\d+ the sealed content does not open$/m],
    ["a chunk gone", sql("DELETE FROM chunks WHERE number = 30"), "chunks", /^\d+-\d+ the sealed content does not open$/m],
    ["a place taken away", sql("UPDATE entries SET place = NULL WHERE sequence = 331"), "chunks", /^331-331 the content is gone$/m],
    ["a tile", change("tiles", "hashes", "tile", 1, flipped(500)), "tiles", /^256-511 the tile over these entries, 0\/1, does not fit its entries$/m],
    ["a tile gone", sql("DELETE FROM tiles WHERE tile = 1"), "tiles", /^256-511 the tile over these entries, 0\/1, is missing$/m],
    ["a tile of another size", sql("UPDATE tiles SET hashes = x'00' WHERE tile = 1"), "tiles", /0\/1, has another size$/m],
    [
      "an upper tile",
      change("tiles", "hashes", "tile", tileKey(1, 0), flipped(3)),
      "tiles",
      /^0-65535 the tile over these entries, 1\/0, does not fit the tiles below it$/m,
    ],
    ["a checkpoint", sql("UPDATE checkpoints SET note = 'x' WHERE size = 200"), "checkpoints", /^200-200 not a well-formed checkpoint$/m],
    ["a checkpoint moved", sql("UPDATE checkpoints SET size = 201 WHERE size = 200"), "checkpoints", /^201-201 filed under another size than its 200$/m],
    ["a cosignature that is none", sql("INSERT INTO cosignatures VALUES ('w+00000000', 200, 'signed')"), "cosignatures", /^$/],
    ["the salt of id hashes", sql("DELETE FROM meta"), "meta", /^$/],
  ]
  for (const [what, crime, table, said] of crimes) {
    test(`${what}: damaged, and named`, () => {
      afterCrime(crime)
      const report = inspected(ledger)
      assert.deepEqual([report.state, inspectExit[report.state]], ["damaged", 1])
      assert.match(findings(report, `journal.db: ${table}`).join("\n"), said, JSON.stringify(report.parts, null, 1))
      assert.equal(part(report, `journal.db: ${table}`)?.state, "damaged")
      assert.ok(part(report, `journal.db: ${table}`)?.remedy)
    })
  }

  test("a checkpoint over other entries is seen without any key", () => {
    afterCrime((journal) => {
      const note = journal.prepare("SELECT note FROM checkpoints WHERE size = 200").pluck().get() as string
      journal
        .prepare("UPDATE checkpoints SET note = ? WHERE size = 200")
        .run(note.replace(/\n(.)(.{43})\n/, (_, first: string, rest: string) => `\n${first === "A" ? "B" : "A"}${rest}\n`))
    })
    assert.deepEqual(findings(inspected(ledger), "journal.db: checkpoints"), ["200-200 not over the entries that stand here"])
  })

  test("where an entry is missing, nothing is said of the checkpoints after it", () => {
    afterCrime(sql("DELETE FROM entries WHERE sequence = 333"))
    assert.equal(part(inspected(ledger), "journal.db: checkpoints")?.state, "sound")
  })

  test("what was signed anew by somebody else is none of its business", () => {
    afterCrime((journal) => {
      const note = journal.prepare("SELECT note FROM checkpoints WHERE size = 200").pluck().get() as string
      journal.prepare("UPDATE checkpoints SET note = ? WHERE size = 200").run(note.replace(/.{8}=\n$/, "AAAAAAAA=\n").replace(/.{4}=\n$/, (end) => end))
    })
    assert.equal(inspected(ledger).state, "sound")
    assert.equal(ledger.verify().verdict, "invalid")
  })
})

describe("pages that cannot be read", () => {
  const small = temporaryLedger({ after })
  let whole: Buffer
  const write = (bytes: Buffer) => {
    writeFileSync(small.files.journal, bytes)
    for (const name of readdirSync(small.directory)) if (/-(?:wal|shm)$/.test(name)) rmSync(join(small.directory, name))
  }
  before(() => {
    small.append(300)
    small.checkpoint()
    small.close()
    small.edit(() => {})
    whole = readFileSync(small.files.journal)
  })

  test("a flipped bit in every page: never a throw, never called sound, and the entries that are lost are named one by one", () => {
    let touched = 0
    for (let page = 1; page < whole.length / 4096; page++) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(page * 4096 + 1_000) ^ 4, page * 4096 + 1_000)
      write(bytes)
      const report = inspected(small)
      assert.equal(report.state, "damaged", `page ${page + 1}`)
      assert.ok(readFileSync(small.files.journal).equals(bytes), "nothing is changed")
      const lost = lostEntries(small)
      const named = part(report, "journal.db: entries")?.findings.filter(({ what }) => what === "cannot be read") ?? []
      assert.deepEqual(
        named.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        lost,
        `page ${page + 1}`,
      )
      if (report.entriesExpected > 0) assert.equal(report.entriesReadable, 301 - lost.length, `page ${page + 1}`)
      if (lost.length > 0) touched++
    }
    assert.ok(touched > 10, `${touched} pages held entries`)
  })

  /** What a reader of single rows cannot get, by another way than the report's. */
  function lostEntries({ files, keys }: TestLedger): number[] {
    const database = openJournalDatabase(files, keys(), { readonly: true })
    try {
      const row = database.prepare("SELECT header, facts, place FROM entries WHERE sequence = ?")
      return Array.from({ length: 301 }, (_, sequence) => sequence).filter((sequence) => {
        try {
          return row.get(sequence) === undefined
        } catch {
          return true
        }
      })
    } finally {
      database.close()
    }
  }

  test("the first page, the bytes before it, a file cut short or emptied", () => {
    for (const [bytes, words] of [
      [Buffer.from(whole).fill(0, 200, 300), /first page does not open/],
      [Buffer.from(whole).fill(1, 3, 4), /first bytes of journal\.db are not the ones in keys\.json/],
      [whole.subarray(0, 100), /has 100 bytes left/],
      [Buffer.alloc(0), /has 0 bytes left/],
    ] as const) {
      write(bytes)
      const report = inspected(small)
      assert.equal(report.state, "damaged")
      assert.match(report.parts.map((one) => one.words).join("\n"), words)
    }
    write(whole.subarray(0, 4096 * 20))
    assert.equal(inspected(small).state, "damaged")
  })
})

describe("files that are missing or cannot be opened", () => {
  const without = (name: keyof TestLedger["files"]) => {
    putBack()
    rmSync(ledger.files[name], { force: true })
    const report = inspected(ledger)
    putBack()
    return report
  }

  test("each is named, with what to do", () => {
    assert.deepEqual(
      [without("keys").state, stateOf(without("keys"))["keys.json"], stateOf(without("keys"))["journal.db"]],
      ["not looked at", "missing", "not looked at"],
    )
    assert.match(part(without("keys"), "keys.json")?.remedy ?? "", /key restore/)
    const noScopes = without("scopes")
    assert.deepEqual([noScopes.state, stateOf(noScopes)["scopes.db"]], ["not looked at", "missing"])
    assert.ok(noScopes.contentsSealed > 100 && noScopes.contentsReadable === 0 && noScopes.entriesReadable === 701)
    assert.deepEqual([without("journal").state, stateOf(without("journal"))["journal.db"]], ["not looked at", "missing"])
    assert.deepEqual([without("headNote").state, stateOf(without("headNote"))], ["sound", { "sovereign-ledger.head.note": "missing" }])
  })

  test("where there is no ledger at all it says so", (t) => {
    const { files, places } = ledgerPlaces(temporaryDirectory(t))
    const report = inspectStore(files, () => places)
    assert.deepEqual([report.state, inspectExit[report.state]], ["not looked at", 2])
    assert.match(part(report, "keys.json")?.remedy ?? "", /key create/)
  })

  test("damaged keys.json, scopes.db, views.db and note", () => {
    for (const [name, file] of [
      ["keys.json", ledger.files.keys],
      ["scopes.db", ledger.files.scopes],
      ["views.db", ledger.files.views],
      ["sovereign-ledger.head.note", ledger.files.headNote],
    ] as const) {
      putBack()
      writeFileSync(file, "not what it was".repeat(300))
      const report = inspected(ledger)
      assert.deepEqual([report.state, stateOf(report)[name]], ["damaged", "damaged"], name)
      assert.ok(part(report, name)?.remedy, name)
      rmSync(file)
    }
    putBack()
  })

  test("another master key, none, and one that others can read", (t) => {
    putBack()
    const other = temporaryLedger(t)
    for (const places of [other.places, { keyFile: "/nowhere/master.key", environment: {} }]) {
      const report = inspectStore(ledger.files, () => places)
      assert.deepEqual([report.state, stateOf(report)["keys.json"], stateOf(report)["journal.db"]], ["not looked at", "not looked at", "not looked at"])
    }
    chmodSync(other.places.keyFile, 0o644)
    assert.equal(stateOf(inspected(other))["keys.json"], "not looked at")
    const failing = inspectStore(ledger.files, () => {
      throw new Error("the places cannot be told")
    })
    assert.equal(failing.state, "damaged")
  })

  test("a journal of a newer format is not judged", () => {
    putBack()
    ledger.edit(sql("PRAGMA user_version = 2"))
    const report = inspected(ledger)
    assert.deepEqual([report.state, stateOf(report)["journal.db"]], ["not looked at", "not looked at"])
  })

  test("a note that tells of absurdly many entries does not keep it busy", () => {
    afterCrime(change("entries", "facts", "sequence", 700, flipped(40)))
    const note = readFileSync(ledger.files.headNote, "utf8")
    writeFileSync(ledger.files.headNote, note.replace("\n701\n", "\n9007199254740991\n"))
    const report = inspected(ledger)
    assert.deepEqual([report.entriesReadable, report.entriesExpected], [701, 9007199254740991])
    assert.match(findings(report, "journal.db: entries").join("\n"), /^701-9007199254740990 missing at the end$/m)
    putBack()
  })
})
