/** Settings as an operator writes them: what is not usable is refused with the setting's name. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Fault } from "../src/base/fault.ts"
import { parseConfig } from "../src/config.ts"
import { WitnessKey } from "../src/vault/witness-key.ts"

const { verifierKey } = new WitnessKey("example.org/w", Buffer.alloc(32, 3))

describe("the setting witnesses", () => {
  test("is empty where it is not written", () => assert.deepEqual(parseConfig({}).witnesses, []))

  test("takes keys with URLs, as they are written", () => {
    const witnesses = [`${verifierKey} http://10.0.0.2:7380`, `${verifierKey} https://example.org/witness/`, `  ${verifierKey}\thttp://[::1]:1  `]
    assert.deepEqual(parseConfig({ witnesses }).witnesses, witnesses)
  })

  for (const [what, written] of Object.entries({
    "a text": verifierKey,
    "a list of objects": [{ key: verifierKey }],
    "no key": [""],
    "no URL": [verifierKey],
    "a URL first": [`http://x ${verifierKey}`],
    "a key that is mistyped": [`${verifierKey.replace("example", "exemple")} http://x`],
    "another scheme": [`${verifierKey} ftp://x`],
    "no scheme": [`${verifierKey} 10.0.0.2:7380`],
    "a password": [`${verifierKey} http://a:b@x`],
    "a query": [`${verifierKey} http://x/?y`],
    "a fragment": [`${verifierKey} http://x/#y`],
    "more words": [`${verifierKey} http://x y`],
  })) {
    test(`refuses ${what}`, () =>
      assert.throws(
        () => parseConfig({ witnesses: written }),
        (error) => error instanceof Fault && error.code === "config.invalid" && error.message.startsWith("The setting witnesses is not usable: "),
      ))
  }
})
