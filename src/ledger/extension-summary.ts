/** An extension as plain JSON: for whoever asks the writer, or the files. Amounts are decimal strings of the unit. */
import type { AmountsJson } from "../format/facts/ledger.ts"
import { amountsJson, stated, type Amounts } from "./amounts.ts"
import { isOpen, isUsedUp, undrawn, type Extension } from "./extensions.ts"
import type { LedgerState } from "./state.ts"
import type { Unit } from "./units.ts"

export type ExtensionSummary = {
  readonly extension: string
  readonly state: "asked" | "granted" | "used up" | "denied" | "expired"
  readonly door: "model" | "tool"
  readonly amounts: AmountsJson
  /** Of each budget (`daily`) and account (`agent:main`): what was spent beyond it, what open holds draw, and what can still be drawn. */
  readonly extends: readonly { readonly of: string; readonly spent: AmountsJson; readonly held: AmountsJson; readonly left: AmountsJson }[]
  readonly askedAtMs: number
  readonly expiresAtMs: number
  readonly session?: string
  readonly run?: string
}

/** The latest first. */
export function extensionSummaries({ extensions }: LedgerState, atMs: number): readonly ExtensionSummary[] {
  return [...extensions.values()].map((extension) => extensionSummary(extension, atMs)).reverse()
}

/** From which some run may still draw. */
export function grantedNow(state: LedgerState, atMs: number): readonly ExtensionSummary[] {
  return extensionSummaries(state, atMs).filter((extension) => extension.state === "granted")
}

function extensionSummary(extension: Extension, atMs: number): ExtensionSummary {
  const { id, door, amounts, drawn, askedAtMs, expiresAtMs, session, run } = extension
  const open = isOpen(extension, atMs)
  const extended = [...drawn].map(([of, { spent, held }]) => ({
    of,
    spent: ofUnits(amounts, (unit) => spent[unit]),
    held: ofUnits(amounts, (unit) => held[unit]),
    left: ofUnits(amounts, (unit) => (open ? undrawn(extension, of, unit) : 0n)),
  }))
  const whose = { ...(session === undefined ? {} : { session }), ...(run === undefined ? {} : { run }) }
  return { extension: id, state: stateOf(extension, open), door, amounts: amountsJson(amounts), extends: extended, askedAtMs, expiresAtMs, ...whose }
}

/** Over is over, whether it is on record yet or not. */
function stateOf(extension: Extension, open: boolean): ExtensionSummary["state"] {
  const { state } = extension
  if (extension.grantedAtMs !== undefined && isUsedUp(extension)) return "used up"
  return (state === "asked" || state === "granted") && !open ? "expired" : state
}

function ofUnits(amounts: Amounts, of: (unit: Unit) => bigint): AmountsJson {
  return Object.fromEntries(stated(amounts).map((unit) => [unit, of(unit).toString()]))
}
