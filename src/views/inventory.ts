/** What a host's agents are made of, held against the record: what is there and whether it is on record as it is, and what was there and is gone. */
import { objectOf, stringOf } from "../base/json.ts"
import type { Artefact } from "../inventory/artefacts.ts"
import { artefactKinds, type ArtefactKind } from "../inventory/kinds.ts"
import { contentId, pathId } from "../inventory/watch/file-events.ts"
import type { WatchedFileRow } from "../projections/watched-files.ts"
import { contentOf } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type InventoryRow = {
  readonly kind: ArtefactKind
  readonly id: string
  readonly name: string
  readonly version: string | null
  readonly path: string | null
  readonly source: string | null
  readonly agent: string | null
  readonly sha256: string | null
  readonly firstSeen: string | null
  readonly modified: string | null
  /** Of what comes with the host, nothing is on record. */
  readonly recorded: "yes" | "no" | "not watched"
  readonly state: "present" | "gone"
  readonly detail: string | null
}

export type InventoryCounts = { readonly kind: ArtefactKind; readonly present: number; readonly recorded: number; readonly gone: number }

type Recorded = { readonly byPath: ReadonlyMap<string, WatchedFileRow>; readonly pseudonym: (text: string) => string }

/** @param access undefined where there is no ledger yet: then nothing is on record */
export function inventoryOf(artefacts: readonly Artefact[], access: LedgerAccess | undefined): readonly InventoryRow[] {
  const recorded = recordedIn(access)
  const present = artefacts.map((artefact) => rowOf(artefact, recorded))
  const gone = access && recorded ? goneRows(access, recorded, artefacts) : []
  const place = (kind: ArtefactKind) => artefactKinds.indexOf(kind)
  return [...present, ...gone].toSorted((a, b) => place(a.kind) - place(b.kind) || compared(a.name, b.name) || compared(a.path ?? "", b.path ?? ""))
}

export function inventoryCounts(rows: readonly InventoryRow[]): readonly InventoryCounts[] {
  return artefactKinds.map((kind) => {
    const [present, gone] = (["present", "gone"] as const).map((state) => rows.filter((row) => row.kind === kind && row.state === state))
    return { kind, present: present?.length ?? 0, recorded: present?.filter((row) => row.recorded === "yes").length ?? 0, gone: gone?.length ?? 0 }
  })
}

/** Undefined where stand-ins cannot be made, because the keys of scopes are not there. */
function recordedIn(access: LedgerAccess | undefined): Recorded | undefined {
  const scopes = access?.scopes
  if (!access || !scopes) return undefined
  const rows = access.ask((views) => views.prepare("SELECT * FROM watched_files WHERE kind <> 'file'").all()) as readonly WatchedFileRow[]
  return { byPath: new Map(rows.map((row) => [row.path, row])), pseudonym: (text) => scopes.pseudonym(text) }
}

function rowOf({ kind, id, name, version, path, source, agent, sha256, modifiedMs, detail, parts }: Artefact, recorded: Recorded | undefined): InventoryRow {
  const known = parts?.map((part) => ({ part, row: recorded?.byPath.get(pathId(part.path, recorded.pseudonym)) }))
  const isRecorded = known?.every(({ part, row }) => row?.gone === 0 && recorded !== undefined && row.hash === contentId(part.sha256, recorded.pseudonym))
  const rows = known?.flatMap(({ row }) => (row ? [row] : [])) ?? []
  const changedMs = modifiedMs ?? (rows.length === 0 ? null : Math.max(...rows.map((row) => row.changed_ms)))
  return {
    ...{ kind, id, name, version, path, source, agent, sha256 },
    firstSeen: rows.length === 0 ? null : timeText(Math.min(...rows.map((row) => row.first_ms))),
    modified: changedMs === null ? null : timeText(changedMs),
    recorded: isRecorded === undefined ? "not watched" : isRecorded && known?.length !== 0 ? "yes" : "no",
    state: "present",
    detail,
  }
}

/** What was there and has no file left: by what its files belonged to, as the entries that told of them last say. */
function goneRows(access: LedgerAccess, { byPath, pseudonym }: Recorded, artefacts: readonly Artefact[]): readonly InventoryRow[] {
  const here = new Set(artefacts.flatMap(({ parts }) => parts?.map(({ path }) => pathId(path, pseudonym)) ?? []))
  const things = new Map<string, { told: Told; rows: WatchedFileRow[]; isHere: boolean }>()
  for (const row of byPath.values()) {
    if (row.gone === 0 && !here.has(row.path)) continue // a moment's: it is looked at next
    const told = toldOf(access, row)
    const key = `${row.kind}\n${told.owner}`
    const thing = things.get(key) ?? { told, rows: [], isHere: false }
    thing.rows.push(row)
    thing.isHere ||= here.has(row.path)
    things.set(key, thing)
  }
  return [...things.values()].filter(({ isHere }) => !isHere).map(({ told, rows }) => goneRow(told, rows))
}

function goneRow({ name, path, sha256 }: Told, rows: readonly WatchedFileRow[]): InventoryRow {
  const [first] = rows
  const kind = artefactKinds.find((one) => one === first?.kind) ?? "workspace"
  return {
    ...{ kind, id: name, name, version: null, path, source: null, agent: null },
    sha256: rows.length === 1 ? sha256 : null,
    firstSeen: timeText(Math.min(...rows.map((row) => row.first_ms))),
    modified: timeText(Math.max(...rows.map((row) => row.changed_ms))),
    ...{ recorded: "yes", state: "gone", detail: null },
  }
}

type Told = { readonly name: string; readonly path: string | null; readonly sha256: string | null; readonly owner: string }

/** From the content of the entry that told of it; erased, its stand-in is what is left. */
function toldOf(access: LedgerAccess, { told, place, path: id, name: shown, kind }: WatchedFileRow): Told {
  const entry = access.reader.entry(told)
  const content = objectOf(JSON.parse((entry && contentOf(access, entry).text) ?? "{}"))
  const of = (many: string, one: string) => stringOf(place === null ? content[one] : listOf(content[many])[place])
  const [path, name] = [of("paths", "path") ?? null, of("names", "name") ?? shown ?? id]
  // Files of a workspace and values are things of their own.
  const owner = kind === "skill" && path !== null ? path.slice(0, path.lastIndexOf(`/${name}/`) + name.length + 2) : kind === "workspace" ? (path ?? id) : name
  return { name, path: kind === "skill" && path !== null ? owner.replace(/\/$/, "") : path, sha256: of("sha256", "sha256") ?? null, owner }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
