/**
 * Our side of `completeness`: which model calls, tool calls and runs the journal holds, and where it says itself that something was lost.
 *
 * Ids stand in facts as they are, or as a pseudonym when they might name somebody. To compare them with the host's, both sides are made pseudonyms:
 * that needs scopes.db, and no content, so it works on erased entries too.
 */
import { Fault } from "../base/fault.ts"
import { countOf, numberOf, objectOf, stringOf } from "../base/json.ts"
import { rangeRoot } from "../format/merkle.ts"
import { sha256 } from "../format/sha256.ts"
import type { FactsJson } from "../format/event.ts"
import { closingOf } from "../journal/closing.ts"
import { factsOf, type StoredEntry } from "../journal/reader.ts"
import { importedCalls } from "../projections/usage-calls.ts"
import { contentOf } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type RecordedModelCall = {
  /** The name of the host's row, the same wherever it was copied to; events of before there were names have none. */
  readonly row: string | undefined
  /** Read from what the host stored, and not heard. */
  readonly imported: boolean
  readonly session: string | undefined
  readonly message: string | undefined
  readonly response: string | undefined
  readonly run: string | undefined
  readonly what: string
  readonly id: string
  readonly atMs: number
}

/** A tool call; several entries tell of the same one. */
export type RecordedToolCall = {
  readonly run: string
  /** As facts have it. */
  readonly call: string
  /** SHA-256 of the id the host gave, and the id without what the host leaves out when it writes ids anew; undefined when it is sealed for good. */
  readonly callSha256: string | undefined
  readonly bareCall: string | undefined
  readonly tool: string
  readonly atMs: number
  asked: number
  ended: number
}

export type RecordedRun = {
  readonly shown: string
  readonly atMs: number
  readonly compaction: boolean
  lastMs: number
  /** Model calls that the host says were completed, and rows with usage. */
  completed: number
  reported: number
}

export type RecordedGap = {
  readonly reason: string
  readonly count: number
  readonly byType: Readonly<Record<string, unknown>>
  readonly fromMs: number
  readonly toMs: number
}

export type LedgerRecord = {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  /** Time of the first event that a hook of the host gave; null when there is none. */
  readonly sinceMs: number | null
  readonly modelCalls: readonly RecordedModelCall[]
  readonly toolCalls: readonly RecordedToolCall[]
  readonly runs: ReadonlyMap<string, RecordedRun>
  readonly gaps: readonly RecordedGap[]
  /** The one name that an id of the host and its stand-in in facts share. */
  readonly canonical: (id: string) => string
}

/** The host leaves out all but letters and digits when it writes the id of a tool call anew for another provider. */
export function bareId(id: string): string {
  return id.replace(/[^A-Za-z0-9]/g, "")
}

/** @throws {Fault} `store.incomplete` without scopes.db: pseudonyms could not be told from ids that are missing. */
export function ledgerRecord(access: LedgerAccess, onProgress: (done: number, total: number) => void): LedgerRecord {
  const { scopes } = access
  if (!scopes) throw new Fault("store.incomplete", { file: access.files.scopes, other: access.files.journal })
  const known = new Map<string, string>()
  const canonical = (id: string) => {
    if (id.startsWith("~")) return id
    let name = known.get(id)
    if (name === undefined) known.set(id, (name = scopes.pseudonym(id)))
    return name
  }
  const size = access.reader.size()
  const gathering = new Gathering(access, canonical)
  for (const entry of access.reader.entries(0, size - 1)) {
    gathering.add(entry)
    if (entry.sequence % 1_000 === 0) onProgress(entry.sequence, size)
  }
  const root = rangeRoot(access.reader.subtrees(size), 0, size)
  const gathered = gathering.gathered()
  const closing = closingOf(access.reader)
  // Of the time before it what was recorded is gone, and some of a run that was under way.
  const sinceMs = gathered.sinceMs === null || !closing || closing.upTo === 0 ? gathered.sinceMs : Math.max(gathered.sinceMs, closing.timeMs + 1)
  return { origin: access.keys.store.origin, size, root, canonical, ...gathered, sinceMs }
}

class Gathering {
  readonly #access: LedgerAccess
  readonly #canonical: (id: string) => string
  readonly #heard: RecordedModelCall[] = []
  /** By the names of their rows: what was heard, too, is not told twice. */
  readonly #imported = new Map<string, RecordedModelCall>()
  readonly #toolCalls = new Map<string, RecordedToolCall>()
  readonly #runs = new Map<string, RecordedRun>()
  readonly #gaps: RecordedGap[] = []
  #sinceMs: number | null = null

  constructor(access: LedgerAccess, canonical: (id: string) => string) {
    this.#access = access
    this.#canonical = canonical
  }

