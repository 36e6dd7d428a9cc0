/**
 * Follows a host's home: each pass looks at what is there, reads on where something came, and hands it to the writer as an import does, by the names of rows, so that whatever is
 * read twice is recorded once. How far sources were read is known in memory; on record it is noted now and then and at the end, for the next start.
 */
import { findSources, lookedAtAgain, type KnownLists, type Source, type Trouble } from "../../../history/find-sources.ts"
import { Flow } from "../../../history/flow.ts"
import type { Followers } from "../../../history/follow/followers.ts"
import { sourceMark } from "../../../history/follow/source-mark.ts"
import type { SourceOutcome } from "../../../history/read-sources.ts"
import { freshRows, keptSinceMs, sourcesRead } from "../../../views/imported.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import type { ImportLink, SourceNote } from "./import-link.ts"
import { runImport, type ImportReport, type ImportWork } from "./import-run.ts"
import { newFollowers, readByFollowers } from "./readers.ts"

export type CollectorParts = {
  readonly home: string
  readonly depth: "usage" | "all"
  readonly nowMs: () => number
  /** The ledger as it is now. */
  readonly reading: <T>(read: (access: LedgerAccess) => Promise<T>) => Promise<T>
  /** A way to the writer, which is started where none runs. */
  readonly openLink: () => Promise<ImportLink>
  /** Of a first reading that takes long. */
  readonly progress: (done: number, total: number) => void
}

export type PassReport = {
  readonly sources: number
  /** Sources in which something may have come. */
  readonly changed: number
  readonly recorded: number
  readonly events: number
  /** There is more in them: the next pass should begin at once. */
  readonly isMore: boolean
}

/** From so many bytes on sources that nobody has read are read in threads. */
const bytesWorthThreads = 8 * 2 ** 20
/** How often it is noted how far sources were read that change all the time. */
const noteEveryMs = 300_000
/** What could not be read is tried again, changed or not. */
const againMs = 60_000
/** Of a store that is read whole: a twentieth of the time at most. */
const shareOfTime = 20

export class Collector {
  readonly #parts: CollectorParts
  readonly #lists: KnownLists = new Map()
  /** By path: what a source looked like when it was read. */
  #marks = new Map<string, string>()
  /** By path: when a source may be read at the earliest. */
  readonly #notBeforeMs = new Map<string, number>()
  readonly #unnoted = new Map<string, SourceNote>()
  readonly #problems = new Map<string, string>()
  #found: readonly Trouble[] = []
  #followers: Followers | undefined
  #notedMs: number

  constructor(parts: CollectorParts) {
    this.#parts = parts
    this.#notedMs = parts.nowMs()
  }

