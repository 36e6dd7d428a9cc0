/** Numbers of entries that are not in the journal although the tree has their leaves: somebody took them out. */
import type { Detector } from "./detector.ts"
import { mostFound } from "./told-entries.ts"
import { windowHeaders } from "./window-headers.ts"

export type SequenceHole = { readonly from: number; readonly to: number; readonly count: number }

export const sequenceHoles: Detector<SequenceHole> = (access, watched) => {
  const { missing, truncated } = windowHeaders(access, watched)
  const found = missing.slice(0, mostFound).map(({ from, to }) => ({ from, to, count: to - from + 1 }))
  return { found, truncated: truncated || missing.length > mostFound }
}
