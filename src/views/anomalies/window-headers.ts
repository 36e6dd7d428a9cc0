/**
 * The headers of a stretch, held against the leaves of the tree: a header that was changed has another hash, and one that is gone leaves its leaf. The newest so many of
 * the stretch are looked at, so that a view stays a view; facts and contents, and everything before, are what `verify` is for.
 */
import { leafHash, parseHeader } from "../../format/header.ts"
import { closingOf } from "../../journal/closing.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import type { Watched } from "./detector.ts"

export const mostHeaders = 20_000
const tileWidth = 256
const hashBytes = 32

export type WindowHeaders = {
  /** Inclusive; nothing where `to` is below `from`. */
  readonly from: number
  readonly to: number
  readonly changed: readonly number[]
  readonly missing: readonly { readonly from: number; readonly to: number }[]
  readonly truncated: boolean
}

const known = new WeakMap<Watched, WindowHeaders>()

export function windowHeaders(access: LedgerAccess, watched: Watched): WindowHeaders {
  const found = known.get(watched) ?? checked(access, watched)
  known.set(watched, found)
  return found
}

function checked({ reader }: LedgerAccess, { fromMs, toMs }: Watched): WindowHeaders {
  const kept = closingOf(reader)?.upTo ?? 0
  const timeOf = (sequence: number): number | undefined => {
    const header = reader.headerAt(sequence)
    return header && parseHeader(header).timeMs
  }
  const [begin, end] = [fromMs, toMs].map((ms) => firstFrom(timeOf, kept, reader.size(), ms))
  const to = (end ?? 0) - 1
  const from = Math.max(begin ?? 0, to + 1 - mostHeaders)
  const changed: number[] = []
  const missing: { from: number; to: number }[] = []
  let tile: { readonly index: number; readonly hashes: Buffer | undefined } | undefined
  let next = from
  for (const [sequence, header] of reader.rawHeaders(from)) {
    if (sequence > next && next <= to) missing.push({ from: next, to: Math.min(sequence - 1, to) })
    if (sequence > to) break
    const index = Math.floor(sequence / tileWidth)
    if (tile?.index !== index) tile = { index, hashes: reader.leafTile(index) }
    const at = (sequence % tileWidth) * hashBytes
    // Of the last tile, which is not full yet, the tree keeps no row; its entries are in the newest checkpoint's root.
    const leaf = tile.hashes?.subarray(at, at + hashBytes)
    if (leaf?.length === hashBytes && !leafHash(header).equals(leaf)) changed.push(sequence)
    next = sequence + 1
  }
  return { from, to, changed, missing, truncated: from > (begin ?? 0) }
}

/** The first entry recorded at or after a time; an entry that is gone is passed by. */
function firstFrom(timeOf: (sequence: number) => number | undefined, least: number, size: number, ms: number): number {
  let [low, high] = [least, size]
  while (low < high) {
    const middle = (low + high) >> 1
    let at = middle
    while (at < high && timeOf(at) === undefined) at++
    const time = at < high ? timeOf(at) : undefined
    if (time === undefined || time >= ms) high = middle
    else low = at + 1
  }
  return low
}
