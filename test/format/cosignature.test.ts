/** Cosignatures, byte for byte as others publish them; every other spelling is none, and nothing thrown at the parser makes it throw. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { anyCharacter } from "../any-character.ts"
import { Fault } from "../../src/base/fault.ts"
import { keyHashOf, parseSignatureLine, parseSignedCheckpoint, parseVerifierKey, verifierKeyText } from "../../src/format/checkpoint.ts"
import { cosignatureOf, cosignatureText, cosignedBytes, linesBy, parseCosignature } from "../../src/format/cosignature.ts"
import { published } from "../vectors/c2sp/witness.ts"

const { cosigned, example, times, keys } = published

describe("published cosignatures", () => {
  test("the example: its time, and the bytes that are signed", () => {
    const parsed = parseCosignature(example.cosignature)
    assert.ok(parsed)
    assert.deepEqual([parsed.name, parsed.keyHash.toString("hex"), parsed.timeS], ["witness.example.com/w1", "8d66cf3f", example.timeSeconds])
    assert.equal(parsed.signature.length, 64)
    assert.equal(cosignedBytes(parsed.timeS, example.checkpointText).toString(), example.cosignedText)
  })

  for (const { key, line } of cosigned.witnesses) {
    test(`by ${key.split("+")[0]}: key, line and time`, () => {
      const { name, publicKey, keyHash } = parseVerifierKey(key, "witness")
      assert.equal(verifierKeyText(name, publicKey, "witness"), key)
      const parsed = parseCosignature(line)
      assert.ok(parsed)
      assert.deepEqual([parsed.name, parsed.keyHash, parsed.timeS], [name, keyHash, cosigned.timeSeconds])
      assert.equal(cosignatureText(name, publicKey, parsed.timeS, parsed.signature), `${line}\n`)
    })
  }

  test("a checkpoint under the lines of its log and of four witnesses is one note", () => {
    const note = cosigned.checkpoint + cosigned.witnesses.map(({ line }) => `${line}\n`).join("")
    const parsed = parseSignedCheckpoint(note)
    assert.equal(parsed?.signatures.length, 6)
    assert.deepEqual(parsed?.signatures.map((signature) => cosignatureOf(signature)?.timeS).slice(2), new Array(4).fill(cosigned.timeSeconds))
  })

  for (const [index, [signature, timeS]] of times.rows.entries()) {
    test(`time ${index + 1} of a published table is ${timeS}`, () => assert.equal(parseCosignature(`— w ${signature}`)?.timeS ?? null, timeS))
  }

  test("the lines of an answer, by key", () => {
    const [first = "", second = "", third = ""] = example.response.split("\n")
    for (const [line, name] of [
      [first, "witness.example/w1"],
      [second, "witness.example/w1"],
      [third, "witness.example/w2"],
    ] as const) {
      const keyHash = parseSignatureLine(line)?.keyHash ?? Buffer.alloc(0)
      assert.deepEqual(linesBy({ name, keyHash, publicKey: Buffer.alloc(32) }, example.response), [line])
      assert.deepEqual(linesBy({ name: "another", keyHash, publicKey: Buffer.alloc(32) }, example.response), [])
    }
  })
})

describe("the key of a witness", () => {
  test("is of another type than a log's: the same secret has two keys, and neither passes for the other", () => {
    for (const [, logKey] of keys.rows) {
      const { name, publicKey, keyHash } = parseVerifierKey(logKey)
      const witnessKey = verifierKeyText(name, publicKey, "witness")
      assert.notDeepEqual(keyHashOf(name, publicKey, "witness"), keyHash)
      assert.deepEqual(parseVerifierKey(witnessKey, "witness").publicKey, publicKey)
      assert.throws(() => parseVerifierKey(witnessKey), Fault)
      assert.throws(() => parseVerifierKey(logKey, "witness"), Fault)
    }
  })

  test("of a wrong spelling is refused with a sentence", () => {
    for (const text of [...keys.badWitnessKeys, cosigned.witnesses[0]?.key.replace("d8042a87", "d8042a88") ?? ""]) {
      assert.throws(
        () => parseVerifierKey(text, "witness"),
        (error) => error instanceof Fault && error.code === "cli.usage" && /key/.test(error.message),
      )
    }
  })
})

describe("hostile lines", () => {
  const { line, key } = cosigned.witnesses[2] ?? { line: "", key: "" }
  const { name, publicKey, keyHash } = parseVerifierKey(key, "witness")
  const withTime = (time: bigint): string => {
    const bytes = Buffer.alloc(8 + 64)
    bytes.writeBigUInt64BE(time)
    return `— ${name} ${Buffer.concat([keyHash, bytes]).toString("base64")}`
  }

  test("times up to the year 9999 are read, later ones are none", () => {
    for (const [time, timeS] of [
      [0n, 0],
      [253_402_300_799n, 253_402_300_799],
      [253_402_300_800n, undefined],
      [2n ** 63n, undefined],
      [2n ** 64n - 1n, undefined],
    ] as const) {
      assert.equal(parseCosignature(withTime(time))?.timeS, timeS)
    }
  })

  for (const [what, text] of Object.entries({
    "no line": "",
    "a hyphen for the dash": line.replace("—", "-"),
    "no name": line.replace(` ${name} `, "  "),
    "two spaces": line.replace(" ", "  "),
    "a line feed at its end": `${line}\n`,
    "a carriage return": `${line}\r`,
    "a line before it": `x\n${line}`,
    "unused bits": line.replace(/w==$/, "x=="),
    "no padding": line.replace(/=+$/, ""),
    "URL-safe base64": line.replace("/", "_"),
    "a signature of a log": `— ${name} ${Buffer.concat([keyHash, Buffer.alloc(64)]).toString("base64")}`,
    "a byte more": `— ${name} ${Buffer.concat([keyHash, Buffer.alloc(73)]).toString("base64")}`,
  })) {
    test(`${what}: no cosignature`, () => assert.equal(parseCosignature(text), undefined))
  }

  test("whatever is parsed is spelled the same again, and nothing throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: anyCharacter }), mutationsOf(line)), (text) => {
        const parsed = parseCosignature(text)
        if (!parsed) return
        assert.equal(cosignatureText(parsed.name, publicKey, parsed.timeS, parsed.signature).length, text.length + 1)
        assert.ok(linesBy({ ...parsed, publicKey }, `x\n${text}\n`).includes(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** The text with one character changed, left out or added. */
function mutationsOf(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.constantFrom("change", "cut", "add"), fc.constantFrom("A", "=", "+", " ", "\n", "é", "\u{1d11e}"))
    .map(([at, how, put]) => text.slice(0, at) + (how === "cut" ? "" : put) + text.slice(how === "add" ? at : at + 1))
}
