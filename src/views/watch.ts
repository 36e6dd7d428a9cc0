/**
 * Is all well, for a machine that asks every few minutes: each check by its name, what was found, and the command that mends it. A check that cannot
 * be made is not one that is good.
 */
import { anchorStandings, isFalse } from "./anchors.ts"
import { existsSync } from "node:fs"
import { Fault } from "../base/fault.ts"
import type { Json } from "../base/json.ts"
import { numberOf, objectOf } from "../base/json.ts"
import type { LedgerFiles } from "../journal/files.ts"
import { headNoteState, type HeadNoteState } from "../journal/head-note.ts"
import { tryLock } from "../vault/lock.ts"
import { switchedOffSince } from "../projections/alerts.ts"
import { keyStoreExists } from "../vault/key-store.ts"
import type { SecretPlaces } from "../vault/master-key.ts"
import { isDisagreement } from "../format/witness.ts"
import { countAlerts } from "./alerts.ts"
import type { LedgerState } from "../ledger/state.ts"
import type { ClockStanding } from "../ledger/ledger-clock.ts"
import { ledgerNow } from "./budgets.ts"
import { clockNow, clockWords, type ClockQuestion } from "./clock.ts"
import { grantCommand, type HostStanding } from "./coverage.ts"
import { isWritable, spaceProblem } from "./disk-room.ts"
import { budgetForecasts, goneWords, soonestGone } from "./forecast.ts"
import { openForReading, type LedgerAccess } from "./ledger-access.ts"
import { restoredRows, restoredWords, type RestoredRow } from "./restored-rows.ts"
import { recountNow } from "./status.ts"
import { witnessRows } from "./witness-rows.ts"

export const checkNames = [
  "set-up",
  "key",
  "plugin",
  "permission",
  "switched-off",
  "touched",
  "breakers",
  "gaps",
  "budgets",
  "recount",
  "head-note",
  "witness",
  "anchors",
  "restored",
  "clock",
  "writer",
] as const
/** A budget that is gone this soon is worth waking somebody. */
const nearMs = 3_600_000

export type CheckName = (typeof checkNames)[number]

export type Check = {
  readonly name: CheckName
  readonly state: "good" | "wrong" | "unknown"
  readonly words: string
  /** The command that mends it, or shows what there is to see. */
  readonly remedy: string | null
}

export type WatchReport = {
  readonly schemaVersion: 1
  readonly generatedAt: string
  readonly since: string
  readonly directory: string
  readonly checks: readonly Check[]
}

export type WatchQuestion = ClockQuestion & {
  readonly files: LedgerFiles
  /** Asking for them may throw the fault that is then reported. */
  readonly places: SecretPlaces
  readonly sinceMs: number
  /** What the host's configuration says of the plugin, or why it cannot be known. */
  readonly host: HostStanding | Fault
  /** The writer is a service: nobody starts it but its own manager. */
  readonly isService: boolean
  /** Checks to leave out. */
  readonly except: ReadonlySet<string>
}

export function watchReport(question: WatchQuestion): WatchReport {
  const { files, nowMs, sinceMs, except } = question
  const checks = [...hostChecks(question.host), ...ledgerChecks(question)].filter(({ name }) => !except.has(name))
  return {
    schemaVersion: 1,
    generatedAt: new Date(nowMs).toISOString(),
    since: new Date(sinceMs).toISOString(),
    directory: files.directory,
    checks: checks.toSorted((a, b) => checkNames.indexOf(a.name) - checkNames.indexOf(b.name)),
  }
}

/** 0 all is well, 1 something is wrong, 2 something could not be checked. What is wrong outweighs what is not known. */
export function watchExit({ checks }: WatchReport): 0 | 1 | 2 {
  if (checks.some(({ state }) => state === "wrong")) return 1
  return checks.some(({ state }) => state === "unknown") ? 2 : 0
}

function hostChecks(host: HostStanding | Fault): readonly Check[] {
  if (host instanceof Fault) return [unknown("plugin", host)]
  return [
    host.off === null ? good("plugin", "the host loads the plugin") : wrong("plugin", `the host does not load the plugin: ${host.off}`, host.remedy),
    host.mayReadConversations
      ? good("permission", "the plugin may see conversations")
      : wrong("permission", "the host has not given the permission to see conversations: prompts and answers are not recorded", grantCommand),
  ]
}

