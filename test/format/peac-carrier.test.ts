/** Receipts beside what they are about: names, limits and judgements are those of the package; what two readers could read differently is refused. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { PEAC_RECEIPT_HEADER, PEAC_RECEIPT_URL_HEADER } from "@peac/kernel"
import {
  CARRIER_TRANSPORT_LIMITS,
  computeReceiptRef,
  PeacEvidenceCarrierSchema,
  validateCarrierConstraints,
  verifyReceiptRefConsistency,
  type PeacEvidenceCarrier,
} from "@peac/schema"
import type { JsonObject } from "../../src/base/json.ts"
import {
  a2aExtension,
  carrierLimits,
  carrierOf,
  carriersIn,
  carriersInHeaderText,
  carriersOf,
  placedIn,
  receiptHeader,
  receiptUrlHeader,
  referenceOf,
  transports,
  type Carrier,
  type Transport,
} from "../../src/format/peac/carrier.ts"
import type { Parsed } from "../../src/format/peac/record.ts"
import { RecordJudge } from "../../src/verify/peac/records.ts"
import { isCarrying, judgeCarried } from "../../src/verify/peac/carried.ts"
import { claimsOf, jwsOf, newKey, vectors } from "../verify/peac/made-records.ts"

const key = newKey()
const jws = readFileSync(join(vectors, "record.jws"), "utf8").trim()
const ref = referenceOf(jws)
const url = "https://agents.example.com/receipts/1.jws"

function valueOf<T>(parsed: Parsed<T>): T {
  assert.ok("value" in parsed, "problem" in parsed ? parsed.problem : "")
  return parsed.value
}

const problemIn = (parsed: Parsed<unknown>) => ("problem" in parsed ? parsed.problem : "")
const textOf = (carrier: Carrier, transport: Transport) =>
  transport === "http"
    ? Object.entries(placedIn(carrier, "http"))
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")
    : JSON.stringify(placedIn(carrier, transport))
const read = (text: string) => (text.startsWith("{") ? carriersIn(text) : carriersInHeaderText(text))

describe("a carrier of receipts", () => {
  test("has the names, limits and references of the package", async () => {
    const { mcp, a2a, http } = CARRIER_TRANSPORT_LIMITS
    assert.deepEqual(carrierLimits, { mcp, a2a, http })
    assert.deepEqual([receiptHeader, receiptUrlHeader], [PEAC_RECEIPT_HEADER, PEAC_RECEIPT_URL_HEADER])
    assert.equal(ref, await computeReceiptRef(jws))
  })

  test("comes out as it was put in, by each transport, and the package agrees to it", async () => {
    for (const transport of transports) {
      for (const where of [undefined, url]) {
        const carrier = valueOf(carrierOf(jws, where, transport))
        const [found, ...others] = valueOf(read(textOf(carrier, transport)))
        assert.deepEqual([found, others], [carrier, []], transport)
        const theirs = found as PeacEvidenceCarrier
        assert.equal(validateCarrierConstraints(theirs, { transport, format: "embed", max_size: carrierLimits[transport] }).valid, true)
        assert.equal(await verifyReceiptRefConsistency(theirs), null)
      }
    }
    const { receipt_jws: left, ...reference } = valueOf(carrierOf(jws, url, "mcp", true))
    assert.deepEqual([left, reference], [undefined, { receipt_ref: ref, receipt_url: url }])
    assert.match(problemIn(carrierOf(jws, url, "http", true)), /headers carry the receipt itself/)
  })

  test("stands where MCP and A2A have it, and what others put there is left alone", () => {
    const [mcp, a2a] = [placedIn({ receipt_ref: ref, receipt_jws: jws }, "mcp"), placedIn({ receipt_ref: ref }, "a2a")]
    assert.deepEqual(mcp, { _meta: { "org.peacprotocol/receipt_ref": ref, "org.peacprotocol/receipt_jws": jws } })
    assert.deepEqual(a2a, { metadata: { [a2aExtension]: { carriers: [{ receipt_ref: ref }] } } })
    const message = (told: object): JsonObject => ({ ...JSON.parse(JSON.stringify(told)), other: 1 })
    for (const whole of [mcp, { result: mcp }, { params: mcp }, a2a, { status: a2a }, { result: { artifact: a2a } }, { params: { message: a2a } }])
      assert.equal(valueOf(carriersOf(message(whole))).length, 1, JSON.stringify(whole))
    for (const none of [{}, { _meta: {} }, { _meta: { progressToken: 1 } }, { metadata: { x: 1 } }, { result: { content: [mcp] } }])
      assert.deepEqual(valueOf(carriersOf(message(none))), [])
  })

  test("that is malformed, too large, there twice, or of another receipt is refused in words", () => {
    const meta = (told: object) =>
      JSON.stringify({ _meta: Object.fromEntries(Object.entries(told).map(([name, value]) => [`org.peacprotocol/${name}`, value])) })
    const list = (...carriers: readonly object[]) => JSON.stringify({ metadata: { [a2aExtension]: { carriers } } })
    const other = jwsOf(claimsOf(1), key)
    const long = `${jws}${"A".repeat(65_536)}`
    const cases: readonly (readonly [string, RegExp])[] = [
      [meta({ receipt_jws: jws }), /receipt_ref is no reference/],
      [meta({ receipt_ref: ref.toUpperCase() }), /receipt_ref is no reference/],
      [meta({ receipt_ref: `${ref}\n` }), /receipt_ref is no reference/],
      [meta({ receipt_ref: null }), /receipt_ref is no reference/],
      [meta({ receipt_ref: ref, receipt_jws: other }), /is not the one beside it/],
      [meta({ receipt_ref: ref, receipt_jws: `${jws}=` }), /no compact JWS/],
      [meta({ receipt_ref: ref, receipt_jws: 5 }), /no compact JWS/],
      [meta({ receipt_ref: referenceOf(long), receipt_jws: long }), /larger than mcp takes \(65536\)/],
      [list({ receipt_ref: referenceOf(long), receipt_jws: long }), /larger than a2a takes/],
      [list({ receipt_ref: ref }, { receipt_ref: ref }), /is carried twice/],
      [list(...Array.from({ length: 65 }, (_, at) => ({ receipt_ref: referenceOf(String(at)) }))), /longer one than 64/],
      [list({ receipt_ref: ref, policy_binding: "x".repeat(8_193) }), /policy_binding is no text/],
      [JSON.stringify({ metadata: { [a2aExtension]: [] } }), /has no list of carriers/],
      [JSON.stringify({ ...JSON.parse(meta({ receipt_ref: ref })), ...JSON.parse(list({ receipt_ref: ref })) }), /is carried twice/],
      [
        `{"_meta":{"org.peacprotocol/receipt_ref":"${ref}","org.peacprotocol/receipt_ref":"${referenceOf("x")}"}}`,
        /names "org.peacprotocol\/receipt_ref" twice/,
      ],
      [`PEAC-Receipt: ${jws}\npeac-receipt: ${jws}\n`, /PEAC-Receipt is there twice/],
      [`PEAC-Receipt: ${jws}, ${jws}\n`, /no compact JWS/],
      [`PEAC-Receipt: ${jws}\nPEAC-Receipt-URL: ${url}\nPEAC-Receipt-URL: ${url}\n`, /PEAC-Receipt-URL is there twice/],
      [`PEAC-Receipt-URL: ${url}\n`, /without PEAC-Receipt/],
      [`PEAC-Receipt: ${"A".repeat(8_200)}.A.A\n`, /larger than http takes \(8192\)/],
      [`PEAC-Receipt: ${jws.slice(0, 100)}\n ${jws.slice(100)}\n`, /line 2 of the headers is none/],
      [`PEAC-Receipt: ${ref}\n`, /no compact JWS/],
      ["[]", /line 1 of the headers is none/],
    ]
    for (const [text, problem] of cases) assert.match(problemIn(read(text)), problem, text.slice(0, 120))
    for (const bad of [
      "http://a.example/x",
      "https://u:p@a.example/",
      "https://u@a.example/",
      "ftp://a",
      "https://",
      "https://a b",
      "https://a.example/\n",
      `https://a.example/${"x".repeat(2_048)}`,
      "https://a.example/é",
      "//a.example",
      5,
    ]) {
      assert.match(problemIn(carriersIn(meta({ receipt_ref: ref, receipt_url: bad }))), /receipt_url is no https address/, String(bad))
      if (typeof bad === "string") assert.match(problemIn(carrierOf(jws, bad, "mcp")), /receipt_url/)
    }
  })

  test("whatever stands in a carrier, ours takes nothing that the package refuses", async () => {
    const values = [
      undefined,
      null,
      5,
      "",
      "x",
      jws,
      ref,
      url,
      "http://a.example",
      "https://u:p@a.example",
      {},
      [],
      "x".repeat(9_000),
      referenceOf("x"),
      "a.b.c",
      referenceOf("a.b.c"),
    ]
    let taken = 0
    for (const receiptRef of values)
      for (const receiptJws of values)
        for (const receiptUrl of values) {
          const carrier = { receipt_ref: receiptRef, receipt_jws: receiptJws, receipt_url: receiptUrl, policy_binding: receiptUrl === url ? "p" : undefined }
          const told = JSON.stringify({ metadata: { [a2aExtension]: { carriers: [carrier] } } })
          if ("problem" in carriersIn(told)) continue
          taken++
          const theirs = PeacEvidenceCarrierSchema.safeParse(JSON.parse(JSON.stringify(carrier)))
          assert.ok(theirs.success, told)
          assert.equal(await verifyReceiptRefConsistency(theirs.data as PeacEvidenceCarrier), null)
        }
    assert.ok(taken > 5, `${taken}`)
  })

  test("its receipts are judged, and one that is only referred to is not proven", () => {
    const judge = new RecordJudge([key.key])
    const good = jwsOf(claimsOf(1), key)
    const verdicts = (text: string) => {
      assert.ok(isCarrying(text), text.slice(0, 40))
      return judgeCarried(text, judge).judged.map(({ verdict }) => verdict)
    }
    for (const transport of transports) assert.deepEqual(verdicts(textOf(valueOf(carrierOf(good, url, transport)), transport)), ["valid"])
    assert.deepEqual(verdicts(textOf(valueOf(carrierOf(jws, undefined, "mcp")), "mcp")), ["untrusted"])
    assert.deepEqual(verdicts(textOf({ receipt_ref: ref }, "a2a")), ["untrusted"])
    assert.deepEqual(verdicts(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\npeac-receipt:${good}\r\n\r\nPEAC-Receipt: x\r\n`), ["valid"])
    assert.deepEqual([verdicts("{}"), verdicts("Content-Type: text/plain\n"), verdicts('{"a":1,"a":2}')], [["invalid"], ["invalid"], ["invalid"]])
    assert.match(judgeCarried(textOf({ receipt_ref: ref, receipt_url: url }, "mcp"), judge).notes[0] ?? "", /Nothing was fetched/)
    assert.ok(!isCarrying(good) && !isCarrying(`${good}\n${good}\n`))
  })
})
