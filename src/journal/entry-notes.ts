/**
 * What the journal notes down in `meta`, in the commit of an entry that somebody has to find again without walking all of them: a name and the sequence.
 *
 *   hand-over N   signer.replaced: which key signs
 *   erasure N     content.erased: which keys of contents must not be there any more
 *   master N      master.replaced: which master key opens the ledger
 *   keys N        no entry: keys.json has been of format N
 *   notes 1       all entries of these types are noted; missing in a journal that nobody has written in since it was so
 *
 * It stands beside the entries, and so is of their time, whatever is put back of the other files. Whether the notes lead to all of the entries is for `verify`.
 */
import { headerOffset } from "../format/header.ts"
import { inTransaction, type SqliteDatabase } from "../vault/database.ts"

export type Noted = "hand-over" | "erasure" | "master" | "keys" | "notes"

/** Types of entries that are noted when they are appended; a hand-over has an append of its own. */
export const notedTypes: ReadonlyMap<string, Noted> = new Map([
  ["content.erased", "erasure"],
  ["master.replaced", "master"],
])

export function noteName(noted: Noted, number: number | ""): string {
  return `${noted} ${number}`
}

const nameOfOurs = /^(?:id salt|closed|next chunk|(?:erasure|master|keys|notes) \d+|hand-over .*)$/s

/** Whether a name in `meta` is one that a writer gives. Those of hand-overs are looked at by who follows them. */
export function isNameOfOurs(name: string): boolean {
  return nameOfOurs.test(name)
}

/** Once for a journal: the entries of before they were noted. Reads all headers. */
export function noteEarlier(database: SqliteDatabase): void {
  if (database.prepare("SELECT 1 FROM meta WHERE name = ?").get(noteName("notes", 1)) !== undefined) return
  inTransaction(database, () => {
    const note = database.prepare("INSERT OR IGNORE INTO meta(name, value) VALUES (?, x'')")
    const types = [...notedTypes.keys()].map((type) => Buffer.from(type))
    const isOne = types.map(() => "(length(header) = ? AND substr(header, ?, ?) = ?)").join(" OR ")
    const at = headerOffset.type
    const found = database
      .prepare(`SELECT sequence, CAST(substr(header, ${at + 1}) AS TEXT) FROM entries WHERE ${isOne}`)
      .raw()
      .all(...types.flatMap((type) => [at + type.length, at + 1, type.length, type])) as [number, string][]
    for (const [sequence, type] of found) note.run(noteName(notedTypes.get(type) ?? "notes", sequence))
    note.run(noteName("notes", 1))
  })
}
