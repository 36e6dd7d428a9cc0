/** What the intake works with: a ledger's own parts, or others that keep the same promises, say in memory. */
import type { NewEvent } from "../format/event.ts"
import type { Journal } from "../journal/journal.ts"
import type { AskRule } from "../ledger/ask-rule.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import type { ToolGuard } from "../policy/tools.ts"
import type { ScopeStore } from "../vault/scopes.ts"
import type { CommitQueue } from "./commit-queue.ts"
import type { Stamp } from "./entry-of.ts"
import type { ClientConfig } from "./intake.ts"
import type { OpenLedger } from "./open-ledger.ts"
import type { Prices } from "./spend/prices.ts"
import type { Spending } from "./spend/spending.ts"

/** What of a ledger is asked here; what is written goes by the queue. */
export type IntakeLedger = Pick<OpenLedger, "files" | "keyFile"> & {
  readonly scopes: Pick<ScopeStore, "pseudonym" | "redactionHash" | "resolve">
  readonly journal: Pick<Journal, "senderMark">
}

export type IntakeParts = {
  readonly ledger: IntakeLedger
  readonly queue: CommitQueue
  readonly spending: Spending
  readonly nowMs: () => number
  /** Of clients that say nothing of prices; left out, what is published. */
  readonly prices?: Prices
  /** Of those clients, too: how an owner is asked; left out, nobody is. */
  readonly ask?: AskRule | undefined
  /** What is watched over; left out, what follows from the ledger's files and each gateway's. */
  readonly surroundings?: Surroundings
}

/** What a peer's settings come to: the guard of its tools, what is done to its events, the digest they are on record under, and what is watched over. */
export type Decided = {
  readonly prices: Prices
  readonly ask: AskRule | undefined
  readonly guard: ToolGuard
  readonly stamp: Stamp
  readonly config: string
  readonly surroundings: Surroundings
}

/** Settings that are on record before they decide anything, under their digest. */
export function loadedEvent(config: ClientConfig, digest: string): NewEvent<"config.loaded"> {
  return {
    type: "config.loaded",
    id: `config.loaded:${digest}`,
    facts: {
      digest,
      guardedPatterns: config.guard.tools.length,
      deniedPatterns: config.guard.deny.length,
      hashesPrompts: config.hashed.promptText,
      hashesArguments: config.hashed.toolArgs,
      ...(config.witnesses?.length ? { witnesses: config.witnesses.length } : {}),
    },
    content: {
      guard: config.guard,
      userId: config.userId,
      ...(config.witnesses?.length ? { witnesses: config.witnesses } : {}),
    },
  }
}
