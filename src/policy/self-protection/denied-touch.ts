/**
 * Which of the things a tool call reaches for it must not reach: it may change nothing of the ledger's own, and read no key. What is only read besides
 * (the sealed journal, the host's configuration) is told and goes on.
 */
import type { Touch, Touchable } from "./touch.ts"

const secret: ReadonlySet<Touchable> = new Set<Touchable>(["master key", "gateway environment"])

export function isDenied({ what, access }: Touch): boolean {
  return access === "change" || secret.has(what)
}

export const selfRule = "guard.self"

/** What the model and the user read when a call is refused for it. */
export function touchWords(tool: string, { what, access }: Touch): string {
  const deed = access === "change" ? "changes" : "reads"
  return `Sovereign Ledger refused ${tool}: it ${deed} the ledger's own ${what}, which is the operator's alone. This refusal is on record; trying again will not help.`
}
