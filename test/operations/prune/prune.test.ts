/** What a retention does not keep goes, and everything that is left is what it was: entries, contents, balances, roots, proofs. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { parseSignedCheckpoint } from "../../../src/format/checkpoint.ts"
import { factsHash } from "../../../src/format/commitment.ts"
import type { NewEvent } from "../../../src/format/event.ts"
import { headerOffset } from "../../../src/format/header.ts"
import { closingOf, isKept } from "../../../src/journal/closing.ts"
import { inspectStore } from "../../../src/journal/inspect-store.ts"
import { snapshotText } from "../../../src/ledger/snapshot.ts"
import { placeHold } from "../../../src/operations/erase/legal-holds.ts"
import { eraseContent } from "../../../src/operations/erase/erase-content.ts"
import { rekey } from "../../../src/operations/rekey/rekey.ts"
import { ledgerState, stateUpTo } from "../../../src/projections/ledger-state.ts"
import { contentOf } from "../../../src/views/event-list.ts"
import { proveConsistency, proveEntry } from "../../../src/views/proof.ts"
import { reconcile } from "../../../src/views/reconcile.ts"
import type { TestLedger } from "../../ledger-fixture.ts"
import { dayMs, endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const template = sixDays({ after })
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""

/** Every entry that is there, with its content. */
function entriesOf(ledger: TestLedger, from = 0) {
  const access = ledger.read()
  return [...access.reader.entries(from, Number.MAX_SAFE_INTEGER)].map((entry) => {
    return { sequence: entry.sequence, type: entry.header.type, header: entry.headerBytes.toString("hex"), content: contentOf(access, entry) }
  })
}

function stateOf(ledger: TestLedger): string {
  const access = ledger.read()
  return snapshotText(stateUpTo(access.reader, access.reader.size()))
}

const whole = { entries: entriesOf(template), state: stateOf(template), size: template.read().reader.size() }

function assertRemoved(ledger: TestLedger, upTo: number): void {
  const report = ledger.verify()
  assert.deepEqual([report.verdict, report.problems], ["valid", []])
  const kept = whole.entries.filter(({ type, sequence }) => sequence >= upTo || isKept(type, sequence))
  assert.equal(report.entriesRemoved, whole.size - kept.length)
  assert.deepEqual(entriesOf(ledger).slice(0, kept.length), kept)
  assert.equal(stateOf(ledger), whole.state)
  assert.deepEqual(
    readdirSync(ledger.directory).filter((name) => /\.next|prune\.json/.test(name)),
    [],
  )
  const { verdict, violations } = reconcile(ledger.read(), { nowMs: endMs, mostListed: 10 })
  assert.deepEqual([verdict, violations], ["reconciled", []])
  assert.equal(inspectStore(ledger.files, () => ledger.places).state, "sound")
}

