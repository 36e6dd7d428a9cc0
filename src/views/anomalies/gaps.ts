/** What could not be recorded, and is counted: a writer that was away, a queue that was full. */
import { countOf, stringOf } from "../../base/json.ts"
import type { Detector } from "./detector.ts"
import { iso, mostFound, toldEntries } from "./told-entries.ts"

export type GapFound = { readonly sequence: number; readonly reason: string; readonly count: number; readonly from: string; readonly to: string }

export const gapsFound: Detector<GapFound> = (access, watched) => {
  const entries = toldEntries(access, watched, ["capture.gap"])
  const found = entries.slice(0, mostFound).map(({ sequence, atMs, facts }) => ({
    ...{ sequence, reason: stringOf(facts["reason"]) ?? "unknown", count: countOf(facts["count"]) ?? 0 },
    ...{ from: iso(countOf(facts["fromMs"]) ?? atMs), to: iso(countOf(facts["toMs"]) ?? atMs) },
  }))
  return { found, truncated: entries.length > mostFound }
}
