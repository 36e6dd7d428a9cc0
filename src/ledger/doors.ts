/** What the doors in a gateway must know at once, without asking: whether anything may refuse a spend at present, and what stands still. */
import { mayDowngrade } from "./downgrades.ts"
import { isAllotted, type LedgerState } from "./state.ts"

export type Doors = {
  /** A budget blocks, an account was allotted, something is frozen, or breakers are to cut whatever is set: nothing starts without a hold. */
  readonly hard: boolean
  /** Why everything is frozen; absent when it is not. */
  readonly frozen?: string
  /** A run may get a cheaper model than it would have: it is asked which, before it has any. */
  readonly downgrades?: true
  /** A budget limits windows of subscriptions: the gateway asks its host how far they are used. */
  readonly windows?: true
}

export const openDoors: Doors = { hard: false }

export function doorsOf(state: LedgerState): Doors {
  const windows = [...state.budgets.values()].some(({ rule }) => rule.window) ? { windows: true as const } : {}
  const asked = { ...(mayDowngrade(state) ? { downgrades: true as const } : {}), ...windows }
  if (state.frozen !== undefined) return { hard: true, frozen: state.frozen, ...asked }
  return { hard: state.breakers.rule.mode === "block" || somethingBlocks(state), ...asked }
}

/** What an operator asked for by a limit, a standstill or an allocation. */
export function somethingBlocks(state: LedgerState): boolean {
  const blocks = [...state.budgets.values()].some(({ rule, frozen }) => rule.mode === "block" || frozen !== undefined)
  return blocks || [...state.accounts.values()].some((account) => account.frozen !== undefined || isAllotted(account))
}

/** A hold for one model call, as a gateway carries it from the door to the call. */
export type Permit = {
  readonly hold: string
  readonly attempt: number
  readonly provider?: string | undefined
  readonly model?: string | undefined
  /** The tokens that are set aside for the prompt and for the answer. */
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
}
