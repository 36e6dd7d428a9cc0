/**
 * Three verifiers, one answer: ours, the one in Python that was written from the specification, and the one that a proof page carries. They are asked about
 * proofs as they should be, about what can be done to a proof or a note, and about trees and paths by themselves.
 */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import fc from "fast-check"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { consistencyProof, isConsistent } from "../../src/format/consistency.ts"
import { Frontier, inclusionProof, rootFromInclusion } from "../../src/format/merkle.ts"
import { checkProof } from "../../src/surfaces/page/check-proof.ts"
import { verifyProof } from "../../src/verify/proof.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { treeOf } from "../format/large-tree.ts"

const script = join(import.meta.dirname, "verify_proof.py")
const answerWithinMs = 600_000
const atOnce = 500

export type ProofCase = { readonly what: string; readonly text: string; readonly key: string | null }

/** What each of the three says. */
export type ThreeAnswers = { readonly ours: string; readonly python: string; readonly page: string; readonly why: string }

/** All cases in one process. It gets ASCII, whatever the texts hold. */
export function askPython<T>(cases: readonly object[]): readonly T[] {
  const lines = cases.map((one) => `${JSON.stringify(one).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`)
  const { status, stdout, stderr } = spawnSync("python3", [script], { input: lines.join(""), encoding: "utf8", maxBuffer: 1 << 28, timeout: answerWithinMs })
  assert.deepEqual([status, stderr], [0, ""], "the Python verifier failed")
  const answers = stdout.split("\n").slice(0, -1)
  assert.equal(answers.length, cases.length)
  return answers.map((answer) => JSON.parse(answer) as T)
}

export async function askThree(cases: readonly ProofCase[]): Promise<readonly ThreeAnswers[]> {
  const python = askPython<{ verdict: string; why: string }>(cases.map(({ text, key }) => ({ do: "proof", text, key })))
  const answers: ThreeAnswers[] = []
  for (const [at, { text, key }] of cases.entries()) {
    const ours = verifyProof(text, { key: key === null ? undefined : parseVerifierKey(key) })
    const page = await checkProof(text, key)
    const theirs = python[at]
    const why = `ours: ${ours.problems.join(", ")}; python: ${theirs?.why}; page: ${page.problems.join(", ")}`
    answers.push({ ours: ours.verdict, python: theirs?.verdict ?? "", page: page.verdict, why })
  }
  return answers
}

/** Fails unless all three say the same; answers how many were called valid. */
export async function agreeOnProofs(cases: readonly ProofCase[]): Promise<number> {
  let valid = 0
  for (let from = 0; from < cases.length; from += atOnce * 10) {
    const some = cases.slice(from, from + atOnce * 10)
    const answers = await askThree(some)
    answers.forEach(({ ours, python, page, why }, at) => {
      const { what = "", text = "" } = some[at] ?? {}
      assert.deepEqual({ python, page }, { python: ours, page: ours }, `${what}\n${why}\n${JSON.stringify(text)}`)
      if (ours === "valid") valid++
    })
  }
  return valid
}

/** The same of notes by themselves; the page has no note without a proof. */
export function agreeOnNotes(cases: readonly ProofCase[]): number {
  const python = askPython<{ verdict: string; why: string }>(cases.map(({ text, key }) => ({ do: "note", text, key })))
  let valid = 0
  cases.forEach(({ what, text, key }, at) => {
    const checked = text.isWellFormed() ? noteChecker(parseVerifierKey(key ?? ""))(text) : { ok: false as const, why: "a lone surrogate" }
    const ours = checked.ok ? "valid" : "invalid"
    assert.equal(python[at]?.verdict, ours, `${what}\nours: ${checked.ok ? "" : checked.why}; python: ${python[at]?.why}\n${JSON.stringify(text)}`)
    if (checked.ok) valid++
  })
  return valid
}

type TreeCase = { readonly size: number; readonly older: number; readonly index: number; readonly seed: number; readonly bend: number }

