/**
 * Events of watched files. Where a file lies and what its content hashes to can name a person or be guessed at: both stand in the content. Facts have stand-ins under the
 * ledger's key, by which the same file is known again, and the same content.
 */
import { name as nameFact, reference } from "../../capture/references.ts"
import { compact } from "../../base/json.ts"
import type { EventType, NewEvent } from "../../format/event.ts"
import type { FoundRow } from "../../format/facts/files.ts"
import { identityFiles, type WatchedKind } from "../kinds.ts"
import type { WatchGroup } from "./watched-places.ts"

export type Pseudonym = (text: string) => string

export const changeTypes = {
  file: "file.changed",
  skill: "skill-file.changed",
  plugin: "plugin-file.changed",
  tool: "tool-server.changed",
  workspace: "workspace-file.changed",
  cron: "cron-job.changed",
} as const satisfies { readonly [K in WatchedKind]: EventType }

export type ChangeType = (typeof changeTypes)[WatchedKind]

/** A watched file as it is known. */
export type Known = WatchGroup & {
  readonly path: string
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

export type Change = {
  readonly change: "added" | "modified" | "removed"
  readonly atMs: number
  readonly now: Known
  /** Stand-in of what it was before, and its hash where that is known. */
  readonly before?: { readonly hash: string; readonly sha256: string | undefined } | undefined
  readonly lines?: { readonly addedLines: number; readonly removedLines: number } | undefined
}

const mostInOne = 250

export function pathId(path: string, pseudonym: Pseudonym): string {
  return pseudonym(`file:${path}`)
}

/** The same for the same content, and for nobody else's. */
export function contentId(sha256: string, pseudonym: Pseudonym): string {
  return pseudonym(`content:${sha256}`)
}

/** Patterns are the operator's words. */
export function groupId(group: string, pseudonym: Pseudonym): string {
  return group.startsWith("pattern:") ? pseudonym(group) : group
}

export function changeEvent({ change, atMs, now, before, lines }: Change, pseudonym: Pseudonym): NewEvent<ChangeType> {
  const { kind, group, agent, path, name, sha256, sizeBytes } = now
  const id = pathId(path, pseudonym)
  const isGone = change === "removed"
  const type = changeTypes[kind]
  return {
    type,
    id: `${type}:${id}/${atMs}`,
    facts: {
      ...(agent === undefined ? {} : { agent: nameFact(agent, { pseudonym }) }),
      ...{ atMs, change, path: id },
      ...(kind === "file" ? { group: groupId(group, pseudonym) } : {}),
      ...shownName(kind, name, pseudonym),
      ...(isGone ? {} : { hash: contentId(sha256, pseudonym), sizeBytes }),
      ...(before === undefined ? {} : { previousHash: before.hash }),
      ...lines,
    },
    content: compact({ path: path || undefined, name, sha256: isGone ? undefined : sha256, previousSha256: before?.sha256 }),
  } as NewEvent<ChangeType>
}

/** What was there when watching began: hundreds to an entry, the last of which says that these are all. */
export function foundEvents(groups: readonly string[], files: readonly Known[], atMs: number, pseudonym: Pseudonym): readonly NewEvent<"files.found">[] {
  const ids = groups.map((group) => groupId(group, pseudonym))
  return Array.from({ length: Math.max(1, Math.ceil(files.length / mostInOne)) }, (_, n) => {
    const part = files.slice(n * mostInOne, (n + 1) * mostInOne)
    const isLast = (n + 1) * mostInOne >= files.length
    return {
      type: "files.found",
      id: `files.found:${pseudonym(ids.join("\n"))}/${atMs}/${n}`,
      facts: { atMs, groups: ids, count: part.length, last: isLast, files: part.map((file) => rowOf(file, groups, pseudonym)) },
      content: { groups, paths: part.map(({ path }) => path), names: part.map(({ name }) => name), sha256: part.map(({ sha256 }) => sha256) },
    }
  })
}

function rowOf({ kind, group, path, name, sha256, sizeBytes }: Known, groups: readonly string[], pseudonym: Pseudonym): FoundRow {
  const shown = shownName(kind, name, pseudonym)?.name ?? null
  return [pathId(path, pseudonym), contentId(sha256, pseudonym), sizeBytes, kind, groups.indexOf(group), shown]
}

/** What files of one's own choice are called is nobody's to tell. */
function shownName(kind: WatchedKind, name: string, pseudonym: Pseudonym): { readonly name: string } | undefined {
  if (kind === "file" || name === "") return undefined
  if (kind === "workspace") return identityFiles.includes(name) ? { name } : undefined
  return { name: kind === "cron" ? reference(name, { pseudonym }) : nameFact(name, { pseudonym }) }
}
