/** One look at everything: is it recording, what is not covered, how much is there, is it sound. Cheap at any size of the journal. */
import { existsSync } from "node:fs"
import { Fault, type FaultJson } from "../base/fault.ts"
import { countOf, type Json } from "../base/json.ts"
import { isDisagreement } from "../format/witness.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { readKeyChain } from "../journal/hand-overs.ts"
import { keysOutOfStep } from "../journal/keys-in-step.ts"
import { undoneFault } from "../journal/undone-erasures.ts"
import { headNoteState, mayReplace, type HeadNoteState } from "../journal/head-note.ts"
import { lastReconciled } from "../projections/alerts.ts"
import { keyStoreExists } from "../vault/key-store.ts"
import { findMasterSecret, type SecretPlaces } from "../vault/master-key.ts"
import { anchorStandings, isFalse, type AnchorStanding } from "./anchors.ts"
import { alertsSince, type Alerts } from "./alerts.ts"
import type { ClockStanding } from "../ledger/ledger-clock.ts"
import { ledgerNow } from "./budgets.ts"
import { clockNow, type ClockQuestion } from "./clock.ts"
import { coverageOf, type Coverage, type HostStanding } from "./coverage.ts"
import { spaceProblem } from "./disk-room.ts"
import { gradesOf, type Grades } from "./grades.ts"
import { openForReading, type LedgerAccess } from "./ledger-access.ts"
import { moneyNow, noMoney, type Money } from "./money.ts"
import { restoredRows, type RestoredRow } from "./restored-rows.ts"
import { bareStanding, standingOf, type Standing } from "./standing.ts"
import { noStorage, storageOf, type Storage } from "./storage.ts"
import { witnessRows, type WitnessRow } from "./witness-rows.ts"

export type StatusReport = {
  readonly schemaVersion: 1
  readonly generatedAt: string
  readonly version: string
  readonly directory: string
  /** `on` a writer records; `ready` it will at the next event; `off` it cannot; `not set up` it never could. */
  readonly recording: "on" | "ready" | "off" | "not set up"
  readonly problem: FaultJson | null
  /** The one command to run next, when something is missing. */
  readonly next: string | null
  /** What is recorded, what is not, and the one command to run next. */
  readonly coverage: Coverage
  /** How the record stands beside its figures. */
  readonly standing: Standing
  readonly conversationAccess: "seen" | "not seen" | "unknown"
  readonly keys: { readonly source: string | null; readonly warning: string | null; readonly verifierKey: string | null; readonly origin: string | null }
  readonly writer: Json
  readonly storage: Storage
  readonly integrity: {
    readonly lastSequence: number
    readonly lastCheckpoint: { readonly size: number; readonly storedAt: string } | null
    readonly entriesSinceCheckpoint: number
    readonly headNote: HeadNoteState
    readonly witnesses: readonly WitnessRow[]
    readonly anchors: readonly AnchorStanding[]
    /** What told that this ledger was put back from a copy. */
    readonly restored: readonly RestoredRow[]
  }
  readonly activity: readonly { readonly type: string; readonly count: number; readonly last: string }[]
  readonly tools: readonly { readonly tool: string; readonly invoked: number; readonly denied: number }[]
  readonly gaps: { readonly count: number; readonly events: number; readonly last: { readonly at: string; readonly reason: string } | null }
  /** Of the last days. */
  readonly alerts: Alerts
  readonly money: Money
  /** How well what was spent is known; null where nothing could be read. */
  readonly grades: Grades | null
  readonly clock: ClockStanding | null
  /** The last recount that the writer made by itself; null when there is none yet. */
  readonly reconciled: { readonly at: string; readonly sequence: number; readonly to: number; readonly postings: number; readonly violations: number } | null
}

export type StatusQuestion = ClockQuestion & {
  readonly files: LedgerFiles
  /** Asking for them may throw the fault that is then reported. */
  readonly places: SecretPlaces
  readonly version: string
  /** What the host's configuration says of the plugin; null when it cannot be read. */
  readonly host: HostStanding | null
  readonly onProgress?: (done: number, total: number) => void
  /** The ledger, where it is open already and stays so; else it is opened for this one question. */
  readonly access?: () => LedgerAccess
}

/** Without the host's configuration nobody knows what else is missing. */
const [setUpCommand, keyCommand] = ["sovereign-ledger setup", "sovereign-ledger key create"]
const alertsOfMs = 7 * 86_400_000
const mostAlerts = 20

