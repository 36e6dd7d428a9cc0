/** One import: what is read, what of it is new, where it goes, and what came of it. */
import type { Source, Trouble } from "../../../history/find-sources.ts"
import type { EventBatch } from "../../../history/events/event-sink.ts"
import type { SourceOutcome } from "../../../history/read-sources.ts"
import type { UsageBatch } from "../../../history/usage/batch.ts"
import { freshEvents, freshPart, type IsFresh } from "./fresh-part.ts"
import type { ImportLink, SourceNote } from "./import-link.ts"
import { readHistory, type DeepReading } from "./readers.ts"

export type ImportReport = {
  readonly sources: { readonly found: number; readonly unchanged: number; readonly read: number; readonly failed: number }
  readonly bytes: number
  /** Rows that tell usage. */
  readonly rows: number
  readonly recorded: number
  /** Events of everything else: what was said, tools, sessions, jobs, subagents, approvals. */
  readonly events: { readonly found: number; readonly recorded: number }
  /** Rows that were on record, or stand in another source, too; or are older than what the ledger keeps. */
  readonly known: number
  readonly unreadable: number
  readonly troubles: readonly Trouble[]
}

export type ImportWork = {
  readonly sources: readonly Source[]
  readonly troubles: readonly Trouble[]
  readonly nowMs: number
  readonly depth: "usage" | "all"
  readonly isUnchanged: (source: Source) => boolean
  readonly isFresh: IsFresh
  /** What happened before was on record, and removed. */
  readonly sinceMs: number
  /** Absent in a dry run. */
  readonly link: ImportLink | undefined
  /** Of an import of everything. */
  readonly deep: DeepReading | undefined
  readonly progress: (done: number, total: number) => void
  /** How sources are read; in threads where it is left out. */
  readonly read?: typeof readHistory
  /** A source was read: where it is left out, that goes on record at once. */
  readonly noted?: (note: SourceNote) => void
  readonly done?: (outcome: SourceOutcome) => void
}

export async function runImport(work: ImportWork): Promise<ImportReport> {
  const { link, depth, nowMs } = work
  const toRead = work.sources.filter((source) => !work.isUnchanged(source))
  link?.sessions(sessionsOf(toRead))
  const total = toRead.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const troubles = [...work.troubles]
  const late: SourceNote[] = []
  const withInherited = new Set<Source>()
  let [bytes, rows, recorded, unreadable, read, failed] = [0, 0, 0, 0, 0, 0]

  const onBatch = (batch: UsageBatch) => {
    rows += batch.count
    const fresh = freshPart(batch, work.isFresh, work.sinceMs)
    if (fresh === undefined) return
    recorded += fresh.count
    link?.usage(fresh)
  }
  const events = { found: 0, recorded: 0 }
  const onEvents = (batch: EventBatch) => {
    const { fresh, calls, freshCalls } = freshEvents(batch, work.isFresh, work.sinceMs)
    rows += calls
    recorded += freshCalls
    events.found += batch.count - calls
    events.recorded += fresh.count - freshCalls
    // What leaves is settled when it is on disk.
    if (!batch.inherited) work.deep?.flow.settled(batch.bytes.length)
    if (link === undefined || fresh.count === 0) return
    work.deep?.flow.began(fresh.bytes.length)
    link.events(fresh.bytes)
  }
  const noted = work.noted ?? ((note: SourceNote) => link?.read(note))
  const onDone = (outcome: SourceOutcome) => {
    const { source } = outcome
    work.done?.(outcome)
    bytes += source.sizeBytes
    work.progress(bytes, total)
    if ("problem" in outcome) {
      failed++
      troubles.push({ path: source.path, problem: outcome.problem })
      return
    }
    read++
    unreadable += outcome.read.unreadable
    if (outcome.read.unreadable > 0) troubles.push({ path: source.path, problem: `${outcome.read.unreadable} of its rows cannot be read` })
    const { path, kind, sizeBytes, modifiedMs, inode } = source
    const { endByte, rows: told } = outcome.read
    const note = { path, kind, sizeBytes, modifiedMs, inode, endByte, rows: told, unreadable: outcome.read.unreadable, depth }
    // Its inherited rows are still to come: it is marked when they are on their way, too.
    if (withInherited.has(source)) late.push(note)
    else noted(note)
  }
  await (work.read ?? readHistory)(toRead, nowMs, { onBatch, onEvents, onDone, onInherited: (source) => withInherited.add(source) }, work.deep)
  for (const note of late) noted(note)
  await link?.finish()
  const unchanged = work.sources.length - toRead.length
  return { sources: { found: work.sources.length, unchanged, read, failed }, bytes, rows, recorded, events, known: rows - recorded, unreadable, troubles }
}

/** As far as they are known before anything was read. */
const mostSessions = 50_000

function sessionsOf(sources: readonly Source[]): readonly string[] {
  const labels = sources.filter(({ kind }) => kind === "transcript").map(({ place }) => place.key ?? place.sessionId)
  return [...new Set(labels)].slice(0, mostSessions)
}
