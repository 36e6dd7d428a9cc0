/**
 * Windows of subscriptions: a provider says how far one is used, and a budget may limit that. They are fed and never held: what one call takes of a window
 * nobody knows beforehand, so a call may go beyond the limit, and the next one is refused.
 */
import type { BudgetRule, LedgerEvent, WindowUse } from "../format/facts/ledger.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import type { LedgerState } from "./state.ts"

export type Windows = Map<string, WindowUse>

export const mostWindows = 256
const whole = 100_000

/** What is news of what was told; what is older than what is known changes nothing. */
export function decideWindows({ windows }: LedgerState, { uses }: CommandOf<"report-windows">, atMs: number): Decision {
  const news = uses.filter((use) => {
    const known = windows.get(keyOf(use))
    return !known || (use.sampledAtMs > known.sampledAtMs && !isSame(known, use))
  })
  if (news.length === 0) return { events: [], repeated: true }
  return { events: news.map((use): LedgerEvent => ({ type: "window.reported", facts: { atMs, ...use } })) }
}

export function reportWindow(windows: Windows, use: WindowUse): void {
  const key = keyOf(use)
  windows.delete(key)
  windows.set(key, use)
  const oldest = windows.keys().next().value
  if (windows.size > mostWindows && oldest !== undefined) windows.delete(oldest)
}

/** The windows a budget limits, as they stand: one that was reset since is empty until it is told of again. */
export function windowsOf({ window, match }: BudgetRule, windows: Windows, atMs: number): readonly WindowUse[] {
  if (!window) return []
  const mine = [...windows.values()].filter(({ provider, label }) => provider === match.provider && (window.label === undefined || label === window.label))
  return mine.map((use) => (use.resetsAtMs !== undefined && use.resetsAtMs <= atMs ? { ...use, usedMillipercent: 0 } : use))
}

/** One that is used up to the limit or beyond, the fullest of them. */
export function usedUp(rule: BudgetRule, windows: Windows, atMs: number): WindowUse | undefined {
  const limit = rule.window?.limitMillipercent ?? whole
  const full = windowsOf(rule, windows, atMs).filter(({ usedMillipercent }) => usedMillipercent >= limit)
  return full.toSorted((a, b) => b.usedMillipercent - a.usedMillipercent)[0]
}

/** `83 %`, `42.5 %` */
export function percentWords(millipercent: number): string {
  return `${millipercent / 1_000} %`
}

/** `80%` in thousandths of a percent; undefined where it is no share. */
export function millipercentOf(text: string): number | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,3}))?\s*%$/.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * 1_000 + Number((match[2] ?? "").padEnd(3, "0"))
}

function keyOf({ provider, label }: WindowUse): string {
  return `${provider}\n${label}`
}

function isSame(known: WindowUse, use: WindowUse): boolean {
  return known.usedMillipercent === use.usedMillipercent && known.resetsAtMs === use.resetsAtMs && known.plan === use.plan
}
