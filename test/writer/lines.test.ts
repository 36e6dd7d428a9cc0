/** Lines and the bytes behind them come out the same however the stream was cut into pieces. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import fc from "fast-check"
import { LineSplitter } from "../../src/surfaces/socket/lines.ts"

type Message = { readonly line: string; readonly behind: Buffer }

const message = fc.record({
  line: fc.string({ unit: fc.constantFrom("a", "é", "{", '"', " "), minLength: 1, maxLength: 12 }),
  behind: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
})

/** Each line says how many bytes stand behind it. */
function read(stream: Buffer, cuts: readonly number[]): readonly Message[] {
  const found: { line: string; behind: Buffer }[] = []
  const splitter = new LineSplitter(1_000, (text) => {
    const [count = "", line = ""] = text.split("|")
    const one: { line: string; behind: Buffer } = { line, behind: Buffer.alloc(0) }
    found.push(one)
    if (count !== "0") splitter.takeBytes(Number(count), (bytes) => (one.behind = bytes))
  })
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
  places.slice(1).forEach((to, index) => assert.ok(splitter.push(stream.subarray(places[index], to))))
  return found
}

describe("a stream of lines", () => {
  test("with bytes behind some of them, cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 9 }), (messages, cuts) => {
        const stream = Buffer.concat(messages.flatMap(({ line, behind }) => [Buffer.from(`${behind.length}|${line}\n`), behind]))
        assert.deepEqual(
          read(stream, cuts),
          messages.map(({ line, behind }) => ({ line, behind })),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  test("a line over the bound is refused, bytes behind a line are not counted as one", () => {
    const splitter = new LineSplitter(10, () => splitter.takeBytes(50, () => {}))
    assert.ok(splitter.push(Buffer.from(`x\n${"\n".repeat(50)}`)))
    assert.ok(!splitter.push(Buffer.from("12345678901")))
  })
})
