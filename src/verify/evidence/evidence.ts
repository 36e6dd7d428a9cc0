/**
 * A kind of evidence is a row: how a file of it is recognised, and what is found in it under the keys the reader pinned. `kinds.ts` lists them; a new kind is a
 * file and a line there. What is found is told to somebody who trusts nobody and knows no cryptography: what was checked, by which key, and what it does not prove.
 */
import type { AnchorSeen } from "../anchor-tally.ts"
import type { ByteSource } from "../byte-source.ts"
import type { Numbered } from "../peac/completeness-check.ts"
import { verdictExit, type Verdict, type WitnessSeen } from "../verdict.ts"
import type { Pins } from "./pins.ts"

/** `exceeded`, of a cap proof: everything in it is right, and the cap was exceeded. */
export type EvidenceVerdict = Verdict | "exceeded"

export const evidenceExit: { readonly [V in EvidenceVerdict]: 0 | 1 | 2 } = { ...verdictExit, exceeded: 1 }

export type Detail = { readonly name: string; readonly value: string }

export type Finding = {
  /** Of the file, for people: "a bundle of PEAC receipts". */
  readonly kind: string
  readonly verdict: EvidenceVerdict
  /** The verdict in a sentence. */
  readonly says: string
  /** What was held against what. Whether it was so the verdict and the problems tell. */
  readonly checked: readonly string[]
  /** Keys that signed it, by their names or texts. */
  readonly keys: readonly { readonly key: string; readonly isPinned: boolean; readonly signed: string }[]
  readonly problems: readonly string[]
  readonly details: readonly Detail[]
  /** What was recorded, as texts of whoever recorded it. */
  readonly contents: readonly { readonly title: string; readonly details: readonly Detail[] }[]
  readonly notes: readonly string[]
  readonly notProven: readonly string[]
  /** Of a good bundle of a ledger: what `together.ts` holds against another one. */
  readonly numbered?: Numbered | undefined
}

/** The beginning and the end of a file, as latin1. */
export type Look = { readonly begin: string; readonly end: string }

export type EvidenceKind = {
  readonly isOne: (look: Look) => boolean
  /** Asks of the signatures what `examine` will ask, without looking at the rest: who gets answers later then examines once and not twice. */
  readonly ask?: (source: ByteSource, pins: Pins) => unknown
  /** Throws a fault where the file cannot be read to its end. */
  readonly examine: (source: ByteSource, pins: Pins, onProgress?: (entries: number) => void) => Finding | Promise<Finding>
}

export const keyIsYours = "Whose the pinned key is: that stands with whoever gave it to you, and you should have got it by another way than this file."
export const asRecorded =
  "That what was recorded is true or complete: what never reached the ledger is not in it. Proven is that nothing of it was changed since."

/** What witnesses have seen, a row each. */
export function witnessDetails(witnesses: readonly WitnessSeen[]): readonly Detail[] {
  return witnesses.map(({ witness, cosignatures, upTo, at, checked }) => ({
    name: "witness",
    value:
      cosignatures === 0
        ? `${witness} has cosigned nothing here`
        : `${witness} has seen the first ${counted(upTo, "entry", "entries")}${at === null ? "" : ` at ${at}`}${checked ? "" : ", it says: its key is not pinned"}`,
  }))
}

/** What third parties have anchored, a row each. */
export function anchorDetails(anchors: readonly AnchorSeen[]): readonly Detail[] {
  return anchors.map(({ kind, authority, anchors: count, upTo, at, checked }) => {
    const name = kind === "rfc3161" ? "time-stamps" : "anchors of Digital Evidence"
    const led = checked ? "; they lead to a certificate that you pinned" : "; whose they are is not checked, since no certificate that they lead to is pinned"
    return {
      name,
      value: `${counted(count, "anchor")} by ${authority}, of the first ${counted(upTo, "entry", "entries")} at ${at}${kind === "rfc3161" ? led : ""}`,
    }
  })
}

/** Problems of entries, with the range that each touches. */
export function rangedProblems(problems: readonly { readonly from: number; readonly to: number; readonly what: string }[], left: number): readonly string[] {
  const words = problems.map(({ from, to, what }) => `${from === to ? `entry #${from}` : `entries #${from} to #${to}`}: ${what}`)
  return left === 0 ? words : [...words, `and ${left} more`]
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`
}

const deepest = 6
const mostMembers = 200

/** The members of what somebody recorded, a row each, the inner ones under the names of those around them. What is no text stands as JSON. */
export function membersOf(object: Readonly<Record<string, unknown>>): readonly Detail[] {
  const rows: Detail[] = []
  const add = (value: unknown, path: readonly string[]): void => {
    if (rows.length >= mostMembers) return
    const isOpened = typeof value === "object" && value !== null && !Array.isArray(value) && path.length < deepest
    if (isOpened) for (const [name, inner] of Object.entries(value)) add(inner, [...path, name])
    else rows.push({ name: path.join(" \u203a "), value: typeof value === "string" ? value : JSON.stringify(value) })
  }
  add(object, [])
  return rows.length < mostMembers ? rows : [...rows, { name: "more", value: "is not shown here" }]
}