  add(entry: StoredEntry): void {
    const { type } = entry.header
    const facts = factsOf(entry)
    const atMs = numberOf(facts["atMs"]) ?? entry.header.timeMs
    if (type === "capture.gap") this.#gaps.push(gapOf(facts, atMs))
    if (type === "usage.imported") this.#addImported(facts)
    if (facts["via"] === undefined || facts["via"] === "import") return
    // What was read from the host's stores tells nothing of when somebody began to listen.
    if (facts["imported"] !== true) this.#sinceMs = Math.min(this.#sinceMs ?? atMs, atMs)
    const run = this.#run(stringOf(facts["run"]), facts, atMs)
    if (type === "usage.reported") this.#addModelCall(facts, run, atMs)
    if (type === "tool.invoked" || type === "tool.returned" || type === "tool.denied") this.#addToolCall(entry, facts, type, atMs)
    const counted = run === undefined ? undefined : this.#runs.get(run)
    if (counted && type === "model.returned" && facts["outcome"] === "completed") counted.completed++
    const tellsCall = type === "usage.reported" && facts["role"] === "assistant" && facts["ours"] !== true
    if (counted && tellsCall && facts["imported"] !== true) counted.reported++
  }

  gathered(): Pick<LedgerRecord, "sinceMs" | "modelCalls" | "toolCalls" | "runs" | "gaps"> {
    for (const { row } of this.#heard) if (row !== undefined) this.#imported.delete(row)
    for (const { run } of this.#imported.values()) {
      const counted = run === undefined ? undefined : this.#runs.get(run)
      if (counted) counted.reported++
    }
    const modelCalls = [...this.#heard, ...this.#imported.values()]
    return { sinceMs: this.#sinceMs, modelCalls, toolCalls: [...this.#toolCalls.values()], runs: this.#runs, gaps: this.#gaps }
  }

  #run(shown: string | undefined, facts: FactsJson, atMs: number): string | undefined {
    if (shown === undefined) return undefined
    const run = this.#canonical(shown)
    const known = this.#runs.get(run)
    if (known) known.lastMs = Math.max(known.lastMs, atMs)
    else {
      const compaction = facts["runKind"] === "compaction" || shown.includes(":compaction:")
      this.#runs.set(run, { shown, atMs, lastMs: atMs, compaction, completed: 0, reported: 0 })
    }
    return run
  }

  #addModelCall(facts: FactsJson, run: string | undefined, atMs: number): void {
    const named = (field: string) => {
      const id = stringOf(facts[field])
      return id === undefined ? undefined : this.#canonical(id)
    }
    // The session's id is told by the event's: `usage.reported:<session>/<message>`.
    const [session, rest] = facts.id.slice(facts.id.indexOf(":") + 1).split("/")
    const known = session === undefined || session === "-" || rest === undefined ? undefined : this.#canonical(session)
    const what = [facts["provider"], facts["model"]].flatMap((part) => stringOf(part) ?? []).join("/") || "unknown model"
    const [row, imported] = [stringOf(facts["row"]), facts["imported"] === true]
    const call = { row, imported, session: known, message: named("message"), response: named("response"), run, what, id: facts.id, atMs }
    if (imported && row !== undefined) this.#imported.set(row, call)
    else this.#heard.push(call)
  }

  #addImported(facts: FactsJson): void {
    for (const { row, run: shown, response, cell, atMs } of importedCalls(facts)) {
      const run = this.#run(shown || undefined, { id: facts.id, runKind: cell.kind }, atMs)
      const what = [cell.provider, cell.model].filter((part) => part !== "").join("/") || "unknown model"
      const answer = response === "" ? undefined : this.#canonical(response)
      const call = { row, imported: true, session: undefined, message: undefined, response: answer, run, what, id: `usage.imported:${row}`, atMs }
      if (!this.#imported.has(row)) this.#imported.set(row, call)
    }
  }

  #addToolCall(entry: StoredEntry, facts: FactsJson, type: string, atMs: number): void {
    const run = this.#canonical(stringOf(facts["run"]) ?? "")
    const call = stringOf(facts["call"]) ?? "unknown"
    const key = `${run}/${this.#canonical(call)}`
    let known = this.#toolCalls.get(key)
    if (!known) {
      const full = call.startsWith("~") ? this.#nameOf(entry, "call") : call
      const ids = full === undefined ? undefined : { sha: sha256(full).toString("hex"), bare: bareId(full) }
      const tool = stringOf(facts["tool"]) ?? "unknown"
      known = { run, call, callSha256: ids?.sha, bareCall: ids?.bare, tool, atMs, asked: 0, ended: 0 }
      this.#toolCalls.set(key, known)
    }
    if (type === "tool.invoked") known.asked++
    else known.ended++
  }

  /** The id a pseudonym stands for, as the sealed content tells it. */
  #nameOf(entry: StoredEntry, field: string): string | undefined {
    const { text } = contentOf(this.#access, entry)
    return text === undefined ? undefined : stringOf(objectOf(objectOf(JSON.parse(text))["names"])[field])
  }
}

function gapOf(facts: FactsJson, atMs: number): RecordedGap {
  return {
    reason: stringOf(facts["reason"]) ?? "unknown",
    count: countOf(facts["count"]) ?? 0,
    byType: objectOf(facts["byType"]),
    fromMs: numberOf(facts["fromMs"]) ?? atMs,
    toMs: numberOf(facts["toMs"]) ?? atMs,
  }
}