const anyTree = fc
  .oneof({ arbitrary: fc.integer({ min: 1, max: 40 }), weight: 3 }, { arbitrary: fc.integer({ min: 1, max: 600 }), weight: 1 })
  .chain((size) => fc.record({ size: fc.constant(size), older: fc.nat({ max: size }), index: fc.nat({ max: size - 1 }), seed: fc.nat(), bend: fc.nat() }))

const hexOf = (hashes: readonly Uint8Array[]): string => hashes.map((hash) => Buffer.from(hash).toString("hex")).join("")

/** Roots, inclusion and consistency of random trees, and of each path with something about it changed. */
export function agreeOnTrees(count: number, seed: number): void {
  const trees = fc.sample(anyTree, { numRuns: count, seed })
  for (let from = 0; from < trees.length; from += atOnce) {
    const asked = trees.slice(from, from + atOnce).flatMap(casesOf)
    const answers = askPython<Record<string, unknown>>(asked.map(({ question }) => question))
    asked.forEach(({ expected, question }, at) => assert.deepEqual(answers[at], expected, `seed ${seed}: ${JSON.stringify(question)}`))
  }
}

type Asked = { readonly question: object; readonly expected: object }

function casesOf({ size, older, index, seed, bend }: TreeCase): readonly Asked[] {
  const leaves = Array.from({ length: size }, (_, i) => {
    const leaf = Buffer.alloc(32)
    leaf.writeUInt32BE(Math.imul(seed ^ i, 0x9e3779b1) >>> 0, bend % 28)
    leaf.writeUInt16BE(i, 30)
    return leaf
  })
  const source = treeOf(leaves)
  const rootAt = (count: number): Buffer => {
    const frontier = new Frontier()
    for (const leaf of leaves.slice(0, count)) frontier.push(leaf)
    return frontier.root()
  }
  const [root, oldRoot, leaf] = [rootAt(size), rootAt(older), leaves[index] ?? Buffer.alloc(32)]
  const inclusion = (path: readonly Buffer[], at = index, of = size): Asked => ({
    question: { do: "inclusion", leaf: leaf.toString("hex"), index: at, size: of, path: hexOf(path) },
    expected: { root: rootFromInclusion(leaf, at, of, path)?.toString("hex") ?? null },
  })
  const consistency = (path: readonly Buffer[], sizes = [older, size] as const, roots = [oldRoot, root] as const): Asked => ({
    question: { do: "consistency", sizes, roots: roots.map((one) => one.toString("hex")), path: hexOf(path) },
    expected: { holds: isConsistent(sizes[0], sizes[1], roots[0], roots[1], path) },
  })
  const [path, grown] = [inclusionProof(source, index, size), consistencyProof(source, older, size)]
  const good = [inclusion(path), consistency(grown)]
  assert.deepEqual(
    good.map(({ expected }) => expected),
    [{ root: root.toString("hex") }, { holds: true }],
  )
  return [
    { question: { do: "tree", leaves: hexOf(leaves) }, expected: { root: root.toString("hex") } },
    ...good,
    ...changes(path, bend).map((changed) => inclusion(changed)),
    inclusion(path, bend % (size + 2), size),
    inclusion(path, index, index + 1 + (bend % (2 * size))),
    ...changes(grown, bend).map((changed) => consistency(changed)),
    consistency(grown, [bend % (size + 1), size]),
    consistency(grown, [older, older + (bend % (2 * size))]),
    consistency(grown, [older, size], [root, oldRoot]),
  ]
}

function changes(path: readonly Buffer[], bend: number): readonly (readonly Buffer[])[] {
  if (path.length === 0) return [[Buffer.alloc(32, bend & 255)]]
  const at = bend % path.length
  const bent = Buffer.from(path[at] ?? Buffer.alloc(32))
  bent.writeUInt8(bent.readUInt8(bend % 32) ^ (1 << (bend & 7)), bend % 32)
  return [path.with(at, bent), path.toSpliced(at, 1), path.toSpliced(at, 0, bent), path.toReversed()]
}
