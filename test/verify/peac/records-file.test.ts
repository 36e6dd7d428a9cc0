/** A file of records, as the command line and as the one-file verifiers take it: what stands in front of the records changes no verdict. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { parsePins } from "../../../src/verify/evidence/pins.ts"
import { verifyRecordsFile } from "../../../src/verify/peac/records-file.ts"
import { claimsOf, jwsOf, newKey } from "./made-records.ts"

describe("a file of records", () => {
  const key = newKey()
  const pins = parsePins(JSON.stringify(key.jwk))
  const good = [1, 2].map((n) => `${jwsOf(claimsOf(n), key)}\n`).join("")
  const bad = good.replace(/\.(.)/, (_, letter: string) => `.${letter === "A" ? "B" : "A"}`)
  const blank = "\n".repeat(70_000)
  const verdictOf = async (text: string) => {
    assert.ok(!("problem" in pins))
    const { verdict } = verifyRecordsFile(Buffer.from(text), [key.key])
    const found = await examine(memorySource("lines.jws", Buffer.from(text)), pins)
    assert.equal(found.verdict, verdict, "both come to one verdict")
    return verdict
  }

  for (const front of ["", "\n", "\r\n\r\n", "\ufeff", "\ufeff\n", blank]) {
    test(`with ${JSON.stringify(front.slice(0, 8))}, ${front.length} long, in front of it`, async () => {
      for (const end of ["", "\n\n", blank]) assert.deepEqual([await verdictOf(front + good + end), await verdictOf(front + bad + end)], ["valid", "invalid"])
    })
  }

  test("with something else in front of them is invalid", async () => {
    for (const front of ["no receipt\n", " \n", "{}\n", `${"x\n".repeat(50_000)}`]) assert.equal(await verdictOf(front + good), "invalid", front.slice(0, 12))
  })

  test("with nothing in it is unverifiable", async () => {
    for (const text of ["", "\n", "\r\n\n", "\ufeff"]) assert.equal(await verdictOf(text), "unverifiable")
  })
})
