/**
 * docs/spec/export.md is enough to write a verifier: one in Python, written from it, agrees with ours on real exports and on everything that can be
 * done to them without the signing key.
 */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { categoryOf, eventTypes } from "../../src/format/event.ts"
import { ledgerFiles, type LedgerFiles } from "../../src/journal/files.ts"
import { createKey } from "../../src/operations/create-key.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { handOverKey, prepareHandOver } from "../../src/operations/hand-over-key.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { readKeyStore } from "../../src/vault/key-store.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import type { SecretPlaces } from "../../src/vault/master-key.ts"
import { exportRows, type ExportQuestion } from "../../src/views/export.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { tamperings, type ExportName, type Lines, type Tampering } from "./tampered.ts"
import { variedEvents } from "./varied-events.ts"
import { askAll, assertBoth, expectBoth, lineFile, needed, type Answer } from "./verifiers.ts"

const cli = join(import.meta.dirname, "../cli.mjs")
const nowMs = 1_795_000_000_000
type Question = { readonly flags: readonly string[]; readonly question: ExportQuestion }
const questions: Readonly<Record<ExportName, Question>> = {
  "complete": { flags: [], question: { includeContent: false } },
  "with content": { flags: ["--include-content"], question: { includeContent: true } },
  "filtered": { flags: ["--category", "tool", "--include-content"], question: { category: "tool", includeContent: true } },
  "limited": { flags: ["--from", "250", "--limit", "300"], question: { from: 50, limit: 60, includeContent: false } },
}

/** `earlier` are the keys that signed before `key`. */
type Made = { readonly directory: string; readonly key: string; readonly earlier: readonly string[]; readonly exports: Readonly<Record<string, Lines>> }

