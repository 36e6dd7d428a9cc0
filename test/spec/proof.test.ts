/**
 * docs/spec/proof.md is enough to write a verifier: one in Python, written from it, and the one that a proof page carries agree with ours on real proofs,
 * on entries no recorder would write, on random trees, and on everything that was done to a proof or a note here. A tenth of `npm run soak -- proofs`.
 */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { proofText } from "../../src/format/proof.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { nonsenseKey, signedEntries, signedEntry } from "../verify/signed-entry.ts"
import { bentNotes, bentProofs } from "./bent-proofs.ts"
import { agreeOnNotes, agreeOnProofs, agreeOnTrees, askThree } from "./proof-agreement.ts"
import { goodProofs } from "./proof-cases.ts"
import { needed } from "./verifiers.ts"

const count = 1_000
/** Another one each time; a disagreement names it. */
const seed = Math.floor(Math.random() * 2 ** 31)

describe("three verifiers of proofs", needed, () => {
  const plain = goodProofs({ after }, { handOvers: 0 })
  const handed = goodProofs({ after }, { handOvers: 2 })
  const { proofs, notes } = plain
  const [key = ""] = plain.keys

  test("call every proof of a real ledger valid under each of its keys, and without a key unverifiable", async () => {
    const cases = [plain, handed].flatMap(({ keys, proofs: texts }) => texts.flatMap((text) => [...keys, null].map((one) => ({ what: "", text, key: one }))))
    assert.ok(cases.length > 150)
    const answers = await askThree(cases)
    answers.forEach(({ ours, python, page, why }, at) => {
      const expected = cases[at]?.key === null ? "unverifiable" : "valid"
      assert.deepEqual({ ours, python, page }, { ours: expected, python: expected, page: expected }, why)
    })
  })

  test("judge entries alike that only the holder of the key could make", async () => {
    const answers = await askThree(signedEntries.map(([what, , entry]) => ({ what, text: proofText(signedEntry(entry)), key: nonsenseKey })))
    answers.forEach(({ ours, python, page, why }, at) => {
      const [what, expected] = signedEntries[at] ?? []
      assert.deepEqual({ ours, python, page }, { ours: expected, python: expected, page: expected }, `${what}: ${why}`)
    })
  })

  test(`agree on ${count} random trees, their paths, and paths that were changed`, () => agreeOnTrees(count, seed))

  test(`agree on ${count} proofs that something was done to`, async () => {
    const half = count / 2
    const cases = [plain, handed].flatMap(({ keys, proofs: texts }) => bentProofs(texts, keys, half, seed))
    const valid = await agreeOnProofs(cases)
    assert.ok(valid < count / 4, `${valid} of ${count} are still valid`)
  })

  test(`agree on ${count} notes that something was done to`, () => {
    const cases = bentNotes(notes, [key], count, seed).map((one) => ({ ...one, key }))
    const valid = agreeOnNotes(cases)
    assert.ok(valid > 0 && valid < count / 3, `${valid} of ${count} are still good: signatures of others may stand beside ours`)
  })

  test("the program checks files, too", (t) => {
    const directory = temporaryDirectory(t)
    const said = (name: string, content: string | Uint8Array, ...flags: readonly string[]) => {
      writeFileSync(join(directory, name), content)
      const { status, stdout } = spawnSync("python3", [join(import.meta.dirname, "verify_proof.py"), ...flags, join(directory, name)], { encoding: "utf8" })
      return [status, (JSON.parse(stdout) as { verdict: string }).verdict]
    }
    const text = `${proofs[0]}\n`
    assert.deepEqual(said("good", text, `--key=${key}`), [0, "valid"])
    assert.deepEqual(said("keyless", text), [2, "unverifiable"])
    assert.deepEqual(said("bent", text.replace('"entry":"U', '"entry":"V'), `--key=${key}`), [1, "invalid"])
    assert.deepEqual(said("latin", Buffer.from([0x7b, 0xff, 0x7d]), `--key=${key}`), [2, "unverifiable"])
  })

  test("the specification names every member of a proof", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/spec/proof.md"), "utf8")
    for (const text of [...proofs, ...handed.proofs]) for (const name of Object.keys(JSON.parse(text) as object)) assert.ok(page.includes(`\`${name}\``), name)
  })
})
