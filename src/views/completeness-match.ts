/**
 * Which of the host's rows are in our record, and which of ours the host does not have. Pure; every id is trusted only as far as it goes: ids of runs
 * come from clients, ids of tool calls from models, and both may repeat, so equal ids are counted, not merged.
 */
import { sha256 } from "../format/sha256.ts"
import type { HostModelCall, HostRun, HostToolCall, Kind } from "./completeness-host.ts"
import { bareId, type LedgerRecord, type RecordedModelCall, type RecordedToolCall } from "./completeness-record.ts"

/** One thing the host knows of. */
export type HostItem = {
  readonly kind: Kind
  readonly atMs: number
  /** The run's canonical name and what the host calls it; empty when the host does not say. */
  readonly run: string
  readonly shownRun: string
  readonly what: string
  readonly id: string
  readonly state: "matched" | "unmatched" | "never ran" | "no tokens"
  /** Our record has it from an import alone. */
  readonly imported?: true
  readonly note: string | null
}

/** One thing that only our record knows of. */
export type ExtraItem = {
  readonly kind: Kind
  readonly atMs: number
  readonly run: string
  readonly shownRun: string
  readonly what: string
  readonly id: string
  readonly why: string
}

export type Matched = { readonly items: readonly HostItem[]; readonly extras: readonly ExtraItem[] }

/** Ids of this length are made by chance and name one row, also in another session: a fork or a rotated session repeats its rows. */
const uniqueLength = 20
const noRow = "no row in the host's stores"
const importedWords = "imported from elsewhere than the host's stores: a file of transcripts, a copy, another machine"
const compactionWords = "compaction, which the host does not store"

export function matchModelCalls(host: readonly HostModelCall[], record: LedgerRecord): Matched {
  const { canonical } = record
  const byPlace = new Shelf<RecordedModelCall>()
  const byMessage = new Shelf<RecordedModelCall>()
  const byResponse = new Shelf<RecordedModelCall>()
  const byRow = new Map<string, RecordedModelCall>()
  for (const call of record.modelCalls) {
    if (call.message !== undefined && call.session !== undefined) byPlace.put(`${call.session}/${call.message}`, call)
    if (call.message !== undefined) byMessage.put(call.message, call)
    if (call.response !== undefined) byResponse.put(`${call.run ?? ""}/${call.response}`, call)
    if (call.row !== undefined) byRow.set(call.row, call)
  }
  const taken = new Set<RecordedModelCall>()
  // All copies of a row have its name, so that the call they are of is not used up.
  const named = ({ row }: HostModelCall) => {
    const found = row === undefined ? undefined : byRow.get(row)
    if (found) taken.add(found)
    return found
  }
  const placed = ({ session, message }: HostModelCall) =>
    message === undefined ? undefined : byPlace.take(`${canonical(session)}/${canonical(message)}`, taken)
  // What was heard says more than what was imported; both are taken, so that neither is told as extra.
  const inPlace = host.map((call) => [placed(call), named(call)].find((found) => found !== undefined))
  const withoutUsage = new Map([...record.runs].map(([run, { completed, reported }]) => [run, completed - reported]))
  const items = host.map((call, index): HostItem => {
    const { message, response, atMs } = call
    const run = call.run === undefined ? "" : canonical(call.run)
    const found =
      inPlace[index] ??
      (message !== undefined && message.length >= uniqueLength ? byMessage.take(canonical(message), taken) : undefined) ??
      (response === undefined ? undefined : byResponse.take(`${run}/${canonical(response)}`, taken))
    const what = [call.provider, call.model].flatMap((part) => part ?? []).join("/") || "unknown model"
    const item = { kind: "model call", atMs, run, shownRun: call.run ?? "", what, id: `${call.session}/${message ?? response ?? atMs}` } as const
    if (found) return { ...item, state: "matched", ...(found.imported ? { imported: true } : {}), note: null }
    if (call.row === undefined) return { ...item, state: "no tokens", note: null }
    const left = withoutUsage.get(run) ?? 0
    if (left > 0) withoutUsage.set(run, left - 1)
    return { ...item, state: "unmatched", note: left > 0 ? "the call is on record, its tokens and cost are not" : null }
  })
  const unknownRows = record.modelCalls.filter((call) => !taken.has(call))
  const extras = unknownRows.map(({ run, what, id, atMs, imported }): ExtraItem => {
    const isCompaction = run !== undefined && record.runs.get(run)?.compaction === true
    const why = imported ? importedWords : isCompaction ? compactionWords : noRow
    return { kind: "model call", atMs, run: run ?? "", shownRun: shownRun(record, run), what, id, why }
  })
  return { items, extras: [...extras, ...callsWithoutRow(withoutUsage, record)] }
}

/** Calls that ended well and left no row with usage, neither there nor here: compaction, mostly. */
function callsWithoutRow(withoutUsage: ReadonlyMap<string, number>, record: LedgerRecord): readonly ExtraItem[] {
  return [...record.runs].flatMap(([run, { shown, compaction, lastMs }]) => {
    const why = compaction ? compactionWords : "the host kept no row with its usage"
    return Array.from({ length: Math.max(0, withoutUsage.get(run) ?? 0) }, (_, i): ExtraItem => {
      return { kind: "model call", atMs: lastMs, run, shownRun: shown, what: "unknown tokens", id: `${shown}#${i + 1}`, why }
    })
  })
}

type HostCallGroup = {
  readonly run: string
  readonly shownRun: string
  readonly sha: string
  call: string | undefined
  tool: string | undefined
  atMs: number
  readonly counts: Map<HostToolCall["evidence"], number>
}