function ledgerChecks(question: WatchQuestion): readonly Check[] {
  const { files } = question
  if (!keyStoreExists(files.directory) && !existsSync(files.journal)) {
    return [wrong("set-up", `there is no ledger in ${files.directory}: nothing is recorded`, "sovereign-ledger key create")]
  }
  let access: LedgerAccess | undefined
  try {
    access = openForReading(files, question.places)
    return [...openChecks(access, question), writerCheck(question)]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // Who may not read it has not found out that it is damaged.
    return [
      good("set-up", `the ledger is in ${files.directory}`),
      error.code === "store.unreadable" ? unknown("key", error) : wrong("key", error.message, error.remedy),
    ]
  } finally {
    access?.close()
  }
}

function openChecks(access: LedgerAccess, question: WatchQuestion): readonly Check[] {
  const { files, sinceMs, host, writer } = question
  const remedy = host instanceof Fault ? null : host.remedy
  const state = ledgerNow(access)
  const clock = clockNow(access, question, state)
  const note = headNoteState(files.headNote, access.keys.store.verifierKey, access.reader)
  return [
    good("set-up", `the ledger is in ${files.directory}`),
    good("key", "the key opens it"),
    switchedOffCheck(access, remedy),
    countCheck(access, "touched", sinceMs),
    countCheck(access, "breakers", sinceMs),
    countCheck(access, "gaps", sinceMs),
    budgetCheck(access, clock.ledgerMs, state),
    recountCheck(access),
    noteCheck(note, files.headNote),
    witnessCheck(access, writer, sinceMs),
    anchorCheck(access, writer, sinceMs),
    restoredCheck(restoredRows(state)),
    clockCheck(clock),
  ]
}

function budgetCheck(access: LedgerAccess, nowMs: number, state: LedgerState): Check {
  const soonest = soonestGone(budgetForecasts(access, nowMs, state), nowMs)
  const isNear = soonest !== null && (soonest.goneAt === null || Date.parse(soonest.goneAt) - nowMs <= nearMs)
  return isNear
    ? wrong("budgets", goneWords(soonest), `sovereign-ledger budget forecast ${soonest.name}`)
    : good("budgets", "no budget is gone, or will be within the hour")
}

/** The last one tells how the ledger stands: what it found does not go away by getting old. */
function recountCheck(access: LedgerAccess): Check {
  const last = recountNow(access)
  if (last === null) return good("recount", "the ledger was not counted again yet")
  const words = `by the recount of ${last.at} (#${last.sequence})`
  return last.violations === 0
    ? good("recount", `${words} every balance is what its entries add up to`)
    : wrong(
        "recount",
        `the ledger does not agree with its entries: ${last.violations} ${last.violations === 1 ? "violation" : "violations"} ${words}`,
        "sovereign-ledger reconcile",
      )
}

function switchedOffCheck(access: LedgerAccess, remedy: string | null): Check {
  const since = [...access.ask(switchedOffSince).values()]
  if (since.length === 0) return good("switched-off", "the plugin was not switched off, or is on again")
  const words = `the plugin was switched off at ${new Date(Math.min(...since)).toISOString()} and has not begun again`
  return wrong("switched-off", words, remedy ?? "openclaw gateway restart")
}

const counted = {
  touched: { type: "guard.touched", none: "no tool call reached for the ledger", some: "tool calls reached for the ledger" },
  breakers: { type: "breaker.tripped", none: "no breaker has tripped", some: "breakers tripped" },
  gaps: { type: "capture.gap", none: "no gaps", some: "gaps in the record" },
} as const

function countCheck(access: LedgerAccess, name: keyof typeof counted, sinceMs: number): Check {
  const { type, none, some } = counted[name]
  const { count, last } = countAlerts(access, type, sinceMs)
  const from = new Date(sinceMs).toISOString()
  if (!last) return good(name, `${none} since ${from}`)
  return wrong(
    name,
    `${count} ${some} since ${from}; the last: ${last.description} (#${last.sequence}, ${last.at})`,
    `sovereign-ledger events list --type ${type}`,
  )
}

const noteWords: { readonly [S in HeadNoteState]: string } = {
  agrees: "the note outside agrees with the journal",
  missing: "the note outside is not there: nothing would show that the ledger was put back from a copy",
  "ahead of the journal": "the journal is shorter than the note outside says: entries are missing",
  "of another history": "the journal is not the one that the note outside was made of",
  "not signed by this ledger": "the note outside was not signed by this ledger",
  unreadable: "the note outside cannot be read",
}

