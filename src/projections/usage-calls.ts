/** What one model call used, as events tell it: `usage.reported` one call, `usage.imported` many. The same row told twice is one call. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { FactsJson } from "../format/event.ts"
import { runKinds, type UsageColumnName } from "../format/facts/history.ts"
import { rowNameLength } from "../format/row-name.ts"
import { rateColumns, type CellColumn, type Sums } from "./usage-schema.ts"

export type Call = {
  readonly row: string
  readonly atMs: number
  readonly cell: { readonly [C in CellColumn]: string }
  readonly sender: string
  readonly parent: string
  readonly stop: string
  readonly run: string
  readonly response: string
  readonly latencyMs: number | null
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly cacheWrite1h: number
  readonly reasoning: number
  readonly reported: number | null
  readonly computed: number | null
  /** By which it was computed, in the order of `rateColumns`; empty where there was no price. */
  readonly rates: readonly number[]
  readonly imported: boolean
}

/** Undefined when it tells no tokens. */
export function reportedCall(facts: FactsJson, timeMs: number): Call | undefined {
  const number = (field: string) => countOf(facts[field]) ?? 0
  const nanos = (field: string) => {
    const value = Number(facts[field] ?? Number.NaN)
    return Number.isSafeInteger(value) && value >= 0 ? value : null
  }
  const cacheWrite1h = number("cacheWrite1hTokens")
  const cacheWrite = Math.max(number("cacheWriteTokens"), cacheWrite1h)
  const [input, output, cacheRead] = [number("inputTokens"), number("outputTokens"), number("cacheReadTokens")]
  if (input + output + cacheRead + cacheWrite === 0) return undefined
  const cell = {
    provider: text(facts["provider"]),
    model: text(facts["model"]),
    api: text(facts["api"]),
    agent: text(facts["agent"]),
    channel: text(facts["channel"]),
    chat_type: text(facts["chatType"]),
    kind: text(facts["runKind"]),
    job: text(facts["job"]),
    project: text(facts["project"]),
  }
  return {
    row: text(facts["row"]) || facts.id,
    atMs: countOf(facts["atMs"]) ?? timeMs,
    cell,
    sender: text(facts["sender"]),
    parent: text(facts["parent"]),
    stop: text(facts["stopReason"]),
    run: text(facts["run"]),
    response: text(facts["response"]),
    latencyMs: countOf(facts["latencyMs"]) ?? null,
    input,
    output,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    reasoning: number("reasoningTokens"),
    reported: nanos("reportedNanos"),
    computed: nanos("computedNanos"),
    rates: ratesIn(facts["rates"]),
    imported: facts["imported"] === true,
  }
}

/** Of a forged entry that says more, no more than it has names. */
export function importedCount(facts: FactsJson): number {
  return Math.min(countOf(facts["count"]) ?? 0, Math.floor(text(facts["ids"]).length / rowNameLength))
}

export function importedCalls(facts: FactsJson): readonly Call[] {
  const rows = objectOf(facts["rows"]) as { readonly [K in UsageColumnName]?: unknown }
  const [ids, count] = [text(facts["ids"]), importedCount(facts)]
  const [computed, responses, rate] = [listOf(facts["computed"]), listOf(facts["responses"]), facts["rate"]]
  const rates = listOf(facts["rates"]).map(ratesIn)
  const [models, stops, runs] = [listOf(facts["models"]), listOf(facts["stops"]), listOf(facts["runs"])]
  const shared = {
    agent: text(facts["agent"]),
    channel: text(facts["channel"]),
    chat_type: text(facts["chatType"]),
    job: text(facts["job"]),
    project: text(facts["project"]),
  }
  const [sender, parent] = [text(facts["sender"]), text(facts["parent"])]
  // A row's cell is that of its model and kind, which few rows do not share with the one before.
  const cells = new Map<number, Call["cell"]>()
  const cellOf = (model: number, kind: number) => {
    const place = model * 16 + kind + 1
    const known = cells.get(place)
    if (known) return known
    const [provider, name, api] = listOf(models[model])
    const cell = { provider: text(provider), model: text(name), api: text(api), kind: runKinds[kind] ?? "", ...shared }
    cells.set(place, cell)
    return cell
  }
  const calls: Call[] = []
  for (let index = 0; index < count; index++) {
    const at = (column: UsageColumnName) => {
      const told = rows[column]
      const value = Array.isArray(told) ? (told[index] as unknown) : told
      return typeof value === "number" ? value : 0
    }
    calls.push({
      row: ids.slice(index * rowNameLength, (index + 1) * rowNameLength),
      atMs: at("atMs"),
      cell: cellOf(at("model"), at("kind")),
      sender,
      parent,
      stop: text(stops[at("stop")]),
      run: text(runs[at("run")]),
      response: text(responses[index]),
      latencyMs: told(at("latencyMs")),
      input: at("input"),
      output: at("output"),
      cacheRead: at("cacheRead"),
      cacheWrite: at("cacheWrite"),
      cacheWrite1h: at("cacheWrite1h"),
      reasoning: at("reasoning"),
      reported: told(at("reported")),
      computed: told(Number(computed[index] ?? -1)),
      rates: rates[Number(Array.isArray(rate) ? rate[index] : (rate ?? -1))] ?? [],
      imported: true,
    })
  }
  return calls
}

/** Where a report differs from the price by more than a hundredth, and by more than a thousandth of a cent. */
function isDrifted({ reported, computed }: Pick<Call, "reported" | "computed">): boolean {
  if (reported === null || computed === null || reported === 0) return false
  return Math.abs(reported - computed) > Math.max(10_000, computed / 100)
}

const failures: ReadonlySet<string> = new Set(["error", "aborted"])

export type CountedCall = Pick<Call, "stop" | "latencyMs" | "input" | "output" | "cacheRead" | "cacheWrite" | "reported" | "computed">

/** What the call adds to a sum. */
export function sumsOf(call: CountedCall): Sums {
  const { reported, computed, input, output, cacheRead, cacheWrite } = call
  return {
    calls: 1,
    failed: failures.has(call.stop) ? 1 : 0,
    input,
    output,
    cache_read: cacheRead,
    cache_write: cacheWrite,
    cost: computed ?? reported ?? 0,
    reported: reported ?? 0,
    computed: computed ?? 0,
    unpriced: computed === null && (reported ?? 0) === 0 ? 1 : 0,
    drifted: isDrifted(call) ? 1 : 0,
    latency_ms: call.latencyMs ?? 0,
  }
}

function ratesIn(value: unknown): readonly number[] {
  const list = listOf(value)
  return list.length === rateColumns.length && list.every((one) => Number.isSafeInteger(one)) ? (list as readonly number[]) : []
}

/** As `reportedCall` takes a figure: what no sum could hold is not told. */
function told(value: number): number | null {
  return Number.isSafeInteger(value) && value >= 0 ? value : null
}

function text(value: unknown): string {
  return stringOf(value) ?? ""
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}