describe("removing what is old", () => {
  test("by age: entries go, balances, the tree and everything after them stay", async (t) => {
    const ledger = template.copy(t)
    const done = await removeFrom(ledger, { days: 3 })
    assert.ok(done.removedEntries > 2_000 && done.upTo % 256 === 0, JSON.stringify(done))
    assert.ok(done.bytesAfter < done.bytesBefore * 0.7, JSON.stringify(done))
    assertRemoved(ledger, done.upTo)
    const { header } = ledger.read().reader.entry(done.upTo) ?? assert.fail("it is there")
    assert.ok(header.timeMs < endMs - 3 * dayMs + 3_600_000, "what is younger stayed")
    assert.equal(closingOf(ledger.read().reader)?.sequence, done.closedBy)
    ledger.append(300)
    ledger.checkpoint()
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("again and again, with nothing between and with more", async (t) => {
    const ledger = template.copy(t)
    const first = await removeFrom(ledger, { days: 5 })
    assertRemoved(ledger, first.upTo)
    const none = await removeFrom(ledger, { days: 5 })
    assert.deepEqual([none.removedEntries, none.closedBy, none.upTo], [0, null, first.upTo])
    const second = await removeFrom(ledger, { days: 2 })
    assert.ok(second.upTo > first.upTo)
    assertRemoved(ledger, second.upTo)
  })

  test("by size: the oldest go until the files are well below the most", async (t) => {
    const ledger = template.copy(t)
    const before = await removeFrom(ledger, { maxBytes: 1 }, { dryRun: true })
    const maxBytes = Math.floor(before.bytesBefore * 0.6)
    const done = await removeFrom(ledger, { maxBytes })
    assert.ok(done.bytesAfter < maxBytes, JSON.stringify(done))
    assertRemoved(ledger, done.upTo)
    assert.equal((await removeFrom(ledger, { maxBytes })).closedBy, null)
  })

  test("by category: contents go, their entries and all others' contents stay", async (t) => {
    const ledger = template.copy(t)
    const done = await removeFrom(ledger, { contentDays: new Map([["tool", 2]]) })
    assert.deepEqual([done.removedEntries, done.upTo], [0, 0])
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.contentsRemoved, report.problems], ["valid", done.removedContents, []])
    const bound = closingOf(ledger.read().reader)?.contents.get("tool") ?? 0
    const expected = whole.entries.map((entry) => {
      const goes = entry.type.startsWith("tool.") && entry.sequence < bound && entry.content.state === "open"
      return goes ? { ...entry, content: "gone" } : entry
    })
    const found = entriesOf(ledger).slice(0, whole.size)
    assert.equal(expected.filter(({ content }) => content === "gone").length, done.removedContents)
    assert.deepEqual(
      found.map((entry, at) => (expected[at]?.content === "gone" ? { ...entry, content: "gone" } : entry)),
      expected,
    )
    assert.ok(found.every((entry, at) => expected[at]?.content !== "gone" || entry.content.state !== "open"))
    assert.equal(stateOf(ledger), whole.state)
    const both = await removeFrom(ledger, { days: 4, contentDays: new Map([["message", 1]]) })
    assert.ok(both.removedEntries > 0 && both.removedContents > 0)
    assert.deepEqual([ledger.verify().verdict, ledger.verify().problems], ["valid", []])
  })

  test("leaves what stands under a legal hold, and says what it is kept by", async (t) => {
    const ledger = template.copy(t)
    const { scopes, journal } = ledger.open()
    const enter = (events: readonly NewEvent[]) => void ledger.record(...events)
    placeHold(scopes, { who: { by: "agent", value: "research" }, reason: "a lawsuit", nowMs: endMs }, enter)
    assert.ok(journal.size > whole.size)
    const done = await removeFrom(ledger, { days: 3, contentDays: new Map([["tool", 1]]) })
    assert.ok(done.heldAt !== null && done.heldAt < 256 && done.removedEntries === 0, JSON.stringify(done))
    const kept = entriesOf(ledger).filter(({ content }) => content.state === "open").length
    const isHeld = entriesOf(ledger).filter(({ type, content }) => type.startsWith("tool.") && content.state === "open").length
    assert.ok(isHeld > 100 && kept > isHeld)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("erased contents stay erased, and what shares their chunks is no trouble", async (t) => {
    const ledger = template.copy(t)
    eraseContent(ledger.open().scopes, {
      who: { by: "agent", value: "research" },
      beforeMs: endMs - 2 * dayMs,
      enter: (events) => void ledger.record(...events),
    })
    ledger.checkpoint()
    await removeFrom(ledger, { days: 4, contentDays: new Map([["tool", 1]]) })
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.problems], ["valid with erasures", []])
    assert.equal(inspectStore(ledger.files, () => ledger.places).state, "sound")
  })

  test("proofs of before hold, new ones are made of what stays, and old roots lead to new ones", async (t) => {
    const ledger = template.copy(t)
    const access = ledger.read()
    const first = parseSignedCheckpoint(access.reader.checkpoints()[1]?.note ?? "") ?? assert.fail("it is one")
    const old = { text: access.reader.checkpoints()[1]?.note ?? "", checkpoint: first }
    access.close()
    const { upTo } = await removeFrom(ledger, { days: 3 })
    const now = ledger.read()
    const last = now.reader.checkpoints().at(-1)?.note ?? ""
    const head = { text: last, checkpoint: parseSignedCheckpoint(last) ?? assert.fail("it is one") }
    assert.ok(first.size < upTo)
    assert.ok(proveConsistency(now, old, head))
    const entry = now.reader.entry(upTo) ?? assert.fail("it is there")
    assert.ok(proveEntry(now, entry, head, { id: true, facts: true, content: false }))
  })

  test("what goes is verified first: a journal that is not whole loses nothing", async (t) => {
    const ledger = template.copy(t)
    ledger.close()
    ledger.edit((journal) => journal.exec("UPDATE entries SET facts = zeroblob(40) WHERE sequence = 40"))
    await assert.rejects(removeFrom(ledger, { days: 3 }), refusedAs("retention.not-valid"))
    assert.equal(entriesOf(ledger).length, whole.size)
    assert.ok(!existsSync(`${ledger.files.journal}.next`))
  })

  test("balances that somebody changed are not carried on again", async (t) => {
    const ledger = template.copy(t)
    const { closedBy } = await removeFrom(ledger, { days: 5 })
    ledger.append(600) // their leaf hashes stand in tiles, and no root that is made of these shows it
    ledger.checkpoint()
    ledger.close()
    ledger.edit((journal) => {
      const row = journal.prepare("SELECT header, facts FROM entries WHERE sequence = ?").get(closedBy) as { header: Buffer; facts: Buffer }
      const text = row.facts.toString("utf8", 16).replace('"debits":{"moneyNanos":"50000000000"', '"debits":{"moneyNanos":"90000000000"')
      assert.notEqual(text, row.facts.toString("utf8", 16))
      factsHash(row.facts.subarray(0, 16), text).copy(row.header, headerOffset.factsHash)
      journal
        .prepare("UPDATE entries SET header = ?, facts = ? WHERE sequence = ?")
        .run(row.header, Buffer.concat([row.facts.subarray(0, 16), Buffer.from(text)]), closedBy)
    })
    await assert.rejects(removeFrom(ledger, { days: 3 }), refusedAs("retention.not-valid"))
    assert.equal(closingOf(ledger.read().reader)?.sequence, closedBy)
  })

  test("all projections are built anew: deleted and built again they are the same", async (t) => {
    const ledger = template.copy(t)
    await removeFrom(ledger, { days: 3 })
    const tables = () => {
      const access = ledger.read()
      const told = access.ask((views) =>
        ["timeline", "activity", "posted_entries", "posted_holds", "usage_calls"].map((table) => views.prepare(`SELECT * FROM ${table}`).all()),
      )
      const state = snapshotText(access.ask((views) => ledgerState(access.reader, views)))
      access.close()
      return { told, state }
    }
    const made = tables()
    assert.equal(made.state, whole.state)
    rmSync(ledger.files.views)
    assert.deepEqual(tables(), made)
  })
})

