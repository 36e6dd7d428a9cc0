/** Sealed bytes are told from everything else: random pages pass, and no text, number or gap does, in any alphabet. */
import assert from "node:assert/strict"
import { createCipheriv, randomBytes } from "node:crypto"
import { describe, test } from "node:test"
import { deflateRawSync } from "node:zlib"
import { pageBytes, readableIn } from "../../src/vault/readable.ts"

const texts = {
  English: "The quick brown fox jumps over the lazy dog and looks for the next one. ",
  German: "Über den Wäldern hängt der Nebel, und niemand weiß, wie lange noch. ",
  Russian: "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
  Chinese: "我们的记录是不可更改的,任何人都可以检验它。",
  Japanese: "いろはにほへとちりぬるを わかよたれそつねならむ ",
  Arabic: "نص حكيم له سر قاطع وذو شأن عظيم ",
  JSON: '{"a":1,"b":[2,3,null],"c":"~x"}\n',
  numbers: Buffer.from(Float64Array.from({ length: 9 }, (_, i) => i * 1.5).buffer).toString("latin1"),
}
const filled = (text: string, encoding: "utf8" | "latin1" = "utf8") => {
  const bytes = Buffer.from(text, encoding)
  return Buffer.alloc(pageBytes, bytes)
}

describe("readable bytes", () => {
  test("are not found in ten thousand random or sealed pages", () => {
    const cipher = createCipheriv("aes-256-ctr", randomBytes(32), randomBytes(16))
    for (let i = 0; i < 5_000; i++) {
      assert.equal(readableIn(randomBytes(pageBytes)), undefined)
      assert.equal(readableIn(cipher.update(Buffer.alloc(pageBytes))), undefined)
    }
  })

  for (const [name, text] of Object.entries(texts)) {
    test(`${name}: a page of it, half of one, an eighth of one between random bytes`, () => {
      const page = filled(text, name === "numbers" ? "latin1" : "utf8")
      for (const share of [1, 2, 8]) {
        const mixed = Buffer.concat([randomBytes(pageBytes / 2), page.subarray(0, pageBytes / share), randomBytes(pageBytes)]).subarray(0, pageBytes)
        assert.notEqual(readableIn(share === 1 ? page : mixed), undefined, `1/${share}`)
      }
    })
  }

  test("a short run of plain text in a sealed page is told with its place", () => {
    for (const at of [0, 100, pageBytes - 40]) {
      const page = randomBytes(pageBytes)
      page[at - 1] = 0
      page.write("agent:main:telegram:direct:777 said hello", at, "latin1")
      assert.deepEqual(readableIn(page), { at, what: "text" })
    }
  })

  test("zeros, a gap, and packed text with its frames are uneven", () => {
    assert.deepEqual(readableIn(Buffer.alloc(pageBytes)), { at: 0, what: "uneven" })
    assert.deepEqual(readableIn(Buffer.concat([randomBytes(pageBytes - 300), Buffer.alloc(300)])), { at: 0, what: "uneven" })
    const packed = Buffer.concat(Array.from({ length: 400 }, (_, i) => deflateRawSync(Buffer.from(`a short message number ${i}`)))).subarray(0, pageBytes)
    assert.equal(packed.length, pageBytes)
    assert.notEqual(readableIn(packed), undefined)
  })

  test("pieces smaller than a page are looked through for text alone", () => {
    assert.equal(readableIn(Buffer.alloc(24)), undefined)
    assert.deepEqual(readableIn(Buffer.from("x".repeat(40))), { at: 0, what: "text" })
  })
})
