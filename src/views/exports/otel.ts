/**
 * Model calls as spans of OpenTelemetry, with the names of its conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/).
 * Each line is one TracesData in OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), which the Collector's otlpjsonfile receiver reads.
 *
 * A trace is a run, or the call alone where no run is told; its ids are digests of names, so that the same call has the same ids in every export. Nothing of what was said is in it.
 */
import { createHash } from "node:crypto"
import { decimalText } from "../../base/decimal.ts"
import { costOf, nanoScale } from "./call-costs.ts"
import type { ExportedCall } from "./calls.ts"
import { otelProvider } from "./provider-names.ts"

/** OTLP/JSON: integers of 64 bits are decimal strings, bytes of ids hexadecimal. */
type Value =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly Value[] } }
type Attribute = { readonly key: string; readonly value: Value }

/** Numbers of opentelemetry/proto/trace/v1/trace.proto. */
const spanKindClient = 3
const [statusUnset, statusError] = [0, 2]

export type OtelSettings = { readonly version: string; readonly ledger: string }

export function otelLine(calls: readonly ExportedCall[], { version, ledger }: OtelSettings): string {
  const resource = { attributes: [text("service.name", "openclaw"), text("sovereign_ledger.ledger", ledger)] }
  const scope = { name: "sovereign-ledger", version }
  return `${JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: calls.map(spanOf) }] }] })}\n`
}

function spanOf(call: ExportedCall) {
  const isFailed = call.stop === "error" || call.stop === "aborted"
  const { model } = call.cell
  return {
    traceId: digest(call.run === "" ? `call\n${call.row}` : `run\n${call.run}`, 16),
    spanId: digest(`call\n${call.row}`, 8),
    name: model === "" ? "chat" : `chat ${model}`,
    kind: spanKindClient,
    startTimeUnixNano: nanos(call.atMs - (call.latencyMs ?? 0)),
    endTimeUnixNano: nanos(call.atMs),
    attributes: attributesOf(call, isFailed),
    status: isFailed ? { code: statusError, message: call.stop } : { code: statusUnset },
  }
}

function attributesOf(call: ExportedCall, isFailed: boolean): readonly Attribute[] {
  const { cell, session } = call
  const cost = costOf(call)
  // The conventions count what came from and went into a cache as input; the ledger's classes do not overlap.
  const input = call.input + call.cacheRead + call.cacheWrite
  return [
    text("gen_ai.operation.name", "chat"),
    text("gen_ai.provider.name", otelProvider(cell.provider)),
    text("gen_ai.request.model", cell.model),
    text("gen_ai.response.id", call.response),
    ...(call.stop === "" ? [] : [{ key: "gen_ai.response.finish_reasons", value: { arrayValue: { values: [{ stringValue: call.stop }] } } }]),
    whole("gen_ai.usage.input_tokens", input),
    whole("gen_ai.usage.output_tokens", call.output),
    ...(call.cacheRead === 0 ? [] : [whole("gen_ai.usage.cache_read.input_tokens", call.cacheRead)]),
    ...(call.cacheWrite === 0 ? [] : [whole("gen_ai.usage.cache_creation.input_tokens", call.cacheWrite)]),
    text("gen_ai.agent.id", cell.agent),
    text("gen_ai.conversation.id", session.label || session.scope),
    ...(isFailed ? [text("error.type", call.stop)] : []),
    text("sovereign_ledger.kind", cell.kind || "turn"),
    text("sovereign_ledger.channel", cell.channel),
    text("sovereign_ledger.cron", cell.job),
    text("sovereign_ledger.project", cell.project),
    ...(cost === null ? [] : [text("sovereign_ledger.cost_usd", decimalText(cost, nanoScale))]),
    whole("sovereign_ledger.sequence", call.sequence),
    { key: "sovereign_ledger.imported", value: { boolValue: call.imported } },
  ].filter(({ value }) => !("stringValue" in value && value.stringValue === ""))
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } }
}

function whole(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } }
}

function nanos(atMs: number): string {
  return String(BigInt(Math.max(atMs, 0)) * 1_000_000n)
}

function digest(name: string, bytes: number): string {
  return createHash("sha256")
    .update(name)
    .digest("hex")
    .slice(0, bytes * 2)
}