function run(directory: string, ...args: readonly string[]): string {
  const places = ["--data-dir", join(directory, "ledger"), "--key-file", join(directory, "master.key"), "--head-note", join(directory, "head.note")]
  const env = { PATH: process.env["PATH"] ?? "", HOME: directory }
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", cli, ...args, ...places], { encoding: "utf8", env, maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

function filesIn(directory: string): { readonly files: LedgerFiles; readonly places: SecretPlaces } {
  mkdirSync(directory, { recursive: true })
  const files = ledgerFiles(join(directory, "ledger"), join(directory, "head.note"))
  return { files, places: { keyFile: join(directory, "master.key"), environment: {} } }
}

/** Batches of entries, one of a type nobody knows yet among them; the signing key is handed over after the first batch, and after the last but one. */
function fill(directory: string, count: number): void {
  const { files, places } = filesIn(directory)
  const ledger = openLedger(files, places, { nowMs, version: "test" })
  const user = ledger.scopes.pseudonym("user:jane@example.org")
  const entries = variedEvents(count).map((event) => entryOf(event, ledger.scopes, nowMs, { user }))
  const [some] = entries
  if (some) entries.push({ ...some, type: "quota.lapsed", factsText: '{"id":"quota.lapsed:1","words":"of later"}', contentText: undefined })
  for (let done = 0; done < entries.length; done += 60) {
    ledger.journal.append(entries.slice(done, done + 60), nowMs + done)
    if (done === 0 || done + 120 > entries.length - 60)
      handOverKey(ledger, prepareHandOver(ledger, makeSuccessor(ledger.keys)), { nowMs: nowMs + done, writesNote: true })
  }
  ledger.close()
}

const keysIn = (directory: string) => readKeyStore(join(directory, "ledger")).handOvers?.map((note) => note.split("\n")[4] ?? "") ?? []
const keyIn = (directory: string) => readKeyStore(join(directory, "ledger")).verifierKey

/** A ledger made and exported by the command line. */
function madeByCommands(directory: string): Made {
  mkdirSync(directory)
  run(directory, "key", "create")
  fill(directory, 1_120)
  const exports = Object.entries(questions).map(([name, { flags }]) => [
    name,
    run(directory, "export", "json", ...flags)
      .trimEnd()
      .split("\n"),
  ])
  return { directory, key: keyIn(directory), earlier: keysIn(directory), exports: Object.fromEntries(exports) as Made["exports"] }
}

/** As `madeByCommands`, smaller and in this process. */
function madeHere(directory: string): Made {
  const { files, places } = filesIn(directory)
  createKey(files, () => places.keyFile, { nowMs, version: "test" })
  fill(directory, 165)
  const access = openForReading(files, places)
  const exports = Object.entries(questions).map(([name, { question }]) => [name, [...exportRows(access, question)].map((row) => JSON.stringify(row))])
  access.close()
  return { directory, key: keyIn(directory), earlier: keysIn(directory), exports: Object.fromEntries(exports) as Made["exports"] }
}

describe("exports, by the specification alone", needed, () => {
  const directory = temporaryDirectory({ after })
  let large: Made
  let small: Made
  let other: Made
  const lines = (name: string): Lines => small.exports[name] ?? []
  const file = (changed: Lines) => lineFile(directory, changed)
  const answers = new Map<Tampering, Answer>()

  before(async () => {
    large = madeByCommands(join(directory, "large"))
    small = madeHere(join(directory, "small"))
    other = madeHere(join(directory, "other"))
    const files = tamperings.map(([name, from, , change]) => {
      const changed = change(lines(from), other.exports["complete"] ?? [])
      assert.ok(changed.join("\n") !== lines(from).join("\n"), `${from}, ${name}: nothing was changed`)
      return file(changed)
    })
    for (const [index, answer] of (await askAll(files, small.key)).entries()) {
      const tampering = tamperings[index]
      if (tampering) answers.set(tampering, answer)
    }
  })

  for (const name of Object.keys(questions)) {
    test(`${name}: valid for the operator's key, unverifiable without one, invalid for another`, async () => {
      const exported = large.exports[name] ?? []
      assert.ok(exported.length > 40, `${name} has ${exported.length} lines`)
      const path = file(exported)
      await expectBoth(path, large.key, "valid")
      await expectBoth(path, undefined, "unverifiable")
      await expectBoth(path, other.key, "invalid")
    })
  }

  test("each is valid for every key before the operator's, too", async () => {
    const files = Object.keys(questions).map((name) => file(lines(name)))
    assert.ok(small.earlier.length > 1)
    for (const earlier of small.earlier) for (const answer of await askAll(files, earlier)) assertBoth(answer, "valid")
  })

  test("the command line says the same as the function", () => {
    const path = file(lines("complete"))
    const { verdict } = JSON.parse(run(small.directory, "verify", "--offline", path, "--key", small.key, "--json")) as { verdict: string }
    assert.equal(verdict, "valid")
  })

  test("more than two tiles, every type, U+2028 in a text", () => {
    assert.ok((large.exports["complete"] ?? []).length > 600)
    const types = new Set(lines("complete").map((line) => (JSON.parse(line) as { type?: string }).type))
    assert.deepEqual(
      Object.keys(eventTypes).filter((type) => !types.has(type)),
      ["checkpoint.anchored"], // is nothing without its proof: anchored-export.test.ts
    )
    assert.ok(lines("with content").some((line) => line.includes("\u2028")))
  })

  for (const tampering of tamperings) {
    const [name, from, expected] = tampering
    test(`${from}, ${name}: ${expected}`, () => assertBoth(answers.get(tampering), expected))
  }

  test("a wrong signature is invalid even for those who have no key", async () => {
    const end = (lines("complete").at(-1) ?? "").replace(/(\u2014 \S+ .{20})./, "$1A")
    const changed = [...lines("complete").slice(0, -1), end]
    await expectBoth(file(changed), undefined, "invalid")
  })

  test("words of a type only a newer version knows: everything else is checked, and the verdict is unverifiable", async () => {
    const at = lines("complete").findIndex((line) => line.includes('"type":"quota.lapsed"'))
    const told = (lines("complete")[at] ?? "")
      .replace(/"eventType":"[^"]*"/, '"eventType":"quota.lapse"')
      .replace(/"description":"[^"]*"/, '"description":"a quota lapsed"')
    await expectBoth(file(lines("complete").with(at, told)), small.key, "unverifiable")
    await expectBoth(file(lines("complete").with(at, told.replace('"words":"of later"', '"words":"forged"'))), small.key, "invalid")
  })

  test("bytes that are not UTF-8, where a careless reader sees U+FFFD", async () => {
    const path = file(lines("with content"))
    const bytes = readFileSync(path)
    const changed = Buffer.from(bytes.toString("latin1").replaceAll("\u00ef\u00bf\u00bd", "\u00ff"), "latin1")
    assert.notEqual(changed.length, bytes.length)
    writeFileSync(path, changed)
    await expectBoth(path, small.key, "invalid")
  })

  test("a missing last line feed", async () => {
    const path = file(lines("complete"))
    writeFileSync(path, readFileSync(path).subarray(0, -1))
    await expectBoth(path, small.key, "valid")
  })

  test("the table of words has every type with its name and category", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/spec/export.md"), "utf8")
    const table = /^## Words of a row$[^]*?^```\n([^]*?)^```/m.exec(page)?.[1] ?? ""
    const told = table
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s{2,}/).slice(0, 3))
    assert.deepEqual(
      told,
      Object.entries(eventTypes).map(([type, row]) => [type, row.alias, categoryOf(type)]),
    )
  })
})
