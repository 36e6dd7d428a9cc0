/**
 * Events that somebody read from the host's stores become entries. Their mappers took secrets out of them. They came over a socket, so each text is read
 * and written anew: what is no JSON, says one thing twice, or is nested deeper than anybody can write, would stay in the journal for ever.
 */
import { Fault } from "../../base/fault.ts"
import { importableTypes } from "../../format/facts/history.ts"
import type { NewEvent } from "../../format/event.ts"
import { eventParts, unpacked, type PackedEvent } from "../../history/events/packed-events.ts"
import type { NewEntry } from "../../journal/journal.ts"
import { isDriverError } from "../../vault/database.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { entryOf } from "../entry-of.ts"
import type { Prices } from "../spend/prices.ts"
import { withCost } from "../spend/told-usage.ts"

/** Of one line: making entries of them keeps everybody else waiting. */
const mostEvents = 10_000
/** A gap is a call that no mapper of ours could read. */
const types: ReadonlySet<string> = new Set(["usage.reported", "capture.gap", ...importableTypes])

/** @throws {Fault} `cli.usage` */
export function eventsBehind(bytes: unknown): readonly NewEvent[] {
  if (bytes === undefined) return []
  const parts = Buffer.isBuffer(bytes) ? eventParts(bytes) : undefined
  if (parts === undefined || parts.length > mostEvents) throw noEvents()
  return parts.map((part) => {
    const event = unpacked(part)
    if (event === undefined || !types.has(event.type)) throw noEvents()
    return eventOf(event)
  })
}

/** @throws {Fault} `cli.usage` */
export function importedEntry(event: NewEvent, prices: Prices, scopes: ScopeStore, nowMs: number): NewEntry {
  try {
    return { ...entryOf(withCost(event, prices), scopes, nowMs), isBulk: true }
  } catch (error) {
    if (error instanceof Fault || isDriverError(error)) throw error
    // A count that is none, or a value nested deeper than the engine's stack.
    throw noEvents()
  }
}

function eventOf({ type, id, session, sender, facts: factsText, content }: PackedEvent): NewEvent {
  const { id: told, ...facts } = objectIn(factsText)
  // Nothing that was heard live is made to look so here.
  if (told !== id || facts["imported"] !== true) throw noEvents()
  const scope = { ...(session === undefined ? {} : { session }), ...(sender === undefined ? {} : { sender }) }
  return { type, id, facts, scope, ...(content === undefined ? {} : { content: objectIn(content) }) } as unknown as NewEvent
}

function objectIn(text: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text.toString("utf8"))
  } catch {
    throw noEvents()
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw noEvents()
  return value as Readonly<Record<string, unknown>>
}

function noEvents(): Fault {
  return new Fault("cli.usage", { problem: "These are no events as sovereign-ledger import sends them." })
}
