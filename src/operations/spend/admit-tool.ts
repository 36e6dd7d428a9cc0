/** The door before a tool call: a hold of what the operator says it costs, or is estimated at. A tool nobody priced costs no money, and is one call. */
import type { NewEvent } from "../../format/event.ts"
import type { AccountName } from "../../format/facts/ledger.ts"
import { isAccountName, unattributed } from "../../ledger/accounts.ts"
import { refusalWords, type Refusal } from "../../ledger/refusals.ts"
import type { LedgerBook } from "./ledger-book.ts"
import type { Prices } from "./prices.ts"
import { refusalEvent } from "./refusal-event.ts"
import type { Wanted } from "./wanted-calls.ts"

export type ToolAnswer = { readonly events: readonly NewEvent[]; readonly refusal?: string }

/** A tool may run for long; what it comes to is told when it ends. */
const toolTtlMs = 24 * 3_600_000

/** `cut`: why it is refused whatever room there is. */
type Asked = { readonly book: LedgerBook; readonly prices: Prices; readonly id: string; readonly atMs: number; readonly cut: Refusal | undefined }

export function admitTool(wanted: Wanted, { book, prices, id, atMs, cut }: Asked): ToolAnswer {
  const { tool = "unknown", call, run, spend, account } = wanted
  if (book.state.holds.has(id)) return { events: [] } // asked again after a lost answer
  if (cut) return refused(wanted, cut, id)
  const amounts = { moneyNanos: 0n, tokens: 0n, calls: 1n, ...prices.ofTool(tool) }
  const { decision, events } = book.give({
    do: "hold",
    id,
    atMs,
    parts: [{ account, against: spentOnTool(tool), amounts }],
    spend,
    ttlMs: toolTtlMs,
    basis: { door: "tool", askedAtMs: wanted.askedAtMs, ...(run === undefined ? {} : { run }), ...(call === undefined ? {} : { call }) },
  })
  if (!("refused" in decision)) return { events }
  const no = refused(wanted, decision.refused, id)
  return { ...no, events: [...events, ...no.events] }
}

function refused({ tool = "unknown", call, run }: Wanted, refusal: Refusal, id: string): ToolAnswer {
  const facts = { door: "tool" as const, tool, ...(call === undefined ? {} : { call }), ...(run === undefined ? {} : { run }) }
  return { events: [refusalEvent(refusal, facts, id)], refusal: `Sovereign Ledger refused ${tool}: ${refusalWords(refusal)}.` }
}

export function spentOnTool(tool: string): AccountName {
  const name = `spent:tools/${tool}`
  return isAccountName(name) ? name : unattributed
}