export function matchToolCalls(host: readonly HostToolCall[], record: LedgerRecord): Matched {
  const left = new Map(record.toolCalls.map((call) => [call, Math.max(call.asked, call.ended)]))
  const bySha = new Map(record.toolCalls.flatMap((call) => (call.callSha256 === undefined ? [] : [[`${call.run}/${call.callSha256}`, call]])))
  const byBare = new Map(record.toolCalls.flatMap((call) => (call.bareCall === undefined ? [] : [[`${call.run}/${call.bareCall}`, call]])))
  const sealed = record.toolCalls.filter(({ callSha256 }) => callSha256 === undefined)
  const items: HostItem[] = []
  const add = (group: HostCallGroup, state: HostItem["state"], count: number) => {
    const { run, shownRun, atMs } = group
    const item = {
      kind: "tool call",
      atMs,
      run,
      shownRun,
      what: group.tool ?? "unknown tool",
      id: group.call ?? `sha256:${group.sha}`,
      state,
      note: null,
    } as const
    for (let i = 0; i < count; i++) items.push(item)
  }
  const take = (call: RecordedToolCall | undefined, wanted: number) => {
    const taken = call === undefined ? 0 : Math.min(left.get(call) ?? 0, wanted)
    if (call && taken > 0) left.set(call, (left.get(call) ?? 0) - taken)
    return taken
  }
  const open: { readonly group: HostCallGroup; readonly missing: number }[] = []
  for (const group of grouped(host, record.canonical)) {
    const ran = ranTimes(group)
    add(group, "never ran", Math.max(0, (group.counts.get("asked") ?? 0) - ran))
    const direct = bySha.get(`${group.run}/${group.sha}`)
    const taken = take(direct, ran)
    add(group, "matched", taken)
    if (taken < ran) open.push({ group, missing: ran - taken })
  }
  for (const { group, missing } of open) {
    const bare = group.call === undefined || bySha.has(`${group.run}/${group.sha}`) ? undefined : byBare.get(`${group.run}/${bareId(group.call)}`)
    const sameTool = sealed.find((call) => call.run === group.run && call.tool === group.tool && (left.get(call) ?? 0) > 0)
    const taken = take(bare ?? sameTool, missing)
    add(group, "matched", taken)
    // A row with its id written anew beside another row with the id as it was: one call.
    if (!bare || taken > 0) add(group, "unmatched", missing - taken)
  }
  return { items, extras: record.toolCalls.flatMap((call) => extraCalls(call, left.get(call) ?? 0, record)) }
}

function extraCalls({ run, call, tool, atMs }: RecordedToolCall, count: number, record: LedgerRecord): readonly ExtraItem[] {
  const extra: ExtraItem = { kind: "tool call", atMs, run, shownRun: shownRun(record, run), what: tool, id: call, why: noRow }
  return Array.from({ length: count }, () => extra)
}

function grouped(host: readonly HostToolCall[], canonical: (id: string) => string): IterableIterator<HostCallGroup> {
  const groups = new Map<string, HostCallGroup>()
  for (const { evidence, run: shownRun = "", call, callSha256, tool, atMs } of host) {
    const run = canonical(shownRun)
    const key = `${run}/${callSha256}`
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { run, shownRun, sha: callSha256, call, tool, atMs, counts: new Map() }))
    group.call ??= call
    group.tool ??= tool
    group.atMs = Math.min(group.atMs, atMs)
    group.counts.set(evidence, (group.counts.get(evidence) ?? 0) + 1)
  }
  return groups.values()
}

/** How often the host dealt with a call. Several kinds of evidence tell of the same time. */
function ranTimes({ counts }: HostCallGroup): number {
  return Math.max(0, ...[...counts].map(([evidence, count]) => (evidence === "asked" ? 0 : count)))
}

export function matchRuns(host: readonly HostRun[], record: LedgerRecord): Matched {
  const known = new Map<string, HostRun>()
  for (const row of host) {
    const run = record.canonical(row.run)
    const other = known.get(run)
    if (!other || row.atMs < other.atMs) known.set(run, { ...row, agent: row.agent ?? other?.agent })
  }
  const items = [...known].map(([run, row]): HostItem => {
    const state = record.runs.has(run) ? "matched" : "unmatched"
    return { kind: "run", atMs: row.atMs, run, shownRun: row.run, what: row.agent ?? "unknown agent", id: row.run, state, note: null }
  })
  const extras = [...record.runs].flatMap(([run, { shown, atMs, compaction }]): readonly ExtraItem[] => {
    if (known.has(run)) return []
    return [{ kind: "run", atMs, run, shownRun: shown, what: "run", id: shown, why: compaction ? compactionWords : noRow }]
  })
  return { items, extras }
}

/** A list of missing things, as one hash: sorted, so that everybody who finds the same finds the same hash. */
export function idsHash(items: readonly Pick<HostItem, "kind" | "run" | "id">[]): string {
  const lines = items.map(({ kind, run, id }) => `${JSON.stringify([kind, run, id])}\n`).sort()
  return sha256(lines.join("")).toString("hex")
}

function shownRun(record: LedgerRecord, run: string | undefined): string {
  return run === undefined ? "" : (record.runs.get(run)?.shown ?? "")
}

/** Recorded calls by a key that need not be unique; each can be taken once, by whatever key. */
class Shelf<T> {
  readonly #lists = new Map<string, T[]>()

  put(key: string, value: T): void {
    const list = this.#lists.get(key)
    if (list) list.push(value)
    else this.#lists.set(key, [value])
  }

  take(key: string, taken: Set<T>): T | undefined {
    const found = this.#lists.get(key)?.find((value) => !taken.has(value))
    if (found !== undefined) taken.add(found)
    return found
  }
}
