/** The door before a tool call: a hold of what the operator says it costs, or is estimated at. A tool nobody priced costs no money, and is one call. */
import { assert } from "../../base/fault.ts"
import type { NewEvent } from "../../format/event.ts"
import type { AccountName } from "../../format/facts/ledger.ts"
import { isAccountName, unattributed } from "../../ledger/accounts.ts"
import type { CommandOf } from "../../ledger/commands.ts"
import { refusalWords, type Refusal } from "../../ledger/refusals.ts"
import { askOwner, ranOut, toolQuestion, type ToolQuestion } from "./ask-owner.ts"
import type { Hold } from "../../ledger/state.ts"
import type { Asked } from "./admit-model-call.ts"
import type { LedgerBook } from "./ledger-book.ts"
import { refusalEvent } from "./refusal-event.ts"
import type { Wanted } from "./wanted-calls.ts"

/** `ask`: refused, unless an owner lets it; it is held already. */
export type ToolAnswer = { readonly events: readonly NewEvent[]; readonly refusal?: string; readonly ask?: ToolQuestion }

/** A tool may run for long; what it comes to is told when it ends. */
const toolTtlMs = 24 * 3_600_000

export function admitTool(wanted: Wanted, asked: Asked): ToolAnswer {
  const { book, prices, id, atMs, cut } = asked
  const { tool = "unknown", call, run, spend, account } = wanted
  const before = book.state.holds.get(id)
  if (before) return { events: [], ...questionOf(before, tool, book) } // asked again after a lost answer
  if (cut) return refused(wanted, cut, id)
  const amounts = { moneyNanos: 0n, tokens: 0n, calls: 1n, ...prices.ofTool(tool) }
  const basis = { door: "tool" as const, askedAtMs: wanted.askedAtMs, ...(run === undefined ? {} : { run }), ...(call === undefined ? {} : { call }) }
  const parts = [{ account, against: spentOnTool(tool), amounts }]
  const draw = run === undefined ? {} : { draw: { run, session: spend.session } }
  const hold: CommandOf<"hold"> = { do: "hold", id, atMs, parts, spend, ttlMs: toolTtlMs, basis, ...draw }
  const { decision, events } = book.give(hold)
  if (!("refused" in decision)) return { events }
  const answer = waiting(hold, decision.refused, wanted, asked) ?? refused(wanted, decision.refused, id)
  return { ...answer, events: [...events, ...answer.events] }
}

/** An owner is asked, and what the tool costs is held before anybody answers: it need not be found when it runs. */
function waiting(hold: CommandOf<"hold">, refusal: Refusal, { tool = "unknown", run }: Wanted, { book, asking }: Asked): ToolAnswer | undefined {
  const { atMs, parts, spend } = hold
  if (!asking || run === undefined || !ranOut(refusal)) return undefined
  const question = askOwner(book, { door: "tool", run, parts, spend, atMs }, asking)
  if (!question) return undefined
  const { decision, events } = book.give({ ...hold, draw: { run, session: spend.session, extension: question.extension.id } })
  const held = book.state.holds.get(hold.id)
  assert(!("refused" in decision) && held !== undefined, "what is missing was asked for, and drawn")
  return { events: [...question.events, ...events], ...questionOf(held, tool, book) }
}

/** While nobody has answered, what is held may not run. */
function questionOf({ draw }: Hold, tool: string, { state }: LedgerBook): Pick<ToolAnswer, "ask"> {
  const extension = state.extensions.get(draw?.extension ?? "")
  return draw && extension && extension.grantedAtMs === undefined ? { ask: toolQuestion(tool, draw, extension) } : {}
}

function refused({ tool = "unknown", call, run }: Wanted, refusal: Refusal, id: string): ToolAnswer {
  const facts = { door: "tool" as const, tool, ...(call === undefined ? {} : { call }), ...(run === undefined ? {} : { run }) }
  return { events: [refusalEvent(refusal, facts, id)], refusal: `Sovereign Ledger refused ${tool}: ${refusalWords(refusal)}.` }
}

export function spentOnTool(tool: string): AccountName {
  const name = `spent:tools/${tool}`
  return isAccountName(name) ? name : unattributed
}
