/**
 * More for one run, as the predictor knows it: lists of what was asked for, granted, drawn and spent, added up anew for every question. Written from
 * docs/spec/ledger.md, "Extensions".
 */
import { ofEach, unitNames, type Amounts, type Unit } from "./counters.ts"

/** What a hold lacks of a budget or an account; `limited` are the units that are limited there. */
export type Lack = { readonly of: string; readonly missing: Amounts; readonly limited: readonly Unit[] }
export type Draw = { readonly extension: Extension; readonly parts: readonly { readonly of: string; readonly amounts: Amounts }[] }
export type Drawer = { readonly run: string; readonly session: string; readonly named?: Extension | undefined }

export type Extension = {
  readonly door: "model" | "tool"
  readonly names: readonly string[]
  readonly amounts: Amounts
  readonly session: string
  run: string | undefined
  readonly windowMs: number
  expiresAtMs: number
  state: "asked" | "granted" | "denied" | "expired"
  wasGranted: boolean
  /** Of open holds, and of what was settled. */
  held: Draw["parts"]
  spent: Draw["parts"]
}

/** A tool and a few calls of a model. */
export const most: Amounts = { moneyNanos: 12_000_000, calls: 2 }
export const windowMs = 10 * 60_000
const mostAsked = 64

export class Extensions {
  readonly all: Extension[] = []

  /** Refused again while it is asked, a session is asked for once. Undefined where nobody is asked. */
  ask(
    lacks: readonly Lack[],
    { door, run, session }: { readonly door: "model" | "tool"; readonly run: string; readonly session: string },
    nowMs: number,
  ): Extension | undefined {
    const limited = unitNames.filter((unit) => lacks.some((lack) => lack.limited.includes(unit)))
    const amounts = ofEach((unit) => (limited.includes(unit) ? most[unit] : undefined))
    if (lacks.some(({ missing }) => unitNames.some((unit) => (missing[unit] ?? 0) > (amounts[unit] ?? 0)))) return undefined
    const names = lacks.map(({ of }) => of)
    const asked = this.all.filter((one) => one.state === "asked" && nowMs < one.expiresAtMs)
    const same = asked.find((one) => door === "model" && one.door === "model" && one.session === session && isFor(one, names, amounts))
    if (same) return same
    if (asked.length >= mostAsked) return undefined
    const whose = { session, run: door === "tool" ? run : undefined }
    const made: Extension = { door, names, amounts, ...whose, windowMs, expiresAtMs: nowMs + windowMs, state: "asked", wasGranted: false, held: [], spent: [] }
    this.all.push(made)
    return made
  }

  /** One extension makes up for all of it: the one that is asked for, the run's own, or one that waits for the next run of the session. */
  draw(lacks: readonly Lack[], { run, session, named }: Drawer, nowMs: number): Draw | undefined {
    const open = this.all.filter((one) => nowMs < one.expiresAtMs && lacks.every((lack) => covers(one, lack)))
    const granted = open.filter(({ state }) => state === "granted")
    const extension =
      open.find((one) => one === named) ??
      granted.find((one) => one.run === run && one.session === session) ??
      granted.find((one) => one.run === undefined && one.session === session)
    if (!extension) return undefined
    extension.run ??= run
    const parts = lacks.map(({ of, missing }) => ({ of, amounts: missing }))
    extension.held = [...extension.held, ...parts]
    return { extension, parts }
  }

  giveBack({ extension, parts }: Draw): void {
    extension.held = extension.held.filter((part) => !parts.includes(part))
  }

  /** What a settlement came to beyond what its hold had itself, up to what was drawn; nothing of it is granted to who was not. */
  settle(draw: Draw, total: Amounts, actual: Amounts): { readonly parts: Draw["parts"]; readonly isApproved: boolean } {
    this.giveBack(draw)
    const parts = draw.parts.flatMap(({ of, amounts }) => {
      const used = ofEach((unit) => {
        const beyond = (actual[unit] ?? 0) - ((total[unit] ?? 0) - (amounts[unit] ?? 0))
        return amounts[unit] !== undefined && beyond > 0 ? Math.min(beyond, amounts[unit]) : undefined
      })
      return Object.keys(used).length > 0 ? [{ of, amounts: used }] : []
    })
    const isApproved = draw.extension.wasGranted
    if (isApproved) draw.extension.spent = [...draw.extension.spent, ...parts]
    return { parts, isApproved }
  }

  /** Once, in time. */
  answer(extension: Extension | undefined, answer: "granted" | "denied", nowMs: number): "done" | "extension-closed" | "extension-unknown" {
    if (!extension) return "extension-unknown"
    if (extension.state !== "asked" || nowMs >= extension.expiresAtMs) return "extension-closed"
    extension.state = answer
    if (answer === "granted") Object.assign(extension, { wasGranted: true, expiresAtMs: nowMs + extension.windowMs })
    return "done"
  }

  isDue(nowMs: number): boolean {
    return this.all.some((one) => isRunning(one) && one.expiresAtMs <= nowMs)
  }

  due(nowMs: number): void {
    for (const one of this.all) if (isRunning(one) && one.expiresAtMs <= nowMs) one.state = "expired"
  }
}

/** As the ledger tells one: what is drawn and spent for each name, by unit. */
export function sums(parts: Draw["parts"], of: string, unit: Unit): number {
  return parts.reduce((sum, part) => sum + (part.of === of ? (part.amounts[unit] ?? 0) : 0), 0)
}

export function partOf(parts: Draw["parts"] | undefined, of: string): Amounts {
  return parts?.find((part) => part.of === of)?.amounts ?? {}
}

export function less(amounts: Amounts, other: Amounts): Amounts {
  return ofEach((unit) => amounts[unit] && amounts[unit] - (other[unit] ?? 0))
}

function isRunning({ state }: Extension): boolean {
  return state === "asked" || state === "granted"
}

function left(extension: Extension, of: string, unit: Unit): number {
  return (extension.amounts[unit] ?? 0) - sums(extension.held, of, unit) - sums(extension.spent, of, unit)
}

function covers(extension: Extension, { of, missing }: Lack): boolean {
  return extension.names.includes(of) && unitNames.every((unit) => (missing[unit] ?? 0) <= left(extension, of, unit))
}

function isFor(extension: Extension, names: readonly string[], amounts: Amounts): boolean {
  const isSame = extension.names.length === names.length && names.every((name) => extension.names.includes(name))
  return isSame && names.every((of) => unitNames.every((unit) => amounts[unit] === undefined || left(extension, of, unit) === amounts[unit]))
}
