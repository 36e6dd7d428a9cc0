/** Done to the bytes of journal.db, by somebody who has nothing but the disk: every page is sealed, and what the seals leave out is pinned in keys.json. */
import { isDriverError } from "../../vault/database.ts"
import { tooSmall, type Crime, type Scene } from "../crime.ts"
import { takeBack } from "../forgery.ts"

const pageBytes = 4_096
/** What the cipher puts before everything and does not use with a raw key: no page seal covers it. */
const unusedSaltBytes = 16
const replays = 3
const cutMostPages = 200

const flippedBits: Crime = {
  name: "flipped bits",
  words: "flips a bit of journal.db: the first time in the bytes before its pages, then anywhere",
  holds: "the disk",
  foundBy: "the seal of the page, or the copy of the first bytes in keys.json",
  times: 5,
  commit: ({ copy, chance }, time) => {
    flipBit(copy, chance.below(8 * (time === 0 ? unusedSaltBytes : copy.sizeBytes)))
    return undefined
  },
}

const swappedPages: Crime = {
  name: "swapped pages",
  words: "exchanges two pages of journal.db",
  holds: "the disk",
  foundBy: "the seal of a page, which names its place",
  commit: ({ copy, chance }) => {
    const pages = copy.sizeBytes / pageBytes
    if (pages < 3) return tooSmall.entries
    const one = 1 + chance.below(pages - 2)
    const pair = [one, one + 1].map((page) => page * pageBytes)
    const [first, second] = pair.map((offset) => copy.bytes(offset, pageBytes))
    pair.forEach((offset, i) => copy.overwrite({ offset, bytes: (i === 0 ? second : first) ?? Buffer.alloc(0) }))
    return undefined
  },
}

const replayedPage: Crime = {
  name: "replayed page",
  words: "puts a page of an older journal.db, sealed under the same key, in the place of the newer one",
  holds: "an older copy",
  foundBy: "hashes and checkpoints: a page seal does not know time",
  times: replays,
  commit: (scene, time) => {
    const { copy, noted, checkpoints } = scene
    if (noted === 0) return tooSmall.note
    const earlier = checkpoints.findLast((size) => size < noted)
    if (earlier === undefined) return tooSmall.checkpoints
    // The first page is none of them: it counts pages, and those of rows that are taken back here are free, as they never were in an older file.
    const pages = copy.pagesAfter((journal) => takeBack(journal, earlier)).filter(({ offset }) => offset > 0)
    const now = rowsBehind(scene, earlier)
    const first = Math.floor((time * pages.length) / replays)
    for (const page of [...pages.slice(first), ...pages.slice(0, first)]) {
      copy.overwrite(page)
      if (rowsBehind(scene, earlier) !== now) return undefined
      copy.putBack() // the same rows in another order
    }
    return tooSmall.checkpoints
  },
}

const cutFile: Crime = {
  name: "cut file",
  words: "cuts the end of journal.db off",
  holds: "the disk",
  foundBy: "pages that are missing",
  commit: ({ copy, chance }) => {
    const pages = copy.sizeBytes / pageBytes
    copy.cut((pages - 1 - chance.below(Math.min(cutMostPages, Math.ceil(pages / 2)))) * pageBytes)
    return undefined
  },
}

export const fileCrimes: readonly Crime[] = [flippedBits, swappedPages, replayedPage, cutFile]

export function flipBit(copy: Pick<Scene["copy"], "bytes" | "overwrite">, bit: number): void {
  const offset = Math.floor(bit / 8)
  const bytes = copy.bytes(offset, 1)
  copy.overwrite({ offset, bytes: Buffer.of((bytes[0] ?? 0) ^ (1 << (bit % 8))) })
}

/** How many rows there are of what came after an earlier checkpoint and a later one covers; those of pages that cannot be read are none. */
function rowsBehind({ copy, covered }: Scene, earlier: number): string {
  const lastChunk = "(SELECT coalesce(max(place) / 1024, -1) FROM entries WHERE sequence < ?)"
  const counts = [
    ["SELECT count(*) FROM entries WHERE sequence >= ? AND sequence < ?", earlier, covered],
    [`SELECT count(*) FROM chunks WHERE number > ${lastChunk} AND number <= ${lastChunk}`, earlier, covered],
    ["SELECT count(*) FROM checkpoints WHERE size >= ? AND size <= ?", earlier, covered],
  ] as const
  return counts.map(([statement, from, to]) => countOf(copy, statement, from, to)).join(" ")
}

function countOf(copy: Scene["copy"], statement: string, from: number, to: number): number {
  try {
    return Number(copy.rows(statement, from, to)[0]?.[0])
  } catch (error) {
    if (!isDriverError(error)) throw error
    return -1
  }
}
