/** docs/spec/map.md is enough to write the map anew: an implementation in Python, written from it, has the same roots and ways, and judges the same proofs. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import fc from "fast-check"
import { idHash } from "../../src/format/commitment.ts"
import { parseMapProof } from "../../src/format/map-proof.ts"
import { MapTree, mapSchema } from "../../src/projections/map-tree.ts"
import { openMemoryDatabase } from "../../src/vault/database.ts"
import { wayProblems } from "../../src/verify/map-proof.ts"
import { requireTool } from "../tools.ts"
import { bentMapProofs } from "../verify/bent-map-proofs.ts"
import { goodMapProofs } from "../verify/map-proof-cases.ts"

const seed = Math.floor(Math.random() * 2 ** 31)
const script = join(import.meta.dirname, "event_map.py")
const page = readFileSync(join(import.meta.dirname, "../../docs/spec/map.md"), "utf8")

function askPython(questions: readonly object[]): readonly Record<string, unknown>[] {
  const lines = questions.map((one) => `${JSON.stringify(one).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`)
  const { status, stdout, stderr } = spawnSync("python3", [script], { input: lines.join(""), encoding: "utf8", maxBuffer: 1 << 28, timeout: 300_000 })
  assert.deepEqual([status, stderr], [0, ""], "the implementation in Python failed")
  const answers = stdout.split("\n").slice(0, -1)
  assert.equal(answers.length, questions.length)
  return answers.map((answer) => JSON.parse(answer) as Record<string, unknown>)
}

function treeOf(pairs: readonly (readonly [string, string])[]): MapTree {
  const database = openMemoryDatabase()
  database.exec(mapSchema)
  const tree = new MapTree(database)
  tree.add(Buffer.from(pairs.flat().join(""), "hex"))
  return tree
}

describe("the map in Python", requireTool("python3"), () => {
  test("has the root of the page's example, and so have we", () => {
    const [key = "", value = "", root = ""] = ["ka ", "va ", "root of it "].map((name) => new RegExp(`${name} *([0-9a-f]{64})`).exec(page)?.[1])
    assert.equal(
      treeOf([[key, value]])
        .root()
        .toString("hex"),
      root,
    )
    assert.equal(askPython([{ pairs: [[key, value]] }])[0]?.["root"], root)
  })

  test("has our roots and ways, of random keys", () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"))
    const near = fc.nat({ max: 99 }).map((n) => n.toString(16).padStart(64, "0"))
    const key = fc.oneof(hash, near)
    const cases = fc.sample(fc.tuple(fc.array(fc.tuple(key, hash), { maxLength: 40 }), fc.array(key, { maxLength: 5 })), { numRuns: 60, seed })
    const answers = askPython(cases.map(([pairs, keys]) => ({ pairs, keys })))
    cases.forEach(([pairs, keys], at) => {
      const tree = treeOf(pairs)
      const ways = keys.map((one) => {
        const { depth, siblings, pair } = tree.place(Buffer.from(one, "hex"))
        const hashes = siblings.map((sibling) => sibling?.toString("hex") ?? "0".repeat(64))
        return { depth, siblings: hashes, place: pair ? [pair.toString("hex", 0, 32), pair.toString("hex", 32)] : null }
      })
      assert.deepEqual(answers[at], { root: tree.root().toString("hex"), ways }, `seed ${seed}`)
    })
  })

  test("finds the same proofs good, of 1,000 that something was done to", () => {
    const { texts } = goodMapProofs({ after })
    const cases = [...texts.map((text) => ({ what: "nothing", text })), ...bentMapProofs(texts, 1_000, seed)].flatMap(({ what, text }) => {
      const parsed = parseMapProof(text)
      return parsed === "other" || "wrong" in parsed || !parsed.proof.idSalt
        ? []
        : [{ what, proof: parsed.proof, idSalt: parsed.proof.idSalt, fields: JSON.parse(text) as object }]
    })
    assert.ok(cases.length > 200)
    const answers = askPython(cases.map(({ fields }) => ({ proof: fields })))
    cases.forEach(({ what, proof, idSalt }, at) => {
      const problems = wayProblems(proof, idHash(idSalt, proof.id))
      assert.equal(answers[at]?.["good"], problems.length === 0, `seed ${seed}: ${what}: ours ${problems.join()}; theirs ${String(answers[at]?.["why"])}`)
    })
  })

  test("the page names every member of a proof", () => {
    const { texts } = goodMapProofs({ after })
    for (const text of texts) for (const name of Object.keys(JSON.parse(text) as object)) assert.ok(page.includes(`\`${name}\``), name)
  })
})
