/** Signed notes and checkpoints: the published examples of C2SP and of Go's sumdb/note, and refusal of every other spelling. */
import assert from "node:assert/strict"
import { createPublicKey, verify } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { Fault } from "../../src/base/fault.ts"
import { checkpointText, keyHashOf, parseSignedCheckpoint, parseVerifierKey, signatureBy, verifierKeyText } from "../../src/format/checkpoint.ts"
import { Signer } from "../../src/vault/signer.ts"

/** golang.org/x/mod/sumdb/note, its documented example. */
const peter = {
  key: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  seed: Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1),
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature: "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
}
/** c2sp.org/signed-note, its example. */
const foo = {
  key: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  text: "This is an example message.\n",
  signature: "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=",
}
/** c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature, their example with a witness's line. */
const sofa = [
  "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
  "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
  "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n",
] as const

const note = `${sofa[0]}\n${sofa[1]}`

function ed25519(publicKey: Buffer) {
  return createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]), format: "der", type: "spki" })
}

describe("published notes", () => {
  for (const { key, text, signature } of [peter, foo]) {
    test(`the key ${key.slice(0, 24)} and its signature`, () => {
      const { name, keyHash, publicKey } = parseVerifierKey(key)
      assert.equal(verifierKeyText(name, publicKey), key)
      const line = Buffer.from(signature, "base64")
      assert.deepEqual(line.subarray(0, 4), keyHash)
      assert.deepEqual(keyHashOf(name, publicKey), keyHash)
      assert.ok(verify(null, Buffer.from(text), ed25519(publicKey), line.subarray(4)))
    })
  }

  test("our signer makes the published key from the published seed, and a signature of it", () => {
    const signer = new Signer("PeterNeumann", peter.seed)
    assert.equal(verifierKeyText(signer.name, signer.publicKey), peter.key)
    const checkpoint = { origin: "PeterNeumann", size: 7, root: Buffer.alloc(32, 9) }
    const parsed = parseSignedCheckpoint(signer.note(checkpoint))
    assert.ok(parsed)
    assert.equal(parsed.text, checkpointText(checkpoint))
    const line = signatureBy(parsed, parseVerifierKey(peter.key))
    assert.ok(line && verify(null, Buffer.from(parsed.text), ed25519(signer.publicKey), line.signature))
  })

  test("the example checkpoint, with and without a witness", () => {
    for (const [text, lines] of [
      [note, 1],
      [note + sofa[2], 2],
    ] as const) {
      const parsed = parseSignedCheckpoint(text)
      assert.ok(parsed)
      assert.deepEqual(
        [parsed.origin, parsed.size, parsed.root.toString("base64")],
        ["example.com/behind-the-sofa", 20852163, "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="],
      )
      assert.equal(parsed.text, sofa[0])
      assert.equal(checkpointText(parsed), sofa[0])
      assert.equal(parsed.signatures.length, lines)
      assert.equal(parsed.signatures[0]?.signature.length, 64)
    }
  })
})

