/** What third parties have anchored, in words that somebody who has never heard of them understands. */
import type { AnchorSeen } from "../../verify/anchor-tally.ts"
import { isFalse, type AnchorStanding } from "../../views/anchors.ts"
import type { Terminal } from "../cli/terminal.ts"
import { agoWords, countWords, plain } from "./words.ts"

const kindWords = { rfc3161: "time-stamp authority", "digital-evidence": "Digital Evidence" } as const

export function anchorName({ kind, authority }: Pick<AnchorStanding, "kind" | "authority">): string {
  return `${kindWords[kind]} ${plain(authority)}`
}

/** What stands in a store or a file. */
export function anchorSeenWords({ kind, authority, anchors, upTo, at, checked }: AnchorSeen): string {
  const unchecked = checked || kind !== "rfc3161" ? "" : "; not checked, no certificate it leads to is pinned (--timestamp-ca FILE)"
  return `${anchorName({ kind, authority })} has anchored ${countWords(upTo, "entry", "entries")}, the last on ${at} (${countWords(anchors, "anchor")}${unchecked})`
}

/** One line of `status`. */
export function anchorStandingWords(one: AnchorStanding, nowMs: number, { red, yellow }: Terminal["colors"]): string {
  const anchored = one.at === null ? "has anchored nothing yet" : `has anchored ${countWords(one.size, "entry", "entries")}, ${agoWords(one.at, nowMs)}`
  const pending = one.pending === null || one.pending === 0 ? "" : `, ${countWords(one.pending, "entry", "entries")} pending`
  const words = `${plain(one.authority)} ${anchored}${pending}`
  if (one.state === null || one.state === "anchored" || one.state === "not asked yet") return words
  const circuit = one.circuit === "closed" || one.circuit === null ? "" : `; circuit ${one.circuit} after ${countWords(one.failures ?? 0, "failure")} in a row`
  const paint = isFalse(one.state) ? red : yellow
  return `${words}; ${paint(`${one.state}: ${plain(one.problem ?? "")}`)}${circuit}`
}
