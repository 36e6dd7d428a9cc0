/** More for one run: asked for when something has no room, granted or denied by an owner, over when its time is. Each once: what comes late does nothing. */
import { amountsJson, stated, type Amounts } from "./amounts.ts"
import type { CommandOf } from "./commands.ts"
import type { Decision } from "./decision.ts"
import { isOpen, mostAsked, undrawn, type Extension } from "./extensions.ts"
import type { LedgerEvent } from "../format/facts/ledger.ts"
import { lacksOf, type Lack } from "./lacks.ts"
import type { Refusal } from "./refusals.ts"
import type { LedgerState } from "./state.ts"
import type { Unit } from "./units.ts"

export function decideAsk(state: LedgerState, command: CommandOf<"ask">, atMs: number): Decision {
  const { id, door, session, run, most, ttlMs } = command
  if (state.extensions.has(id)) return { refused: { why: "id-taken", id, of: "extension" } }
  const lacks = lacksOf(state, command, atMs) ?? []
  const amounts = extendable(lacks, most)
  if (!amounts) return no("what it lacks is more than one extension gives, or is not among what extensions give")
  const names = lacks.map(({ of }) => of)
  const open = [...state.extensions.values()].filter((one) => one.state === "asked" && isOpen(one, atMs))
  // Refused again while an owner is asked: it is the same question, under the same code.
  const same = door === "model" ? open.find((one) => one.door === "model" && one.session === session && isFor(one, names, amounts)) : undefined
  if (same) return { events: [], extension: same.id, repeated: true }
  if (open.length >= mostAsked) return no(`an owner is asked for ${mostAsked} others already`)
  const whose = { ...(session === undefined ? {} : { session }), ...(run === undefined ? {} : { run }) }
  const facts = { atMs, extension: id, door, extends: names, amounts: amountsJson(amounts), expiresAtMs: atMs + ttlMs, ...whose }
  return { events: [{ type: "extension.asked", facts }], extension: id }
}

export function decideGrant(state: LedgerState, { id, reason }: CommandOf<"grant">, atMs: number): Decision {
  const found = askedOne(state, id, atMs)
  if ("why" in found) return { refused: found }
  return { events: [{ type: "extension.granted", facts: { atMs, extension: id, expiresAtMs: atMs + found.windowMs, reason } }], extension: id }
}

/** What was held for it beforehand goes back in the same breath. */
export function decideDenial(state: LedgerState, { id, reason }: CommandOf<"deny">, atMs: number): Decision {
  const found = askedOne(state, id, atMs)
  if ("why" in found) return { refused: found }
  const holds = [...state.holds.values()].filter(({ draw, consumedAtMs }) => draw?.extension === id && consumedAtMs === undefined)
  const released = holds.map(({ id: hold, attempt }): LedgerEvent => ({
    type: "hold.released",
    facts: { atMs, hold, attempt, reason: "nobody let it spend more" },
  }))
  return { events: [{ type: "extension.denied", facts: { atMs, extension: id, reason } }, ...released], extension: id }
}

/** A hold that drew from it stays until it ends: it was drawn in time. */
export function decideExtensionEnd(state: LedgerState, { id }: CommandOf<"end-extension">, atMs: number): Decision {
  const found = state.extensions.get(id)
  if (!found) return { refused: { why: "extension-unknown", id } }
  const isOver = (found.state === "asked" || found.state === "granted") && found.expiresAtMs <= atMs
  return isOver ? { events: [{ type: "extension.expired", facts: { atMs, extension: id } }] } : { events: [], repeated: true }
}

function askedOne(state: LedgerState, id: string, atMs: number): Extension | Refusal {
  const found = state.extensions.get(id)
  if (!found) return { why: "extension-unknown", id }
  if (found.state === "asked" && isOpen(found, atMs)) return found
  return { why: "extension-closed", id, state: found.state === "asked" ? "expired" : found.state }
}

/** Of what is asked for at most: the units that are limited where something is missing. Undefined where that would not be enough. */
function extendable(lacks: readonly Lack[], most: Amounts): Amounts | undefined {
  const limited = new Set(lacks.flatMap((lack) => lack.limited))
  const amounts: { [U in Unit]?: bigint } = {}
  for (const unit of stated(most)) if (limited.has(unit)) amounts[unit] = most[unit] ?? 0n
  const isEnough = lacks.every(({ missing }) => stated(missing).every((unit) => (missing[unit] ?? 0n) <= (amounts[unit] ?? 0n)))
  return lacks.length > 0 && isEnough ? amounts : undefined
}

function isFor(extension: Extension, names: readonly string[], amounts: Amounts): boolean {
  const { drawn } = extension
  const isSame = drawn.size === names.length && names.every((name) => drawn.has(name))
  return isSame && stated(amounts).every((unit) => names.every((of) => undrawn(extension, of, unit) === amounts[unit]))
}

function no(problem: string): Decision {
  return { refused: { why: "not-extended", problem } }
}
