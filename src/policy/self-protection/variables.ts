/** Variables of the environment that hold what is ours: asked for by name, or looked for among all of them. */
import type { Touch } from "./touch.ts"

export const masterKeyVariable = "OPENCLAW_MASTER_KEY"

const read: Touch = { what: "master key", access: "read" }
const asking = new Set(["printenv", "export", "declare", "typeset", "unset", "set", "env"])
const showingAll = new Set(["printenv", "env", "set", "export", "declare", "typeset", "compgen", "ps", "strings", "cat", "xargs", "tr"])

export function variableTouches(program: string, words: readonly string[], pipedFrom: readonly string[] | undefined): readonly Touch[] {
  const named = words.filter((word) => word.includes(masterKeyVariable) || word.includes("MASTER_KEY"))
  if (named.length === 0) return []
  if (program === "unset" || named.some((word) => word.startsWith(`${masterKeyVariable}=`))) return [{ what: "master key", access: "change" }]
  if (asking.has(program)) return [read]
  // `env | grep MASTER_KEY`: a search of files for the name is something else.
  const before = pipedFrom?.[0]
  return before !== undefined && showingAll.has(before) ? [read] : []
}