describe("a checkpoint has one spelling", () => {
  const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
  const line = sofa[1]
  const refused: Readonly<Record<string, string>> = {
    "nothing": "",
    "no signature": `${sofa[0]}\n`,
    "no empty line": `${sofa[0]}${line}`,
    "two empty lines": `${sofa[0]}\n\n${line}`,
    "no line feed at the end": note.slice(0, -1),
    "a line feed too many": `${note}\n`,
    "carriage returns": note.replaceAll("\n", "\r\n"),
    "an empty origin": note.replace("example.com/behind-the-sofa\n2", "\n2"),
    "an empty size": note.replace("20852163", ""),
    "a leading zero": note.replace("20852163", "020852163"),
    "a sign": note.replace("20852163", "+20852163"),
    "a negative size": note.replace("20852163", "-1"),
    "a fraction": note.replace("20852163", "2.0"),
    "an exponent": note.replace("20852163", "2e3"),
    "hexadecimal": note.replace("20852163", "0x10"),
    "a size beyond 2^53": note.replace("20852163", "9007199254740993"),
    "a size of many digits": note.replace("20852163", "1".repeat(40)),
    "a space after the size": note.replace("20852163", "20852163 "),
    "a root of 31 bytes": note.replace(root, Buffer.alloc(31).toString("base64")),
    "a root of 33 bytes": note.replace(root, Buffer.alloc(33).toString("base64")),
    "a root with other trailing bits": note.replace("xq2I=", "xq2J="),
    "a root without padding": note.replace("xq2I=", "xq2I"),
    "a root in URL-safe letters": note.replace(root, root.replaceAll("/", "_")),
    "an extension line": note.replace(root, `${root}\nmore`),
    "a hyphen for the dash": note.replace("— ", "- "),
    "two spaces": note.replace("sofa Az3", "sofa  Az3"),
    "a signature of four bytes": `${sofa[0]}\n— a ${Buffer.alloc(4).toString("base64")}\n`,
    "a signature with other trailing bits": note.replace("AYQ8=", "AYQ9="),
    "a signature without padding": note.replace("AYQ8=", "AYQ8"),
    "a second line that is none": `${note}whatever\n`,
    "a signature line without a name": note.replace("— example.com/behind-the-sofa", "— "),
  }
  for (const [what, text] of Object.entries(refused)) {
    test(`${what}: refused`, () => {
      assert.notEqual(text, note)
      assert.equal(parseSignedCheckpoint(text), undefined)
    })
  }

  test("key names have neither a plus sign nor what Unicode calls white space, and may have anything else", () => {
    const named = (name: string) => parseSignedCheckpoint(`${note}— ${name} ${Buffer.alloc(68, 1).toString("base64")}\n`)
    for (const inside of ["+", " ", "\t", "\v", "\f", "\r", "\u0085", "\u00a0", "\u1680", "\u2000", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"])
      assert.equal(named(`a${inside}b`), undefined, JSON.stringify(inside))
    for (const inside of ["\ufeff", "\u001c", "\u180e", "\u200b", "é", "—", "/"])
      assert.equal(named(`a${inside}b`)?.signatures.length, 2, JSON.stringify(inside))
  })

  test("the largest size there is, and the empty tree", () => {
    assert.equal(parseSignedCheckpoint(note.replace("20852163", "9007199254740991"))?.size, 2 ** 53 - 1)
    assert.equal(parseSignedCheckpoint(note.replace("20852163", "0"))?.size, 0)
  })

  test("what parses is written back byte for byte, whatever is thrown in", () => {
    fc.assert(
      fc.property(fc.nat({ max: note.length - 1 }), fc.string({ unit: "binary-ascii", maxLength: 3 }), fc.nat({ max: 3 }), (at, put, removed) => {
        const text = note.slice(0, at) + put + note.slice(at + removed)
        const parsed = parseSignedCheckpoint(text)
        if (!parsed) return
        const lines = parsed.signatures.map(({ name, keyHash, signature }) => `— ${name} ${Buffer.concat([keyHash, signature]).toString("base64")}\n`)
        assert.equal(`${checkpointText(parsed)}\n${lines.join("")}`, text)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe("verifier keys", () => {
  test("are taken with white space around, and in no other spelling", () => {
    assert.equal(parseVerifierKey(` ${foo.key}\n`).name, "example.com/foo")
    const other = foo.key.replace("+A", "+B") // type 0x05
    const wrong = [
      "",
      "x",
      foo.key.slice(0, -1),
      `${foo.key}A`,
      `${foo.key}=`,
      foo.key.replace("530d903a", "530D903A"),
      foo.key.replace("foo", "f oo"),
      other,
      foo.key.replace("+Ae", "+Be"),
    ]
    for (const text of wrong)
      assert.throws(
        () => parseVerifierKey(text),
        (error) => error instanceof Fault && error.code === "cli.usage",
        text,
      )
  })

  test("with any one character changed is refused", () => {
    for (let at = 0; at < foo.key.length; at++) {
      const put = foo.key[at] === "b" ? "c" : "b"
      assert.throws(() => parseVerifierKey(foo.key.slice(0, at) + put + foo.key.slice(at + 1)), Fault, `character ${at}`)
    }
  })

  test("pick their own signature of the right length only", () => {
    const key = parseVerifierKey(verifierKeyText("example.com/behind-the-sofa", Buffer.alloc(32, 1)))
    const parsed = parseSignedCheckpoint(note)
    assert.ok(parsed)
    assert.equal(signatureBy(parsed, key), undefined)
    const [own] = parsed.signatures
    assert.ok(own)
    const ownKey = { ...key, keyHash: own.keyHash }
    assert.equal(signatureBy(parsed, ownKey), own)
    assert.equal(signatureBy({ ...parsed, signatures: [{ ...own, signature: own.signature.subarray(1) }] }, ownKey), undefined)
    assert.equal(signatureBy({ ...parsed, signatures: [{ ...own, name: "other" }] }, ownKey), undefined)
  })
})