test("a ledger from which something was removed is sealed anew, handed over and erased from like any other", async (t) => {
  const ledger = template.copy(t)
  const { upTo, removedEntries } = await removeFrom(ledger, { days: 3, contentDays: new Map([["message", 1]]) })
  ledger.close()
  const valid = (verdict = "valid") => {
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.problems, report.entriesRemoved], [verdict, [], removedEntries])
    ledger.close()
  }
  await rekey(ledger.files, ledger.places, { nowMs: endMs, version: "test", letGo: () => Promise.resolve() })
  valid()
  ledger.handOver()
  ledger.checkpoint()
  valid()
  eraseContent(ledger.open().scopes, { who: { by: "agent", value: "research" }, enter: (events) => void ledger.record(...events) })
  ledger.checkpoint()
  valid("valid with erasures")
  assert.equal(closingOf(ledger.read().reader)?.upTo, upTo)
})

describe("entries that are gone without a word", () => {
  const cut = (ledger: TestLedger, upTo: number) => {
    ledger.close()
    ledger.edit((journal) => journal.prepare("DELETE FROM entries WHERE sequence > 0 AND sequence < ?").run(upTo))
  }
  for (const [name, change, what] of [
    ["removed by somebody who has the page key", (ledger: TestLedger) => cut(ledger, 512), "entries are missing"],
    [
      "with a note that another entry closed them",
      (ledger: TestLedger) => {
        cut(ledger, 512)
        ledger.edit((journal) => journal.exec("INSERT INTO meta(name, value) VALUES ('closed', CAST('600' AS BLOB))"))
      },
      "which is said to close what is gone",
    ],
    [
      "with an entry of their own that nobody signed over",
      (ledger: TestLedger) => {
        const root = ledger.read().reader.subtrees(whole.size)(9, 0).toString("base64")
        const facts = { upTo: 512, root, closedMs: 0, contents: {}, removedEntries: 511, removedContents: 0, reason: "age" as const }
        const sequence = ledger.record({ type: "journal.closed", id: "forged", facts: { ...facts, balances: {}, remembered: "" } })
        cut(ledger, 512)
        ledger.edit((journal) => journal.prepare("INSERT INTO meta(name, value) VALUES ('closed', ?)").run(Buffer.from(String(sequence))))
      },
      "no checkpoint covers",
    ],
  ] as const) {
    test(name, (t) => {
      const ledger = template.copy(t)
      change(ledger)
      const report = ledger.verify()
      assert.equal(report.verdict, "invalid")
      assert.ok(
        report.problems.some((problem) => problem.what.includes(what)),
        JSON.stringify(report.problems.slice(0, 5)),
      )
    })
  }

  test("more than an entry closes is missing", async (t) => {
    const ledger = template.copy(t)
    const { upTo } = await removeFrom(ledger, { days: 3 })
    ledger.edit((journal) => journal.prepare("DELETE FROM entries WHERE sequence = ?").run(upTo))
    assert.equal(ledger.verify().verdict, "invalid")
  })

  test("another tree over what is gone", async (t) => {
    const ledger = template.copy(t)
    await removeFrom(ledger, { days: 3 })
    ledger.edit((journal) => journal.exec("UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE tile = 1"))
    assert.equal(ledger.verify().verdict, "invalid")
  })
})
