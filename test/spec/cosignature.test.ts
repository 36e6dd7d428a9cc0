/** Ours and a verifier in Python that knows nothing but docs/spec/witness.md say the same of published cosignatures, of made ones, and of mutations of both. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { checkpointText, parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { cosignatureChecker } from "../../src/verify/cosignature.ts"
import { requirePythonModule, requireTool } from "../tools.ts"
import { published } from "../vectors/c2sp/witness.ts"

type Question = { readonly key: string; readonly line: string; readonly text: string }
type Answer = { readonly timeS?: number; readonly why?: string }

const script = join(import.meta.dirname, "verify_cosignature.py")
const made = 300
const mutationsEach = 20

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}
const random = numbers(7)
const below = (most: number) => Math.floor(random.next().value * most)

function goodQuestions(): readonly Question[] {
  const text = parseSignedCheckpoint(published.cosigned.checkpoint)?.text ?? ""
  const theirs = published.cosigned.witnesses.map(({ key, line }) => ({ key, line, text }))
  const ours = Array.from({ length: made }, (_, n) => {
    const witness = new WitnessKey(`example.org/wärter${n}`, Buffer.alloc(32, n + 1).fill(n >> 3, 20))
    const origin = ["example.com/log", "ä\u{1d11e}", "with spaces"][n % 3] ?? ""
    const checkpoint = checkpointText({ origin, size: n % 5 === 0 ? Number.MAX_SAFE_INTEGER - n : n * 7919, root: Buffer.alloc(32, n) })
    const cosigned = n % 4 === 0 ? `${checkpoint}extension ${n}\n` : checkpoint
    return { key: witness.verifierKey, line: witness.cosign(cosigned, n % 7 === 0 ? 253_402_300_799 - n : 1_795_000_000 + n).trimEnd(), text: cosigned }
  })
  return [...theirs, ...ours]
}

/** One place of one of the three texts changed: a character exchanged, left out, doubled, or a bit of the encoded bytes flipped. */
function mutated(question: Question): Question {
  const part = (["line", "line", "line", "text", "key"] as const)[below(5)] ?? "line"
  const text = question[part]
  const at = below(text.length)
  switch (below(4)) {
    case 0:
      return { ...question, [part]: `${text.slice(0, at)}${"A=+/ \nx—0"[below(9)] ?? ""}${text.slice(at + 1)}` }
    case 1:
      return { ...question, [part]: text.slice(0, at) + text.slice(at + 1) }
    case 2:
      return { ...question, [part]: text.slice(0, at) + text.slice(at) + text.slice(at, at + 1) }
    default: {
      const [dash = "", name = "", encoded = ""] = question.line.split(" ")
      const bytes = Buffer.from(encoded, "base64")
      const bit = below(bytes.length * 8)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return { ...question, line: `${dash} ${name} ${bytes.toString("base64")}` }
    }
  }
}

function askOurs({ key, line, text }: Question): Answer {
  try {
    const checked = cosignatureChecker(parseVerifierKey(key, "witness"))(line, text)
    return checked.ok ? { timeS: checked.timeS } : { why: checked.why }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { why: error.message }
  }
}

function askPython(questions: readonly Question[]): readonly Answer[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("")
  const { status, stdout, stderr } = spawnSync("python3", [script], { input, encoding: "utf8", maxBuffer: 1 << 28 })
  assert.deepEqual([status, stderr], [0, ""])
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer)
}

test("both accept what is good, and refuse the same of what is not", { ...requireTool("python3"), ...requirePythonModule("cryptography") }, () => {
  const good = goodQuestions()
  const bad = good.flatMap((question) => Array.from({ length: mutationsEach }, () => mutated(question)))
  const questions = [...good, ...bad]
  const python = askPython(questions)
  assert.equal(python.length, questions.length)
  let refused = 0
  for (const [index, question] of questions.entries()) {
    const ours = askOurs(question)
    assert.equal(ours.timeS, python[index]?.timeS, `${JSON.stringify(question)}: ours ${JSON.stringify(ours)}, python ${JSON.stringify(python[index])}`)
    if (index < good.length) assert.ok(ours.timeS !== undefined, `refused: ${JSON.stringify(question)}`)
    else if (ours.timeS === undefined) refused++
  }
  const same = bad.filter((question, index) => JSON.stringify(question) === JSON.stringify(good[Math.floor(index / mutationsEach)])).length
  assert.ok(refused >= bad.length - same, `${bad.length - same - refused} changed ones were accepted`)
})
