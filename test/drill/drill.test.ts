/** The drill on real ledgers: every crime is found, by what must find it; a verification that misses something is told; the ledger stays as it is. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { after, describe, test } from "node:test"
import { drill, type CrimeReport, type DrillOptions } from "../../src/drill/drill.ts"
import { crimes } from "../../src/drill/crime-list.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import { Fault } from "../../src/base/fault.ts"
import { handedOverTwice } from "../journal/handed-over.ts"
import { temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { removeFrom, sixDays } from "../operations/prune/pruned-ledger.ts"
import { excusing } from "./weakened.ts"

/** What is said of each crime on a ledger of 701 entries. */
const sentences: Readonly<Record<string, RegExp>> = {
  "flipped bits": /^the first bytes of journal\.db are not the ones in keys\.json$/,
  "swapped pages": /journal\.db is damaged/,
  "replayed page": /./,
  "cut file": /journal\.db is damaged/,
  "edited header": /does not follow the one before|runs backwards|signed over other entries/,
  "edited facts": /^the (?:facts are not the ones that were recorded|id hash is not that of the entry's id)$/,
  "exchanged content": /^the (?:content is not the one that was recorded|sealed content does not open)$/,
  "dropped content": /^the content is gone, and its key was not destroyed$/,
  "edited chunk": /^the sealed content does not open$/,
  "deleted chunk": /^the sealed content does not open$/,
  "deleted entry": /^(?:entries are missing|.*it was cut or rolled back)$/,
  "exchanged entries": /^the header says sequence \d+$/,
  "deleted tile": /^the tree on disk does not fit the entries$/,
  "edited tile": /^the tree on disk does not fit the entries$/,
  "removed beginning": /^no checkpoint covers #701, by which entries or contents are gone$/,
  "rewritten history": /signed over other entries/,
  "slipped-in entry": /signed over other entries/,
  "vanished entry": /signed over other entries|covers 701 entries, but the journal ends at 700/,
  "cut rows": /cut or rolled back/,
  "rolled-back tail": /the note sovereign-ledger\.head\.note/,
  "older directory": /the note sovereign-ledger\.head\.note/,
  "older directory and note": /^the checkpoint kept elsewhere covers 701 entries, but the journal ends at 520/,
  "forged tail": /cannot be trusted: it is not signed by the pinned key$/,
  "edited checkpoint": /cannot be trusted: its signature is wrong$/,
  "deleted checkpoint": /has no checkpoint of size 701, but the note/,
  "edited note": /^the note sovereign-ledger\.head\.note cannot be trusted: its signature is wrong$/,
  "edited keys.json": /^keys\.json is damaged/,
  "swapped signing key": /^the key of keys\.json, \S+, is none of this journal's/,
  "forged hand-over": /the key that hands over has not signed it$/,
  "new signatures": /^the checkpoint kept elsewhere cannot be trusted: it is not signed by the pinned key$/,
  "edited views": /^computed anew from the journal, activity says something else$/,
}

const drilled = (ledger: TestLedger, t: Ending, options: Partial<DrillOptions> = {}) => {
  const secret = findMasterSecret(ledger.places)
  assert.ok(secret)
  return drill(ledger.read(), { secret, seed: 11, keep: false, parent: temporaryDirectory(t), ...options })
}

/** 701 entries, five checkpoints, nothing behind the last. */
function grown(t: Ending): TestLedger {
  const ledger = temporaryLedger(t)
  for (const count of [199, 320, 181]) {
    ledger.append(count)
    ledger.checkpoint()
  }
  ledger.close()
  return ledger
}

const outcomes = (reports: readonly CrimeReport[], outcome: CrimeReport["outcome"]) => reports.flatMap((row) => (row.outcome === outcome ? row.name : []))

describe("a drill", () => {
  const ledger = grown({ after })

  for (const seed of [1, 2, 3, 4]) {
    test(`finds every crime, each by what must find it (seed ${seed})`, async (t) => {
      const report = await drilled(ledger, t, { seed })
      assert.deepEqual([report.state, report.before.verdict, report.crimes.length, report.seed], ["all found", "valid", crimes.length, seed])
      assert.deepEqual(outcomes(report.crimes, "found"), Object.keys(sentences))
      for (const { name, sentence, named } of report.crimes) {
        assert.match(sentence, sentences[name] ?? /^$/, name)
        assert.doesNotMatch(sentence, /sovereign-ledger-drill-/, "where the copy stood says nothing to anybody")
        for (const { from, to } of named) assert.ok(from >= 0 && from <= to && from <= 711, `${name}: ${from} to ${to}`)
      }
    })
  }

  test("finds every crime on a ledger whose signing key was handed over", async (t) => {
    const { twice } = handedOverTwice(t)
    const report = await drilled(twice, t)
    assert.equal(report.state, "all found", outcomes(report.crimes, "not found").join())
    assert.deepEqual(outcomes(report.crimes, "skipped"), [])
  })

  test("finds every crime on a ledger whose first days were removed, and some contents with them", async (t) => {
    const old = sixDays(t)
    await removeFrom(old, { days: 3, contentDays: new Map([["message", 1]]) })
    old.append(40)
    old.checkpoint()
    old.append(40)
    old.checkpoint()
    for (const seed of [1, 2]) {
      const report = await drilled(old, t, { seed })
      assert.equal(report.state, "all found", outcomes(report.crimes, "not found").join())
      assert.deepEqual(outcomes(report.crimes, "skipped"), [])
    }
  })

  test("is the same with the same seed", async (t) => {
    const [one, other] = [await drilled(ledger, t, { seed: 9 }), await drilled(ledger, t, { seed: 9 })]
    assert.deepEqual(one.crimes, other.crimes)
  })

  test("leaves the ledger as it is, to the byte and to the time, and nothing in the temporary directory", async (t) => {
    const own = grown(t)
    const state = () =>
      [own.files.headNote, ...readdirSync(own.directory).map((name) => `${own.directory}/${name}`)]
        .filter((path) => !path.endsWith("-shm"))
        .map((path) => [path, readFileSync(path, "base64"), statSync(path).mtimeMs])
    const access = own.read()
    access.reader.size()
    const before = state()
    const parent = temporaryDirectory(t)
    await drilled(own, t, { parent })
    assert.deepEqual(state(), before)
    assert.deepEqual(readdirSync(parent), [])
  })

  test("keeps the copy when told to, as it was taken, in a directory of the owner's alone", async (t) => {
    const parent = temporaryDirectory(t)
    const report = await drilled(ledger, t, { parent, keep: true })
    assert.ok(report.kept !== null && report.kept.startsWith(parent))
    assert.equal(statSync(report.kept).mode & 0o777, 0o700)
    const kept = `${report.kept}/ledger`
    ledger.edit(() => {})
    for (const name of ["journal.db", "keys.json", "scopes.db"])
      assert.ok(readFileSync(`${kept}/${name}`).equals(readFileSync(`${ledger.directory}/${name}`)), name)
  })

  test("stops where it is when it is told to, and leaves nothing", async (t) => {
    const parent = temporaryDirectory(t)
    const stop = new AbortController()
    const report = await drilled(ledger, t, { parent, signal: stop.signal, onProgress: (done) => done === 3 && stop.abort() })
    assert.deepEqual([report.state, report.crimes.length], ["stopped", 3])
    assert.deepEqual(readdirSync(parent), [])
  })

  test("refuses where the copy finds no room, and leaves nothing", async (t) => {
    const parent = "/sys/kernel" // a file system that is always full
    assert.ok(existsSync(parent) || process.env["CI"] !== "true", `there is no ${parent}`)
    if (!existsSync(parent)) return t.skip("this system has no file system without room")
    await assert.rejects(drilled(ledger, t, { parent }), (error) => error instanceof Fault && error.code === "drill.no-room" && /TMPDIR/.test(error.remedy))
  })
})

describe("a verification that misses something", () => {
  const ledger = grown({ after })
  for (const [what, excused, missed] of [
    ["tiles", /the tree on disk/, ["deleted tile", "edited tile"]],
    ["signatures' roots", /signed over other entries/, ["rewritten history"]],
    ["the first bytes", /first bytes/, ["flipped bits"]],
    ["sealed contents", /content/, ["exchanged content", "dropped content", "edited chunk", "deleted chunk"]],
    [
      "the note outside",
      /the note sovereign|journal ends at/,
      ["cut rows", "rolled-back tail", "older directory", "older directory and note", "deleted checkpoint", "edited note"],
    ],
  ] as const) {
    test(`${what}: those crimes are told not to be found`, async (t) => {
      const report = await drilled(ledger, t, { verify: excusing(excused) })
      assert.equal(report.state, "not all found")
      const names = outcomes(report.crimes, "not found")
      for (const name of missed) assert.ok(names.includes(name), `${name} among ${names.join(", ")}`)
    })
  }

  test("everything: no crime that verification must find is", async (t) => {
    const report = await drilled(ledger, t, { verify: excusing(/./) })
    // What remains are files that cannot be opened, and the tables that verification never reads.
    assert.deepEqual(outcomes(report.crimes, "found"), ["cut file", "edited keys.json", "edited views"])
  })
})

describe("a ledger that is small", () => {
  for (const [entries, skipped] of [
    [1, 16],
    [2, 7],
    [3, 3],
    [6, 3],
  ] as const) {
    test(`of ${entries}: every crime that can be committed is found, the others are skipped with a sentence`, async (t) => {
      const ledger = temporaryLedger(t)
      if (entries > 1) ledger.append(entries - 1)
      ledger.checkpoint()
      const report = await drilled(ledger, t)
      assert.deepEqual([report.state, report.before.entries], ["all found", entries])
      assert.equal(outcomes(report.crimes, "skipped").length, skipped)
      assert.equal(outcomes(report.crimes, "found").length, crimes.length - skipped)
      for (const { outcome, sentence } of report.crimes) if (outcome === "skipped") assert.match(sentence, /^the |^no |^there is /)
    })
  }
})

describe("a ledger in another state", () => {
  test("without the note outside: what only the note shows is skipped", async (t) => {
    const ledger = grown(t)
    rmSync(ledger.files.headNote)
    const report = await drilled(ledger, t)
    assert.equal(report.state, "all found")
    assert.deepEqual(outcomes(report.crimes, "skipped"), ["replayed page", "rolled-back tail", "older directory", "deleted checkpoint", "edited note"])
  })

  test("with entries that no checkpoint covers yet: no crime is tried on them", async (t) => {
    const ledger = grown(t)
    ledger.append(5)
    for (const seed of [1, 2, 3]) assert.equal((await drilled(ledger, t, { seed })).state, "all found")
  })

  test("with erased contents: no crime is tried on them", async (t) => {
    const ledger = grown(t)
    ledger.destroyKeys("session <> 'agent:main:main'")
    for (const seed of [1, 2, 3]) {
      const report = await drilled(ledger, t, { seed })
      assert.deepEqual([report.state, report.before.verdict, outcomes(report.crimes, "skipped")], ["all found", "valid with erasures", []])
    }
  })

  test("that is not valid: the drill does not begin, and leaves nothing", async (t) => {
    const ledger = grown(t)
    ledger.edit((journal) => journal.exec("UPDATE entries SET facts = x'00' WHERE sequence = 300"))
    const parent = temporaryDirectory(t)
    const report = await drilled(ledger, t, { parent })
    assert.deepEqual([report.state, report.before.verdict, report.crimes], ["not begun", "invalid", []])
    assert.ok(report.before.problems.some(({ from, to }) => from <= 300 && 300 <= to))
    assert.deepEqual(readdirSync(parent), [])
  })
})
