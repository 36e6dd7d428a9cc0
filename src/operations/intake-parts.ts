/** What the intake works with: a ledger's own parts, or others that keep the same promises, say in memory. */
import { compact, type Json, type JsonObject } from "../base/json.ts"
import type { NewEvent } from "../format/event.ts"
import type { Journal } from "../journal/journal.ts"
import type { AskRule } from "../ledger/ask-rule.ts"
import type { OrchestratorSetting } from "../policy/orchestrator/orchestrator-setting.ts"
import { alertRuleOf, shownRule } from "../policy/alerts/alert-rule.ts"
import type { OutboundSetting } from "../policy/outbound/outbound-setting.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import type { ToolGuard } from "../policy/tools.ts"
import type { ScopeStore } from "../vault/scopes.ts"
import type { CommitQueue } from "./commit-queue.ts"
import type { Stamp } from "./entry-of.ts"
import type { ClientConfig } from "./client-config.ts"
import type { OrchestratorBook } from "./orchestrator/orchestrator-book.ts"
import type { OpenLedger } from "./open-ledger.ts"
import type { OutboundBook } from "./outbound/outbound-book.ts"
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
  /** The outbound gate; left out, one that knows of nothing. */
  readonly outbound?: OutboundBook
  /** Delegation, made when a client first wants it; left out, nobody can. */
  readonly orchestrator?: (nowMs: () => number) => OrchestratorBook
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
  readonly outbound: OutboundSetting | undefined
  readonly orchestrator: OrchestratorSetting | undefined
  readonly surroundings: Surroundings
}

function withoutSecrets({ apiKey: _, signingKey: __, ...rest }: NonNullable<NonNullable<ClientConfig["anchors"]>["evidence"]>): JsonObject {
  return compact(rest)
}

function anchorCount({ anchors }: ClientConfig): number {
  return (anchors?.timestampAuthorities.length ?? 0) + (anchors?.evidence ? 1 : 0)
}

function alertsShown({ alerts }: ClientConfig): { readonly count: number; readonly shown: JsonObject } | undefined {
  const rule = alertRuleOf(alerts)
  return rule && { count: rule.receivers.length, shown: shownRule(rule) }
}

/** Settings that are on record before they decide anything, under their digest. */
export function loadedEvent(config: ClientConfig, digest: string): NewEvent<"config.loaded"> {
  const alerts = alertsShown(config)
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
      ...(anchorCount(config) > 0 ? { anchors: anchorCount(config) } : {}),
      ...(alerts ? { alertReceivers: alerts.count } : {}),
    },
    content: {
      guard: config.guard,
      userId: config.userId,
      ...(config.witnesses?.length ? { witnesses: config.witnesses } : {}),
      ...(config.anchors?.timestampAuthorities.length ? { timestampAuthorities: config.anchors.timestampAuthorities } : {}),
      ...(config.anchors?.evidence ? { evidence: withoutSecrets(config.anchors.evidence) } : {}),
      ...(config.retention === undefined ? {} : { retention: config.retention }),
      ...(config.receipts === undefined ? {} : { receipts: config.receipts }),
      ...(config.gate === undefined ? {} : { gate: config.gate as Json }),
      ...(config.orchestrator === undefined ? {} : { orchestrator: config.orchestrator as Json }),
      ...(config.anomalies === undefined ? {} : { anomalies: config.anomalies as Json }),
      ...(config.scan === undefined ? {} : { scan: { ...config.scan } }),
      ...(alerts ? { alerts: alerts.shown } : {}),
    },
  }
}