export function statusReport(question: StatusQuestion): StatusReport {
  const report = stateOf(question)
  return { ...report, coverage: coverageIn(report, question.host) }
}

function coverageIn({ recording, next, conversationAccess }: StatusReport, host: HostStanding | null): Coverage {
  return coverageOf({
    recording: recording === "off" ? "no" : recording === "not set up" ? recording : "yes",
    first: next === null ? null : { command: next, gives: next === setUpCommand || next === keyCommand ? "sets the ledger up" : "brings its key back" },
    host,
    conversations: conversationAccess,
  })
}

function stateOf(question: StatusQuestion): StatusReport {
  const frame = emptyReport(question)
  let access: LedgerAccess | undefined
  try {
    if (!keyStoreExists(question.files.directory) && !existsSync(question.files.journal)) {
      return {
        ...frame,
        recording: secretOf(question) ? "ready" : "not set up",
        next: secretOf(question) ? null : question.host === null ? keyCommand : setUpCommand,
      }
    }
    access = question.access?.() ?? openForReading(question.files, question.places, question.onProgress ? { onProgress: question.onProgress } : {})
    if (!access.scopes) {
      // What can be read is told; but no writer starts over it.
      const problem = new Fault("store.incomplete", { file: question.files.scopes, other: question.files.journal }).toJSON()
      return { ...frame, ...filled(access, question, frame), recording: question.writer === null ? "off" : "on", problem }
    }
    return { ...frame, ...filled(access, question, frame) }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const next = error.code === "key.absent" ? "sovereign-ledger key restore FILE" : null
    // Files that may not be read are another user's, and so is the writer that answers: it records.
    const recording = error.code === "store.unreadable" && question.writer !== null ? "on" : "off"
    return { ...frame, recording, problem: error.toJSON(), next }
  } finally {
    if (!question.access) access?.close()
  }
}

/** 0 unless something that was set up fails. */
export function statusExit(report: StatusReport): 0 | 1 {
  const contradicted = report.integrity.witnesses.some(({ state }) => isDisagreement(state))
  const isDeceived = report.integrity.anchors.some(({ state }) => isFalse(state))
  const isClockSet = report.clock !== null && report.clock.state !== "agrees"
  const isRestored = report.integrity.restored.some(({ acceptedAt }) => acceptedAt === null)
  return report.problem !== null || !mayReplace(report.integrity.headNote) || contradicted || isDeceived || isClockSet || isRestored ? 1 : 0
}

