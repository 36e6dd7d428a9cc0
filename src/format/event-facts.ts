/**
 * The facts of every type of event. They are pseudonymous (no text, names or addresses), flat, and enough to rebuild every balance; a fact the host did
 * not tell is absent. What a type means stands in `event.ts`.
 */
import type { AgentEventFacts } from "./facts/agent.ts"
import type { AlertEventFacts } from "./facts/alerts.ts"
import type { FileEventFacts } from "./facts/files.ts"
import type { HistoryEventFacts } from "./facts/history.ts"
import type { HostEventFacts } from "./facts/host.ts"
import type { LedgerEventFacts } from "./facts/ledger.ts"
import type { MessageEventFacts } from "./facts/message.ts"
import type { OrchestratorEventFacts } from "./facts/orchestrator.ts"
import type { OutboundEventFacts } from "./facts/outbound.ts"
import type { OwnEventFacts } from "./facts/own.ts"
import type { ScanEventFacts } from "./facts/scan.ts"

export type { CommonFacts, RunKind } from "./facts/shared.ts"

export type EventFacts = OwnEventFacts &
  LedgerEventFacts &
  HostEventFacts &
  HistoryEventFacts &
  FileEventFacts &
  AgentEventFacts &
  MessageEventFacts &
  OutboundEventFacts &
  OrchestratorEventFacts &
  AlertEventFacts &
  ScanEventFacts
