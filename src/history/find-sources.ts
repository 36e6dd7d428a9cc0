/**
 * Everything a host may have history in, by looking at names alone: its stores, its transcripts and every copy of them that it keeps (reset, deleted,
 * packed, migrated, from before a repair). Nothing is opened but the lists of sessions, no symbolic link is followed, and a directory of absurdly many
 * names costs no more than the names that are looked at.
 */
import { lstatSync, opendirSync, type Dirent, type Stats } from "node:fs"
import { basename, join } from "node:path"
import { problemOf } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { readSmallFile } from "./read-small-file.ts"
import { placeOfEntry } from "./session-list.ts"
import { transcriptName } from "./transcript-name.ts"
import type { SessionPlace } from "./usage/place.ts"

export type SourceKind = "transcript" | "cold" | "agent-store" | "state-store"

export type Source = {
  readonly kind: SourceKind
  readonly path: string
  readonly agent: string
  /** Of a transcript: zstd of its lines. */
  readonly packed: boolean
  /** Of a transcript: the host's own page of usage does not count it. */
  readonly isCopy: boolean
  /** Of a transcript: what its name and the list of sessions say. */
  readonly place: SessionPlace
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly inode: number
}

/** Something that was left out, and why. */
export type Trouble = { readonly path: string; readonly problem: string }

export type Found = { readonly sources: readonly Source[]; readonly troubles: readonly Trouble[] }

export type FindOptions = {
  /** Most names that are looked at in one directory. */
  readonly mostNames?: number
  /** What lists of sessions said when they were read last: who looks again and again reads those that changed. */
  readonly known?: KnownLists
  /** Names of a directory, one after the other; replaced by tests. */
  readonly list?: (directory: string) => Iterable<Pick<Dirent, "name" | "isFile" | "isDirectory" | "isSymbolicLink">>
}

/** By path, with a stamp of the file. */
export type KnownLists = Map<string, { readonly stamp: string; readonly places: ReadonlyMap<string, SessionPlace> }>

const defaultMostNames = 1_000_000
const deepest = 4
const mostListBytes = 256 * 2 ** 20
const agentStoreName = "openclaw-agent.sqlite"
/** Beside an agent's sessions: where the host keeps the files it has moved into its store. */
const sessionDirectories = ["sessions", "session-sqlite-import-archive"]

export function findSources(stateDirectory: string, options: FindOptions = {}): Found {
  const finder = new Finder(options)
  finder.file({ kind: "state-store", path: join(stateDirectory, "state", "openclaw.sqlite"), agent: "" })
  const agents = join(stateDirectory, "agents")
  for (const agent of finder.directories(agents)) {
    finder.file({ kind: "agent-store", path: join(agents, agent, "agent", agentStoreName), agent })
    for (const name of sessionDirectories) finder.transcripts(join(agents, agent, name), agent)
  }
  finder.transcripts(join(stateDirectory, "sessions"), "main") // before there were several agents
  return { sources: finder.sources, troubles: finder.troubles }
}

type Named = Pick<Source, "kind" | "path" | "agent"> & Partial<Pick<Source, "packed" | "isCopy" | "place">>

class Finder {
  readonly sources: Source[] = []
  readonly troubles: Trouble[] = []
  readonly #list: NonNullable<FindOptions["list"]>
  readonly #mostNames: number
  readonly #known: KnownLists | undefined

  constructor({ list = listed, mostNames = defaultMostNames, known }: FindOptions) {
    this.#known = known
    this.#list = list
    this.#mostNames = mostNames
  }

