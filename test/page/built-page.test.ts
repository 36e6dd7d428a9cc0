/** What is built: small, whole, the same from the same sources, and made of no markup but its own. */
import assert from "node:assert/strict"
import { gzipSync } from "node:zlib"
import { describe, test } from "node:test"
import { buildPage } from "../../scripts/build-page.ts"
import { axisOf, marksOf } from "../../src/desk/axis.ts"
import type { LedgerEvent } from "../../src/desk/bodies.ts"
import { servedPolicy, withData } from "../../src/surfaces/page/page-file.ts"
import { linesMatching, read, sources } from "../tidy/repository.ts"

const mostBytes = 150_000

describe("the built page", async () => {
  const { html } = await buildPage()

  test(`is at most ${mostBytes} bytes as it is sent, compressed, and asks nobody for anything`, () => {
    assert.ok(gzipSync(html).length <= mostBytes, `${gzipSync(html).length} bytes`)
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\/|@import|url\(/)
    assert.equal(html.match(/<script>/g)?.length, 1)
  })

  test("is the same from the same sources", async () => {
    assert.equal((await buildPage()).html, html)
  })

  test("takes data in as data", () => {
    const text = withData({ document: html, hashes: { script: "s", style: "t" } }, { a: "</script><script>alert(1)</script>\u2028" })
    const [, data = ""] = /<script type="application\/json" id="told">([^<]*)<\/script>/.exec(text) ?? []
    assert.deepEqual(JSON.parse(data), { a: "</script><script>alert(1)</script>\u2028" })
    assert.match(servedPolicy({ document: html, hashes: { script: "sha256-x", style: "sha256-y" } }), /script-src 'sha256-x'; style-src 'sha256-y'/)
  })

  test("no source of it makes markup of a text", () => {
    const found = sources("src/desk").flatMap((path) =>
      linesMatching(path, read(path), /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\b|new Function/, "$&"),
    )
    assert.deepEqual(found, [])
  })
})

describe("one axis for a session", () => {
  const event = (sequence: number, type: string, atMs: number, facts: Readonly<Record<string, unknown>> = {}): LedgerEvent => ({
    ...{ sequence, type, id: String(sequence), category: "", sessionId: null, sender: null, description: "", preview: null, facts },
    createdAt: new Date(atMs).toISOString(),
  })

  test("what was begun and ended is one mark; what is idle is a gap of one width", () => {
    const hour = 3_600_000
    const marks = marksOf([
      event(1, "message.received", 0),
      event(2, "tool.invoked", 1_000, { call: "a" }),
      event(3, "tool.returned", 3_000, { call: "a", failed: true }),
      event(4, "tool.invoked", hour, { call: "b" }),
      event(5, "tool.denied", hour + 500, { call: "b" }),
      event(6, "usage.reported", 2 * hour, { latencyMs: 2_000, computedNanos: "5" }),
    ])
    assert.deepEqual(
      marks.map(({ lane, fromMs, toMs, tone, nanos }) => [lane, toMs - fromMs, tone, nanos]),
      [
        ["message", 0, "plain", 0],
        ["tool", 2_000, "bad", 0],
        ["verdict", 500, "bad", 0],
        ["model", 2_000, "plain", 5],
      ],
    )
    const axis = axisOf(marks)
    assert.equal(axis.breaks.length, 2)
    assert.ok(axis.widthPx < 400, `${axis.widthPx}`)
    const places = marks.map(({ fromMs }) => axis.x(fromMs))
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
  })
})
