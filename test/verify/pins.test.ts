/** Keys and certificates as people paste them. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { generateKeyPairSync } from "node:crypto"
import { verifierKeyText } from "../../src/format/checkpoint.ts"
import { parsePins } from "../../src/verify/evidence/pins.ts"

describe("pinned keys", () => {
  const raw = Buffer.from(generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "", "base64url")
  const key = verifierKeyText("example.com/log", raw)

  test("stand a line each, with any blanks around them", () => {
    // So many blanks that whoever looks at each of them twice is never done.
    const blanks = " ".repeat(2_000_000)
    const pins = parsePins(`\ufeff${key}${blanks}\r\n\n \t\n${key} ${blanks}\n`)
    assert.ok("ledgers" in pins)
    assert.equal(pins.ledgers.length, 2)
    assert.deepEqual("problem" in parsePins(`${key}${blanks}x`), true)
  })

  test("are refused where a certificate cannot be read", () => {
    for (const inside of ["AAAA", "", "!!!!"]) {
      const pins = parsePins(`-----BEGIN CERTIFICATE-----\n${inside}\n-----END CERTIFICATE-----\n`)
      assert.ok("problem" in pins)
      assert.match(pins.problem, /certificate/)
    }
  })
})