  /** What cannot be read by now. */
  get troubles(): readonly Trouble[] {
    return [...this.#found, ...[...this.#problems].map(([path, problem]) => ({ path, problem }))]
  }

  async pass(): Promise<PassReport> {
    const { nowMs, home } = this.#parts
    const { sources, troubles } = findSources(home, { known: this.#lists })
    this.#found = troubles
    this.#forgetGone(sources)
    const marks = new Map(sources.map((source) => [source, sourceMark(source)]))
    const isDue = (source: Source) => (this.#notBeforeMs.get(source.path) ?? 0) <= nowMs()
    const changed = sources.filter((source) => this.#marks.get(source.path) !== marks.get(source) && isDue(source))
    const mayNote = this.#unnoted.size > 0 && nowMs() - this.#notedMs >= noteEveryMs
    if (changed.length === 0 && !mayNote) return { sources: sources.length, changed: 0, recorded: 0, events: 0, isMore: false }
    return this.#parts.reading(async (access) => {
      const toRead = this.#followers ? changed : await this.#begin(access, changed, marks)
      const reports = await this.#readAll(access, toRead, marks)
      if (mayNote) await this.#note()
      const sum = (of: (report: ImportReport) => number) => reports.reduce((total, report) => total + of(report), 0)
      const isMore = toRead.some((source) => this.#followers?.isUnfinished(source) === true)
      return {
        sources: sources.length,
        changed: toRead.length,
        recorded: sum(({ recorded }) => recorded),
        events: sum(({ events }) => events.recorded),
        isMore,
      }
    })
  }

  /** Notes how far everything was read: whoever comes next reads no source that has not changed. */
  async settle(): Promise<void> {
    if (this.#unnoted.size > 0) await this.#note()
  }

  /** What was noted of a source as it stands now need not be read; where new rows of it will stand is looked up before any come. */
  async #begin(access: LedgerAccess, sources: readonly Source[], marks: Map<Source, string>): Promise<readonly Source[]> {
    const { depth } = this.#parts
    const followers = (this.#followers = await newFollowers(depth === "all" ? access.scopes?.pseudonymKey : undefined))
    const isRead = sourcesRead(access, depth)
    return sources.filter((source) => {
      if (!isRead(source.path, source)) return true
      try {
        followers.beginAt(source)
        const again = lookedAtAgain(source)
        if (again === undefined || sourceMark(again) !== marks.get(source)) return true
        this.#marks.set(source.path, marks.get(source) ?? "")
        return false
      } catch {
        // Whatever keeps it from being looked at is told by who reads it.
        return true
      }
    })
  }

  async #readAll(access: LedgerAccess, sources: readonly Source[], marks: Map<Source, string>): Promise<readonly ImportReport[]> {
    const followers = this.#followers
    if (!followers || sources.length === 0) return []
    const unknown = sources.filter((source) => !followers.knows(source))
    const isMuch = unknown.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) >= bytesWorthThreads
    const inThreads = isMuch ? unknown : []
    const here = sources.filter((source) => !inThreads.includes(source))
    const reports: ImportReport[] = []
    if (inThreads.length > 0) {
      for (const source of inThreads) if (source.kind === "agent-store") this.#begun(followers, source)
      const done = (outcome: SourceOutcome) => {
        if ("read" in outcome && outcome.source.kind === "transcript") this.#wasRead(followers, outcome.source, outcome.read.endByte)
      }
      reports.push(await this.#run(access, inThreads, marks, { done }))
    }
    const noted = (note: SourceNote) => void this.#unnoted.set(note.path, note)
    if (here.length > 0) reports.push(await this.#run(access, here, marks, { read: readByFollowers(followers), noted }))
    return reports
  }

  async #run(
    access: LedgerAccess,
    sources: readonly Source[],
    marks: Map<Source, string>,
    how: Pick<ImportWork, "read" | "noted" | "done">,
  ): Promise<ImportReport> {
    const { depth, nowMs, openLink, progress } = this.#parts
    const link = await openLink()
    const flow = new Flow()
    link.onSettled = (bytes) => flow.settled(bytes)
    const pseudonymKey = depth === "all" ? access.scopes?.pseudonymKey : undefined
    const startedMs = performance.now()
    const done = (outcome: SourceOutcome) => {
      const { path } = outcome.source
      this.#marks.set(path, marks.get(outcome.source) ?? "")
      const problem = "problem" in outcome ? outcome.problem : outcome.read.unreadable > 0 ? `${outcome.read.unreadable} of its rows cannot be read` : undefined
      if (problem === undefined) this.#problems.delete(path)
      else this.#problems.set(path, problem)
      if ("problem" in outcome) this.#later(path, againMs)
      else if (outcome.source.kind === "state-store") this.#notBeforeMs.set(path, nowMs() + shareOfTime * (performance.now() - startedMs))
      if ("problem" in outcome || this.#followers?.isUnfinished(outcome.source)) this.#marks.delete(path)
      how.done?.(outcome)
    }
    try {
      return await runImport({
        sources,
        troubles: [],
        nowMs: nowMs(),
        depth,
        isUnchanged: () => false,
        isFresh: freshRows(access),
        sinceMs: keptSinceMs(access),
        link,
        deep: pseudonymKey && { pseudonymKey, flow },
        progress,
        ...how,
        done,
      })
    } catch (error) {
      // What was read may not be on record: it is read again, all of it.
      for (const { path } of sources) {
        this.#marks.delete(path)
        this.#unnoted.delete(path)
      }
      this.#followers?.forget(sources)
      throw error
    }
  }

  async #note(): Promise<void> {
    const link = await this.#parts.openLink()
    for (const note of this.#unnoted.values()) link.read(note)
    await link.finish()
    this.#unnoted.clear()
    this.#notedMs = this.#parts.nowMs()
  }

  #begun(followers: Followers, source: Source): void {
    try {
      followers.beginAt(source)
    } catch {
      // Its reader says why.
    }
  }

  #wasRead(followers: Followers, source: Source, endByte: number): void {
    try {
      followers.wasRead(source, endByte)
    } catch {
      // Gone since: whatever stands there next is read from its beginning.
    }
  }

  #later(path: string, byMs: number): void {
    this.#notBeforeMs.set(path, this.#parts.nowMs() + byMs)
  }

  #forgetGone(sources: readonly Source[]): void {
    const paths = new Set(sources.map(({ path }) => path))
    if ([...this.#marks.keys()].every((path) => paths.has(path)) && [...this.#problems.keys()].every((path) => paths.has(path))) return
    this.#followers?.keepOnly(sources)
    this.#marks = new Map([...this.#marks].filter(([path]) => paths.has(path)))
    for (const map of [this.#notBeforeMs, this.#unnoted, this.#problems]) for (const path of map.keys()) if (!paths.has(path)) map.delete(path)
  }
}
