/**
 * What changed since the last look, and since what is on record: by stamps, and by content where a stamp is another. A file that is gone is told of at the second look that
 * does not find it, because editors take files away for a moment to put others in their place. Knows no timers; asks for another look by `again`.
 */
import { dirname } from "node:path"
import type { NewEvent } from "../../format/event.ts"
import { gapOf, type Missed } from "./missed.ts"
import { hashFile, hashText } from "../hash-file.ts"
import { watchedKind } from "../kinds.ts"
import { lineChanges, linesOf, type Lines } from "../line-changes.ts"
import { changeEvent, contentId, foundEvents, groupId, pathId, type Change, type Known, type Pseudonym } from "./file-events.ts"
import type { Listing, ListedFile } from "./listing.ts"
import type { WatchedValue } from "./watched-places.ts"

/** What is on record of a file that is there. */
export type RecordedFile = { readonly path: string; readonly hash: string; readonly kind: string; readonly group: string }
export type OnRecord = { readonly groups: readonly string[]; readonly files: readonly RecordedFile[] }

/** Looks into a file that was added or modified, and answers what is to be recorded right after the change. */
export type InspectFile = (file: { readonly kind: string; readonly path: string; readonly name: string; readonly text: string }) => readonly NewEvent[]

export type LookerOptions = {
  readonly pseudonym: Pseudonym
  readonly onRecord: OnRecord
  readonly inspect?: InspectFile | undefined
  /** Most changes that are recorded in a minute. */
  readonly mostAMinute?: number
}

export type Look = { readonly events: readonly NewEvent[]; readonly again: boolean }

type Remembered = { known: Known; stamp: string; hash: string; lines: Lines | undefined; isMissing: boolean }
type Content = { readonly stamp: string; readonly sha256: string; readonly sizeBytes: number; readonly text: string | undefined }

const usualMostAMinute = 2_000
const mostTries = 3
const warmMs = 100

export class Looker {
  readonly #options: LookerOptions
  readonly #files = new Map<string, Remembered>()
  /** On record, and not found yet. */
  readonly #recorded: Map<string, RecordedFile>
  readonly #groups: Set<string>
  /** Changed, and to be looked at when there is room again; with the stamp that was seen. */
  readonly #waiting = new Map<string, string>()
  readonly #tries = new Map<string, number>()
  #minute = { beganMs: Number.NEGATIVE_INFINITY, left: 0 }
  #missed: Missed = { unrecorded: 0, unreadable: 0, beyond: 0 }
  #told: Missed = { unrecorded: 0, unreadable: 0, beyond: 0 }
  #looks = 0

  constructor(options: LookerOptions) {
    this.#options = options
    this.#recorded = new Map(options.onRecord.files.map((file) => [file.path, file]))
    this.#groups = new Set(options.onRecord.groups)
  }

