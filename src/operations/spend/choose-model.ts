/**
 * Before a run has its model: is it to be a cheaper one, because a budget runs low? Prices are looked up here, and what follows is decided by the ledger: its
 * answer is on record before it leaves, and every call of the run is held at the price of the model it then has.
 */
import type { NewEvent } from "../../format/event.ts"
import { downgradeWords, stepsFor } from "../../ledger/downgrades.ts"
import { mostOf, type Price } from "../../prices/price.ts"
import type { LedgerBook } from "./ledger-book.ts"
import type { Prices } from "./prices.ts"
import type { Wanted } from "./wanted-calls.ts"

export type ModelName = { readonly provider: string; readonly model: string }

/** Without a model the run keeps its own. */
export type ModelChoice = { readonly events: readonly NewEvent[]; readonly model?: ModelName; readonly words?: string }

type Choosing = { readonly book: LedgerBook; readonly prices: Prices; readonly atMs: number; readonly tells: boolean }

export function chooseModel({ run, spend, account, provider, model }: Wanted, { book, prices, atMs, tells }: Choosing): ModelChoice {
  const from = provider === undefined || model === undefined ? undefined : `${provider}/${model}`
  const before = run === undefined ? undefined : book.state.downgrades.runs.get(run)
  // Asked again after a lost answer, or by the host for another attempt: it is the same run, and has heard it.
  if (before?.from === from && before) return { events: [], model: named(before.to) }
  const own = prices.priceOf(provider, model, atMs)
  const steps = stepsFor(book.state, spend).map(({ step }) => ({ model: step.model, price: priceOf(step.model, prices, atMs) }))
  const unpriced = steps.flatMap((step) => (step.price ? [] : [step.model]))
  const dearer = steps.flatMap((step) => (own && step.price && isDearer(step.price, own) ? [step.model] : []))
  const { decision, events } = book.give({ do: "downgrade", atMs, run, from, spend, account, dearer, unpriced, tells })
  const downgraded = "refused" in decision ? undefined : decision.events.find((event) => event.type === "model.downgraded")
  if (!downgraded) return { events }
  const { facts } = downgraded
  return { events, model: named(facts.to), ...(facts.told ? { words: downgradeWords(facts) } : {}) }
}

/** In what is read or in what is written: a model that is cheaper in one and dearer in the other may come to more. */
function isDearer(price: Price, than: Price): boolean {
  const sizes = [
    { inputTokens: comparedTokens, outputTokens: 0n },
    { inputTokens: 0n, outputTokens: comparedTokens },
  ]
  return sizes.some((size) => mostOf(price, size) > mostOf(than, size))
}

const comparedTokens = 10_000n

function priceOf(name: string, prices: Prices, atMs: number): Price | undefined {
  const { provider, model } = named(name)
  return prices.priceOf(provider, model, atMs)
}

/** `provider/model`; the model's own name may have more slashes. */
function named(name: string): ModelName {
  const slash = name.indexOf("/")
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) }
}
