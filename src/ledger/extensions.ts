/**
 * Extensions: more than a budget or an account has, for one run, asked of an owner and granted or not. What a hold draws from one is held and spent there and
 * nowhere else, so that the counters of budgets stay within their limits, and other runs have the room they had.
 */
import { add, amountsOf, emptyTally, stated, subtract, type Amounts, type Tally } from "./amounts.ts"
import type { LedgerEventFacts } from "../format/facts/ledger.ts"
import type { LedgerState } from "./state.ts"
import { units, type Unit } from "./units.ts"

/** What open holds draw of one that is extended, and what was spent of it. */
export type Use = { readonly held: Tally; readonly spent: Tally }

export type Extension = {
  readonly id: string
  readonly door: "model" | "tool"
  /** Budgets (`daily`) and accounts (`agent:main`): of each there is so much more. */
  readonly amounts: Amounts
  readonly drawn: ReadonlyMap<string, Use>
  readonly session: string | undefined
  /** Whose it is. Of one that was asked for when a run was refused, and is over: the first run of the session that draws from it. */
  run: string | undefined
  readonly askedAtMs: number
  readonly windowMs: number
  /** Until when it can be granted; once it is, until when holds may draw from it. */
  expiresAtMs: number
  state: "asked" | "granted" | "denied" | "expired"
  /** What was drawn while it could be is spent from it, also when its time is over by then. */
  grantedAtMs: number | undefined
}

export type Draw = {
  readonly extension: string
  readonly run: string
  readonly parts: readonly { readonly of: string; readonly amounts: Amounts }[]
}

/** What of a settlement was spent in it. */
export type Drawn = Omit<Draw, "run">

/** Of those that ended, the latest are kept: a code that comes again is told what became of it. */
const mostKept = 256
/** How many may wait for an owner at once. */
export const mostAsked = 64

export function newExtension(facts: LedgerEventFacts["extension.asked"]): Extension {
  const { extension: id, door, amounts, session, run, atMs, expiresAtMs } = facts
  const drawn = new Map(facts.extends.map((name) => [name, { held: emptyTally(), spent: emptyTally() }]))
  const whose = { session, run: door === "tool" ? run : undefined }
  const times = { askedAtMs: atMs, windowMs: expiresAtMs - atMs, expiresAtMs, grantedAtMs: undefined }
  return { id, door, amounts: amountsOf(amounts), drawn, ...whose, ...times, state: "asked" }
}

/** It waits for an owner, or holds may draw from it. */
export function isOpen({ state, expiresAtMs }: Extension, atMs: number): boolean {
  return (state === "asked" || state === "granted") && atMs < expiresAtMs
}

/** What can still be drawn for one of those it extends. */
export function undrawn({ amounts, drawn }: Extension, of: string, unit: Unit): bigint {
  const so = drawn.get(of)
  return so ? (amounts[unit] ?? 0n) - so.held[unit] - so.spent[unit] : 0n
}

/** Nothing can be drawn from it any more: all of it was spent, or is held. */
export function isUsedUp(extension: Extension): boolean {
  return [...extension.drawn.keys()].every((of) => stated(extension.amounts).every((unit) => undrawn(extension, of, unit) === 0n))
}

/** Those whose time is over and that nobody has ended, for whoever does. */
export function dueExtensions({ extensions }: LedgerState, atMs: number): readonly Extension[] {
  return [...extensions.values()].filter(({ state, expiresAtMs }) => (state === "asked" || state === "granted") && expiresAtMs <= atMs)
}

/** The oldest that ended, and of which no hold draws, make room. The same events leave the same ones. */
export function remember(extensions: Map<string, Extension>, extension: Extension): void {
  extensions.set(extension.id, extension)
  let surplus = extensions.size - mostKept
  for (const { id, state, drawn } of extensions.values()) {
    if (surplus <= 0) return
    const isIdle = [...drawn.values()].every(({ held }) => units.every((unit) => held[unit] === 0n))
    if (state === "asked" || state === "granted" || !isIdle) continue
    extensions.delete(id)
    surplus--
  }
}

export function takeDraw(state: LedgerState, draw: Draw): void {
  const extension = state.extensions.get(draw.extension)
  if (!extension) return
  extension.run ??= draw.run
  for (const { of, amounts } of draw.parts) add(extension.drawn.get(of)?.held ?? emptyTally(), amounts)
}

/** What a hold drew is there again. */
export function giveBack(state: LedgerState, draw: Draw): void {
  const drawn = state.extensions.get(draw.extension)?.drawn
  for (const { of, amounts } of draw.parts) subtract(drawn?.get(of)?.held ?? emptyTally(), amounts)
}

export function spendDrawn(state: LedgerState, { extension, parts }: Drawn): void {
  const drawn = state.extensions.get(extension)?.drawn
  for (const { of, amounts } of parts) add(drawn?.get(of)?.spent ?? emptyTally(), amounts)
}

/** What is drawn for one budget or account; nothing where nothing is. */
export function drawnFor(draw: { readonly parts: Draw["parts"] } | undefined, of: string): Amounts {
  return draw?.parts.find((part) => part.of === of)?.amounts ?? {}
}