  directories(path: string): readonly string[] {
    const names: string[] = []
    this.#each(path, (entry) => {
      if (entry.isDirectory()) names.push(entry.name)
      else if (entry.isSymbolicLink()) this.#leftOut(join(path, entry.name), "it is a symbolic link")
    })
    return names.sort()
  }

  transcripts(directory: string, agent: string, places = this.#listedSessions(directory, agent), depth = 1): void {
    const [files, deeper]: [string[], string[]] = [[], []]
    this.#each(directory, (entry) => {
      if (entry.isFile()) files.push(entry.name)
      else if (entry.isDirectory() && depth < deepest) deeper.push(entry.name)
      else if (entry.isSymbolicLink() && transcriptName(entry.name)) this.#leftOut(join(directory, entry.name), "it is a symbolic link")
    })
    for (const name of files.sort()) {
      const known = transcriptName(name)
      if (known === undefined) continue
      const { sessionId, packed } = known
      const isCopy = known.isCopy || basename(directory) !== "sessions"
      const place = places.get(sessionId) ?? { agent, sessionId }
      this.file({ kind: isCold(directory, name) ? "cold" : "transcript", path: join(directory, name), agent, packed, isCopy, place })
    }
    for (const name of deeper.sort()) this.transcripts(join(directory, name), agent, places, depth + 1)
  }

  file({ path, packed = false, isCopy = false, place, ...rest }: Named): void {
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false })
      if (stat === undefined) return
      if (!stat.isFile()) {
        this.#leftOut(path, stat.isSymbolicLink() ? "it is a symbolic link" : "it is no regular file")
        return
      }
      this.sources.push({ path, packed, isCopy, place: place ?? { agent: rest.agent, sessionId: "" }, ...rest, ...stampOf(path, rest.kind, stat) })
    } catch (error) {
      this.#leftOut(path, problemOf(error))
    }
  }

  /** What `sessions.json` says of the sessions whose transcripts lie beside it. */
  #listedSessions(directory: string, agent: string): ReadonlyMap<string, SessionPlace> {
    const path = join(directory, "sessions.json")
    const places = new Map<string, SessionPlace>()
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false })
      if (stat === undefined) return places
      const stamp = `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`
      const known = this.#known?.get(path)
      if (known?.stamp === stamp) return known.places
      for (const [key, entry] of Object.entries(objectOf(JSON.parse(readSmallFile(path, mostListBytes).toString("utf8"))))) {
        const place = placeOfEntry(agent, key, objectOf(entry))
        if (place !== undefined) places.set(place.sessionId, place)
      }
      this.#known?.set(path, { stamp, places })
    } catch (error) {
      this.#leftOut(path, problemOf(error))
    }
    return places
  }

  #each(directory: string, look: (entry: Pick<Dirent, "name" | "isFile" | "isDirectory" | "isSymbolicLink">) => void): void {
    try {
      const stat = lstatSync(directory, { throwIfNoEntry: false })
      if (stat === undefined) return
      if (!stat.isDirectory()) {
        this.#leftOut(directory, stat.isSymbolicLink() ? "it is a symbolic link" : "it is no directory")
        return
      }
      let seen = 0
      for (const entry of this.#list(directory)) {
        if (++seen > this.#mostNames) {
          this.#leftOut(directory, `it has more than ${this.#mostNames} names; the others were not looked at`)
          return
        }
        look(entry)
      }
    } catch (error) {
      // What may not be looked at may hold history: that is said, not taken for nothing.
      this.#leftOut(directory, problemOf(error))
    }
  }

  #leftOut(path: string, problem: string): void {
    this.troubles.push({ path, problem })
  }
}

type Stamp = Pick<Source, "sizeBytes" | "modifiedMs" | "inode">

/** The same source as it is now; undefined where it is gone. */
export function lookedAtAgain(source: Source): Source | undefined {
  const stat = lstatSync(source.path, { throwIfNoEntry: false })
  return stat && { ...source, ...stampOf(source.path, source.kind, stat) }
}

/** What was written last to a store may stand in its log alone. */
function stampOf(path: string, kind: SourceKind, { size, mtimeMs, ino }: Stats): Stamp {
  const log = kind.endsWith("store") ? lstatSync(`${path}-wal`, { throwIfNoEntry: false }) : undefined
  return { sizeBytes: size + (log?.size ?? 0), modifiedMs: Math.max(mtimeMs, log?.mtimeMs ?? 0), inode: ino }
}

function isCold(directory: string, name: string): boolean {
  return basename(directory) === "cold" && /^[0-9a-f]{64}\.jsonl\.zst$/.test(name)
}

function* listed(directory: string): Generator<Dirent> {
  const open = opendirSync(directory, { bufferSize: 1_024 })
  try {
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) yield entry
  } finally {
    open.closeSync()
  }
}
