/**
 * Facts of files and settings that are watched. `path` and `hash` are stand-ins under the ledger's key: the same for the same file and the same content, and not to be
 * guessed back. Paths and SHA-256 stand in contents.
 */

/** Path, hash, bytes, kind, index among `groups`, name. */
export type FoundRow = readonly [path: string, hash: string, sizeBytes: number, kind: string, group: number, name: string | null]

export type FileFacts = {
  readonly change: "added" | "modified" | "removed"
  readonly path: string
  /** Of what it belongs to: a skill, a plugin, a job; of a workspace the file's own. */
  readonly name?: string
  /** Absent once it is removed. */
  readonly hash?: string
  readonly sizeBytes?: number
  readonly previousHash?: string
  /** Of a small text whose lines before are known. */
  readonly addedLines?: number
  readonly removedLines?: number
}

export type FileEventFacts = {
  /** What was there when these groups were watched for the first time; more follow until `last`. */
  "files.found": { readonly groups: readonly string[]; readonly count: number; readonly last: boolean; readonly files: readonly FoundRow[] }
  /** `group` is `config`, or the stand-in of a pattern. */
  "file.changed": FileFacts & { readonly group: string }
  "skill-file.changed": FileFacts
  "plugin-file.changed": FileFacts
  "tool-server.changed": FileFacts
  "workspace-file.changed": FileFacts
  "cron-job.changed": FileFacts
}