function noteCheck(state: HeadNoteState, file: string): Check {
  const words = `${noteWords[state]} (${file})`
  if (state === "agrees") return good("head-note", words)
  return wrong("head-note", words, "sovereign-ledger verify")
}

/** What witnesses have told the writer: now, and since then. One that gives no good answer keeps it from being known. */
function witnessCheck(access: LedgerAccess, writer: Json, sinceMs: number): Check {
  const remedy = "sovereign-ledger witness check"
  const rows = witnessRows(access.reader.cosignatures.last(), writer)
  const against = rows.find(({ state }) => isDisagreement(state))
  if (against) return wrong("witness", `${against.witness} ${against.state}: this ledger was rolled back or forked`, remedy)
  const { count, last } = countAlerts(access, "witness.disagreed", sinceMs)
  if (last) {
    const times = `${count} ${count === 1 ? "time" : "times"} since ${new Date(sinceMs).toISOString()}`
    return wrong("witness", `a witness contradicted ${times}; the last: ${last.description} (#${last.sequence}, ${last.at})`, remedy)
  }
  const silent = rows.find(({ state }) => state !== null && state !== "agrees" && state !== "not asked yet")
  if (silent) return { name: "witness", state: "unknown", words: `${silent.witness}: ${silent.problem ?? silent.state}`, remedy }
  return good("witness", rows.length === 0 ? "no witness is named" : "no witness contradicts")
}

/** What anchors have told the writer: now, and since then. A false answer is wrong; one that cannot be had keeps it from being known. */
function anchorCheck(access: LedgerAccess, writer: Json, sinceMs: number): Check {
  const remedy = "sovereign-ledger anchors list"
  const rows = anchorStandings(access, writer)
  const { count, last } = countAlerts(access, "anchor.rejected", sinceMs)
  const deceiver = rows.find(({ state }) => isFalse(state))
  if (deceiver) return wrong("anchors", `${deceiver.authority} ${deceiver.state}: ${deceiver.problem ?? "?"}`, remedy)
  if (last)
    return wrong("anchors", `${count} false ${count === 1 ? "answer" : "answers"}; the last: ${last.description} (#${last.sequence}, ${last.at})`, remedy)
  const silent = rows.find(({ state }) => state !== null && state !== "anchored" && state !== "not asked yet")
  if (silent) return { name: "anchors", state: "unknown", words: `${silent.authority}: ${silent.problem ?? silent.state}`, remedy }
  return good("anchors", rows.length === 0 ? "nobody anchors it" : "every anchor that was given is one")
}

function restoredCheck(rows: readonly RestoredRow[]): Check {
  const open = rows.find(({ acceptedAt }) => acceptedAt === null)
  if (open) return wrong("restored", restoredWords(open), "sovereign-ledger unfreeze all")
  return good("restored", rows.length === 0 ? "nothing tells of another past" : rows.map(restoredWords).join("; "))
}

function clockCheck(clock: ClockStanding): Check {
  return clock.state === "agrees" ? good("clock", clockWords(clock)) : wrong("clock", clockWords(clock), "sovereign-ledger clock")
}

/** A writer that answers; else one that could be started: nobody has the lock, and there is a place to write to. */
function writerCheck({ files, writer, isService }: WatchQuestion): Check {
  if (writer !== null) return good("writer", `the writer answers (pid ${String(numberOf(objectOf(writer)["pid"]))})`)
  if (isService) return wrong("writer", "the writer is a service and does not answer", "systemctl restart sovereign-ledger")
  if (!isWritable(files.directory)) return { name: "writer", state: "unknown", words: `${files.directory} may not be written by this user`, remedy: null }
  const full = spaceProblem(files.directory)
  if (full) return wrong("writer", full.message, full.remedy)
  if (isHeld(files.lock)) return wrong("writer", "a process holds the ledger, and does not answer", "sovereign-ledger status")
  return good("writer", "no writer runs; the next event starts one")
}

function isHeld(lockFile: string): boolean {
  const lock = tryLock(lockFile)
  lock?.release()
  return lock === undefined
}

function good(name: CheckName, words: string): Check {
  return { name, state: "good", words, remedy: null }
}

function wrong(name: CheckName, words: string, remedy: string | null): Check {
  return { name, state: "wrong", words, remedy }
}

function unknown(name: CheckName, fault: Fault): Check {
  return { name, state: "unknown", words: fault.message, remedy: fault.remedy }
}
