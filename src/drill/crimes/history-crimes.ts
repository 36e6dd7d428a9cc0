/** Done to the whole history by somebody who has the page key and makes chain, tree and tiles fit again. What is left to find it is a signature. */
import { randomBytes } from "node:crypto"
import type { SqliteDatabase } from "../../vault/database.ts"
import { closedType } from "../../journal/closing.ts"
import { closedName } from "../../journal/schema.ts"
import { tileWidth } from "../../journal/tiles.ts"
import { Signer } from "../../vault/signer.ts"
import { tooSmall, type Crime, type Scene } from "../crime.ts"
import { appendForged, closeGap, makeRoom, rebuildTree, relink, replaceFacts, rollBack, rootsAt } from "../forgery.ts"

/** How near to the end history is rewritten: what is further back takes longer and is found by the same signature. */
const nearEntries = 300
const tailEntries = 10

const rewrittenHistory: Crime = {
  name: "rewritten history",
  words: "changes the facts of an entry and makes hashes, chain, tree and tiles fit",
  holds: "the page key",
  foundBy: "a signed checkpoint",
  commit: (scene) => rewriting(scene, (journal, at) => replaceFacts(journal, at, (facts) => facts.replace(/\}$/, ',"drill":true}'))),
}

const slippedInEntry: Crime = {
  name: "slipped-in entry",
  words: "puts an entry between two others and makes everything behind it fit",
  holds: "the page key",
  foundBy: "a signed checkpoint",
  commit: (scene) =>
    rewriting(scene, (journal, at) => {
      makeRoom(journal, at)
      journal.prepare("INSERT INTO entries SELECT ?, header, facts, place FROM entries WHERE sequence = ?").run(at, at + 1)
    }),
}

const vanishedEntry: Crime = {
  name: "vanished entry",
  words: "takes an entry out and makes everything behind it fit",
  holds: "the page key",
  foundBy: "a signed checkpoint",
  commit: (scene) =>
    rewriting(scene, (journal, at) => {
      journal.prepare("DELETE FROM entries WHERE sequence = ?").run(at)
      closeGap(journal, at)
    }),
}

const cutRows: Crime = {
  name: "cut rows",
  words: "deletes the last entries and leaves the rest as it is",
  holds: "the page key",
  foundBy: "the checkpoints that covered them",
  commit: ({ copy, covered, chance }) => {
    if (covered < 2) return tooSmall.entries
    copy.edit((journal) => journal.prepare("DELETE FROM entries WHERE sequence >= ?").run(covered - 1 - chance.below(Math.min(tailEntries, covered - 1))))
    return undefined
  },
}

const rolledBackTail: Crime = {
  name: "rolled-back tail",
  words: "takes the last entries away, with their contents, tiles and checkpoints",
  holds: "the page key",
  foundBy: "the note outside the directory",
  commit: ({ copy, noted, chance }) => {
    if (noted === 0) return tooSmall.note
    if (noted < 2) return tooSmall.entries
    copy.edit((journal) => rollBack(journal, noted - 1 - chance.below(Math.min(tailEntries, noted - 1))))
    return undefined
  },
}

const olderDirectory: Crime = {
  name: "older directory",
  words: "puts the whole directory back to its state at an earlier checkpoint",
  holds: "an older copy",
  foundBy: "the note outside the directory",
  commit: ({ copy, checkpoints, noted }) => {
    if (noted === 0) return tooSmall.note
    const earlier = checkpoints.findLast((size) => size < noted)
    if (earlier === undefined) return tooSmall.checkpoints
    copy.edit((journal) => rollBack(journal, earlier))
    return undefined
  },
}

const olderDirectoryAndNote: Crime = {
  name: "older directory and note",
  words: "puts the directory back, and the note outside with it",
  holds: "an older copy",
  foundBy: "a checkpoint kept elsewhere: verify --against",
  against: true,
  commit: ({ copy, checkpoints, covered }) => {
    const earlier = checkpoints.findLast((size) => size < covered)
    if (earlier === undefined) return tooSmall.checkpoints
    const [[note] = []] = copy.rows("SELECT note FROM checkpoints WHERE size = ?", earlier)
    copy.edit((journal) => rollBack(journal, earlier))
    copy.write("headNote", String(note))
    return undefined
  },
}

const forgedTail: Crime = {
  name: "forged tail",
  words: "appends entries with a right chain and tree, and a checkpoint signed with a key of their own",
  holds: "the page key",
  foundBy: "the signature of the checkpoint",
  commit: ({ copy, keys, size }) => {
    copy.edit((journal) => {
      for (let i = 0; i < tailEntries; i++) appendForged(journal, size + i, { id: `forged:${size + i}` })
      relink(journal, size)
      const { origin } = keys.store
      const note = new Signer(origin, randomBytes(32)).note({ origin, size: size + tailEntries, root: rebuildTree(journal) })
      journal.prepare("INSERT INTO checkpoints(size, note, stored_ms) VALUES (?, ?, 0)").run(size + tailEntries, note)
    })
    return undefined
  },
}

const removedBeginning: Crime = {
  name: "removed beginning",
  words: "takes the oldest entries away as a removal does, with an entry of their own that closes them",
  holds: "the page key",
  foundBy: "the checkpoint that does not cover that entry",
  commit: ({ copy, covered, size, closing }) => {
    const upTo = (closing?.upTo ?? 0) + tileWidth
    if (covered <= upTo) return tooSmall.tiles
    const contents = Object.fromEntries(closing?.contents ?? [])
    copy.edit((journal) => {
      const root = rootsAt(journal, [upTo]).get(upTo)?.toString("base64") ?? ""
      const told = { upTo, root, closedMs: 0, contents, removedEntries: tileWidth, removedContents: 0, reason: "age", balances: {}, remembered: "" }
      appendForged(journal, size, { id: `${closedType}:${size}`, ...told }, closedType)
      relink(journal, size)
      rebuildTree(journal)
      journal
        .prepare("DELETE FROM entries WHERE sequence > 0 AND sequence < ? AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'hand-over ' || sequence)")
        .run(upTo)
      journal.exec("DELETE FROM chunks WHERE number < (SELECT min(place) / 1024 FROM entries)")
      journal.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)").run(closedName, Buffer.from(String(size)))
    })
    return undefined
  },
}

export const historyCrimes: readonly Crime[] = [
  removedBeginning,
  rewrittenHistory,
  slippedInEntry,
  vanishedEntry,
  cutRows,
  rolledBackTail,
  olderDirectory,
  olderDirectoryAndNote,
  forgedTail,
]

/** Something done to an entry that is neither the first nor the last one covered, and everything behind it made to fit. */
function rewriting({ copy, covered, chance, closing }: Scene, change: (journal: SqliteDatabase, at: number) => unknown): string | undefined {
  const there = covered - (closing?.upTo ?? 0)
  if (there < 3) return tooSmall.entries
  const at = covered - 2 - chance.below(Math.min(nearEntries, there - 2))
  copy.edit((journal) => {
    change(journal, at)
    relink(journal, at)
    rebuildTree(journal)
  })
  return undefined
}
