/** One question about cap proofs to both verifiers: ours, and the one in Python that knows nothing but the specification. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyCapProof, type CapProofReport } from "../../src/verify/cap-proof.ts"

export const script = join(import.meta.dirname, "verify_cap_proof.py")

export type CapCase = { readonly text: string | Uint8Array; readonly key?: string | undefined; readonly witness?: string | undefined }
export type CapAnswer = { readonly ours: string; readonly python: string; readonly why: string; readonly report: CapProofReport }

export async function askBoth(cases: readonly CapCase[]): Promise<readonly CapAnswer[]> {
  const directory = mkdtempSync(join(tmpdir(), "sl-cap-"))
  try {
    const files = cases.map(({ text }, at) => {
      const path = join(directory, String(at))
      writeFileSync(path, text)
      return path
    })
    const input = files.map((path, at) => `${JSON.stringify({ path, key: cases[at]?.key ?? null, witness: cases[at]?.witness ?? null })}\n`).join("")
    const { status, stdout, stderr } = spawnSync("python3", [script], { input, encoding: "utf8", maxBuffer: 1 << 28 })
    assert.deepEqual([status, stderr], [0, ""], "the Python verifier failed")
    const theirs = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { verdict: string; why: string })
    const answers: CapAnswer[] = []
    for (const [at, path] of files.entries()) {
      const { key, witness } = cases[at] ?? {}
      const report = verifyCapProof(fileSource(path), {
        key: key === undefined ? undefined : parseVerifierKey(key),
        witnesses: witness === undefined ? [] : [{ key: parseVerifierKey(witness, "witness"), required: true }],
      })
      const why = `ours: ${[...report.problems.map(({ what }) => what), ...report.notes].join("; ")}; python: ${theirs[at]?.why}`
      answers.push({ ours: report.verdict, python: theirs[at]?.verdict ?? "", why, report })
    }
    return answers
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Fails unless both say it. */
export async function bothSay(expected: string, cases: readonly (CapCase & { readonly what?: string })[]): Promise<readonly CapAnswer[]> {
  const answers = await askBoth(cases)
  answers.forEach(({ ours, python, why }, at) => assert.deepEqual({ ours, python }, { ours: expected, python: expected }, `${cases[at]?.what ?? ""}: ${why}`))
  return answers
}
