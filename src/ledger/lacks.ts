/** What a hold lacks, where: of each account that was allotted something, and of each budget that blocks. */
import { sumOf, type Amounts } from "./amounts.ts"
import { leftOf, matching, standingAt } from "./budgets.ts"
import type { CommandOf } from "./commands.ts"
import { undrawn, type Draw, type Extension, isOpen } from "./extensions.ts"
import { isBounded, type LedgerState } from "./state.ts"
import { units, type Unit } from "./units.ts"

/** `of`: the name of a budget, or an account. */
export type Lack = { readonly of: string; readonly missing: Amounts; readonly limited: readonly Unit[] }

type Wanted = Pick<CommandOf<"hold">, "parts" | "spend">

/** Undefined where an account bounds a unit of which the hold does not say how much it needs. */
export function lacksOf(state: LedgerState, { parts, spend }: Wanted, atMs: number): readonly Lack[] | undefined {
  const lacks: Lack[] = []
  for (const { account, amounts } of parts) {
    const found = state.accounts.get(account)
    if (!found) continue
    const limited = units.filter((unit) => isBounded(found, unit))
    if (limited.some((unit) => amounts[unit] === undefined)) return undefined
    const missing = missingOf(limited, amounts, (unit) => found.debits[unit] - found.credits[unit] - found.held[unit])
    if (missing) lacks.push({ of: account, missing, limited })
  }
  const total = sumOf(parts.map(({ amounts }) => amounts))
  for (const budget of matching(state.index, spend)) {
    if (budget.rule.mode === "warn") continue
    const standing = standingAt(budget, atMs)
    const missing = missingOf(budget.limited, total, (unit) => leftOf(standing, unit) ?? 0n)
    if (missing) lacks.push({ of: budget.rule.name, missing, limited: budget.limited })
  }
  return lacks
}

/** Where one extension of the run makes up for all of it: one that was named, one of the run's own, or one that waits for the session's next run. */
export function drawFor(state: LedgerState, command: CommandOf<"hold">, atMs: number): Draw | undefined {
  const { run, session, extension } = command.draw ?? {}
  const lacks = run === undefined ? undefined : lacksOf(state, command, atMs)
  if (run === undefined || !lacks || lacks.length === 0) return undefined
  // Clients of the host name their runs themselves: a name alone is not enough.
  const own = (one: Extension) => one.state === "granted" && one.run === run && one.session === session
  const waits = (one: Extension) => one.state === "granted" && one.run === undefined && session !== undefined && one.session === session
  const named = (one: Extension) => one.state === "asked" && one.id === extension && one.run === run
  const open = [...state.extensions.values()].filter((one) => isOpen(one, atMs) && lacks.every((lack) => covers(one, lack)))
  const found = open.find(named) ?? open.find(own) ?? open.find(waits)
  return found && { extension: found.id, run, parts: lacks.map(({ of, missing }) => ({ of, amounts: missing })) }
}

function covers(extension: Extension, { of, missing }: Lack): boolean {
  return units.every((unit) => (missing[unit] ?? 0n) <= undrawn(extension, of, unit)) && extension.drawn.has(of)
}

function missingOf(limited: readonly Unit[], needed: Amounts, leftOfUnit: (unit: Unit) => bigint): Amounts | undefined {
  const missing: { [U in Unit]?: bigint } = {}
  for (const unit of limited) {
    const need = needed[unit] ?? 0n
    const left = leftOfUnit(unit)
    if (need > (left > 0n ? left : 0n)) missing[unit] = left > 0n ? need - left : need
  }
  return Object.keys(missing).length === 0 ? undefined : missing
}
