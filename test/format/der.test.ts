/** DER: one encoding for one value. Everything that BER would let pass beside it is refused. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { der, DerError, derTag, derUnsigned, oidOf, partsOf, readDer, timeOf, unsignedOf } from "../../src/format/der.ts"

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex")

describe("DER", () => {
  const good: Readonly<Record<string, string>> = {
    "an empty sequence": "3000",
    "a sequence in a sequence": "30 04 30 02 05 00",
    "a long text": `0c 81 80 ${"61".repeat(128)}`,
    "a longer one": `0c 82 01 00 ${"61".repeat(256)}`,
    true: "01 01 ff",
    "a negative number": "02 01 ff",
    "a number above 127": "02 02 00 80",
  }
  for (const [name, hex] of Object.entries(good)) test(`reads ${name}`, () => assert.deepEqual(readDer(bytes(hex)).whole, bytes(hex)))

  const bad: Readonly<Record<string, string>> = {
    nothing: "",
    "a tag alone": "30",
    "an indefinite length": "30 80 00 00",
    "a length in more bytes than it needs": "30 81 02 05 00",
    "a length with a zero before it": `0c 82 00 80 ${"61".repeat(128)}`,
    "a length of four bytes": "30 84 00 00 00 02 05 00",
    "a length of no bytes": "30 ff",
    "less than it says": "30 04 05 00",
    "more than it says": "30 02 05 00 00",
    "a part that is cut short": "30 03 02 05 00",
    "a tag of several bytes": "1f 1f 00",
    "true by another name": "01 01 01",
    "a boolean of two bytes": "01 02 ff ff",
    "a null that holds something": "05 01 00",
    "a number without bytes": "02 00",
    "a number with a zero too many": "02 02 00 7f",
    "a number with a sign too many": "02 02 ff 80",
    "a sequence forty deep": Array.from({ length: 40 }, (_, depth) => `30${(2 * (39 - depth)).toString(16).padStart(2, "0")}`).join(""),
  }
  for (const [name, hex] of Object.entries(bad)) test(`refuses ${name}`, () => assert.throws(() => readDer(bytes(hex)), DerError))

  test("names and numbers are as others write them", () => {
    assert.equal(oidOf(readDer(bytes("06 09 2a 86 48 86 f7 0d 01 07 02"))), "1.2.840.113549.1.7.2")
    assert.equal(oidOf(readDer(bytes("06 03 88 37 03"))), "2.999.3")
    for (const hex of ["06 00", "06 02 2a 80", "06 03 2a 80 01"]) assert.throws(() => oidOf(readDer(bytes(hex))), DerError)
    assert.equal(unsignedOf(readDer(bytes("02 02 00 80"))), "80")
    assert.throws(() => unsignedOf(readDer(bytes("02 01 80"))), DerError)
    assert.throws(() => partsOf(readDer(bytes("05 00"))), DerError)
  })

  test("times are of the calendar, in UTC, with seconds", () => {
    const time = (tag: number, text: string) => timeOf(readDer(der(tag, Buffer.from(text))))
    assert.equal(time(derTag.generalizedTime, "20261130135251.25Z"), Date.UTC(2026, 10, 30, 13, 52, 51, 250))
    assert.deepEqual([time(derTag.utcTime, "491231235959Z"), time(derTag.utcTime, "500101000000Z")], [Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(1950, 0, 1)])
    for (const text of [
      "202611301352Z",
      "20261130135251",
      "20261130135251+0100",
      "20260230135251Z",
      "20261130136051Z",
      "20261130135251.50Z",
      "20261130135251.Z",
      "",
    ])
      assert.throws(() => time(derTag.generalizedTime, text), DerError)
  })

  test("what is written is read again", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 60_000]) assert.equal(readDer(der(derTag.octetString, Buffer.alloc(length))).content.length, length)
    for (const hex of ["00", "7f", "80", "ff00", "0000ff"]) assert.equal(BigInt(`0x${unsignedOf(readDer(derUnsigned(bytes(hex))))}`), BigInt(`0x${hex}`))
  })
})
