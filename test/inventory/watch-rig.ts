/** A watcher in this process, on real files, with what it told gathered, and what it would find on record kept as the projection keeps it. */
import { createHmac } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import type { NewEvent } from "../../src/format/event.ts"
import type { FoundRow } from "../../src/format/facts/files.ts"
import type { InspectFile, OnRecord } from "../../src/inventory/watch/looker.ts"
import { Watcher } from "../../src/inventory/watch/watcher.ts"
import type { WatchedHost } from "../../src/inventory/watch/watched-host.ts"
import type { HostHome } from "./host-home.ts"

export const pseudonym = (text: string) => `~${createHmac("sha256", "test").update(text).digest("base64url").slice(0, 19)}`

/** A change in short: `modified SKILL.md`, with the path as it stands in the content. */
export type Told = {
  readonly type: string
  readonly change: string
  readonly path: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly content: Readonly<Record<string, unknown>>
}

export type WatchRig = {
  readonly events: NewEvent[]
  readonly changes: () => readonly Told[]
  /** Of what is on record by now. */
  readonly onRecord: () => OnRecord
  readonly until: (condition: () => boolean, what: string) => Promise<void>
  /** Until a change of a path was told. */
  readonly told: (change: string, path: string) => Promise<Told>
  readonly use: (changes: Partial<WatchedHost>) => void
  readonly close: () => void
}

export type WatchRigOptions = Partial<WatchedHost> & {
  readonly onRecord?: OnRecord
  readonly inspect?: InspectFile
  readonly own?: readonly string[]
  readonly mostFiles?: number
}

type Ending = { readonly after: (end: () => void) => void }

export function watching(t: Ending, home: HostHome, options: WatchRigOptions = {}): WatchRig {
  const { onRecord = { groups: [], files: [] }, inspect, own = [], mostFiles, ...changes } = options
  const { stateDirectory, configFile, home: user } = home
  let host: WatchedHost = { stateDirectory, configFile, home: user, patterns: [], ignore: [], intervalMs: 20, usePolling: false, ...changes }
  const events: NewEvent[] = []
  const watcher = new Watcher({
    ...{ host, own, onRecord, pseudonym, inspect, ...(mostFiles === undefined ? {} : { mostFiles }) },
    nowMs: () => Date.now(),
    record: async (told) => void events.push(...told),
  })
  t.after(() => watcher.close())
  watcher.start()
  const until = async (condition: () => boolean, what: string) => {
    for (const endMs = Date.now() + 20_000; !condition(); await sleep(5))
      if (Date.now() > endMs) throw new Error(`${what}; told was ${JSON.stringify(changesIn(events))}`)
  }
  const changesNow = () => changesIn(events)
  return {
    ...{ events, until, changes: changesNow, close: () => watcher.close(), onRecord: () => recordOf(onRecord, events) },
    told: async (change, path) => {
      const found = () => changesNow().find((one) => one.change === change && one.path === path)
      await until(() => found() !== undefined, `${path} was not told to be ${change}`)
      return found() as Told
    },
    use: (next) => watcher.use((host = { ...host, ...next })),
  }
}

export function changesIn(events: readonly NewEvent[]): readonly Told[] {
  return events.flatMap((event) => {
    const facts = event.facts as Readonly<Record<string, unknown>>
    const content = event.content ?? {}
    return typeof facts["change"] === "string"
      ? [{ type: event.type, change: facts["change"], path: String(content["path"] ?? facts["path"]), facts, content }]
      : []
  })
}

function recordOf(before: OnRecord, events: readonly NewEvent[]): OnRecord {
  const files = new Map(before.files.map((file) => [file.path, file]))
  const groups = new Set(before.groups)
  for (const { type, facts: told } of events) {
    const facts = told as Readonly<Record<string, unknown>>
    if (type === "files.found") {
      const { groups: named, files: rows } = told as {
        readonly groups: readonly string[]
        readonly files: readonly FoundRow[]
      }
      for (const [path, hash, , kind, group] of rows) files.set(path, { path, hash, kind, group: named[group] ?? "" })
      for (const group of named) groups.add(group)
    } else if (facts["change"] === "removed") files.delete(String(facts["path"]))
    else if (facts["change"] !== undefined) {
      const kind =
        {
          "file.changed": "file",
          "skill-file.changed": "skill",
          "plugin-file.changed": "plugin",
          "tool-server.changed": "tool",
          "workspace-file.changed": "workspace",
        }[type as string] ?? "cron"
      files.set(String(facts["path"]), { path: String(facts["path"]), hash: String(facts["hash"]), kind, group: String(facts["group"] ?? kind) })
    }
  }
  return { groups: [...groups], files: [...files.values()] }
}
