/** Exports of a journal whose signing key was handed over: any key of its chain is enough to check them, and no made-up hand-over is. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { handOverNote, parseHandOver } from "../../src/format/hand-over.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { exportRows, type ExportQuestion } from "../../src/views/export.ts"
import { signedHandOver, signerOfSeed } from "../hand-over-fixture.ts"
import { temporaryDirectory, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

type End = { rows: number; complete: boolean; checkpoint: string; verifierKey: string; handOvers?: readonly string[] }

const directory = temporaryDirectory({ after })
const ledger = temporaryLedger({ after })
ledger.append(20)
const exportedBefore = exported(ledger)
const one = ledger.keys().signer
ledger.handOver()
ledger.append(20)
const exportedBetween = exported(ledger)
const two = ledger.keys().signer
ledger.handOver()
ledger.append(10)
const three = ledger.keys().signer
const whole = exported(ledger)
const parts = exported(ledger, { type: "tool.invoked" })
const told = ledger.keys().store.handOvers ?? []
const thief = signerOfSeed(4, one.name)

function exported(from: TestLedger, question: Partial<ExportQuestion> = {}): string[] {
  const access = from.read()
  return [...exportRows(access, { includeContent: false, ...question })].map((row) => JSON.stringify(row))
}

async function reportOn(lines: readonly string[], key: string | undefined, handOvers?: readonly string[]): Promise<VerifyReport> {
  const file = join(directory, "export.ndjson")
  writeFileSync(file, `${lines.join("\n")}\n`)
  return verifyExport(fileSource(file), { key: key === undefined ? undefined : parseVerifierKey(key), handOvers })
}

const endOf = (lines: readonly string[]) => JSON.parse(lines.at(-1) ?? "") as End
const withEnd = (lines: readonly string[], changes: Partial<Record<keyof End, unknown>>) =>
  lines.toSpliced(-1, 1, JSON.stringify({ ...endOf(lines), ...changes }))
const words = (report: VerifyReport) => report.problems.map(({ what }) => what).join("\n")

describe("an export after hand-overs", () => {
  test("carries them, and is valid for every key that ever signed", async () => {
    for (const lines of [whole, parts, exported(ledger, { from: 21, to: 21 })]) {
      assert.deepEqual(endOf(lines).handOvers, told)
      for (const signer of [one, two, three]) {
        const report = await reportOn(lines, signer.verifierKey)
        assert.deepEqual([report.verdict, report.problems, report.signedBy], ["valid", [], three.verifierKey])
        assert.match(report.notes.join("\n"), /The signing key was handed over at #21, #42, each time signed by the old key and the new one\./)
        const follows = report.notes.filter((note) => note.startsWith("Your key"))
        assert.equal(follows.length, signer === three ? 0 : 1)
        if (signer === one)
          assert.equal(follows[0], `Your key ${one.verifierKey} handed over at #21; from there the chain leads to ${three.verifierKey}, which signs now.`)
      }
      assert.equal((await reportOn(lines, undefined)).verdict, "unverifiable")
      assert.equal((await reportOn(lines, thief.verifierKey)).verdict, "invalid")
    }
  })

  test("before any says nothing of them", () => {
    assert.ok(!("handOvers" in endOf(exportedBefore)))
    assert.deepEqual(endOf(exportedBetween).handOvers, told.slice(0, 1))
  })

  test("an older export is valid for a newer key, for who was told the hand-overs", async () => {
    for (const [lines, signed] of [
      [exportedBefore, one],
      [exportedBetween, two],
    ] as const) {
      assert.match(words(await reportOn(lines, three.verifierKey)), /signed by another key/)
      const report = await reportOn(lines, three.verifierKey, told)
      assert.deepEqual([report.verdict, report.problems], ["valid", []])
      assert.match(report.notes.join("\n"), /It is signed by \S+, which signed until it handed over at #\d+; from there the chain leads to your key/)
      assert.equal(report.signedBy, signed.verifierKey)
    }
  })

  test("one that an old key signed after it handed over is not, for who was told of that", async () => {
    const { checkpoint } = endOf(whole)
    const [origin = "", size = "", root = ""] = checkpoint.split("\n")
    const stolen = withEnd(parts, {
      checkpoint: one.note({ origin, size: Number(size), root: Buffer.from(root, "base64") }),
      verifierKey: one.verifierKey,
      handOvers: undefined,
    })
    assert.equal((await reportOn(stolen, one.verifierKey)).verdict, "valid", "who knows nothing but the stolen key cannot tell")
    const report = await reportOn(stolen, three.verifierKey, told)
    assert.deepEqual([report.verdict, /handed over at entry #21 and signs nothing larger than 21/.test(words(report))], ["invalid", true])
  })

  test("one that forks from the hand-overs that were told is not", async () => {
    const fork = signedHandOver(one, thief, { origin: one.name, size: 15 })
    const forked = withEnd(parts, { verifierKey: thief.verifierKey, handOvers: [handOverNote(fork)] })
    assert.match(words(await reportOn(forked, one.verifierKey, told)), /tells other hand-overs of the signing key than its ledger does/)
  })
})

describe("hand-overs in an export that somebody made up", () => {
  const [first, second] = told.map(parseHandOver)
  assert.ok(first && second)
  const last = withEnd(whole, {}).at(-1) ?? ""
  const signedBy = (signer: typeof one, lines: readonly string[]) => {
    const [origin = "", size = "", root = ""] = endOf(lines).checkpoint.split("\n")
    return { checkpoint: signer.note({ origin, size: Number(size), root: Buffer.from(root, "base64") }), verifierKey: signer.verifierKey }
  }
  const toThief = (signing: Parameters<typeof signedHandOver>[3]) => handOverNote(signedHandOver(three, thief, { size: 45 }, signing))

  const cases: readonly (readonly [what: string, lines: readonly string[], verdict: string, words: RegExp])[] = [
    ["left out", withEnd(whole, { handOvers: undefined }), "invalid", /signed by another key|entry 0 names another key/],
    ["the first one left out", withEnd(whole, { handOvers: told.slice(1) }), "invalid", /entry 0 names another key/],
    ["the last one left out", withEnd(whole, { handOvers: told.slice(0, 1) }), "invalid", /lead to another key than the one it names/],
    ["in another order", withEnd(whole, { handOvers: told.toReversed() }), "invalid", /hand-over 2 is not good/],
    ["one of them twice", withEnd(whole, { handOvers: [told[0], ...told] }), "invalid", /hand-over 2 is not good/],
    [
      "with exchanged sizes",
      withEnd(whole, { handOvers: [handOverNote({ ...first, size: 42 }), handOverNote({ ...second, size: 21 })] }),
      "invalid",
      /has not signed/,
    ],
    ["with a size that was not signed", withEnd(whole, { handOvers: [handOverNote({ ...first, size: 20 }), told[1]] }), "invalid", /has not signed/],
    [
      "with a root that was not signed",
      withEnd(whole, { handOvers: [handOverNote({ ...first, root: Buffer.alloc(32) }), told[1]] }),
      "invalid",
      /has not signed/,
    ],
    [
      "one more, to a thief, signed by him alone",
      withEnd(whole, { handOvers: [...told, toThief({ previous: thief })], ...signedBy(thief, whole) }),
      "invalid",
      /hands over has not signed/,
    ],
    [
      "one more before the first, from a thief, signed by him alone",
      withEnd(whole, { handOvers: [handOverNote(signedHandOver(thief, one, { size: 5 }, { next: thief })), ...told] }),
      "invalid",
      /takes over has not signed/,
    ],
    [
      "none of the checkpoint's entries",
      withEnd(exportedBefore, { handOvers: [handOverNote(first)] }),
      "invalid",
      /entry #21 is not one of the checkpoint's entries/,
    ],
    [
      "well signed, and no entry",
      withEnd(whole, { handOvers: [...told, toThief({})], ...signedBy(thief, whole) }),
      "invalid",
      /a hand-over of the signing key that is no entry/,
    ],
    ["no notes", withEnd(whole, { handOvers: ["note"] }), "invalid", /not a well-formed signed statement/],
    [
      "behind a first key that is none",
      withEnd(whole, { handOvers: undefined, verifierKey: "key" }),
      "invalid",
      /the verifier key in the last line is not one/,
    ],
    [
      "in another place of the line",
      whole.toSpliced(-1, 1, last.replace(/("verifierKey":"[^"]*"),("handOvers":\[[^\]]*\])/, "$2,$1")),
      "invalid",
      /not written as an export writes it/,
    ],
  ]
  for (const [what, lines, verdict, why] of cases) {
    test(`${what}: ${verdict}`, async () => {
      assert.notDeepEqual(lines, whole)
      const report = await reportOn(lines, one.verifierKey)
      assert.equal(report.verdict, verdict)
      assert.match(words(report), why)
    })
  }

  for (const handOvers of [[], "", "note", null, {}, [7], [told[0], null]]) {
    test(`${JSON.stringify(handOvers).slice(0, 20)} in the place of the list: no export`, async () => {
      await assert.rejects(reportOn(withEnd(whole, { handOvers }), one.verifierKey), /the hand-overs in its last line are no list of notes/)
    })
  }

  test("an entry that tells of another hand-over than the last line", async () => {
    const row = JSON.parse(whole[21] ?? "") as { metadata: Record<string, unknown>; proven: Record<string, unknown> }
    const facts = JSON.stringify({ ...(JSON.parse(String(row.proven["facts"])) as object), nextKey: thief.verifierKey })
    const changed = whole.with(21, JSON.stringify({ ...row, proven: { ...row.proven, facts } }))
    assert.match(words(await reportOn(changed, one.verifierKey)), /the hand-over of the signing key is not one of those in the last line/)
  })

  test("signed by both keys, over another tree than the rows make", async () => {
    const other = temporaryLedger({ after })
    other.append(3)
    const { signer } = other.keys()
    const wrong = signedHandOver(signer, signerOfSeed(2, signer.name), { size: 2 })
    const lines = exported(other)
    const changed = lines.toSpliced(-1, 1, JSON.stringify({ ...endOf(lines), verifierKey: wrong.nextKey, handOvers: [handOverNote(wrong)] }))
    assert.match(words(await reportOn(changed, signer.verifierKey)), /signed over other entries than those before it/)
  })
})