  look(listing: Listing, atMs: number): Look {
    const { pseudonym } = this.#options
    this.#refill(atMs)
    const [found, events, unreadable]: [Known[], NewEvent[], Set<string>] = [[], [], new Set(listing.unreadable.keys())]
    let again = false
    const seen = (path: string, stamp: string, thing: Omit<Known, "sha256" | "sizeBytes">, read: (isNew: boolean) => Content | "again" | undefined) => {
      const before = this.#files.get(path)
      if (before) before.isMissing = false
      if (before?.stamp === stamp) return
      const isNew = !this.#groups.has(groupId(thing.group, pseudonym))
      if (!isNew && this.#minute.left <= 0) return this.#wait(path, stamp)
      this.#waiting.delete(path)
      const content = read(isNew)
      if (content === "again") again = true
      if (content === undefined || content === "again") return
      this.#take(thing, content, { atMs, isNew, found, events })
    }
    for (const [path, listed] of listing.files) {
      const isWarm = atMs - listed.file.modifiedMs < warmMs && atMs >= listed.file.modifiedMs
      seen(path, listed.file.stamp, thingOf(path, listed), (isNew) => this.#read(path, isWarm && !isNew, unreadable))
    }
    for (const value of listing.values) seen(value.path, value.text, value, () => contentOf(value))
    again = this.#missing(listing, unreadable, atMs, events) || again
    const fresh = [...listing.groups].filter((group) => !this.#groups.has(groupId(group, pseudonym)))
    for (const group of fresh) this.#groups.add(groupId(group, pseudonym))
    this.#missed = { ...this.#missed, unreadable: unreadable.size, beyond: listing.beyond }
    this.#looks++
    return {
      events: [...(fresh.length > 0 ? foundEvents(fresh, found, atMs, pseudonym) : []), ...events, ...this.#gaps(atMs)],
      again: again || this.#waiting.size > 0,
    }
  }

  #refill(atMs: number): void {
    if (atMs - this.#minute.beganMs >= 60_000 || atMs < this.#minute.beganMs)
      this.#minute = { beganMs: atMs, left: this.#options.mostAMinute ?? usualMostAMinute }
  }

  /** Seen otherwise again before it could be recorded: what it was in between is lost. */
  #wait(path: string, stamp: string): void {
    const seen = this.#waiting.get(path)
    if (seen !== undefined && seen !== stamp) this.#lost(1)
    this.#waiting.set(path, stamp)
  }

  #lost(count: number): void {
    this.#missed = { ...this.#missed, unrecorded: this.#missed.unrecorded + count }
  }

  /** What was written a moment ago may be written to still: many write a file by emptying it first. */
  #read(path: string, isWarm: boolean, unreadable: Set<string>): Content | "again" | undefined {
    try {
      const hashed = hashFile(path)
      if (!hashed) return undefined
      const tries = (this.#tries.get(path) ?? 0) + 1
      if ((hashed.isTorn || isWarm) && tries < mostTries) {
        this.#tries.set(path, tries)
        return "again"
      }
      this.#tries.delete(path)
      return hashed
    } catch {
      unreadable.add(path)
      return undefined
    }
  }

  #take(
    thing: Omit<Known, "sha256" | "sizeBytes">,
    { stamp, sha256, sizeBytes, text }: Content,
    into: { readonly atMs: number; readonly isNew: boolean; readonly found: Known[]; readonly events: NewEvent[] },
  ): void {
    const { pseudonym, inspect } = this.#options
    const { kind, group, agent, path, name } = thing
    const known: Known = { kind, group, ...(agent === undefined ? {} : { agent }), path, name, sha256, sizeBytes }
    const id = pathId(path, pseudonym)
    const before = this.#files.get(path)
    const recorded = before === undefined ? this.#recorded.get(id) : undefined
    const [hash, lines] = [contentId(sha256, pseudonym), text === undefined ? undefined : linesOf(text)]
    this.#recorded.delete(id)
    this.#files.set(path, { known, stamp, hash, lines, isMissing: false })
    const earlier = before?.hash ?? recorded?.hash
    if (earlier === hash) return
    if (earlier === undefined && into.isNew) {
      into.found.push(known)
      return
    }
    this.#minute.left--
    const change: Change = {
      change: earlier === undefined ? "added" : "modified",
      ...{ atMs: into.atMs, now: known },
      before: earlier === undefined ? undefined : { hash: earlier, sha256: before?.known.sha256 },
      lines: before?.lines && lines && lineChanges(before.lines, lines),
    }
    const changed = changeEvent(change, pseudonym)
    into.events.push(changed, ...(inspect && text !== undefined ? inspect({ kind, path, name, text }) : []))
  }

  /** Answers whether something was missed for the first time. */
  #missing(listing: Listing, unreadable: ReadonlySet<string>, atMs: number, events: NewEvent[]): boolean {
    const { pseudonym } = this.#options
    const values = new Set(listing.values.map(({ path }) => path))
    let again = false
    for (const [path, file] of this.#files) {
      if (listing.files.has(path) || values.has(path)) continue
      if (!listing.groups.has(file.known.group)) this.#files.delete(path) // it is not watched any more
      else if (isBelow(path, unreadable) || listing.beyond > 0 || this.#minute.left <= 0) continue
      else if (!file.isMissing) again = file.isMissing = true
      else {
        this.#minute.left--
        this.#files.delete(path)
        events.push(changeEvent({ change: "removed", atMs, now: file.known, before: { hash: file.hash, sha256: file.known.sha256 } }, pseudonym))
      }
    }
    for (const path of this.#waiting.keys()) {
      if (listing.files.has(path) || values.has(path)) continue
      this.#waiting.delete(path)
      if (!this.#files.has(path)) this.#lost(1) // it came and went
    }
    return this.#gone(listing, new Set(listing.unreadable.values()), atMs, events) || again
  }

  /** What is on record and was not there when watching began. */
  #gone(listing: Listing, unreadableGroups: ReadonlySet<string>, atMs: number, events: NewEvent[]): boolean {
    const { pseudonym } = this.#options
    const groups = new Map([...listing.groups].filter((group) => !unreadableGroups.has(group)).map((group) => [groupId(group, pseudonym), group]))
    let again = false
    for (const [id, { hash, kind, group }] of this.#recorded) {
      const [named, known] = [groups.get(group), watchedKind(kind)]
      if (named === undefined || known === undefined || listing.beyond > 0 || this.#waiting.size + this.#tries.size > 0 || this.#minute.left <= 0) continue
      if (this.#looks === 0) again = true
      else {
        this.#minute.left--
        this.#recorded.delete(id)
        // Only its stand-in is known: what it was called stands in the entry that told of it last.
        const now: Known = { kind: known, group: named, path: "", name: "", sha256: "", sizeBytes: 0 }
        const { facts, content: _, ...event } = changeEvent({ change: "removed", atMs, now, before: { hash, sha256: undefined } }, pseudonym)
        events.push({ ...event, id: `${event.type}:${id}/${atMs}`, facts: { ...facts, path: id } } as NewEvent)
      }
    }
    return again
  }

  #gaps(atMs: number): readonly NewEvent[] {
    const events = gapOf(this.#told, this.#missed, atMs)
    this.#told = this.#missed
    return events
  }
}

function thingOf(path: string, { group, name }: ListedFile): Omit<Known, "sha256" | "sizeBytes"> {
  return { ...group, path, name }
}

function contentOf({ text }: WatchedValue): Content {
  return { stamp: text, sha256: hashText(text), sizeBytes: Buffer.byteLength(text), text }
}

function isBelow(path: string, directories: ReadonlySet<string>): boolean {
  if (directories.size === 0) return false
  for (let at = path; ;) {
    if (directories.has(at)) return true
    const above = dirname(at)
    if (above === at) return false
    at = above
  }
}
