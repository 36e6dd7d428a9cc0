/** The map of event ids as text: what it is, which roots of it are on record, and the entries of a session. */
import type { MapView, RootChecked, SessionChain } from "../../views/event-map.ts"
import type { Terminal } from "../cli/terminal.ts"
import { verdictHead } from "./verify-text.ts"
import { countWords, plain } from "./words.ts"

export function mapLines({ tree, origin, size, from, keys, root, committed }: MapView): string {
  const entries = from === 0 ? countWords(size, "entry", "entries") : `entries #${from} to #${size - 1}: what was before was removed without its ids`
  const onRecord = committed
    ? `on record over ${countWords(committed.size, "entry", "entries")}, by #${committed.sequence}: root ${committed.root}`
    : "no root is on record: sovereign-ledger smt root --commit"
  return `${tree} of ${plain(origin)}\n  ${countWords(keys, "id")} of ${entries}, root ${root}\n  ${onRecord}\n`
}

export function rootsText(roots: readonly RootChecked[], terminal: Terminal): string {
  const wrong = roots.filter(({ problem }) => problem !== null)
  const verdict = roots.length === 0 ? "unverifiable" : wrong.length > 0 ? "invalid" : "valid"
  const last = roots.at(-1)
  const words = last
    ? `${countWords(roots.length, "root")} on record, the last over ${countWords(last.size, "entry", "entries")}`
    : "No root of the map is on record: sovereign-ledger smt root --commit"
  const problems = wrong.map(
    ({ sequence, size, problem }) => `  ${terminal.colors.red("✗")} #${sequence}, over ${countWords(size, "entry", "entries")}: ${plain(problem ?? "")}\n`,
  )
  return `${verdictHead(verdict, "the map of event ids", terminal)}\n  ${words}\n${problems.join("")}`
}

export function chainLines({ session, entries }: SessionChain): string {
  if (entries.length === 0) return `No entries of ${plain(session)}.\n`
  return entries
    .map(({ sequence, createdAt, type, id, leafHash, isFirst }) => {
      const words = isFirst ? "" : "  (an earlier entry has this id)"
      return `#${sequence}  ${createdAt}  ${type}  ${plain(id)}  ${leafHash}${words}\n`
    })
    .join("")
}
