/**
 * Is everything in the record? Our journal against the host's own stores: what both know, what only the host knows (missing), what only we know (extra).
 *
 * What the host did before our record began, or inside a gap the journal tells of itself, is counted apart with the reason: it is known to be absent.
 * A model call is *seen* when its row is in our record, heard live or imported, else *unseen*. The host's stores are no truth either: what they never hold is said in words.
 */
import { kinds, type HostRecords, type HostStore, type Kind } from "./completeness-host.ts"
import { matchModelCalls, matchRuns, matchToolCalls, idsHash, type ExtraItem, type HostItem } from "./completeness-match.ts"
import type { LedgerRecord, RecordedGap } from "./completeness-record.ts"

export type Question = {
  readonly fromMs: number
  readonly toMs: number
  /** Only this run, as the host or as our record calls it. */
  readonly run: string | null
  /** Most things in each list. */
  readonly limit: number
  /** When the host's stores were read. */
  readonly nowMs: number
}

export type Tally = {
  matched: number
  missing: number
  extra: number
  inGaps: number
  beforeRecord: number
}

type Listed = {
  readonly kind: Kind
  readonly at: string
  readonly run: string | null
  /** The model, the tool or the agent. */
  readonly what: string
  readonly id: string
  readonly note: string | null
}

export type Completeness = {
  readonly verdict: "complete" | "incomplete" | "not compared"
  /** Why the comparison says nothing, or not everything. */
  readonly problems: readonly string[]
  readonly recordedSince: string | null
  readonly stores: readonly HostStore[]
  readonly totals: Readonly<Record<Kind, Tally>>
  /** `imported` of those that were seen are known from an import alone. */
  readonly grades: { readonly seen: number; readonly imported: number; readonly unseen: number; readonly seenShare: number | null }
  readonly days: readonly { readonly day: string; readonly totals: Readonly<Record<Kind, Tally>> }[]
  readonly runs: readonly { readonly run: string | null; readonly firstAt: string; readonly totals: Readonly<Record<Kind, Tally>> }[]
  readonly runsTruncated: boolean
  readonly missing: readonly Listed[]
  readonly missingTruncated: boolean
  /** SHA-256 of the whole list of what is missing, also where only its beginning is shown. */
  readonly missingSha256: string
  readonly extra: readonly Listed[]
  readonly extraTruncated: boolean
  readonly apart: readonly { readonly kind: Kind; readonly reason: string; readonly count: number }[]
  readonly neverStored: readonly string[]
}

/** What no store of the host holds, whatever we find in them. */
export const neverStored: readonly string[] = [
  "model calls of compaction (in our record as calls, without tokens)",
  "activity recaps of the host's utility model",
  "calls a plugin makes with runtime.llm.complete",
  "openclaw agent exec, which works in a store of its own and deletes it",
]

/** Our record of what the host wrote a moment ago may still be on its way. */
const settleMs = 10_000
/** How far the clocks of a hook and of a row of the host may be apart. */
const clockMs = 2_000
const onlyImported = "nothing was heard from the host yet: our record holds only what was imported"
const beforeWords = "before the record began"

/** `apart` is in no column: it is told with its reason alone. */
type Judged = HostItem & { readonly verdict: "matched" | "missing" | "inGaps" | "beforeRecord" | "apart"; readonly reason: string | null }

export function compareWithHost(host: HostRecords, record: LedgerRecord, question: Question): Completeness {
  const matches = [matchModelCalls(host.modelCalls, record), matchToolCalls(host.toolCalls, record), matchRuns(host.runs, record)]
  const wantedRun = question.run === null ? null : record.canonical(question.run)
  const wanted = ({ atMs, run }: { readonly atMs: number; readonly run: string }) =>
    atMs >= question.fromMs && atMs < question.toMs && (wantedRun === null || run === wantedRun)
  const judge = judgeOf(record, question.nowMs)
  const judged = matches
    .flatMap(({ items }) => items)
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(judge)
    .filter(wanted)
  const extras = matches
    .flatMap(({ extras }) => extras)
    .filter(wanted)
    .toSorted((a, b) => a.atMs - b.atMs)
  const missing = judged.filter(({ verdict }) => verdict === "missing")
  const problems = problemsOf(host.stores, record)
  const totals = tally(judged, extras)
  const { matched: seen, missing: unmatched, inGaps } = totals["model call"]
  const imported = judged.filter((item) => item.imported).length
  const runs = byGroup(judged, extras, ({ run }) => run)
  return {
    verdict: missing.length > 0 ? "incomplete" : problems.length > 0 ? "not compared" : "complete",
    problems,
    recordedSince: record.sinceMs === null ? null : isoOf(record.sinceMs),
    stores: host.stores,
    totals,
    grades: { seen, imported, unseen: unmatched + inGaps, seenShare: seen + unmatched + inGaps === 0 ? null : seen / (seen + unmatched + inGaps) },
    days: byGroup(judged, extras, ({ atMs }) => isoOf(atMs).slice(0, 10))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, totals }) => ({ day: key, totals })),
    runs: runs.slice(0, question.limit).map(({ firstMs, shownRun, totals }) => ({ run: shownRun || null, firstAt: isoOf(firstMs), totals })),
    runsTruncated: runs.length > question.limit,
    missing: missing.slice(0, question.limit).map((item) => listed(item, item.note)),
    missingTruncated: missing.length > question.limit,
    missingSha256: idsHash(missing),
    extra: extras.slice(0, question.limit).map((item) => listed(item, item.why)),
    extraTruncated: extras.length > question.limit,
    apart: apartOf(judged),
    neverStored,
  }
}

