/**
 * What stands in a payload in place of what was left out to keep it within its bound.
 *
 *   a string    ends with       …[cut from 52428800]     its length in UTF-16 units
 *   an array    ends with       "…[988 more]"            an item that counts those left out
 *   an object   ends with       "…":12                   a member that counts those left out (keys made of "…" alone get one more)
 *   a value     is              "…[too deep]"            when it lies deeper than the bound
 *
 * Marks mean something only in a call that says it was cut. There a string that happens to end like a mark carries a
 * mark of its own with its own length, so nobody can forge one.
 */
export const moreKey = "…"
/** JSON without either of these has nothing in it that could be taken for a mark. */
export const markStart = "…["
export const moreMember = '…":'
export const tooDeepMark = "…[too deep]"
/** Stand-ins that lose nothing of the payload's size, and so are no cuts. */
export const cycleMark = "…[cycle]"
export const unreadableMark = "…[unreadable]"

const ending = /…\[(?:cut from (\d+)|(\d+) more|too deep)\]$/

export const cutString = (length: number): string => `…[cut from ${length}]`
export const moreItems = (count: number): string => `…[${count} more]`

export function endsLikeMark(text: string): boolean {
  return markOf(text) !== undefined
}

/** The length of a text before it was cut, in UTF-16 units; 0 when it is no text. */
export function originalLength(value: unknown, cut: boolean): number {
  if (typeof value !== "string") return 0
  const length = cut ? markOf(value)?.[1] : undefined
  return length === undefined ? value.length : Number(length)
}

/** The least number of bytes that were left out of a value. */
export function lostBytes(value: unknown): number {
  if (typeof value === "string") return lostInString(value)
  if (typeof value !== "object" || value === null) return 0
  let lost = 0
  for (const [key, part] of Object.entries(value)) lost += key === moreKey && typeof part === "number" ? part : lostBytes(part)
  return lost
}

function lostInString(text: string): number {
  const [mark = "", length, more] = markOf(text) ?? []
  if (more !== undefined) return Number(more)
  return length === undefined ? 0 : Math.max(0, Number(length) - (text.length - mark.length))
}

function markOf(text: string): RegExpExecArray | undefined {
  return text.endsWith("]") ? (ending.exec(text) ?? undefined) : undefined
}
