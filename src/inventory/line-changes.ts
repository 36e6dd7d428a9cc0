/** How many lines a change put in and took out, told from short hashes of the lines before: the text itself is not kept. Lines that only moved are no change. */

export type Lines = Int32Array

const mostLines = 20_000

/** Undefined of what has too many to remember. */
export function linesOf(text: string): Lines | undefined {
  const lines = text.split("\n", mostLines + 1)
  return lines.length > mostLines ? undefined : Int32Array.from(lines, hashOf)
}

export function lineChanges(before: Lines, after: Lines): { readonly addedLines: number; readonly removedLines: number } {
  const counts = new Map<number, number>()
  for (const line of before) counts.set(line, (counts.get(line) ?? 0) + 1)
  let addedLines = 0
  for (const line of after) {
    const left = counts.get(line) ?? 0
    if (left === 0) addedLines++
    else counts.set(line, left - 1)
  }
  return { addedLines, removedLines: before.length - (after.length - addedLines) }
}

/** FNV-1a over UTF-16 units. */
function hashOf(line: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < line.length; at++) hash = Math.imul(hash ^ line.charCodeAt(at), 0x01000193)
  return hash
}
