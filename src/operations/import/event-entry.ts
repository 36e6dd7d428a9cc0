/**
 * Events that somebody read from the host's stores become entries. Their mappers took secrets out of them and made their texts final; those texts are not
 * parsed again, but for reports of usage, which get what they cost.
 */
import { Fault } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import { importableTypes } from "../../format/facts/history.ts"
import type { NewEvent } from "../../format/event.ts"
import { eventParts, factsStart, unpacked, type PackedEvent } from "../../history/events/packed-events.ts"
import type { NewEntry } from "../../journal/journal.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import { entryOf } from "../entry-of.ts"
import type { Prices } from "../spend/prices.ts"
import { withCost } from "../spend/told-usage.ts"

const types: ReadonlySet<string> = new Set(["usage.reported", "capture.gap", ...importableTypes])
const [openBrace, closeBrace, lineFeed] = [0x7b, 0x7d, 0x0a]

/** @throws {Fault} `cli.usage` */
export function eventsBehind(bytes: unknown): readonly PackedEvent[] {
  if (bytes === undefined) return []
  const parts = Buffer.isBuffer(bytes) ? eventParts(bytes) : undefined
  if (parts === undefined) throw noEvents()
  return parts.map((part) => {
    const event = unpacked(part)
    if (event === undefined || !types.has(event.type) || !isMarked(event) || !(event.content === undefined || isOneObject(event.content))) throw noEvents()
    return event
  })
}

export function importedEntry(event: PackedEvent, prices: Prices, scopes: ScopeStore, nowMs: number): NewEntry {
  const { type, id, session, sender, facts, content } = event
  const named = { ...(session === undefined ? {} : { session }), ...(sender === undefined ? {} : { sender }) }
  if (type === "usage.reported") return { ...entryOf(withCost(parsedEvent(event, named), prices), scopes, nowMs), isBulk: true }
  return { type, id, scope: scopes.resolve(named, nowMs), factsText: facts, contentText: content, isBulk: true }
}

function parsedEvent({ id, facts: text, content }: PackedEvent, scope: NonNullable<NewEvent["scope"]>): NewEvent {
  const { id: _said, ...facts } = parsed(text)
  return { type: "usage.reported", id, facts, scope, ...(content === undefined ? {} : { content: parsed(content) }) } as unknown as NewEvent
}

/** @throws {Fault} `cli.usage` */
function parsed(text: Buffer): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text.toString("utf8")))
  } catch {
    throw noEvents()
  }
}

/** Nothing that was heard live is made to look so here. */
function isMarked({ id, facts }: PackedEvent): boolean {
  const start = factsStart(id)
  const length = Buffer.byteLength(start)
  return isOneObject(facts) && facts.toString("utf8", 0, length) === start && (facts[length] === closeBrace || facts[length] === 0x2c)
}

/** As far as its ends tell: what is between them is as its reader made it, and who reads the journal bears that it is not. */
function isOneObject(text: Buffer): boolean {
  return text[0] === openBrace && text.at(-1) === closeBrace && !text.includes(lineFeed)
}

function noEvents(): Fault {
  return new Fault("cli.usage", { problem: "These are no events as sovereign-ledger import sends them." })
}
