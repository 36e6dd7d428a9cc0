/** Faults: every row is a sentence and a remedy for people, and crosses a socket unchanged. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { faultCatalogue, type FaultCode, type FaultRow } from "../../src/base/fault-catalogue.ts"
import { assert as insist, Fault, faultFromJson, problemOf } from "../../src/base/fault.ts"

const rows = Object.entries(faultCatalogue) as [FaultCode, FaultRow][]
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "")

describe("faults", () => {
  for (const [code, row] of rows) {
    test(`${code} has a sentence and a remedy, both filled`, () => {
      const names = [...placeholders(row.sentence), ...placeholders(row.remedy)]
      const fault = new Fault(code, Object.fromEntries(names.map((name) => [name, `<${name}>`])))
      for (const text of [fault.message, fault.remedy]) {
        assert.match(text, /\S/)
        assert.doesNotMatch(text, /[{}]|unknown\)|undefined/)
      }
      for (const name of placeholders(row.sentence)) assert.ok(fault.message.includes(`<${name}>`), name)
      for (const name of placeholders(row.remedy)) assert.ok(fault.remedy.includes(`<${name}>`), name)
      assert.equal(fault.exitStatus, row.exit)
      assert.equal(fault.code, code)
      assert.ok(fault instanceof Error)
    })
  }

  test("a detail that was forgotten shows, and does not break the sentence", () => {
    assert.equal(new Fault("store.absent").message, "There is no ledger in (directory unknown).")
  })

  test("a detail is put in as it stands, replacement patterns and braces included", () => {
    assert.equal(new Fault("store.absent", { directory: "$& {directory} $1" }).message, "There is no ledger in $& {directory} $1.")
  })

  test("crosses a socket and keeps its words, its exit status and its code", () => {
    const sent = new Fault("store.damaged", { file: "journal.db", problem: "page 7" }, new Error("cause"))
    const received = faultFromJson(JSON.parse(JSON.stringify(sent)))
    assert.deepEqual(received.toJSON(), sent.toJSON())
    assert.equal(received.exitStatus, 1)
    assert.ok(received instanceof Fault)
  })

  test("a code of another version keeps its words", () => {
    const received = faultFromJson({ code: "moon.absent" as FaultCode, message: "No moon.", remedy: "Wait." })
    assert.deepEqual([received.message, received.remedy, received.exitStatus], ["No moon.", "Wait.", 2])
  })

  test("a problem is one line without a full stop", () => {
    assert.equal(problemOf(new Error("one\n  two. ")), "one two")
    assert.equal(problemOf("plain"), "plain")
    assert.equal(problemOf(undefined), "undefined")
  })

  test("a text that is no JSON is not quoted, only where it goes wrong is told", () => {
    const told = (text: string) => {
      try {
        JSON.parse(text)
      } catch (error) {
        return problemOf(error)
      }
      return assert.fail("it is JSON")
    }
    for (const text of ["AbCd1234", "", "{", '{"a": AbCd1234}', '["AbCd1234"', '{"AbCd1234" 1}', "\u001b[31m", "1 AbCd1234"]) {
      assert.match(told(text), /^it is not JSON(?: \(at position \d+(?: \(line \d+ column \d+\))?\))?$/, text)
    }
  })

  test("a bug is not a fault", () => {
    assert.throws(
      () => insist(false, "two and two"),
      (error) => !(error instanceof Fault) && /assertion failed: two and two/.test(String(error)),
    )
    insist(1, "a truthy value passes")
  })
})