/** 0 complete, 1 something is missing, 2 it could not be compared. */
export const completenessExit: { readonly [V in Completeness["verdict"]]: 0 | 1 | 2 } = { complete: 0, incomplete: 1, "not compared": 2 }

/** A gap excuses as many as it counted, and no more: what is lost beyond it is missing. */
function judgeOf(record: LedgerRecord, nowMs: number): (item: HostItem) => Judged {
  const gaps = record.gaps.map((gap) => ({ gap, left: { "model call": lostIn(gap, "model call"), "tool call": lostIn(gap, "tool call"), run: gap.count } }))
  return (item) => {
    if (item.state === "matched") return { ...item, verdict: "matched", reason: null }
    if (item.state === "no tokens") return { ...item, verdict: "apart", reason: "no tokens were told: an attempt that came to nothing" }
    if (item.state === "never ran") return { ...item, verdict: "apart", reason: "asked for by a model, never run by the host" }
    if (record.sinceMs === null || item.atMs < record.sinceMs) return { ...item, verdict: "beforeRecord", reason: beforeWords }
    const inside = gaps.find(({ gap, left }) => item.atMs >= gap.fromMs - clockMs && item.atMs <= gap.toMs + clockMs && left[item.kind] > 0)
    if (inside) {
      inside.left[item.kind]--
      return { ...item, verdict: "inGaps", reason: `inside a recorded gap: ${inside.gap.reason}` }
    }
    if (item.atMs > nowMs - settleMs) return { ...item, verdict: "apart", reason: "just now; our record of it may still be on its way" }
    return { ...item, verdict: "missing", reason: null }
  }
}

const hooksOf: { readonly [K in "model call" | "tool call"]: readonly string[] } = {
  "model call": ["transcript"],
  "tool call": ["before_tool_call", "after_tool_call"],
}

function lostIn({ byType }: RecordedGap, kind: "model call" | "tool call"): number {
  const counts = hooksOf[kind].map((hook) => byType[hook])
  return Math.max(0, ...counts.map((count) => (typeof count === "number" && Number.isSafeInteger(count) ? count : 0)))
}

function problemsOf(stores: readonly HostStore[], record: LedgerRecord): readonly string[] {
  const problems = stores.flatMap(({ name, path, state, problem, unreadableRows }) => {
    if (state === "absent") return [`there is no ${name} store at ${path}`]
    if (state !== "read") return [`the ${name} store was not read: ${problem ?? state}`]
    return unreadableRows > 0 ? [`${unreadableRows} rows of the ${name} store could not be understood`] : []
  })
  if (record.sinceMs === null) problems.push(record.modelCalls.length > 0 ? onlyImported : "our record holds no event of the host yet")
  return problems
}

type Tallies = Record<Kind, Tally>

function noTallies(): Tallies {
  const none = (): Tally => ({ matched: 0, missing: 0, extra: 0, inGaps: 0, beforeRecord: 0 })
  return { "model call": none(), "tool call": none(), run: none() }
}

function tally(judged: readonly Judged[], extras: readonly ExtraItem[]): Tallies {
  const totals = noTallies()
  for (const { kind, verdict } of judged) if (verdict !== "apart") totals[kind][verdict]++
  for (const { kind } of extras) totals[kind].extra++
  return totals
}

type Group = { readonly key: string; firstMs: number; shownRun: string; readonly totals: Tallies }

/** Groups with something missing come first, then in order of time. */
function byGroup(judged: readonly Judged[], extras: readonly ExtraItem[], keyOf: (item: HostItem | ExtraItem) => string): readonly Group[] {
  const groups = new Map<string, Group>()
  const groupOf = (item: HostItem | ExtraItem) => {
    const key = keyOf(item)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { key, firstMs: item.atMs, shownRun: item.shownRun, totals: noTallies() }))
    group.firstMs = Math.min(group.firstMs, item.atMs)
    return group
  }
  for (const item of judged) if (item.verdict !== "apart") groupOf(item).totals[item.kind][item.verdict]++
  for (const item of extras) groupOf(item).totals[item.kind].extra++
  const lacks = ({ totals }: Group) => Number(kinds.some((kind) => totals[kind].missing > 0))
  return [...groups.values()].toSorted((a, b) => lacks(b) - lacks(a) || a.firstMs - b.firstMs)
}

function apartOf(judged: readonly Judged[]): Completeness["apart"] {
  const counts = new Map<string, { readonly kind: Kind; readonly reason: string; count: number }>()
  for (const { kind, reason } of judged) {
    if (reason === null) continue
    const key = `${kind} ${reason}`
    const row = counts.get(key) ?? { kind, reason, count: 0 }
    row.count++
    counts.set(key, row)
  }
  return [...counts.values()]
}

function listed({ kind, atMs, shownRun, what, id }: HostItem | ExtraItem, note: string | null): Listed {
  return { kind, at: isoOf(atMs), run: shownRun || null, what, id, note }
}

function isoOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms)
}
