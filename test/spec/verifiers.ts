/** One question to both verifiers: ours, and the one in Python that knows nothing but the specification. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../../src/base/fault.ts"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { requirePythonModule, requireTool } from "../tools.ts"

export type Answer = { readonly ours: string; readonly python: string; readonly why: string }

export const needed = { ...requireTool("python3"), ...requirePythonModule("cryptography") }

const script = join(import.meta.dirname, "verify_export.py")
type Said = { readonly verdict: string; readonly why: string }

const exitOf: Readonly<Record<string, number>> = { valid: 0, invalid: 1, unverifiable: 2 }

/** Both verdicts on each file, and both reasons for people who read a failed test. */
export async function askAll(files: readonly string[], key: string | undefined, witness?: string): Promise<readonly Answer[]> {
  const theirs = askPython(files, key, witness)
  const answers: Answer[] = []
  for (const [index, file] of files.entries()) {
    const ours = await askOurs(file, key, witness)
    answers.push({ ours: ours.verdict, python: theirs[index]?.verdict ?? "", why: `ours: ${ours.why}; python: ${theirs[index]?.why ?? ""}` })
  }
  return answers
}

/** Fails unless both say the same of a file, and it is what was expected. */
export async function expectBoth(file: string, key: string | undefined, expected: string, witness?: string): Promise<void> {
  for (const answer of await askAll([file], key, witness)) assertBoth(answer, expected)
}

export function assertBoth(answer: Answer | undefined, expected: string): void {
  assert.deepEqual({ ours: answer?.ours, python: answer?.python }, { ours: expected, python: expected }, answer?.why)
}

function askPython(files: readonly string[], key: string | undefined, witness: string | undefined): readonly Said[] {
  const flags = [...(key === undefined ? [] : [`--key=${key}`]), ...(witness === undefined ? [] : [`--witness=${witness}`])]
  const { status, stdout, stderr } = spawnSync("python3", [script, ...flags, ...files], { encoding: "utf8" })
  assert.equal(stderr, "", "the Python verifier failed")
  const said = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Said)
  assert.equal(status, files.length === 1 ? exitOf[said[0]?.verdict ?? ""] : 0)
  return said
}

async function askOurs(file: string, key: string | undefined, witness: string | undefined): Promise<Said> {
  try {
    const witnesses = witness === undefined ? [] : [{ key: parseVerifierKey(witness, "witness"), required: true }]
    const report = await verifyExport(fileSource(file), { key: key === undefined ? undefined : parseVerifierKey(key), witnesses })
    return { verdict: report.verdict, why: report.problems.map((problem) => problem.what).join(", ") }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "export.unreadable") throw error
    return { verdict: "unverifiable", why: error.message }
  }
}

let written = 0

/** Writes a new file of lines, each ended, and answers its path. */
export function lineFile(directory: string, lines: readonly string[]): string {
  const path = join(directory, `${written++}.ndjson`)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""))
  return path
}
