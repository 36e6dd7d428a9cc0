/** Rows written letter by letter: numbers, decimals, times and texts are what the slow and simple way writes. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { decimalText, product, sumOf } from "../../src/base/decimal.ts"
import { RowBytes } from "../../src/views/exports/row-bytes.ts"
import { chance } from "../history/jsonl-corpus.ts"

const most = Number.MAX_SAFE_INTEGER
const random = chance(7)
/** Of every size, with and without zeros at the end, and around the places where halves meet. */
const wholes = [
  ...[0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_000_000_001, 999_999_999_999_999, 1e15, 1e15 + 1, most - 1, most],
  ...Array.from({ length: 53 }, (_, bit) => [2 ** bit, 2 ** bit - 1]).flat(),
  ...Array.from({ length: 9_007 }, (_, billions) => billions * 1_000_000_000_000 - 1).slice(1),
  ...Array.from({ length: 5_000 }, () => Math.floor(random() * 10 ** (1 + Math.floor(random() * 15)))),
]

const out = new RowBytes()

function written(write: (to: RowBytes) => void): string {
  write(out)
  return Buffer.from(out.take()).toString()
}

/** A decimal as digits alone say it. */
function plainly(whole: bigint, scale: number): string {
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, "0")
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, "")
  return whole < 0n ? `-${text}` : text
}

describe("numbers", () => {
  test("are written exactly, whatever their size", () => {
    for (const whole of wholes) {
      assert.equal(
        written((to) => to.whole(whole)),
        String(whole),
      )
      for (const [scale, name] of [
        [9, "nanos"],
        [15, "femtos"],
      ] as const) {
        const text = plainly(BigInt(whole), scale)
        assert.equal(decimalText(whole, scale), text)
        assert.equal(decimalText(BigInt(whole), scale), text)
        assert.equal(
          written((to) => to[name](whole)),
          text,
        )
      }
    }
  })

  test("are written exactly beyond what a float holds, and below nothing", () => {
    const large = product(most, most)
    assert.equal(large, BigInt(most) ** 2n)
    assert.equal(
      written((to) => to.femtos(large)),
      plainly(BigInt(most) ** 2n, 15),
    )
    assert.equal(sumOf(most, 2), BigInt(most) + 2n)
    assert.equal(sumOf(1, 2n), 3n)
    for (const below of [-1, -1_500_000_000, -most]) {
      assert.equal(
        written((to) => to.nanos(below)),
        plainly(BigInt(below), 9),
      )
      assert.equal(
        written((to) => to.whole(below)),
        String(below),
      )
    }
  })
})

describe("times and texts", () => {
  test("times are those of Date, in any order", () => {
    const times = [0, 1, 59_999, 60_000, 1_795_000_000_000, 1_795_000_000_999, 1_795_000_059_999, 253_402_300_799_999, 253_402_300_800_000, 8.64e15, 5]
    for (const atMs of times) {
      out.time(atMs)
      assert.equal(Buffer.from(out.take()).toString(), new Date(atMs).toISOString())
    }
  })

  test("texts are UTF-8, also where a row is larger than the buffer", () => {
    const texts = ["", "plain", "ü", "a帳b", "𝄞 and more", "x".repeat(3_000_000), "帳".repeat(700_000)]
    assert.equal(
      written((to) => {
        for (const text of texts) {
          to.text(text)
          to.comma()
        }
        to.encoded(Buffer.from("end"))
        to.endOfLine()
      }),
      `${texts.join(",")},end\r\n`,
    )
  })
})
