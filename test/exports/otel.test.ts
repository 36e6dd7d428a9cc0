/** export otel and export ndjson: OTLP/JSON by its protocol, with the names of the GenAI conventions; ids that are the same in every export. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { callJson } from "../../src/views/exports/call-json.ts"
import { callPages } from "../../src/views/exports/calls.ts"
import { otelLine } from "../../src/views/exports/otel.ts"
import type { LedgerAccess } from "../../src/views/ledger-access.ts"
import { formula, fromMs, odd, peer, reportedNanos, toldLedger } from "./told-calls.ts"

type Value = {
  readonly stringValue?: string
  readonly intValue?: string
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values: readonly Value[] }
}
type Span = {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Value }[]
  readonly status: { readonly code: number; readonly message?: string }
}
type Traces = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span["attributes"] }
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly Span[] }[]
  }[]
}

function linesOf(access: LedgerAccess, labels = false): string {
  let text = ""
  for (const page of callPages(access, { labels })) text += otelLine(page, { version: "1", ledger: "here" })
  return text
}

function spansOf(text: string): readonly Span[] {
  const traces = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Traces)
  return traces.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
}

function valuesOf({ attributes }: Span): Readonly<Record<string, string | boolean | undefined>> {
  assert.equal(new Set(attributes.map(({ key }) => key)).size, attributes.length, "each key once")
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue ?? value.arrayValue?.values[0]?.stringValue]),
  )
}

/** By opentelemetry/proto/trace/v1/trace.proto and the rules of its JSON encoding. */
function spanFaults(span: Span): readonly string[] {
  const faults = [
    /^[0-9a-f]{32}$/.test(span.traceId) ? "" : "traceId is no 16 bytes of hexadecimal",
    /^[0-9a-f]{16}$/.test(span.spanId) ? "" : "spanId is no 8 bytes of hexadecimal",
    span.name === "" ? "a span has no name" : "",
    span.kind === 3 ? "" : "a call of a model is a span of a client",
    [span.startTimeUnixNano, span.endTimeUnixNano].every((one) => /^\d+$/.test(one)) ? "" : "64 bits are decimal text",
    BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano) ? "" : "a span ends before it begins",
    [0, 1, 2].includes(span.status.code) ? "" : "no status",
    ...span.attributes.map(({ key, value }) => (Object.keys(value).length === 1 ? "" : `${key} has not one value`)),
    ...span.attributes.map(({ key, value }) => (value.intValue === undefined || /^-?\d+$/.test(value.intValue) ? "" : `${key} is no integer`)),
    ...["gen_ai.operation.name", "gen_ai.provider.name"].map((key) => (span.attributes.some((one) => one.key === key) ? "" : `${key} is required`)),
  ]
  return faults.filter((fault) => fault !== "")
}

describe("export otel", () => {
  test("writes spans as the protocol has them, with the names of the conventions", (t) => {
    const spans = spansOf(linesOf(toldLedger(t).read()))
    assert.equal(spans.length, 6)
    const [first, second] = spans
    assert.ok(first && second)
    assert.deepEqual(spans.slice(0, 5).flatMap(spanFaults), [])
    const { "gen_ai.conversation.id": conversation, "sovereign_ledger.sequence": sequence, ...rest } = valuesOf(first)
    assert.match(String(conversation), /^[0-9a-f]{32}$/)
    assert.ok(Number(sequence) > 0)
    assert.deepEqual(rest, {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.request.model": "claude-sonnet-4-5",
      "gen_ai.response.id": "resp-1",
      "gen_ai.response.finish_reasons": "stop",
      "gen_ai.usage.input_tokens": String(1_234_567 + 50_001 + 11_003),
      "gen_ai.usage.output_tokens": "3333",
      "gen_ai.usage.cache_read.input_tokens": "50001",
      "gen_ai.usage.cache_creation.input_tokens": "11003",
      "gen_ai.agent.id": "main",
      "sovereign_ledger.kind": "turn",
      "sovereign_ledger.channel": "telegram",
      "sovereign_ledger.cost_usd": "3.8189598",
      "sovereign_ledger.imported": false,
    })
    assert.deepEqual([first.name, first.startTimeUnixNano, first.endTimeUnixNano], ["chat claude-sonnet-4-5", `${fromMs - 1_200}000000`, `${fromMs}000000`])
    assert.deepEqual([second.status, valuesOf(second)["error.type"]], [{ code: 2, message: "error" }, "error"])
  })

  test("puts the calls of a run into one trace, and gives the same ids each time", (t) => {
    const access = toldLedger(t).read()
    const [spans, again] = [spansOf(linesOf(access)), spansOf(linesOf(access))]
    assert.deepEqual(spans, again)
    assert.equal(spans[0]?.traceId, spans[1]?.traceId)
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 6)
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 5)
  })

  test("names nobody unless asked to", (t) => {
    const access = toldLedger(t).read()
    assert.ok(!linesOf(access).includes(peer))
    assert.ok(linesOf(access, true).includes(peer))
  })

  test("the checks catch what is planted", (t) => {
    const [span] = spansOf(linesOf(toldLedger(t).read()))
    assert.ok(span)
    const faults = [
      { ...span, traceId: "AAAA" },
      { ...span, kind: 1 },
      { ...span, startTimeUnixNano: "9".repeat(20) },
      { ...span, attributes: span.attributes.slice(1) },
      { ...span, attributes: [...span.attributes, { key: "x", value: { intValue: "1.5" } }] },
    ].map(spanFaults)
    assert.ok(
      faults.every((found) => found.length === 1),
      JSON.stringify(faults),
    )
  })
})

test("export ndjson has exact dollars as text, and null for what nobody knows", (t) => {
  const access = toldLedger(t).read()
  const rows = [...callPages(access, {})].flat().map((call) => JSON.parse(callJson(call)) as Readonly<Record<string, unknown>>)
  assert.deepEqual(
    rows.map((row) => [row["agent_id"], row["cost_total"], row["cost_source"]]),
    [
      ["main", "3.8189598", "price"],
      ["main", "0.000018", "price"],
      ["night", "0.0000237", "price"],
      [odd, `0.${reportedNanos}`, "reported"],
      ["main", "0", "price"],
      [formula, null, null],
    ],
  )
  assert.deepEqual([rows[0]?.["total_tokens"], rows[3]?.["cost_input"], rows[1]?.["latency_ms"]], [1_234_567 + 50_001 + 11_003 + 3_333, null, null])
})
