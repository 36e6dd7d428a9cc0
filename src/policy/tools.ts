/** Which tool calls are refused, and which must be on record before they start. Pure; the first deny pattern that matches wins. */
import { firstMatch, namePattern, type NamePattern } from "../base/glob.ts"

export type GuardSettings = { readonly tools: readonly string[]; readonly deny: readonly string[] }

export type ToolVerdict = { readonly guarded: boolean; readonly verdict: "allow" | "deny"; readonly rule?: string }

export type ToolGuard = (tool: string) => ToolVerdict

const unguarded: ToolVerdict = { guarded: false, verdict: "allow" }

export function toolGuard(guard: GuardSettings): ToolGuard {
  const denied: readonly NamePattern[] = guard.deny.map(namePattern)
  const guarded: readonly NamePattern[] = guard.tools.map(namePattern)
  return (tool) => {
    const deny = firstMatch(denied, tool)
    if (deny) return { guarded: true, verdict: "deny", rule: `guard.deny ${deny.pattern}` }
    const wait = firstMatch(guarded, tool)
    return wait ? { guarded: true, verdict: "allow", rule: `guard.tools ${wait.pattern}` } : unguarded
  }
}

/** What the model and the user read when a call is refused. */
export function refusalWords(tool: string, verdict: ToolVerdict): string {
  return `Sovereign Ledger refused ${tool}: the operator's list (${verdict.rule ?? "guard.deny"}) does not allow it. This refusal is on record; trying again will not help.`
}

export function unrecordableWords(tool: string, problem: string): string {
  return `Sovereign Ledger refused ${tool}: the call must be on record before it starts, and it could not be recorded (${problem}).`
}
