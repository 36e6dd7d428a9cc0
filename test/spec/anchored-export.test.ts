/** Anchors in a store and in exports: each follows the one before it and is about what stands here; whatever is bent is found, also by the verifier in Python. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test, type TestContext } from "node:test"
import { anchorDigest, type AnchorFacts } from "../../src/format/anchor.ts"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"
import type { AnchorPin } from "../../src/verify/anchor-tally.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { certificatesIn } from "../../src/verify/certificate-path.ts"
import { exportRows } from "../../src/views/export.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { forgedToken, makeIdentities, needsOpenssl, type Identity } from "../anchor/authority.ts"
import { temporaryDirectory, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { askAll, assertBoth, lineFile, needed } from "./verifiers.ts"

const at = new Date("2026-11-30T12:00:00Z")

type Change = (facts: AnchorFacts, ledger: TestLedger) => Partial<AnchorFacts>

describe("anchors", { ...needed, ...needsOpenssl }, () => {
  const directory = temporaryDirectory({ after })
  const { ca, stamper } = makeIdentities(join(directory, "pki"))
  const foreign = makeIdentities(join(directory, "foreign"))

  const tokenOf = (note: string, identity: Identity = stamper) => forgedToken(directory, identity, { digest: sha256(note), at }).toString("base64")
  const pinOf = ({ certificate }: Identity, required = true): AnchorPin => ({
    name: certificate,
    certificates: certificatesIn(readFileSync(certificate, "utf8")) ?? assert.fail("no certificate"),
    required,
  })

  /** Anchors the ledger as it stands, three entries later than it was checkpointed; `change` bends what is recorded. */
  function anchor(ledger: TestLedger, before: AnchorFacts | undefined, change: Change = () => ({}), identity?: Identity): AnchorFacts {
    const size = ledger.checkpoint()
    const { note } = ledger.read().reader.checkpoint(size) ?? assert.fail("no checkpoint")
    ledger.append(3)
    const told = { kind: "rfc3161" as const, authority: "http://a.example/", size, note, atMs: at.getTime(), reference: "01", proof: tokenOf(note, identity) }
    const facts = { number: (before?.number ?? 0) + 1, ...(before ? { previous: anchorDigest(before) } : {}), ...told }
    const bent = { ...facts, ...change(facts, ledger) }
    ledger.record({ type: "checkpoint.anchored", id: `a${facts.number}`, facts: bent })
    ledger.append(2)
    ledger.checkpoint()
    return bent
  }

  function anchored(t: Ending): { readonly ledger: TestLedger; readonly last: AnchorFacts } {
    const ledger = temporaryLedger(t)
    ledger.append(10)
    const first = anchor(ledger, undefined)
    ledger.append(300)
    return { ledger, last: anchor(ledger, first) }
  }

  const verified = (ledger: TestLedger, pins: readonly AnchorPin[]) => {
    ledger.close()
    const access = openForReading(ledger.files, ledger.places)
    try {
      return verifyStore(access, { payloads: true, anchors: pins })
    } finally {
      access.close()
    }
  }

  const linesOf = (ledger: TestLedger, question = {}) => {
    ledger.close()
    const access = openForReading(ledger.files, ledger.places)
    try {
      access.ask(() => undefined) // what the last line takes of the tables is there
      return { lines: [...exportRows(access, { includeContent: false, ...question })].map((row) => JSON.stringify(row)), key: access.keys.store.verifierKey }
    } finally {
      access.close()
    }
  }

  test("that are in order are counted, and checked where a certificate is pinned", (t) => {
    const { ledger } = anchored(t)
    assert.deepEqual([verified(ledger, []).verdict, verified(ledger, []).anchors[0]?.checked], ["valid", false])
    const report = verified(ledger, [pinOf(ca)])
    assert.deepEqual(
      [report.verdict, report.anchors],
      ["valid", [{ kind: "rfc3161", authority: "http://a.example/", anchors: 2, upTo: 317, checked: true, at: at.toISOString() }]],
    )
    assert.deepEqual([verified(ledger, [pinOf(foreign.ca)]).verdict, verified(ledger, [pinOf(foreign.ca, false)]).verdict], ["unverifiable", "valid"])
  })

  const crimes: Readonly<Record<string, Change>> = {
    "one is left out": ({ number }) => ({ number: number + 1 }),
    "one is there twice": ({ number }) => ({ number: number - 1 }),
    "it names another one": () => ({ previous: "00".repeat(32) }),
    "it says another size": ({ size }) => ({ size: size - 1 }),
    "it is about what comes later": (_, ledger) => ({ size: ledger.open().journal.size + 1 }),
    "its checkpoint is not signed": ({ note }) => ({ note: note.replace(/.{8}\n$/, "AAAAAAA=\n"), proof: tokenOf(note.replace(/.{8}\n$/, "AAAAAAA=\n")) }),
    "its time-stamp is of another checkpoint": () => ({ proof: tokenOf("another") }),
    "its time-stamp has a bit flipped": ({ proof }) => ({ proof: flipped(proof) }),
    "it says another time": ({ atMs }) => ({ atMs: atMs + 1 }),
    "it says another serial number": () => ({ reference: "02" }),
    "its proof is no time-stamp": () => ({ proof: Buffer.from("nothing").toString("base64") }),
    "its proof is not spelled in the one way": ({ proof }) => ({ proof: `${proof}\n` }),
    "it is of a kind that nobody knows": () => ({ kind: "notary" }) as never,
  }
  // What only the certificate and the token's own fields tell is not looked at by the verifier in Python.
  const beyondPython = new Set([
    "its time-stamp has a bit flipped",
    "it says another time",
    "it says another serial number",
    "it is of a kind that nobody knows",
  ])

  for (const [name, change] of Object.entries(crimes)) {
    test(`where ${name}: invalid, in the store and in an export`, async (t) => {
      const { ledger, last } = anchored(t)
      anchor(ledger, last, change)
      const report = verified(ledger, [pinOf(ca)])
      assert.equal(report.verdict, "invalid")
      assert.match(report.problems.map(({ what }) => what).join(), /^(the anchor by|an anchor is)/)
      const { lines, key } = linesOf(ledger)
      const file = lineFile(directory, lines)
      const offline = await verifyExport(fileSource(file), { key: parseVerifierKey(key), anchors: [pinOf(ca)] })
      assert.equal(offline.verdict, "invalid")
      if (!beyondPython.has(name)) for (const answer of await askAll([file], key)) assertBoth(answer, "invalid")
    })
  }

  test("by somebody else's certificate are counted and not checked", (t) => {
    const { ledger, last } = anchored(t)
    anchor(ledger, last, () => ({ authority: "http://b.example/" }), foreign.stamper)
    assert.deepEqual(
      verified(ledger, [pinOf(ca)]).anchors.map(({ authority, checked }) => [authority, checked]),
      [
        ["http://a.example/", true],
        ["http://b.example/", false],
      ],
    )
  })

  describe("in exports", () => {
    let exported: Readonly<Record<"whole" | "part", { readonly lines: readonly string[]; readonly key: string }>>

    before(() => {
      const { ledger } = anchored({ after })
      exported = { whole: linesOf(ledger), part: linesOf(ledger, { from: 100, to: 120 }) }
    })

    const bent = (lines: readonly string[], change: (list: Readonly<Record<string, unknown>>[]) => unknown): readonly string[] => {
      const end = JSON.parse(lines.at(-1) ?? "") as { readonly anchored: Readonly<Record<string, unknown>>[] }
      return [...lines.slice(0, -1), JSON.stringify({ ...end, anchored: change(end.anchored) })]
    }
    const verdicts = async (lines: readonly string[], key: string, pin = ca) => {
      const file = lineFile(directory, lines)
      const [python] = await askAll([file], key)
      const ours = await verifyExport(fileSource(file), { key: parseVerifierKey(key), anchors: [pinOf(pin)] }).catch(() => undefined)
      return { ours: ours?.verdict ?? "unverifiable", both: [python?.ours, python?.python], anchors: ours?.anchors.map(({ anchors, upTo }) => [anchors, upTo]) }
    }

    test("whole and in part both verifiers agree, and the certificate decides", async () => {
      const [whole, part] = [exported.whole, exported.part]
      assert.deepEqual(await verdicts(whole.lines, whole.key), { ours: "valid", both: ["valid", "valid"], anchors: [[2, 317]] })
      assert.deepEqual(await verdicts(part.lines, part.key), { ours: "valid", both: ["valid", "valid"], anchors: [[1, 317]] })
      for (const { lines, key } of [whole, part]) assert.equal((await verdicts(lines, key, foreign.ca)).ours, "unverifiable")
    })

    const changes: Readonly<Record<string, readonly [expected: string, change: (list: Readonly<Record<string, unknown>>[]) => unknown]>> = {
      "none left": ["unverifiable", () => undefined],
      "an empty list": ["unverifiable", () => []],
      "a member more": ["invalid", ([one]) => [{ ...one, more: 1 }]],
      "a size of another tree": ["invalid", ([one]) => [{ ...one, size: Number(one?.["size"]) - 1 }]],
      "a proof of consistency too short": ["invalid", ([one]) => [{ ...one, consistency: (one?.["consistency"] as string[] | undefined)?.slice(1) }]],
      "a token of another checkpoint": ["invalid", ([one]) => [{ ...one, proof: tokenOf("another") }]],
      "another log": ["invalid", ([one]) => [{ ...one, note: String(one?.["note"]).replace("sovereign-ledger/", "sovereign-ledger/x") }]],
    }
    for (const [name, [expected, change]] of Object.entries(changes)) {
      test(`with ${name}: ${expected}`, async (_: TestContext) => {
        const { lines, key } = exported.part
        const found = await verdicts(bent(lines, change), key)
        assert.equal(found.ours, expected)
        assert.equal(found.both[0], found.both[1])
      })
    }
  })
})

function flipped(proof: string): string {
  const bytes = Buffer.from(proof, "base64")
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
  return bytes.toString("base64")
}
