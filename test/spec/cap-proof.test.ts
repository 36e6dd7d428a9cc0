/**
 * docs/spec/cap-proof.md is enough to write a verifier: one in Python, written from it, agrees with ours on cap proofs of real ledgers, on everything that was
 * done to one here, on what the holder of the key can leave out, and on facts that only he can write.
 */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { witnessId } from "../../src/format/witness.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { askBoth, bothSay } from "./cap-agreement.ts"
import { forged, november, proofOf, signedWith, wholeMonth, type Forgery } from "./cap-cases.ts"
import { bentFacts, capNonsense } from "./cap-nonsense.ts"
import { capTamperings, noCapProofs } from "./cap-tampered.ts"
import { needed } from "./verifiers.ts"

const flips = 300
const bends = 600
const one = new WitnessKey("example.org/one", Buffer.alloc(32, 1))
const stranger = new WitnessKey("example.org/stranger", Buffer.alloc(32, 3))
/** Another one each time; a disagreement names it. */
const seed = Math.floor(Math.random() * 2 ** 31)

type Proof = Awaited<ReturnType<typeof proofOf>>

describe("two verifiers of cap proofs", needed, () => {
  const made = wholeMonth({ after }, { isExtended: true })
  const other = wholeMonth({ after })
  const key = made.ledger.keys().store.verifierKey
  let proof: Proof
  let lines: readonly string[]
  let theirs: readonly string[]

  before(async () => {
    proof = await proofOf(made.access(), "2026-11")
    lines = proof.text.trimEnd().split("\n")
    theirs = (await proofOf(other.access(), "2026-11")).text.trimEnd().split("\n")
  })

  test("call a proof valid under its key, and without one unverifiable; mail may change how its lines end", async () => {
    await bothSay("valid", [
      { text: proof.text, key },
      { text: lines.join("\r\n\r\n"), key },
    ])
    await bothSay("unverifiable", [{ text: proof.text }])
    const [{ extension, amounts, spent } = { extension: "", amounts: {}, spent: {} }] = proof.result.extensions
    assert.deepEqual([extension, amounts, spent], ["MORE42", { moneyNanos: "2000000000" }, { moneyNanos: "500000000" }])
    await bothSay("invalid", [{ text: proof.text, key: other.ledger.keys().store.verifierKey }])
  })

  test("refuse whatever was done to one", async () => {
    const joined = (changed: readonly string[]) => (changed.length === 0 ? "" : `${changed.join("\n")}\n`)
    await bothSay(
      "invalid",
      capTamperings.map(([what, change]) => ({ what, text: joined(change(lines, theirs)), key })),
    )
    await bothSay(
      "unverifiable",
      noCapProofs.map(([what, change]) => ({ what, text: joined(change(lines, theirs)), key })),
    )
  })

  test(`refuse each of ${flips} flips of one bit`, async () => {
    const bytes = Buffer.from(proof.text)
    const cases = Array.from({ length: flips }, (_, n) => {
      const bent = Buffer.from(bytes)
      const at = Math.imul(seed + n, 0x9e3779b1) >>> 0
      bent.writeUInt8(bent.readUInt8(at % bent.length) ^ (1 << (at >>> 29)), at % bent.length)
      return { text: bent, key, what: `seed ${seed}: bit ${at >>> 29} of byte ${at % bent.length}` }
    })
    const answers = await askBoth(cases)
    answers.forEach(({ ours, python, why }, n) => {
      assert.equal(python, ours, `${cases[n]?.what}: ${why}`)
      assert.ok(ours === "invalid" || ours === "unverifiable", `${cases[n]?.what}: ${ours}`)
    })
  })

  test("find what the holder of the key leaves out of a file that fits together", async () => {
    const access = made.access()
    const { head, result } = proof
    const sequenceOf = (id: string): number => {
      for (const entry of access.reader.entries(0, access.reader.size() - 1)) if (entry.saltedFacts.includes(`"id":"${id}"`)) return entry.sequence
      throw new Error(`no entry ${id}`)
    }
    const only = (sequence: number, how: "header" | "nothing"): Forgery => ({ show: (entry) => (entry.sequence === sequence ? how : "all") })
    const opened = result.counts[0]?.from ?? 0
    const text = (forgery: Forgery) => forged(access, head, result.last, forgery)
    await bothSay("valid", [
      { what: "nothing left out", text: text({}), key },
      { what: "more than there must be", text: text({ first: 0, last: access.reader.size() - 1 }), key },
    ])
    const hidden = [
      "hold.placed:b#1",
      "hold.settled:a#1",
      "hold.released:b#1",
      "hold.placed:theirs#1",
      "transfer.posted:e",
      `budget.set:monthly@${november + 14 * 86_400_000}`,
    ]
    const cases: readonly (readonly [what: string, forgery: Forgery])[] = [
      ["begins where the period opens", { first: opened }],
      ["begins after a hold of the period", { first: opened + 2 }],
      ["ends before the period is over", { last: sequenceOf("hold.placed:last#1") }],
      ["ends before its last hold is settled", { last: sequenceOf("hold.placed:next#1") }],
      ["a period in which nothing was counted", { startMs: november + 86_400_000 }],
      ["a budget that there is not", { budget: "none" }],
      ["the end moved to where it suits", { endMs: november + 86_400_000 }],
      ...hidden.map((id) => [`${id} as a header alone`, only(sequenceOf(id), "header")] as const),
      ...hidden.map((id) => [`${id} left out`, only(sequenceOf(id), "nothing")] as const),
      ["an entry of another type left out", only(opened + 3, "nothing")],
    ]
    await bothSay(
      "invalid",
      cases.map(([what, forgery]) => ({ what, text: text(forgery), key })),
    )
  })

  test("follow a signing key that was handed over in the middle, from any of its keys", async (t) => {
    const handed = wholeMonth(t, { handOvers: 2 })
    const { text, head } = await proofOf(handed.access(), "2026-11")
    assert.equal(head.handOvers?.length, 2)
    const keys = [head.verifierKey, ...(head.handOvers ?? []).map((note) => note.split("\n")[4] ?? "")]
    assert.equal(new Set(keys).size, 3)
    await bothSay(
      "valid",
      keys.map((one) => ({ text, key: one })),
    )
    const told = text.replace(/"handOvers":\["(?:[^"\\]|\\.)*",/, '"handOvers":[')
    await bothSay("invalid", [
      { what: "the first hand-over left out", text: told, key: head.verifierKey },
      { what: "a hand-over hidden", text: text.replace(/^(\S+) \S+ \{"id":"signer\.replaced:.*$/m, "$1"), key: head.verifierKey },
    ])
  })

  test("see who has cosigned the journal, and leave what a named witness has not seen unverifiable", async (t) => {
    const seen = wholeMonth(t)
    const size = seen.ledger.checkpoint()
    const note = parseSignedCheckpoint(seen.access().reader.checkpoint(size)?.note ?? "")?.text ?? ""
    const cosignature = { witness: witnessId(parseVerifierKey(one.verifierKey, "witness")), size, line: one.cosign(note, 1_795_000_000).trimEnd() }
    seen.ledger.open().journal.storeCosignature(cosignature)
    seen.ledger.append(5)
    seen.ledger.close()
    const { text, head } = await proofOf(seen.access(), "2026-11")
    const by = { text, key: head.verifierKey }
    await bothSay("valid", [by, { ...by, witness: one.verifierKey }])
    await bothSay("unverifiable", [{ ...by, witness: stranger.verifierKey }])
    const mine = text.replace(/(example\.org\/one .{40})(.)/, (_, before: string, letter: string) => before + (letter === "A" ? "B" : "A"))
    await bothSay("invalid", [
      { ...by, text: mine, witness: one.verifierKey },
      { ...by, text: text.replace(/("consistency":\[")(.)/, (_, before: string, letter: string) => before + (letter === "A" ? "B" : "A")) },
    ])
  })

  test("say exceeded of one that was, and agree on it", async (t) => {
    const over = wholeMonth(t, { isOver: true })
    const { text, head } = await proofOf(over.access(), "2026-11")
    const [answer] = await bothSay("exceeded", [{ text, key: head.verifierKey }])
    assert.deepEqual(answer?.report.result?.counts[0]?.timesExceeded, 1)
    await bothSay("unverifiable", [{ text }])
    const hiding = text.replace(/(\\"worst\\":\{)[^}]+\}/, "$1")
    assert.notEqual(hiding, text)
    await bothSay("invalid", [{ text: hiding, key: head.verifierKey }])
  })

  test("judge alike what no ledger would record", async () => {
    const cases = capNonsense.map(([what, expected, event]) => ({ what, expected, ...signedWith(proof.text, event) }))
    const answers = await askBoth(cases)
    answers.forEach(({ ours, python, why }, at) => {
      const { what, expected } = cases[at] ?? {}
      assert.deepEqual([ours, python], [expected, expected], `${what}: ${why}`)
    })
  })

  test(`judge alike ${bends} facts in which something is another value`, async () => {
    const cases = Array.from({ length: bends }, (_, n) => ({ ...bentFacts(seed + n), ...signedWith(proof.text, bentFacts(seed + n)) }))
    const answers = await askBoth(cases)
    answers.forEach(({ ours, python, why }, n) => assert.equal(python, ours, `seed ${seed}: ${JSON.stringify(cases[n]?.facts)}: ${why}`))
    const said = new Set(answers.map(({ ours }) => ours))
    assert.ok(said.has("valid") && said.has("invalid"))
  })

  test("the specification names every member", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/spec/cap-proof.md"), "utf8")
    const said = JSON.parse(String((JSON.parse(lines.at(-1) ?? "") as { statement: string }).statement).split("\n")[1] ?? "") as { counts: readonly object[] }
    const all = [JSON.parse(lines[0] ?? ""), JSON.parse(lines.at(-1) ?? ""), said, said.counts[0]] as readonly object[]
    for (const name of all.flatMap(Object.keys)) assert.ok(page.includes(`\`${name}\``), name)
  })
})
