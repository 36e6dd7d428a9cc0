/** Every edit of every row by somebody who has the page key is found, and the entries it touches are named. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { tileKey } from "../../src/journal/tiles.ts"
import { change, flipped, sql, tamperedLedger, type Crime } from "./tampered-ledger.ts"

const { ledger, after: afterCrime } = tamperedLedger({ after }, false)
const entries = [0, 1, 255, 256, 520, 700]
const headerPlaces = {
  magic: 0,
  format: 3,
  sequence: 11,
  "high sequence": 4,
  time: 19,
  "high time": 12,
  "id hash": 20,
  "scope id": 67,
  "facts hash": 68,
  "content hash": 131,
  "previous hash": 132,
  "length of the type": 164,
  type: 166,
}

const found = (name: string, crime: Crime, touches?: number) =>
  test(name, () => {
    const report = afterCrime(crime)
    assert.equal(report.verdict, "invalid", JSON.stringify(report))
    assert.ok(report.problems.length > 0)
    for (const { from, to } of report.problems) assert.ok(from <= to && from >= 0, `${from} to ${to}`)
    if (touches !== undefined)
      assert.ok(
        report.problems.some(({ from, to }) => from <= touches && touches <= to),
        `entry ${touches} is not named: ${JSON.stringify(report.problems)}`,
      )
  })
const placed = (sign: "IS" | "IS NOT", nth: number) => `(SELECT sequence FROM entries WHERE place ${sign} NULL ORDER BY sequence LIMIT 1 OFFSET ${nth})`
const move = (nth: number, place: string) => sql(`UPDATE entries SET place = ${place} WHERE sequence = ${placed("IS NOT", nth)}`)

describe("an untouched ledger", () => {
  test("is valid, every time", () => {
    for (const report of [afterCrime(() => {}), ledger.verify(), ledger.verify(false)]) {
      assert.deepEqual([report.verdict, report.problems, report.notes, report.entries, report.to, report.checkpoints], ["valid", [], [], 701, 700, 5])
    }
    assert.ok(ledger.verify().contentsOpened > 300)
    assert.equal(ledger.verify(false).contentsOpened, 0)
  })
})

describe("edited headers", () => {
  for (const sequence of entries) {
    for (const [field, at] of Object.entries(headerPlaces))
      found(`${field} of entry ${sequence}`, change("entries", "header", "sequence", sequence, flipped(at)), sequence)
  }
  for (const sequence of [0, 300, 700]) {
    const header = (edit: (bytes: Buffer) => Buffer) => change("entries", "header", "sequence", sequence, edit)
    for (const size of [0, 1, 3, 19, 131, 164, 165, 166])
      found(
        `entry ${sequence} cut to ${size} bytes`,
        header((bytes) => bytes.subarray(0, size)),
        sequence,
      )
    found(
      `entry ${sequence} with a byte more`,
      header((bytes) => Buffer.concat([bytes, Buffer.of(0x61)])),
      sequence,
    )
    found(
      `entry ${sequence} of zeros`,
      header((bytes) => bytes.fill(0)),
      sequence,
    )
  }
  found("a header that stands in two rows", sql("UPDATE entries SET header = (SELECT header FROM entries WHERE sequence = 10) WHERE sequence = 11"), 11)
})

describe("edited facts", () => {
  for (const sequence of entries) {
    const facts = (edit: (bytes: Buffer) => Buffer) => change("entries", "facts", "sequence", sequence, edit)
    found(`salt of entry ${sequence}`, facts(flipped(0)), sequence)
    found(`text of entry ${sequence}`, facts(flipped(-3)), sequence)
    found(
      `entry ${sequence} without facts`,
      facts(() => Buffer.alloc(0)),
      sequence,
    )
    found(
      `entry ${sequence} with a space more`,
      facts((bytes) => Buffer.concat([bytes, Buffer.from(" ")])),
      sequence,
    )
  }
  for (const text of ["null", "5", '"text"', "[]", "{}", '{"id":5}', '{"id":null}', '{"id":{"length":3}}', "not JSON", ""]) {
    found(
      `facts that are ${text === "" ? "a salt alone" : text}`,
      change("entries", "facts", "sequence", 300, (bytes) => Buffer.concat([bytes.subarray(0, 16), Buffer.from(text)])),
      300,
    )
  }
  found("facts of two entries that changed places", swap("facts", 300, 307), 300)
})

describe("edited contents", () => {
  for (const nth of [0, 7, 200, 390]) {
    found(`content ${nth} let go of`, move(nth, "NULL"))
    found(`content ${nth} exchanged for its neighbour's`, move(nth, "place + 1"))
    found(`content ${nth} led to another chunk`, move(nth, "place + 1024"))
    found(`content ${nth} led nowhere`, move(nth, "4000000000000"))
    found(`content ${nth} led below nothing`, move(nth, "-1"))
  }
  found("content where none was recorded", sql(`UPDATE entries SET place = 0 WHERE sequence = ${placed("IS", 3)}`))
  found("places of two entries exchanged", swap("place", 2, 7))

  const chunk = (column: string, edit: (bytes: Buffer) => Buffer) => change("chunks", column, "number", 3, edit)
  for (const at of [0, 11, 12, 200, -17, -16, -1]) found(`byte ${at} of a chunk`, chunk("sealed", flipped(at)))
  found(
    "a chunk cut short",
    chunk("sealed", (bytes) => bytes.subarray(0, -1)),
  )
  found(
    "a chunk emptied",
    chunk("sealed", () => Buffer.alloc(0)),
  )
  found(
    "a chunk under another scope",
    sql("UPDATE chunks SET scope_id = (SELECT scope_id FROM chunks WHERE scope_id <> (SELECT scope_id FROM chunks WHERE number = 3)) WHERE number = 3"),
  )
  found("a chunk under a scope that never was", chunk("scope_id", flipped(0)))
  found(
    "a chunk without a scope",
    chunk("scope_id", () => Buffer.alloc(0)),
  )
  found("a chunk gone", sql("DELETE FROM chunks WHERE number = 5"))
  found("all chunks gone", sql("DELETE FROM chunks"))
  found(
    "two chunks that changed numbers",
    sql("UPDATE chunks SET number = -1 WHERE number = 4", "UPDATE chunks SET number = 4 WHERE number = 5", "UPDATE chunks SET number = 5 WHERE number = -1"),
  )
})

describe("edited trees", () => {
  const keys = [tileKey(0, 0), tileKey(0, 1), tileKey(1, 0)]
  for (const key of keys) {
    for (const at of [0, 33, 4_000, -1]) found(`byte ${at} of tile ${key}`, change("tiles", "hashes", "tile", key, flipped(at)))
    found(
      `tile ${key} cut short`,
      change("tiles", "hashes", "tile", key, (bytes) => bytes.subarray(32)),
    )
    found(
      `tile ${key} with more behind it`,
      change("tiles", "hashes", "tile", key, (bytes) => Buffer.concat([bytes, Buffer.alloc(32)])),
    )
    found(`tile ${key} gone`, sql(`DELETE FROM tiles WHERE tile = ${key}`))
    found(`tile ${key} at another place`, sql(`UPDATE tiles SET tile = ${key} + 9 WHERE tile = ${key}`))
  }
  found("a tile too many", sql(`INSERT INTO tiles SELECT ${tileKey(0, 2)}, hashes FROM tiles WHERE tile = 0`))
  found("a tile before all others", sql("INSERT INTO tiles SELECT -1, hashes FROM tiles WHERE tile = 0"))
  found("a tile of a level there is not", sql(`INSERT INTO tiles SELECT ${tileKey(2, 0)}, hashes FROM tiles WHERE tile = 0`))
  found("all tiles gone", sql("DELETE FROM tiles"))
})

describe("edited checkpoints", () => {
  const sizes = [1, 200, 520, 701]
  for (const size of sizes) {
    const last = size === 701
    for (const [what, from, to] of [
      ["origin", "sovereign-ledger", "sovereign-hedger"],
      ["size", `\n${size}\n`, `\n${size + 1}\n`],
      ["signature", "=\n", "A\n"],
      ["dash", "—", "-"],
    ] as const) {
      found(`${what} of checkpoint ${size}`, sql(`UPDATE checkpoints SET note = replace(note, '${from}', '${to}') WHERE size = ${size}`))
    }
    found(`checkpoint ${size} emptied`, sql(`UPDATE checkpoints SET note = '' WHERE size = ${size}`))
    found(`checkpoint ${size} filed under another size`, sql(`UPDATE checkpoints SET size = size + 3 WHERE size = ${size}`))
    found(
      `checkpoint ${size} exchanged for another`,
      sql(`UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = ${last ? 520 : 701}) WHERE size = ${size}`),
    )
  }
  found("the last checkpoint gone", sql("DELETE FROM checkpoints WHERE size = 701"))
  found("all checkpoints gone", sql("DELETE FROM checkpoints"))
  test("an older checkpoint that is gone takes nothing with it: the next one covers its entries", () => {
    const report = afterCrime(sql("DELETE FROM checkpoints WHERE size = 520"))
    assert.deepEqual([report.verdict, report.checkpoints], ["valid", 4])
    assert.equal(afterCrime(sql("DELETE FROM checkpoints WHERE size = 520", "UPDATE entries SET facts = x'00' WHERE sequence = 519")).verdict, "invalid")
  })
})

describe("rows that nothing leads to", () => {
  const chunk = (number: string) => sql(`INSERT INTO chunks SELECT ${number}, scope_id, sealed FROM chunks WHERE number = 3`)
  found("a content behind the last", chunk("(SELECT max(number) + 1 FROM chunks)"))
  found("a content far behind the last", chunk("4000000000000"))
  found("a content before the first", chunk("-5"))
  found("a note of the journal on itself", sql("INSERT INTO meta VALUES ('mine', x'00')"))
  found("a table", sql("CREATE TABLE mine(words TEXT)"))
  found("an index", sql("CREATE INDEX mine ON checkpoints(note)"))
})

describe("edited rows", () => {
  for (const sequence of [0, 1, 255, 256, 519, 700]) found(`entry ${sequence} gone`, sql(`DELETE FROM entries WHERE sequence = ${sequence}`))
  found("two entries that changed places", swap("header", 300, 301, "facts", "place"), 300)
  found("an entry with another number", sql("UPDATE entries SET sequence = 9000 WHERE sequence = 300"), 300)
  found("an entry below the first", sql("INSERT INTO entries SELECT -1, header, facts, place FROM entries WHERE sequence = 5"))
  found("an entry behind the last", sql("INSERT INTO entries SELECT 701, header, facts, place FROM entries WHERE sequence = 700"))
  found("an entry far behind the last", sql("INSERT INTO entries SELECT 9007199254740000, header, facts, place FROM entries WHERE sequence = 700"))
  found("all entries gone", sql("DELETE FROM entries"))
  found("the id salt exchanged", change("meta", "value", "name", "id salt", flipped(0)))
  found("the id salt gone", sql("DELETE FROM meta"))
})

function swap(column: string, one: number, other: number, ...more: readonly string[]): Crime {
  const columns = [column, ...more]
  return (journal) => {
    const read = journal.prepare(`SELECT ${columns.join(", ")} FROM entries WHERE sequence = ?`).raw()
    const [first, second] = [read.get(one), read.get(other)] as [(Buffer | number | null)[], (Buffer | number | null)[]]
    const write = journal.prepare(`UPDATE entries SET ${columns.map((name) => `${name} = ?`).join(", ")} WHERE sequence = ?`)
    write.run(...second, one)
    write.run(...first, other)
  }
}
