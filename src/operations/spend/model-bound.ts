/**
 * The most that one model call can come to. Its prompt has at most as many tokens as bytes are known to be sent, with room for what no hook shows (the
 * system prompt and the schemas of tools) unless all of it is known, and never more than the model takes; its answer at most as many as the model may write.
 */
import type { Basis } from "../../format/facts/ledger.ts"
import type { Amounts } from "../../ledger/amounts.ts"
import { mostOf, type Price } from "../../prices/price.ts"
import { priceFacts } from "../../prices/price-facts.ts"
import type { Prices } from "./prices.ts"
import type { Wanted } from "./wanted-calls.ts"

/** What is assumed of a model nobody describes: larger than any of today's. */
const unknownContextTokens = 1_048_576
const unknownOutputTokens = 131_072
/** System prompt and tool schemas: 27 % of a request's bytes were seen to be invisible to hooks; a first request without history had up to 90 kB of them. */
const unseenBytes = 131_072
/** A model call that takes longer has been given up by the host. */
const longestCallMs = 600_000
/** Caches are written for five minutes where nobody asks for an hour; one for an hour is posted in full when it was used after all. */
const promptClasses = ["input", "cacheRead", "cacheWrite"] as const
const promptClassesWithLong = [...promptClasses, "cacheWrite1h"] as const

export type ModelBound = { readonly amounts: Amounts; readonly basis: Pick<Basis, "inputTokens" | "outputTokens" | "price"> }

type Size = Pick<Wanted, "knownBytes"> & Partial<Pick<Wanted, "whole" | "maxTokens">>

export function modelBound({ knownBytes, whole, maxTokens }: Size, price: Price | undefined, prices: Pick<Prices, "book" | "longCaches">): ModelBound {
  const classes = prices.longCaches ? promptClassesWithLong : promptClasses
  const context = price?.contextTokens ?? unknownContextTokens
  const inputTokens = knownBytes === undefined ? context : Math.min(context, knownBytes + (whole === true ? 0 : unseenBytes))
  const outputTokens = Math.min(maxTokens ?? price?.maxOutputTokens ?? unknownOutputTokens, context)
  return {
    amounts: {
      ...(price && { moneyNanos: mostOf(price, { inputTokens: BigInt(inputTokens), outputTokens: BigInt(outputTokens), classes }) }),
      tokens: BigInt(inputTokens + outputTokens),
      wallMs: BigInt(longestCallMs),
      bytesRead: 0n,
      bytesWritten: 0n,
      calls: 1n,
    },
    basis: { inputTokens, outputTokens, ...(price && { price: priceFacts(price, prices.book) }) },
  }
}
