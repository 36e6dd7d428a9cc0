/** Sealing of small secrets: only the key, the label and the bytes that belong together open. */
import assert from "node:assert/strict"
import { createSecretKey } from "node:crypto"
import { describe, test } from "node:test"
import fc from "fast-check"
import { seal, subkey, unseal } from "../../src/vault/wrap.ts"

const key = createSecretKey(Buffer.alloc(32, 1))
const label = Buffer.from("a label")
const plain = Buffer.from("what is sealed")

describe("sealed bytes", () => {
  test("open under their key and label", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 40 }), (plain, label) => {
        const sealed = seal(key, plain, label)
        assert.equal(sealed.length, plain.length + 28)
        assert.deepEqual(unseal(key, sealed, label), Buffer.from(plain))
      }),
    )
  })

  test("do not open under another key or label, nor when cut or longer", () => {
    const sealed = seal(key, plain, label)
    assert.equal(unseal(createSecretKey(Buffer.alloc(32, 2)), sealed, label), undefined)
    assert.equal(unseal(key, sealed, Buffer.from("a labeL")), undefined)
    assert.equal(unseal(key, sealed, Buffer.alloc(0)), undefined)
    for (let size = 0; size < sealed.length; size++) assert.equal(unseal(key, sealed.subarray(0, size), label), undefined, `cut to ${size}`)
    assert.equal(unseal(key, Buffer.concat([sealed, Buffer.of(0)]), label), undefined)
  })

  test("do not open with any one bit flipped", () => {
    const sealed = seal(key, plain, label)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bent = Buffer.from(sealed)
      bent.writeUInt8(bent.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      assert.equal(unseal(key, bent, label), undefined, `bit ${bit}`)
    }
  })

  test("are never the same twice", () => {
    assert.notDeepEqual(seal(key, plain, label), seal(key, plain, label))
  })

  test("subkeys differ by purpose and key, and are the same on every machine", () => {
    const master = Buffer.alloc(32, 5)
    const hex = (key: Uint8Array, purpose: string) => subkey(key, purpose).export().toString("hex")
    assert.equal(hex(master, "wrap"), hex(master, "wrap"))
    assert.equal(new Set([hex(master, "wrap"), hex(master, "pages/journal.db"), hex(master, "pages/views.db"), hex(Buffer.alloc(32, 6), "wrap")]).size, 4)
  })
})