function secretOf(question: StatusQuestion): string | null {
  try {
    return findMasterSecret(question.places)?.source ?? null
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

function emptyReport(question: StatusQuestion): StatusReport {
  const source = secretOf(question)
  return {
    schemaVersion: 1,
    generatedAt: new Date(question.nowMs).toISOString(),
    version: question.version,
    directory: question.files.directory,
    recording: "not set up",
    problem: null,
    next: null,
    coverage: { recorded: "", notCovered: [], next: null },
    standing: bareStanding(question.host, source !== null || isSetUp(question.files.directory)),
    conversationAccess: "unknown",
    keys: {
      source,
      warning:
        source === "environment"
          ? "the master key is in the environment, where any command an agent runs can read it: sovereign-ledger key create moves it to a key file"
          : null,
      verifierKey: null,
      origin: null,
    },
    writer: question.writer,
    storage: noStorage,
    integrity: { lastSequence: -1, lastCheckpoint: null, entriesSinceCheckpoint: 0, headNote: "missing", witnesses: [], anchors: [], restored: [] },
    activity: [],
    tools: [],
    gaps: { count: 0, events: 0, last: null },
    alerts: { since: new Date(question.nowMs - alertsOfMs).toISOString(), count: 0, newest: [] },
    money: noMoney,
    grades: null,
    clock: null,
    reconciled: null,
  }
}

type ActivityRow = { readonly type: string; readonly count: number; readonly last_ms: number; readonly last_sequence: number }
type ToolActivityRow = { readonly tool: string; readonly type: string; readonly count: number }

function filled(access: LedgerAccess, question: StatusQuestion, frame: StatusReport): Partial<StatusReport> {
  const { reader } = access
  const entries = reader.size()
  const { activity, tools, gapTotals, lastGap } = access.ask((views) => ({
    activity: views.prepare("SELECT type, count, last_ms, last_sequence FROM activity ORDER BY count DESC, type").all() as ActivityRow[],
    tools: views.prepare("SELECT tool, type, count FROM tool_activity").all() as ToolActivityRow[],
    gapTotals: views.prepare("SELECT count(*) AS count, coalesce(sum(count), 0) AS events FROM gaps").get() as { count: number; events: number },
    lastGap: views.prepare("SELECT time_ms, reason FROM gaps ORDER BY sequence DESC LIMIT 1").get() as { time_ms: number; reason: string } | undefined,
  }))
  const state = ledgerNow(access)
  const clock = clockNow(access, question, state)
  const checkpoint = reader.latestCheckpoint()
  return {
    recording: question.writer === null ? "ready" : "on",
    problem: keyProblem(access) ?? (access.scopes && undoneFault(reader, access.scopes)?.toJSON()) ?? spaceProblem(question.files.directory),
    standing: standingOf(
      access,
      activity.map(({ type, count, last_ms: lastMs, last_sequence: sequence }) => ({ type, count, lastMs, sequence })),
      question,
    ),
    conversationAccess: conversationAccess(activity.map((row) => row.type)),
    keys: { ...frame.keys, verifierKey: access.keys.store.verifierKey, origin: access.keys.store.origin },
    storage: storageOf(access, question.writer),
    integrity: {
      lastSequence: entries - 1,
      lastCheckpoint: checkpoint ? { size: checkpoint.size, storedAt: new Date(checkpoint.storedMs).toISOString() } : null,
      entriesSinceCheckpoint: entries - (checkpoint?.size ?? 0),
      headNote: headNoteState(question.files.headNote, access.keys.store.verifierKey, reader),
      witnesses: witnessRows(reader.cosignatures.last(), question.writer),
      anchors: anchorStandings(access, question.writer),
      restored: restoredRows(state),
    },
    activity: activity.map((row) => ({ type: row.type, count: row.count, last: new Date(row.last_ms).toISOString() })),
    tools: toolRows(tools),
    alerts: alertsSince(access, question.nowMs - alertsOfMs, mostAlerts),
    money: moneyNow(access, clock.ledgerMs, state),
    grades: gradesOf(access),
    clock,
    reconciled: recountNow(access),
    gaps: { ...gapTotals, last: lastGap ? { at: new Date(lastGap.time_ms).toISOString(), reason: lastGap.reason } : null },
  }
}

export function recountNow(access: LedgerAccess): StatusReport["reconciled"] {
  const last = access.ask(lastReconciled)
  if (!last) return null
  const [to = 0, postings = 0, violations = 0] = ["to", "postings", "violations"].map((name) => countOf(last.facts[name]))
  return { at: new Date(last.atMs).toISOString(), sequence: last.sequence, to, postings, violations }
}

/** Prompts are seen only with the host's permission; tool calls without one prompt before them mean that it was not given. */
export function conversationAccess(types: readonly string[]): StatusReport["conversationAccess"] {
  if (types.includes("prompt.submitted") || types.includes("run.started")) return "seen"
  return types.includes("tool.invoked") || types.includes("model.called") ? "not seen" : "unknown"
}

function toolRows(rows: readonly ToolActivityRow[]): StatusReport["tools"] {
  const byTool = new Map<string, { tool: string; invoked: number; denied: number }>()
  for (const row of rows) {
    const tool = byTool.get(row.tool) ?? { tool: row.tool, invoked: 0, denied: 0 }
    if (row.type === "tool.invoked") tool.invoked += row.count
    if (row.type === "tool.denied") tool.denied += row.count
    byTool.set(row.tool, tool)
  }
  return [...byTool.values()].sort((a, b) => b.invoked - a.invoked)
}

/** Keys that are not of the journal's time let nobody sign, so no writer starts. A hand-over or rotation meanwhile is none: the second reading has it. */
function keyProblem(access: LedgerAccess): FaultJson | null {
  const { chain } = readKeyChain(access.reader, access.reader.size())
  const { reader } = access
  const problem = keysOutOfStep(access.keys.store, reader, chain) && keysOutOfStep(access.reopenKeys().store, reader, chain)
  return problem === undefined ? null : new Fault("key.out-of-step", { problem }).toJSON()
}

/** What this user may not look into is there. */
function isSetUp(directory: string): boolean {
  try {
    return keyStoreExists(directory)
  } catch (error) {
    if (error instanceof Fault) return true
    throw error
  }
}
