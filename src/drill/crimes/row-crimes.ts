/** Done to single rows of journal.db, by somebody who has the page key and cares for nothing but the row. */
import { headerOffset } from "../../format/header.ts"
import { mayLackContent } from "../../journal/closing.ts"
import { tileKey } from "../../journal/tiles.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import { tooSmall, type Crime, type Scene } from "../crime.ts"

const editedHeader: Crime = {
  name: "edited header",
  words: "moves the time of an entry by a second",
  holds: "the page key",
  foundBy: "the entry after it, or the checkpoint",
  commit: (scene) => onEntry(scene, "header", (header) => header.writeUInt8(header.readUInt8(headerOffset.time + 6) ^ 4, headerOffset.time + 6)),
}

const editedFacts: Crime = {
  name: "edited facts",
  words: "changes a character in the facts of an entry",
  holds: "the page key",
  foundBy: "the salted hash in the header",
  commit: (scene) => onEntry(scene, "facts", (facts) => facts.writeUInt8(facts.readUInt8(facts.length - 2) ^ 1, facts.length - 2)),
}

const exchangedContent: Crime = {
  name: "exchanged content",
  words: "lets an entry point to the content of another one",
  holds: "the page key",
  foundBy: "the salted hash in the header",
  commit: (scene) => {
    const [one, other] = placed(scene)
    if (!one || !other) return tooSmall.contents
    scene.copy.edit((journal) => journal.prepare("UPDATE entries SET place = ? WHERE sequence = ?").run(other.place, one.sequence))
    return undefined
  },
}

const droppedContent: Crime = {
  name: "dropped content",
  words: "cuts an entry off from its content, as if there had been none",
  holds: "the page key",
  foundBy: "the header, which promises a content whose key was not destroyed",
  commit: (scene) => {
    const [one] = placed(scene)
    if (!one) return tooSmall.contents
    scene.copy.edit((journal) => journal.prepare("UPDATE entries SET place = NULL WHERE sequence = ?").run(one.sequence))
    return undefined
  },
}

const editedChunk: Crime = {
  name: "edited chunk",
  words: "changes a byte of a sealed content",
  holds: "the page key",
  foundBy: "the second seal, under the key of its scope",
  commit: (scene) =>
    onChunk(scene, (journal, chunk) => {
      const sealed = journal.prepare("SELECT sealed FROM chunks WHERE number = ?").pluck().get(chunk) as Buffer
      const at = scene.chance.below(sealed.length)
      sealed.writeUInt8(sealed.readUInt8(at) ^ 1, at)
      journal.prepare("UPDATE chunks SET sealed = ? WHERE number = ?").run(sealed, chunk)
    }),
}

const deletedChunk: Crime = {
  name: "deleted chunk",
  words: "deletes a sealed content",
  holds: "the page key",
  foundBy: "the entries that point to it",
  commit: (scene) => onChunk(scene, (journal, chunk) => journal.prepare("DELETE FROM chunks WHERE number = ?").run(chunk)),
}

const deletedEntry: Crime = {
  name: "deleted entry",
  words: "deletes an entry and nothing else",
  holds: "the page key",
  foundBy: "the gap in the sequence",
  commit: (scene) => onSequence(scene, 0, (journal, at) => journal.prepare("DELETE FROM entries WHERE sequence = ?").run(at)),
}

const exchangedEntries: Crime = {
  name: "exchanged entries",
  words: "lets two entries change places",
  holds: "the page key",
  foundBy: "the sequences in their headers and the chain",
  commit: (scene) =>
    onSequence(scene, 1, (journal, at) => {
      journal.exec(`UPDATE entries SET sequence = -1 WHERE sequence = ${at}`)
      journal.exec(`UPDATE entries SET sequence = ${at} WHERE sequence = ${at + 1}`)
      journal.exec(`UPDATE entries SET sequence = ${at + 1} WHERE sequence = -1`)
    }),
}

