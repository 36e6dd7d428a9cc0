/** The entries of a session as its report needs them: where they are, what was said in them, and which say the same. */
import { createHash } from "node:crypto"
import { objectOf, stringOf } from "../../base/json.ts"
import type { FactsJson } from "../../format/event.ts"
import { factsOf, type StoredEntry } from "../../journal/reader.ts"
import { happenedMs } from "../../projections/happened.ts"
import { contentOf } from "../event-list.ts"
import type { LedgerAccess } from "../ledger-access.ts"

export type SessionEntry = {
  readonly entry: StoredEntry
  readonly facts: FactsJson
  readonly atMs: number
  /** What an agent said, was asked, or sent; undefined where nothing was, or it is erased. */
  readonly words: string | undefined
  readonly recipient: string | undefined
}

/** An answer, on its way out and out: the same words several times. */
const saying: ReadonlySet<string> = new Set(["model.responded", "answer.drafted", "reply.offered", "message.offered", "message.sent", "message.written"])
const asking: ReadonlySet<string> = new Set(["message.received", "message.claimed", "prompt.submitted"])

export function isSaying(type: string): boolean {
  return saying.has(type)
}

/** Ids of the scopes that are the session's: one for each person who writes in it. A scope's own id stands for an erased one. */
export function scopesOfSession(access: LedgerAccess, session: string): readonly Buffer[] {
  const named = access.scopes?.idsOfSession(session) ?? []
  return named.length > 0 || !/^[0-9a-f]{32}$/.test(session) ? named : [Buffer.from(session, "hex")]
}

export function sequencesOf(access: LedgerAccess, scopes: readonly Buffer[], most: number): { readonly total: number; readonly sequences: readonly number[] } {
  if (scopes.length === 0) return { total: 0, sequences: [] }
  const from = ofScopes(scopes)
  return access.ask((views) => ({
    total: views.prepare(`SELECT count(*) ${from}`).pluck().get() as number,
    sequences: (views.prepare(`SELECT sequence ${from} ORDER BY sequence DESC LIMIT ?`).pluck().all(most) as number[]).toReversed(),
  }))
}

/** The first and the last entry of a session, and whether any of it was imported as sums of calls. */
export function spanOf(access: LedgerAccess, scopes: readonly Buffer[]) {
  if (scopes.length === 0) return { first: undefined, last: undefined, hasImported: false }
  const [from, to, imported] = access.ask((views) =>
    views
      .prepare(`SELECT min(sequence), max(sequence), max(type = (SELECT number FROM types WHERE type = 'usage.imported')) ${ofScopes(scopes)}`)
      .raw()
      .get(),
  ) as readonly (number | null)[]
  const [first, last] = [from, to].map((sequence) => (typeof sequence === "number" ? sessionEntry(access, sequence) : undefined))
  return { first, last, hasImported: imported === 1 }
}

function ofScopes(scopes: readonly Buffer[]): string {
  return `FROM timeline WHERE scope IN (SELECT number FROM scope_numbers WHERE scope_id IN (${scopes.map((id) => `x'${id.toString("hex")}'`).join(", ")}))`
}

export function sessionEntry(access: LedgerAccess, sequence: number): SessionEntry | undefined {
  const entry = access.reader.entry(sequence)
  if (!entry) return undefined
  const facts = factsOf(entry)
  const { type } = entry.header
  const { text } = saying.has(type) || asking.has(type) ? contentOf(access, entry) : {}
  const content = objectOf(text === undefined ? undefined : JSON.parse(text))
  return {
    entry,
    facts,
    atMs: happenedMs({ header: entry.header, facts: () => facts }),
    words: wordsIn(content),
    recipient: stringOf(content["to"]) ?? stringOf(content["conversation"]),
  }
}

/** Names the words, for a comparison in memory. */
export function hashOf(words: string): string {
  return createHash("sha256").update(words).digest("hex")
}

function wordsIn(content: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ["text", "answer", "prompt", "said"]) {
    const words = textIn(content[name])
    if (words !== undefined) return words
  }
  return undefined
}

/** A message has parts, and a part has a text. */
const mostDepth = 3

/** Of a text, of a message, or of the parts of one. */
function textIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return stringOf(value)
  if (typeof value !== "object" || value === null || depth === mostDepth) return undefined
  const { text, content } = objectOf(value)
  const parts: readonly unknown[] = Array.isArray(value) ? value : [text ?? content]
  const texts = parts.flatMap((part) => textIn(part, depth + 1) ?? [])
  return texts.length === 0 ? undefined : texts.join("\n")
}
