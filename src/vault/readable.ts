/**
 * Whether bytes look like anything but sealed ones. Sealed bytes cannot be told from random ones: no value is more frequent than another, and no text stands in
 * them by chance. What a page of text, numbers or zeros looks like is far from that in any alphabet.
 */

/** Random pages of 4 kB stay below 400 but once in a million; a page of text is above 10,000, one half of text above 3,000. */
const chiSquaredAtMost = 600
/** Printable by chance once in 10^15 places; a directory of a terabyte has 10^12. */
const printableRun = 36
const values = 256
const counts = new Uint32Array(values)

export type Finding = { readonly at: number; readonly what: "text" | "uneven" }

export const pageBytes = 4_096

/** The first place in a page that looks readable; undefined when none does. `evenly` is left out for what is too small, or has numbers of its own in it. */
export function readableIn(page: Buffer, evenly = page.length >= pageBytes): Finding | undefined {
  const text = textIn(page)
  if (text !== undefined) return { at: text, what: "text" }
  return evenly && chiSquared(page) > chiSquaredAtMost ? { at: 0, what: "uneven" } : undefined
}

/** Where a run of printable bytes begins. One that is long enough has one of every so many bytes in it: only around those is looked further. */
function textIn(page: Buffer): number | undefined {
  for (let probe = printableRun - 1; probe < page.length; probe += printableRun) {
    if (!isPrintable(page.readUInt8(probe))) continue
    let from = probe
    while (from > 0 && isPrintable(page.readUInt8(from - 1))) from--
    let to = probe + 1
    while (to < page.length && to - from < printableRun && isPrintable(page.readUInt8(to))) to++
    if (to - from >= printableRun) return from
  }
  return undefined
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f
}

/** Pearson's statistic against even frequencies, 255 degrees of freedom. */
function chiSquared(page: Buffer): number {
  counts.fill(0)
  // By its index: an iterator takes ten times as long, and there may be gigabytes of pages.
  for (let at = 0; at < page.length; at++) {
    const byte = page[at] ?? 0
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  const expected = page.length / values
  let sum = 0
  for (const count of counts) sum += (count - expected) ** 2
  return sum / expected
}
