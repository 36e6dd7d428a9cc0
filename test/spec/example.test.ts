/** The worked example of docs/spec/journal.md is true: everything in it that follows from something else is computed again from the page. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { contentHash, factsHash, idHash } from "../../src/format/commitment.ts"
import { encodeHeader, leafHash, parseHeader, zeroHash } from "../../src/format/header.ts"
import { exportRow } from "../../src/format/export-row.ts"
import { handOverNote, statementText } from "../../src/format/hand-over.ts"
import { nodeHash } from "../../src/format/merkle.ts"
import { Signer } from "../../src/vault/signer.ts"
import { chainOfNotes } from "../../src/verify/key-chain.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { expectBoth, lineFile, needed } from "./verifiers.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/spec/journal.md"), "utf8")
const block = /^## Worked example$[^]*?^```\n([^]*?)^```/m.exec(page)?.[1] ?? ""
const values = new Map(block.split("\n").flatMap((line) => (line === "" ? [] : [[line.slice(0, 16).trimEnd(), line.slice(16)] as const])))

function text(name: string): string {
  const value = values.get(name)
  assert.ok(value !== undefined, `the example has no ${name}`)
  return value
}
const hex = (name: string) => Buffer.from(text(name), "hex")
const same = (name: string, computed: Buffer) => assert.equal(computed.toString("hex"), text(name), name)
const signer = new Signer(text("origin"), hex("signing seed"))
const entries = [0, 1, 2]
const note = () => `${[1, 2, 3, 4, 5].map((line) => text(`note line ${line}`)).join("\n")}\n`
const salted = (salt: string, name: string) => Buffer.concat([hex(salt), Buffer.from(text(name))])

describe("the worked example of the specification", () => {
  test("keys", () => {
    same("public key", signer.publicKey)
    assert.equal(verifierKeyText(text("origin"), signer.publicKey), text("verifier key"))
  })

  for (const n of entries) {
    test(`entry ${n}`, () => {
      const content = values.get(`${n} content`)
      const { id } = JSON.parse(text(`${n} facts`)) as { id: string }
      same(`${n} id hash`, idHash(hex("id salt"), id))
      same(`${n} facts hash`, factsHash(hex(`${n} facts salt`), text(`${n} facts`)))
      same(`${n} content hash`, content === undefined ? zeroHash : contentHash(hex(`${n} content salt`), content))
      same(`${n} previous`, n === 0 ? zeroHash : hex(`${n - 1} leaf hash`))
      same(`${n} leaf hash`, leafHash(hex(`${n} header`)))
      const header = encodeHeader({
        sequence: n,
        timeMs: Number(text(`${n} time`)),
        idHash: hex(`${n} id hash`),
        scopeId: hex(`${n} scope id`),
        factsHash: hex(`${n} facts hash`),
        contentHash: hex(`${n} content hash`),
        previousHash: hex(`${n} previous`),
        type: text(`${n} type`),
      })
      same(`${n} header`, header)
      assert.equal(parseHeader(hex(`${n} header`)).sequence, n)
    })
  }

  test("tree and proofs", () => {
    const [a, b, c] = entries.map((n) => hex(`${n} leaf hash`)) as [Buffer, Buffer, Buffer]
    same("node 0-1", nodeHash(a, b))
    same("root", nodeHash(hex("node 0-1"), c))
    assert.equal(text("proof of 0"), `${text("1 leaf hash")} ${text("2 leaf hash")}`)
    assert.equal(text("proof of 1"), `${text("0 leaf hash")} ${text("2 leaf hash")}`)
    assert.equal(text("proof of 2"), text("node 0-1"))
  })

  test("checkpoint", () => {
    assert.equal(signer.note({ origin: text("origin"), size: 3, root: hex("root") }), note())
    assert.ok(noteChecker(parseVerifierKey(text("verifier key")))(note()).ok)
  })

  test("hand-over", () => {
    const next = new Signer(text("origin"), hex("next seed"))
    const statement = { origin: text("origin"), size: 3, root: hex("root"), previousKey: text("verifier key"), nextKey: next.verifierKey }
    const signed = statementText(statement)
    const handOver = { ...statement, previousSignature: signer.sign(signed), nextSignature: next.sign(signed) }
    const lines = Array.from({ length: 9 }, (_, line) => text(`hand-over ${line + 1}`))
    assert.equal(handOverNote(handOver), `${lines.join("\n")}\n`)
    assert.equal(chainOfNotes([`${lines.join("\n")}\n`], "")?.chain.last, next.verifierKey)
  })

  test("as exports, for both verifiers", needed, async (t) => {
    const directory = temporaryDirectory(t)
    for (const complete of [true, false]) {
      const rows = entries.map((n) => {
        const proof = complete
          ? undefined
          : text(`proof of ${n}`)
              .split(" ")
              .map((hash) => Buffer.from(hash, "hex"))
        const saltedContent = values.has(`${n} content`) ? salted(`${n} content salt`, `${n} content`) : undefined
        const bytes = { header: hex(`${n} header`), saltedFacts: salted(`${n} facts salt`, `${n} facts`), saltedContent, proof }
        return exportRow(bytes, { session: null, sender: null, user: null, machine: null })
      })
      const end = { exportFormat: 1, rows: 3, complete, checkpoint: note(), verifierKey: text("verifier key") }
      const file = lineFile(
        directory,
        [...rows, end].map((line) => JSON.stringify(line)),
      )
      await expectBoth(file, text("verifier key"), "valid")
    }
  })
})
