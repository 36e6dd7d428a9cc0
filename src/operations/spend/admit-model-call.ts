/**
 * The door before a model call: a hold for that one call, bound to its provider and model, on disk before the answer leaves. Without it the call does not
 * leave while anything may refuse.
 */
import type { NewEvent } from "../../format/event.ts"
import type { AccountName, Basis } from "../../format/facts/ledger.ts"
import { isAccountName, unattributed } from "../../ledger/accounts.ts"
import { amountWords } from "../../ledger/amounts.ts"
import type { Permit } from "../../ledger/doors.ts"
import type { Refusal } from "../../ledger/refusals.ts"
import { refusalWords } from "../../ledger/refusals.ts"
import { askOwner, askWords, ranOut, type Asking } from "./ask-owner.ts"
import type { LedgerBook } from "./ledger-book.ts"
import { modelBound } from "./model-bound.ts"
import type { Prices } from "./prices.ts"
import { refusalEvent } from "./refusal-event.ts"
import type { Wanted } from "./wanted-calls.ts"

export type ModelAnswer = {
  readonly events: readonly NewEvent[]
  readonly answer: { readonly verdict: "allow"; readonly permit: Permit } | { readonly verdict: "deny"; readonly words: string }
}

/** A call that began within it and was never told of is posted in full when it is over. */
const permitTtlMs = 30 * 60_000

/** At a door. `cut`: why it is refused whatever room there is. */
export type Asked = {
  readonly book: LedgerBook
  readonly prices: Prices
  readonly id: string
  readonly atMs: number
  readonly cut: Refusal | undefined
  /** Where an owner is asked for more. */
  readonly asking?: Asking | undefined
}

export function admitModelCall(wanted: Wanted, { book, prices, id, atMs, cut, asking }: Asked): ModelAnswer {
  const { provider, model, run, spend, account } = wanted
  const asked = book.state.holds.get(id)
  // Asked again after a lost answer. Prices and what is known of a run may be others by now: the answer is not.
  if (asked) return { events: [], answer: { verdict: "allow", permit: { hold: id, attempt: asked.attempt, provider, model, ...sizeOf(asked.basis) } } }
  if (cut) return refused(wanted, cut, { prices, atMs, id })
  const price = prices.priceOf(provider, model, atMs)
  const { amounts, basis } = modelBound(wanted, price, prices)
  const about = {
    door: "model" as const,
    ...(run === undefined ? {} : { run }),
    ...(wanted.compaction ? { compaction: true as const } : {}),
    askedAtMs: wanted.askedAtMs,
  }
  const parts = [{ account, against: spentOn(provider, model), amounts }]
  const draw = run === undefined ? {} : { draw: { run, session: spend.session } }
  const { decision, events } = book.give({ do: "hold", id, atMs, parts, spend, ttlMs: permitTtlMs, basis: { ...about, ...basis }, ...draw })
  if (!("refused" in decision))
    return { events, answer: { verdict: "allow", permit: { hold: id, attempt: decision.attempt ?? 1, provider, model, ...sizeOf(basis) } } }
  const { answer, events: told } = refused(wanted, decision.refused, { prices, atMs, id })
  const no = { answer, events: [...events, ...told] }
  const question = asking && ranOut(decision.refused) ? askOwner(book, { door: "model", run, parts, spend, atMs }, asking) : undefined
  return question ? withQuestion(no, question, book) : no
}

function withQuestion({ events, answer }: ModelAnswer, asked: NonNullable<ReturnType<typeof askOwner>>, { state }: LedgerBook): ModelAnswer {
  if (answer.verdict === "allow") return { events, answer }
  const words = answer.words + askWords(asked.extension, state.credential !== undefined)
  return { events: [...events, ...asked.events], answer: { verdict: "deny", words } }
}

function refused(wanted: Wanted, refusal: Refusal, { prices, atMs, id }: Pick<Asked, "prices" | "atMs" | "id">): ModelAnswer {
  const { provider, model, run, spend } = wanted
  const facts = { door: "model" as const, ...given({ provider, model, run, agent: spend.agent }) }
  return { events: [refusalEvent(refusal, facts, id)], answer: { verdict: "deny", words: words(wanted, refusal, { prices, atMs }) } }
}

function sizeOf(basis: Basis | undefined): Pick<Permit, "inputTokens" | "outputTokens"> {
  return { inputTokens: basis?.inputTokens, outputTokens: basis?.outputTokens }
}

function words(wanted: Wanted, refused: Refusal, { prices, atMs }: Pick<Asked, "prices" | "atMs">): string {
  const name = [wanted.provider, wanted.model].filter((part) => part !== undefined).join("/") || "the model"
  const why =
    refused.why === "unstated" && refused.unit === "moneyNanos"
      ? `${name} has no price, and ${refused.by} counts money; what nobody priced is not free. The operator can set one in the setting prices`
      : refusalWords(refused)
  return `Sovereign Ledger stopped this call to ${name}: ${why}${cheaper(wanted, refused, { prices, atMs })}.`
}

/** Another model that would fit what is left, where one would. */
function cheaper(wanted: Wanted, refused: Refusal, { prices, atMs }: Pick<Asked, "prices" | "atMs">): string {
  if (refused.why !== "over-budget" && refused.why !== "over-account") return ""
  if (refused.unit !== "moneyNanos") return ""
  const fitting = prices
    .known()
    .filter(({ model, provider }) => provider !== wanted.provider || model !== wanted.model)
    .flatMap(({ provider, model }) => {
      const price = prices.priceOf(provider, model, atMs)
      const most = price && modelBound({ ...wanted, maxTokens: undefined }, price, prices).amounts.moneyNanos
      return most !== undefined && most <= refused.left ? [{ name: `${provider}/${model}`, most }] : []
    })
    .sort((a, b) => (a.most < b.most ? -1 : 1))
  const best = fitting[0]
  return best ? `; ${best.name} would need up to ${amountWords("moneyNanos", best.most)}` : ""
}

function given<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** Where what a model call comes to goes. */
export function spentOn(provider: string | undefined, model: string | undefined): AccountName {
  const name = `spent:model/${provider ?? "unknown"}/${model ?? "unknown"}`
  return isAccountName(name) ? name : unattributed
}
