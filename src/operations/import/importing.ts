/**
 * What a command that reads the host's history hands over: prices first, then rows and the sources they came from. Rows are recorded as observed events
 * are, behind gates, in commits of a bounded size; a source is marked as read only with or after the last of its rows.
 */
import { Fault } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { NewEntry } from "../../journal/journal.ts"
import { batchMost, type CommitQueue } from "../commit-queue.ts"
import { entryOf } from "../entry-of.ts"
import type { OpenLedger } from "../open-ledger.ts"
import type { Prices } from "../spend/prices.ts"
import { eventsBehind, importedEntry } from "./event-entry.ts"
import { importedUsage } from "./usage-entry.ts"

export type ImportParts = {
  readonly ledger: OpenLedger
  readonly queue: CommitQueue
  readonly nowMs: () => number
  /** The prices in force for settings as a client states them; those of a book that is new are on record before anything is priced by them. */
  readonly pricesFor: (settings: unknown) => Prices
}

export type ImportAnswer = { readonly recorded: number }

export class Importing {
  readonly #parts: ImportParts
  #prices: Prices | undefined

  constructor(parts: ImportParts) {
    this.#parts = parts
  }

  /** Resolves when all of the line is on disk. @throws {Fault} `cli.usage` */
  take(line: Readonly<Record<string, unknown>>): Promise<ImportAnswer> {
    const { ledger, queue, nowMs, pricesFor } = this.#parts
    if ("spend" in line) this.#prices = pricesFor(line["spend"])
    const prices = (this.#prices ??= pricesFor(undefined))
    const batches = listIn(line["usage"]).map((batch) => importedUsage(batch, prices, ledger.scopes))
    const events = eventsBehind(line["behind"])
    const read = listIn(line["sources"]).map((source) => readEvent(source, ledger))
    const sessions = [...listIn(line["sessions"]), ...batches.map(({ scope }) => scope.session), ...events.map(({ scope }) => scope?.session)]
    ledger.scopes.resolveAll(
      sessions.flatMap((session) => stringOf(session) ?? []),
      nowMs(),
    )
    const entries = [
      ...batches.map(({ scope, entry }): NewEntry => entry(ledger.scopes.resolve(scope, nowMs()))),
      ...events.map((event): NewEntry => importedEntry(event, prices, ledger.scopes, nowMs())),
      ...read.map((event): NewEntry => entryOf(event, ledger.scopes, nowMs())),
    ]
    return new Promise((resolve) => {
      const committed = () => resolve({ recorded: entries.length })
      // In pieces, so that a gate behind a line waits for one commit and not for the line.
      for (let at = 0; at === 0 || at < entries.length; at += batchMost) {
        const piece = entries.slice(at, at + batchMost)
        const isLast = at + batchMost >= entries.length
        queue.addObserver({ prepare: () => piece, entries: piece.length, committed: isLast ? committed : () => {} })
      }
    })
  }
}

function readEvent(told: unknown, { scopes }: OpenLedger): NewEvent<"history.read"> {
  const { path, kind, sizeBytes, modifiedMs, inode, endByte, rows, unreadable, depth } = objectOf(told)
  const text = stringOf(path)
  if (text === undefined) throw new Fault("cli.usage", { problem: "A source without a path was named." })
  const source = scopes.pseudonym(`source:${text}`)
  const numbers = { sizeBytes, modifiedMs, inode, endByte, rows, unreadable }
  const facts = Object.fromEntries(Object.entries(numbers).map(([field, value]) => [field, countOf(Math.floor(Number(value))) ?? 0]))
  return {
    type: "history.read",
    id: `history.read:${source}/${facts["endByte"]}`,
    facts: { via: "import", kind: stringOf(kind) ?? "unknown", source, ...facts, depth: depth === "all" ? "all" : "usage" },
    content: { path: text },
  } as unknown as NewEvent<"history.read">
}

/** Size of the entries' texts, as a measure of what a commit writes. */
export function bytesOf(entries: readonly Pick<NewEntry, "factsText" | "contentText">[]): number {
  return entries.reduce((sum, { factsText, contentText = "" }) => sum + factsText.length + contentText.length, 0)
}

function listIn(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Fault("cli.usage", { problem: "A list was expected." })
  return value
}
