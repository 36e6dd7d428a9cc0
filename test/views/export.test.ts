/** Rows for other programs: which entries are in them, with which labels, and CSV that no spreadsheet runs. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import fc from "fast-check"
import { parseSignedCheckpoint } from "../../src/format/checkpoint.ts"
import type { ExportEnd, ExportRow } from "../../src/format/export-row.ts"
import { csvCell, csvColumns, csvHeader, csvRow, exportRows, type ExportQuestion } from "../../src/views/export.ts"
import { eventAt, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const ledger = temporaryLedger({ after })
ledger.append(60)

function exported(question: Partial<ExportQuestion> = {}, from: TestLedger = ledger): { readonly rows: readonly ExportRow[]; readonly end: ExportEnd } {
  const access = from.read()
  const lines = [...exportRows(access, { includeContent: false, ...question })]
  access.close()
  return { rows: lines.slice(0, -1) as ExportRow[], end: lines.at(-1) as ExportEnd }
}

/** A strict reader of RFC 4180. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|$)/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "")
}

describe("export rows", () => {
  test("are all entries in order, or the ones asked for, and the end says which", () => {
    const cases: readonly (readonly [Partial<ExportQuestion>, (n: number) => boolean, boolean])[] = [
      [{}, () => true, true],
      [{ from: 0, to: 60 }, () => true, true],
      [{ from: 0, to: 4_000 }, () => true, true],
      [{ from: 1 }, (n) => n >= 1, false],
      [{ to: 59 }, (n) => n <= 59, false],
      [{ from: 10, to: 12 }, (n) => n >= 10 && n <= 12, false],
      [{ type: "tool.denied" }, (n) => n > 0 && eventAt(n).type === "tool.denied", false],
      [{ type: "tool.denied", from: 20 }, (n) => n >= 20 && eventAt(n).type === "tool.denied", false],
      [{ category: "moon" }, () => false, false],
      [{ limit: 7 }, (n) => n < 7, false],
      [{ limit: 0 }, () => false, false],
    ]
    for (const [question, keep, complete] of cases) {
      const { rows, end } = exported(question)
      const expected = Array.from({ length: 61 }, (_, n) => n).filter(keep)
      assert.deepEqual(
        rows.map(({ sequence }) => sequence),
        expected,
        JSON.stringify(question),
      )
      assert.deepEqual([end.rows, end.complete], [expected.length, complete])
      assert.equal(parseSignedCheckpoint(end.checkpoint)?.size, 61)
      for (const row of rows) assert.equal(row.proven.inclusion === undefined, complete)
    }
  })

  test("have content only when it was asked for, and never what is erased", (t) => {
    assert.ok(exported().rows.every((row) => !("content" in row) && row.proven.content === undefined))
    const { rows } = exported({ includeContent: true })
    for (const row of rows.slice(1)) assert.deepEqual(row.content, eventAt(row.sequence).content)
    const copy = ledger.copy(t)
    copy.destroyKeys(`session = '${eventAt(1).scope?.session}'`)
    const erased = exported({ includeContent: true }, copy).rows
    assert.ok(!("content" in (erased[1] ?? {})) && erased[1]?.contentHash !== null)
    assert.ok(erased.some((row) => "content" in row))
    rmSync(copy.files.scopes)
    assert.ok(exported({ includeContent: true }, copy).rows.every((row) => !("content" in row)))
  })

  test("have the labels of sessions, users and machines that are known at their entry", (t) => {
    const labelled = temporaryLedger(t)
    const { scopes } = labelled.open()
    const user = scopes.pseudonym("user:jane")
    labelled.record(
      { type: "session.started", id: "s:1", scope: { session: "agent:a" }, facts: { resumed: false } },
      { type: "writer.started", id: "w:1", facts: { version: "1", code: "c", pid: 1, machine: "m1", clean: true, headNote: "agrees" } },
      { type: "config.loaded", id: "c:1", facts: { digest: "~", guardedPatterns: 0, deniedPatterns: 0 }, content: { userId: "jane" } },
      { type: "session.started", id: "s:2", scope: { session: "agent:a", sender: "p" }, facts: { resumed: false, user } as never },
    )
    assert.deepEqual(
      exported({}, labelled).rows.map(({ sessionId, userId, machineId }) => [sessionId, userId, machineId]),
      [
        [null, null, null],
        ["agent:a", null, null],
        [null, null, "m1"],
        [null, null, "m1"],
        ["agent:a", "jane", "m1"],
      ],
    )
  })
})

describe("CSV", () => {
  test("has a cell a column, in every row", () => {
    assert.equal(csvHeader(), csvColumns.join(","))
    for (const row of exported({ includeContent: true }).rows) {
      const cells = cellsOf(csvRow(row))
      assert.equal(cells.length, csvColumns.length, csvRow(row))
      assert.deepEqual([cells[0], cells[1]], [String(row.sequence), row.id])
      assert.equal(cells[csvColumns.indexOf("content")], row.content === undefined ? "" : JSON.stringify(row.content))
    }
  })

  const guarded: readonly (readonly [unknown, string])[] = [
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", '"\'\r=1"'],
    ["\n=1", '"\'\n=1"'],
    ["＝1+1", "'＝1+1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ["plain", "plain"],
    ["a=b", "a=b"],
    ["a,b", '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ["two\nlines", '"two\nlines"'],
    ["", ""],
    [null, ""],
    [undefined, ""],
    [-5, "-5"],
    [0, "0"],
    [{ a: "=1" }, '"{""a"":""=1""}"'],
  ]
  for (const [value, cell] of guarded) test(`${JSON.stringify(value) ?? "undefined"} becomes ${JSON.stringify(cell)}`, () => assert.equal(csvCell(value), cell))

  test("no text starts a formula, and every text is read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", "'", "a", " ") }), (text) => {
        const [cell = ""] = cellsOf(csvCell(text))
        assert.doesNotMatch(cell, /^[=+\-@\t\r\n]/)
        assert.equal(cell.replace(/^'(?=[=+\-@\t\r\n])/, ""), text.replace(/^'(?=[=+\-@\t\r\n])/, ""))
      }),
      { numRuns: 1_000 },
    )
  })
})
