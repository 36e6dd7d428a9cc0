/** The request a log makes of a witness: as published, and nothing that is only nearly so. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { addCheckpointText, mostProofLines, parseAddCheckpoint, toldSize, toldSizeText } from "../../src/format/add-checkpoint.ts"
import { parseHash } from "../../src/format/checkpoint.ts"
import { published } from "../vectors/c2sp/witness.ts"
import { makeLog } from "../witness-log.ts"

const { example, race, toldSizes } = published
const parse = (text: string) => parseAddCheckpoint(Buffer.from(text))

describe("published requests", () => {
  test("the example, and back again to the same bytes", () => {
    const offer = parse(example.request)
    assert.ok(offer)
    assert.deepEqual([offer.oldSize, offer.proof.length, offer.checkpoint.size, offer.checkpoint.signatures.length], [20852014, 4, 20852163, 2])
    assert.equal(offer.checkpoint.text, example.checkpointText)
    const note = example.request.slice(example.request.indexOf("\n\n") + 2)
    assert.equal(addCheckpointText(offer.oldSize, offer.proof, note), example.request)
  })

  test("those of a race", () => {
    assert.deepEqual(
      [race.first, race.toThree, race.toFive].map((text) => [parse(text)?.oldSize, parse(text)?.proof.length, parse(text)?.checkpoint.size]),
      [
        [0, 0, 1],
        [1, 2, 3],
        [1, 3, 5],
      ],
    )
    assert.equal(parse(race.toFive)?.checkpoint.root.toString("hex"), race.rootOfFiveHex)
  })

  for (const [type, body, size] of toldSizes.rows) {
    test(`an answer 409 of ${type} with ${JSON.stringify(body)} tells ${size}`, () => assert.equal(toldSize(type, body) ?? null, size))
  }

  test("a size is told as it is understood", () => {
    for (const size of [0, 7, 2 ** 53 - 1]) assert.equal(toldSize("text/x.tlog.size", toldSizeText(size)), size)
    assert.equal(toldSize(undefined, "5\n"), undefined)
  })
})

describe("a request has one spelling", () => {
  const log = makeLog()
  const good = log.offer(5, 9)
  const [oldLine = "", ...rest] = good.split("\n")
  const put = (line: string) => [line, ...rest].join("\n")
  const hash = parseHash(rest[0] ?? "")?.toString("base64") ?? ""
  const extended = good.replace(/(\n9\n[^\n]+\n)/, "$1an extension line\nanother\n")

  test("the honest one is read", () => assert.ok(parse(good) && oldLine === "old 5" && hash !== ""))

  test("extension lines belong to the text that is signed", () => {
    const offer = parse(extended)
    assert.equal(offer?.checkpoint.text.split("\n").length, 6)
    assert.match(offer?.checkpoint.text ?? "", /an extension line\nanother\n$/)
  })

  test(`up to ${mostProofLines} lines of proof and 64 of signatures, not one more`, () => {
    const lines = (count: number) => put(["old 5", ...new Array(count - log.proof(5, 9).length).fill(hash)].join("\n"))
    assert.equal(parse(lines(mostProofLines))?.proof.length, mostProofLines)
    assert.equal(parse(lines(mostProofLines + 1)), undefined)
    const signature = good.slice(good.indexOf("—"))
    assert.equal(parse(good + signature.repeat(63))?.checkpoint.signatures.length, 64)
    assert.equal(parse(good + signature.repeat(64)), undefined)
  })

  for (const [what, text] of Object.entries({
    nothing: "",
    "no old size": rest.join("\n"),
    "an old size without a space": put("old5"),
    "two spaces": put("old  5"),
    "a leading zero": put("old 05"),
    "a sign": put("old +5"),
    "a negative size": put("old -1"),
    "a fraction": put("old 5.0"),
    "an exponent": put("old 5e0"),
    "hex": put("old 0x5"),
    "a size of 2^53": put("old 9007199254740992"),
    "a size beyond every number": put(`old ${"9".repeat(400)}`),
    "Windows line ends": good.replaceAll("\n", "\r\n"),
    "a tab in the origin": good.replace("example.com/log\n", "example.com/\tlog\n"),
    "an origin that is empty": good.replace("example.com/log\n9", "\n9"),
    "a proof line that is no hash": good.replace(hash, "AAAA"),
    "a proof line with unused bits": good.replace(hash, `${hash.slice(0, -2)}${hash.at(-2) === "A" ? "B" : "C"}=`),
    "an empty line in the proof": put("old 5\n"),
    "no checkpoint": `${oldLine}\n\n`,
    "no signature": good.slice(0, good.indexOf("—")),
    "no line feed at the end": good.slice(0, -1),
    "an empty line at the end": `${good}\n`,
    "an empty extension line": extended.replace("an extension line", ""),
  })) {
    test(`${what}: refused`, () => assert.equal(parse(text), undefined))
  }

  test("bytes that are not UTF-8, or begin with a mark: refused", () => {
    assert.equal(parseAddCheckpoint(Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.of(0xff, 0x0a)])), undefined)
    assert.equal(parseAddCheckpoint(Buffer.from(`\ufeff${good}`)), undefined)
    assert.equal(parseAddCheckpoint(Buffer.alloc(0)), undefined)
  })

  test("whatever is read is written the same again, and nothing throws", () => {
    const bytes = Buffer.from(good)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, byte] of changes) changed[at] = byte
        const offer = parseAddCheckpoint(changed)
        const text = changed.toString()
        if (offer) assert.equal(addCheckpointText(offer.oldSize, offer.proof, text.slice(text.indexOf("\n\n") + 2)), text)
      }),
      { numRuns: 3_000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseAddCheckpoint(bytes)))
  })
})
