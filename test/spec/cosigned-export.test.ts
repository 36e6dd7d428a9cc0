/** Exports carry what witnesses have seen of them: both verifiers, ours and the one written from the specification, count it alike and refuse the same. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { witnessId } from "../../src/format/witness.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { exportRows } from "../../src/views/export.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { temporaryDirectory, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"
import { askAll, assertBoth, expectBoth, lineFile, needed, type Answer } from "./verifiers.ts"

const one = new WitnessKey("example.org/one", Buffer.alloc(32, 1))
const two = new WitnessKey("example.org/two", Buffer.alloc(32, 2))
const stranger = new WitnessKey("example.org/stranger", Buffer.alloc(32, 3))
const keyOf = (witness: WitnessKey) => parseVerifierKey(witness.verifierKey, "witness")
const timeS = 1_795_000_000

type Cosigned = { readonly note: string; readonly consistency: readonly string[] }
type End = { readonly cosigned: readonly Cosigned[] }
type Lines = readonly string[]

/** Stores a checkpoint, and what the witnesses give for it. */
function cosign(ledger: TestLedger, ...witnesses: readonly WitnessKey[]): number {
  const size = ledger.checkpoint()
  const text = parseSignedCheckpoint(ledger.read().reader.checkpoint(size)?.note ?? "")?.text ?? ""
  for (const witness of witnesses) {
    ledger.open().journal.storeCosignature({ witness: witnessId(keyOf(witness)), size, line: witness.cosign(text, timeS).trimEnd() })
  }
  return size
}

const changed = (change: (cosigned: Cosigned[]) => unknown) => (lines: Lines) => {
  const end = JSON.parse(lines.at(-1) ?? "") as End
  return [...lines.slice(0, -1), JSON.stringify({ ...end, cosigned: change([...end.cosigned]) })]
}
const first = (change: (one: Cosigned) => unknown) => changed(([head, ...rest]) => [head && change(head), ...rest])
const line = (witness: WitnessKey, note: string, atS = timeS) => witness.cosign(parseSignedCheckpoint(note)?.text ?? "", atS)

const tamperings: Readonly<Record<string, readonly [expected: string, change: (lines: Lines) => Lines]>> = {
  "a cosignature of a witness nobody knows beside": ["valid", first(({ note, ...rest }) => ({ note: note + line(stranger, note), ...rest }))],
  "the log's own line left out": ["valid", first(({ note, ...rest }) => ({ note: note.replace(/(\n\n)\u2014 .*\n/, "$1"), ...rest }))],
  "another time": [
    "invalid",
    first(({ note, ...rest }) => ({ note: note.replace(line(one, note), line(one, note, 7).replace(/.{60}\n$/, line(one, note).slice(-61))), ...rest })),
  ],
  "a cosignature on another checkpoint": ["invalid", changed(([a, b]) => [{ ...a, note: `${a?.note}${line(one, b?.note ?? "")}` }, b])],
  "a tree of another size": ["invalid", first(({ note, ...rest }) => ({ note: note.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) - 1}\n`), ...rest }))],
  "a proof with a bit flipped": [
    "invalid",
    first(({ note, consistency }) => ({
      note,
      consistency: consistency.map((hash, i) => (i === 0 ? `${hash[0] === "A" ? "B" : "A"}${hash.slice(1)}` : hash)),
    })),
  ],
  "a proof with a hash too few": ["invalid", first(({ note, consistency }) => ({ note, consistency: consistency.slice(1) }))],
  "a proof with a hash too many": ["invalid", first(({ note, consistency }) => ({ note, consistency: [...consistency, consistency[0]] }))],
  "a proof in another spelling": ["invalid", first(({ note, consistency }) => ({ note, consistency: consistency.map((hash) => `${hash}=`) }))],
  "in another order": ["invalid", changed((cosigned) => cosigned.reverse())],
  "one of them twice": ["invalid", changed(([a, b]) => [a, a, b])],
  "nobody's cosignature": ["invalid", first(({ note, ...rest }) => ({ note: note.split("\n").slice(0, 5).join("\n") + "\n", ...rest }))],
  "of another log": [
    "invalid",
    changed(([a, b]) => [a, { ...b, note: b?.note.replace("sovereign-ledger/", "sovereign-ledger/x") }]), // by a witness that is not pinned
  ],
  "no note": ["invalid", first((head) => ({ ...head, note: "cosigned" }))],
  "a member more": ["invalid", first((head) => ({ ...head, checked: true }))],
  "members in another order": ["invalid", first(({ note, consistency }) => ({ consistency, note }))],
  "none left": ["unverifiable", changed(() => undefined)],
  "an empty list": ["unverifiable", changed(() => [])],
  "no list": ["unverifiable", changed(() => "cosigned")],
  "a proof that is no list": ["unverifiable", first(({ note }) => ({ note, consistency: "" }))],
}

describe("what witnesses have seen of an export", needed, () => {
  const directory = temporaryDirectory({ after })
  const ledger = temporaryLedger({ after })
  const exported: Lines[] = []
  const answers = new Map<string, Answer>()
  let key = ""
  let sizes: readonly number[] = []

  before(async () => {
    ledger.append(11)
    const early = cosign(ledger, one, two)
    ledger.append(300)
    ledger.handOver()
    ledger.append(30)
    const late = cosign(ledger, two)
    ledger.append(5)
    sizes = [early, late]
    ledger.close()
    const access = openForReading(ledger.files, ledger.places)
    for (const question of [{ includeContent: false }, { from: 100, limit: 20, includeContent: true }]) {
      exported.push([...exportRows(access, question)].map((row) => JSON.stringify(row)))
    }
    key = access.keys.store.verifierKey
    access.close()
    const entries = Object.entries(tamperings)
    const files = entries.map(([name, [, change]]) => {
      const lines = change(exported[0] ?? [])
      assert.notEqual(lines.at(-1), exported[0]?.at(-1), name)
      return lineFile(directory, lines)
    })
    for (const [index, answer] of (await askAll(files, key, one.verifierKey)).entries()) answers.set(entries[index]?.[0] ?? "", answer)
  })

  test("both see it, complete or in part, across a hand-over of the signing key; who has seen nothing leaves it unverifiable", async () => {
    for (const lines of exported) {
      const path = lineFile(directory, lines)
      await expectBoth(path, key, "valid")
      for (const witness of [one, two]) await expectBoth(path, key, "valid", witness.verifierKey)
      await expectBoth(path, key, "unverifiable", stranger.verifierKey)
      await expectBoth(path, key, "unverifiable", new WitnessKey(one.name, Buffer.alloc(32, 9)).verifierKey)
      const { witnesses } = await verifyExport(fileSource(path), { key: parseVerifierKey(key), witnesses: [{ key: keyOf(one), required: true }] })
      assert.deepEqual(witnesses, [
        { witness: witnessId(keyOf(one)), cosignatures: 1, upTo: sizes[0], at: new Date(timeS * 1000).toISOString(), checked: true },
        { witness: witnessId(keyOf(two)), cosignatures: 2, upTo: sizes[1], at: new Date(timeS * 1000).toISOString(), checked: false },
      ])
    }
  })

  for (const [name, [expected]] of Object.entries(tamperings)) {
    test(`${name}: ${expected}`, () => assertBoth(answers.get(name), expected))
  }
})
