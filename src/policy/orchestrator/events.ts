/** What happens between a session, its orchestrator and its workers, as the state is made of it. */
import type { OrchestratorEventFacts } from "../../format/facts/orchestrator.ts"

export type { DelegationRefusal, DelegationRole, UnboundWhy, WorkerOutcome } from "../../format/facts/orchestrator.ts"

export type OrchestratorEvent = {
  readonly [T in keyof OrchestratorEventFacts]: { readonly type: T; readonly facts: OrchestratorEventFacts[T] }
}[keyof OrchestratorEventFacts]
