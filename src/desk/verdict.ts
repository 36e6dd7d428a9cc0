/** One word on how the ledger is, from its status. What was found wrong comes before what is only not there yet. */
import type { Status } from "./bodies.ts"

export type Verdict = { readonly tone: "good" | "warn" | "bad"; readonly title: string; readonly words: string }

export function verdictOf(status: Status): Verdict {
  const { problem, recording, integrity, money, gaps, clock, keys, coverage } = status
  if (recording === "not set up") return { tone: "warn", title: "Not set up yet", words: "Nothing is recorded until the ledger has a key." }
  if (problem)
    return { tone: "bad", title: recording === "on" ? "Recording, with something wrong" : "Not recording", words: `${problem.message} ${problem.remedy}` }
  const bad = [
    ["ahead of the journal", "of another history", "not signed by this ledger"].includes(integrity.headNote)
      ? `The note outside is ${integrity.headNote}: this ledger may have been put back or exchanged.`
      : "",
    integrity.restored.some(({ acceptedAt }) => acceptedAt === null) ? "It was put back from a copy, and nobody has accepted that." : "",
    integrity.anchors.some(({ state }) => state === "false") ? "An anchor tells of something else than the journal." : "",
    clock !== null && clock.state !== "agrees" ? "The wall clock does not agree with the clocks that nobody sets." : "",
  ].filter((words) => words !== "")
  if (bad.length > 0) return { tone: "bad", title: "Something contradicts the record", words: bad.join(" ") }
  const warn = [
    money.frozen.length > 0 ? `Frozen: ${money.frozen.map(({ what, name }) => (what === "ledger" ? "everything" : name)).join(", ")}.` : "",
    money.cuts.length > 0 ? `A breaker has cut off ${money.cuts.map(({ words }) => words).join("; ")}.` : "",
    gaps.count > 0 ? "Some of what happened could not be recorded." : "",
    keys.warning ?? "",
  ].filter((words) => words !== "")
  const title = recording === "on" ? "Recording" : "Ready to record"
  if (warn.length > 0) return { tone: "warn", title, words: warn.join(" ") }
  return { tone: "good", title: recording === "on" ? "Recording, and in order" : title, words: `On record: ${coverage.recorded}.` }
}