const deletedTile: Crime = {
  name: "deleted tile",
  words: "deletes a tile of the tree",
  holds: "the page key",
  foundBy: "the tree, computed anew from the entries",
  commit: (scene) => onTile(scene, (journal, tile) => journal.prepare("DELETE FROM tiles WHERE tile = ?").run(tile)),
}

const editedTile: Crime = {
  name: "edited tile",
  words: "changes a hash in a tile of the tree, so that proofs lead astray",
  holds: "the page key",
  foundBy: "the tree, computed anew from the entries",
  commit: (scene) =>
    onTile(scene, (journal, tile) => {
      const hashes = journal.prepare("SELECT hashes FROM tiles WHERE tile = ?").pluck().get(tile) as Buffer
      const at = scene.chance.below(hashes.length)
      hashes.writeUInt8(hashes.readUInt8(at) ^ 1, at)
      journal.prepare("UPDATE tiles SET hashes = ? WHERE tile = ?").run(hashes, tile)
    }),
}

export const rowCrimes: readonly Crime[] = [
  editedHeader,
  editedFacts,
  exchangedContent,
  droppedContent,
  editedChunk,
  deletedChunk,
  deletedEntry,
  exchangedEntries,
  deletedTile,
  editedTile,
]

type Change = (journal: SqliteDatabase, at: number) => unknown

/** Some entry that a checkpoint covers, with as many behind it as are needed. */
function onSequence({ copy, covered, chance, closing }: Scene, behind: number, change: Change): string | undefined {
  const first = closing?.upTo ?? 0
  if (covered - first <= behind) return tooSmall.entries
  const at = first + chance.below(covered - first - behind)
  copy.edit((journal) => void change(journal, at))
  return undefined
}

function onEntry(scene: Scene, column: "header" | "facts", change: (bytes: Buffer) => unknown): string | undefined {
  return onSequence(scene, 0, (journal, at) => {
    const bytes = journal.prepare(`SELECT ${column} FROM entries WHERE sequence = ?`).pluck().get(at) as Buffer
    change(bytes)
    journal.prepare(`UPDATE entries SET ${column} = ? WHERE sequence = ?`).run(bytes, at)
  })
}

/** A full leaf tile: the ones above it follow from these. */
function onTile({ copy, covered, chance }: Scene, change: Change): string | undefined {
  const full = Math.floor(covered / 256)
  if (full === 0) return tooSmall.tiles
  copy.edit((journal) => void change(journal, tileKey(0, chance.below(full))))
  return undefined
}

function onChunk(scene: Scene, change: Change): string | undefined {
  const [one] = placed(scene)
  if (!one) return tooSmall.contents
  scene.copy.edit((journal) => void change(journal, Math.floor(one.place / 1024)))
  return undefined
}

type PlacedEntry = { readonly sequence: number; readonly place: number }

/** Two neighbours among the entries with a content whose key is at hand; of one that was erased nobody can tell whether it was changed. */
function placed({ copy, covered, chance, opens, closing }: Scene): readonly PlacedEntry[] {
  const from = chance.below(covered)
  const rows = copy.rows(
    "SELECT sequence, place, header FROM entries WHERE place IS NOT NULL AND sequence >= ? AND sequence < ? ORDER BY sequence LIMIT 64",
    from,
    covered,
  )
  const more = copy.rows("SELECT sequence, place, header FROM entries WHERE place IS NOT NULL AND sequence < ? ORDER BY sequence LIMIT 64", from)
  return [...rows, ...more].flatMap((row) => {
    const [sequence, place, header] = row as [number, number, Buffer]
    // A content that may be removed may be gone: what a legal hold kept is held by the copies of it.
    const mayLack = closing !== undefined && mayLackContent(closing, header.toString("latin1", headerOffset.type), sequence)
    return !mayLack && opens(header.subarray(headerOffset.scopeId, headerOffset.factsHash)) ? { sequence, place } : []
  })
}
