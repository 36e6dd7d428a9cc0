/** Rows of an export: made from the proven bytes, and read back to exactly those bytes or refused. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { saltedText } from "../../src/format/commitment.ts"
import { bytesOfRow, exportRow, type ExportedBytes } from "../../src/format/export-row.ts"
import { encodeHeader, zeroHash } from "../../src/format/header.ts"

const salt = Buffer.alloc(16, 3)
const facts = { id: "tool.returned:1", tool: "exec", call: "c1", failed: false, resultBytes: 9, via: "after_tool_call" }
const content = { result: "line\u2028separator, ä€😀", list: [1, null, { a: true }] }
const header = encodeHeader({
  sequence: 4,
  timeMs: 1_795_000_000_000,
  idHash: Buffer.alloc(32, 1),
  scopeId: Buffer.alloc(16, 2),
  factsHash: Buffer.alloc(32, 4),
  contentHash: Buffer.alloc(32, 5),
  previousHash: Buffer.alloc(32, 6),
  type: "tool.returned",
})
const labels = { session: "s", sender: "p", user: "u", machine: "m" }
const whole: ExportedBytes = {
  header,
  saltedFacts: saltedText(salt, JSON.stringify(facts)),
  saltedContent: saltedText(salt, JSON.stringify(content)),
  proof: [Buffer.alloc(32, 7), Buffer.alloc(32, 8)],
}

describe("export rows", () => {
  test("say what the entry says", () => {
    const { id, ...metadata } = facts
    const { proven, ...readable } = exportRow(whole, labels)
    assert.deepEqual(readable, {
      id,
      sequence: 4,
      source: "after_tool_call",
      machineId: "m",
      sessionId: "s",
      orgId: null,
      userId: "u",
      eventType: "tool.result",
      type: "tool.returned",
      category: "tool",
      description: readable.description,
      contentHash: "05".repeat(32),
      previousHash: "06".repeat(32),
      createdAt: new Date(1_795_000_000_000).toISOString(),
      metadata,
      content,
      anchor: null,
    })
    assert.equal(proven.facts, JSON.stringify(facts))
  })

  test("are read back to the same bytes, with and without content and proof", () => {
    for (const bytes of [whole, { ...whole, saltedContent: undefined }, { ...whole, proof: undefined }, { ...whole, proof: [] }]) {
      const read = bytesOfRow(JSON.parse(JSON.stringify(exportRow(bytes, labels))), "f")
      assert.deepEqual(read, { saltedContent: undefined, proof: undefined, ...bytes })
    }
  })

  test("an entry without content says so; facts that are no JSON leave the row empty, not broken", () => {
    const bare = encodeHeader({
      sequence: 0,
      timeMs: 0,
      idHash: zeroHash,
      scopeId: Buffer.alloc(16),
      factsHash: zeroHash,
      contentHash: zeroHash,
      previousHash: zeroHash,
      type: "moon.landed",
    })
    const row = exportRow({ header: bare, saltedFacts: saltedText(salt, "{") }, { session: null, sender: null, user: null, machine: null })
    assert.deepEqual([row.contentHash, row.id, row.metadata, row.eventType, row.category], [null, "", {}, "moon.landed", "moon"])
    assert.ok(!("content" in row))
  })

  const row = () => JSON.parse(JSON.stringify(exportRow(whole, labels))) as { proven: Record<string, unknown> }
  for (const name of ["entry", "factsSalt", "facts", "contentSalt"]) {
    test(`without ${name} it is refused`, () => {
      const damaged = row()
      Reflect.deleteProperty(damaged.proven, name)
      assert.throws(
        () => bytesOfRow(damaged, "f"),
        (error) => error instanceof Fault && error.code === "export.unreadable",
      )
    })
    test(`with something else for ${name} it is refused`, () => {
      const damaged = row()
      damaged.proven[name] = 7
      assert.throws(() => bytesOfRow(damaged, "f"), Fault)
    })
  }

  test("bytes in another spelling of base64 are refused", () => {
    const written = String(row().proven["entry"])
    for (const spelling of [`${written}=`, ` ${written}`, `${written.slice(0, -1)}${written.endsWith("B") ? "C" : "B"}`, written.replace(/.$/, "+")]) {
      const damaged = row()
      damaged.proven["entry"] = spelling
      assert.throws(() => bytesOfRow(damaged, "f"), Fault)
    }
  })

  test("a salt of another length is refused", () => {
    for (const name of ["factsSalt", "contentSalt"]) {
      for (const size of [0, 15, 17]) {
        const damaged = row()
        damaged.proven[name] = Buffer.alloc(size, 1).toString("base64url")
        assert.throws(() => bytesOfRow(damaged, "f"), Fault, `${name} of ${size} bytes`)
      }
    }
  })

  test("no proof at all is not a row", () => {
    for (const value of [{}, { proven: null }, { proven: [] }, { proven: "x" }]) assert.throws(() => bytesOfRow(value, "f"), Fault)
  })
})
