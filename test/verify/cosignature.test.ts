/** Cosignatures of public witnesses are good, and with one bit changed anywhere they are not. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { cosignatureChecker } from "../../src/verify/cosignature.ts"
import { noteChecker } from "../../src/verify/signature.ts"
import { published } from "../vectors/c2sp/witness.ts"

const { cosigned } = published
const text = parseSignedCheckpoint(cosigned.checkpoint)?.text ?? ""

describe("cosignatures of public witnesses", () => {
  for (const { key, line } of cosigned.witnesses) {
    const check = cosignatureChecker(parseVerifierKey(key, "witness"))

    test(`by ${key.split("+")[0]}`, () => assert.deepEqual(check(line, text), { ok: true, timeS: cosigned.timeSeconds }))

    test(`by ${key.split("+")[0]}, changed: never good`, () => {
      assert.deepEqual(check(line, text.replace("1432088532", "1432088533")), { ok: false, why: "its signature is wrong" })
      const [dash = "", name = "", encoded = ""] = line.split(" ")
      const bytes = Buffer.from(encoded, "base64")
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.equal(check([dash, name, changed.toString("base64")].join(" "), text).ok, false, `bit ${bit}`)
      }
    })
  }

  test("of one witness are nothing to the key of another, nor to the log's", () => {
    const [one, other] = cosigned.witnesses
    assert.ok(one && other)
    assert.deepEqual(cosignatureChecker(parseVerifierKey(one.key, "witness"))(other.line, text), { ok: false, why: "it is by another key" })
    assert.deepEqual(cosignatureChecker(parseVerifierKey(one.key, "witness"))("nonsense", text), { ok: false, why: "it is not a well-formed cosignature" })
    assert.equal(noteChecker(parseVerifierKey(cosigned.logKey))(cosigned.checkpoint + `${one.line}\n`).ok, true)
  })
})
