/**
 * An owner is asked for more, where a call has no room and the settings say so. The code is made here, by chance, and is no secret: it names what is asked, and
 * is taken from an owner only. What is said is made of the ledger's own figures and names, never of anything a model or a tool wrote.
 */
import { randomBytes } from "node:crypto"
import { stringOf } from "../../base/json.ts"
import type { CapturedCall } from "../../capture/hook-row.ts"
import type { NewEvent } from "../../format/event.ts"
import type { Spend } from "../../format/facts/ledger.ts"
import { amountsWords } from "../../ledger/amounts.ts"
import type { AskRule } from "../../ledger/ask-rule.ts"
import type { Part } from "../../ledger/commands.ts"
import type { Draw, Extension } from "../../ledger/extensions.ts"
import type { Refusal } from "../../ledger/refusals.ts"
import type { LedgerBook } from "./ledger-book.ts"

/** Whether and how an owner is asked, and who makes codes. */
export type Asking = { readonly rule: AskRule; readonly newCode: () => string }

export type Question = {
  readonly door: "model" | "tool"
  readonly run: string | undefined
  readonly parts: readonly Part[]
  readonly spend: Spend
  readonly atMs: number
}

/** Without letters that are taken for another one. */
const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const codeLength = 6
const isCode = /^[A-HJ-NP-Z2-9]{6}$/
const mostTries = 8

export function newCode(): string {
  return [...randomBytes(codeLength)].map((byte) => letters[byte % letters.length]).join("")
}

/** As people type it; undefined when it is none. */
export function codeOf(text: string): string | undefined {
  const code = text.toUpperCase()
  return isCode.test(code) ? code : undefined
}

/** What is asked for, on record with the events; undefined where nobody is asked. */
export function askOwner(
  book: LedgerBook,
  { door, run, parts, spend, atMs }: Question,
  { rule, newCode }: Asking,
): { readonly extension: Extension; readonly events: readonly NewEvent[] } | undefined {
  for (let tries = 0; tries < mostTries; tries++) {
    const { most, expiresMs } = rule
    const { decision, events } = book.give({ do: "ask", id: newCode(), door, parts, spend, session: spend.session, run, most, ttlMs: expiresMs, atMs })
    if ("refused" in decision) {
      if (decision.refused.why === "id-taken") continue
      return undefined
    }
    const extension = book.state.extensions.get(decision.extension ?? "")
    return extension && { extension, events }
  }
  return undefined
}

/** Only for what ran out: nothing that stands still, was cut off or does not say what it needs is asked for. */
export function ranOut({ why }: Refusal): boolean {
  return why === "over-budget" || why === "over-account"
}

/** What the host is to ask an owner before a tool runs; an answer of the writer's, like a permit. */
export type ToolQuestion = { readonly extension: string; readonly title: string; readonly description: string; readonly timeoutMs: number }

/** The bounds of the host. */
const longestTitle = 80
const longestDescription = 512
const longestWaitMs = 600_000
const longestTool = 40

/** The host stops waiting a little before the ledger does, so that what it says is never late. */
export function toolQuestion(tool: string, draw: Draw, { id, amounts, windowMs }: Extension): ToolQuestion {
  const more = amountsWords(amounts)
  const what = tool.slice(0, longestTool).replace(/[^\w.:/@-]/g, "?")
  const lacks = draw.parts.map((part) => `${amountsWords(part.amounts)} more than ${part.of} has left`).join(", and ")
  const names = draw.parts.map(({ of }) => of).join(", ")
  const description = `${what} needs up to ${lacks}. Allowed once, this run may spend up to ${more} more of ${names} within ${minutesWords(windowMs)}, whatever for. Extension ${id}.`
  return {
    extension: id,
    title: `Spend up to ${more} more for this run?`.slice(0, longestTitle),
    description: description.replace(/[^\x20-\x7e]/g, "?").slice(0, longestDescription),
    timeoutMs: Math.min(longestWaitMs, Math.max(Math.floor(windowMs / 2), windowMs - 30_000)),
  }
}

/** What the host was told of a tool that waits. Only who asked there is answered there, and nobody while a credential is asked for, which the host does not know. */
export function hostAnswered(book: LedgerBook, { picked }: CapturedCall, atMs: number): readonly NewEvent[] {
  const id = codeOf(stringOf(picked["extension"]) ?? "")
  const decision = decisions.find((known) => known === picked["decision"])
  if (id === undefined || book.state.extensions.get(id)?.door !== "tool") return []
  const isAllowed = decision?.startsWith("allow") === true && book.state.credential === undefined
  const reason = `the host's approval: ${decision ?? "no answer"}`
  const { decision: decided, events } = book.give({ do: isAllowed ? "grant" : "deny", id, reason, atMs })
  return "refused" in decided ? [uselessAnswer({ change: `to ${isAllowed ? "grant" : "deny"} extension ${id}`, why: decided.refused.why }, atMs)] : events
}

const decisions = ["allow-once", "allow-always", "deny", "timeout", "cancelled"] as const

/** An answer that comes again, or too late, does nothing, and is on record. */
function uselessAnswer(facts: NewEvent<"change.refused">["facts"], atMs: number): NewEvent {
  return { type: "change.refused", id: `change.refused:host-${atMs}-${facts.change.slice(-codeLength)}`, facts }
}

/** The sentence after a refusal. With a credential, which is typed into no chat, it is for the machine. */
export function askWords({ id, amounts, windowMs }: Extension, hasCredential: boolean): string {
  const way = hasCredential ? `on the machine: sovereign-ledger budget approve ${id}` : `/budget approve ${id} (or /budget deny ${id})`
  return ` An owner may approve up to ${amountsWords(amounts)} more for one run of this session within ${minutesWords(windowMs)}: ${way}.`
}

export function minutesWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes === 1 ? "1 minute" : `${minutes} minutes`
}
