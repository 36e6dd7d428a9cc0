/** Files and settings that are watched, as they were last told of: what is compared with at a start, and what an inventory knows of things that are gone. */
import { countOf, stringOf } from "../base/json.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { Projection } from "./projection.ts"

/** Of each type, what kind of thing it tells of, and the group that things of that kind are in. */
const kinds: Readonly<Record<string, string>> = {
  "file.changed": "file",
  "skill-file.changed": "skill",
  "plugin-file.changed": "plugin",
  "tool-server.changed": "tool",
  "workspace-file.changed": "workspace",
  "cron-job.changed": "cron",
}

export const watchedFiles: Projection = {
  name: "watched-files",
  version: 1,
  tables: ["watched_files", "watched_groups"],
  // `told` is the last entry in whose content its path stands, and `place` where in it, of an entry of many.
  schema: `
    CREATE TABLE watched_files(
      path TEXT PRIMARY KEY, kind TEXT NOT NULL, grouped TEXT NOT NULL, name TEXT, hash TEXT NOT NULL, size_bytes INTEGER NOT NULL, first_ms INTEGER NOT NULL,
      changed_ms INTEGER NOT NULL, changes INTEGER NOT NULL, sequence INTEGER NOT NULL, told INTEGER NOT NULL, place INTEGER, gone INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX watched_files_by_kind ON watched_files(kind, gone);
    CREATE TABLE watched_groups(name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  prepare: (database) => {
    const put = database.prepare(`
      INSERT INTO watched_files(path, kind, grouped, name, hash, size_bytes, first_ms, changed_ms, changes, sequence, told, place, gone)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
      ON CONFLICT(path) DO UPDATE SET kind = excluded.kind, grouped = excluded.grouped, name = coalesce(excluded.name, name), hash = excluded.hash,
        size_bytes = excluded.size_bytes, changed_ms = excluded.changed_ms, changes = changes + excluded.changes, sequence = excluded.sequence,
        told = excluded.told, place = excluded.place, gone = 0`)
    const remove = database.prepare("UPDATE watched_files SET gone = 1, changed_ms = ?, changes = changes + 1, sequence = ? WHERE path = ?")
    const group = database.prepare("INSERT OR IGNORE INTO watched_groups(name, sequence) VALUES (?, ?)")
    return ({ sequence, header, facts }) => {
      if (header.type === "files.found") {
        const { groups, files, last, atMs } = facts()
        const named = texts(groups)
        const rows: readonly unknown[] = Array.isArray(files) ? files : []
        for (const [place, row] of rows.entries()) {
          const [path, hash, size, kind, at, name] = Array.isArray(row) ? (row as unknown[]) : []
          const ms = countOf(atMs) ?? header.timeMs
          const known = { path: stringOf(path), kind: stringOf(kind), hash: stringOf(hash) }
          if (known.path === undefined || known.kind === undefined || known.hash === undefined) continue
          const [grouped, bytes] = [named[countOf(at) ?? -1] ?? known.kind, countOf(size) ?? 0]
          put.run(known.path, known.kind, grouped, stringOf(name) ?? null, known.hash, bytes, ms, ms, 0, sequence, sequence, place)
        }
        if (last === true) for (const name of named) group.run(name, sequence)
        return
      }
      const kind = kinds[header.type]
      if (kind === undefined) return
      const { path, change, hash, sizeBytes, name, group: ofGroup, atMs } = facts()
      const [id, ms] = [stringOf(path), countOf(atMs) ?? header.timeMs]
      if (id === undefined) return
      if (change === "removed") remove.run(ms, sequence, id)
      else {
        const [grouped, bytes] = [stringOf(ofGroup) ?? kind, countOf(sizeBytes) ?? 0]
        put.run(id, kind, grouped, stringOf(name) ?? null, stringOf(hash) ?? "", bytes, ms, ms, 1, sequence, sequence, null)
      }
    }
  },
}

export type WatchedFileRow = {
  readonly path: string
  readonly kind: string
  readonly grouped: string
  readonly name: string | null
  readonly hash: string
  readonly first_ms: number
  readonly changed_ms: number
  readonly told: number
  readonly place: number | null
  readonly gone: number
}

type RecordedRow = { readonly path: string; readonly hash: string; readonly kind: string; readonly group: string }

/** What is on record of files that are there, and the groups of which all is on record. */
export function watchedOnRecord(views: SqliteDatabase) {
  const files = views.prepare('SELECT path, hash, kind, grouped AS "group" FROM watched_files WHERE gone = 0').all()
  const groups = views.prepare("SELECT name FROM watched_groups").pluck().all()
  return { files: files as RecordedRow[], groups: groups as string[] }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as unknown[]).map(String) : []
}
