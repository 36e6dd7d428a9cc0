/** Facts of what happens between a session that people talk to, its orchestrator and its workers. Keys, labels and texts stand in contents; facts carry pseudonyms of the keys. */

/** Whose: the pseudonym of the key of the session that it happened in. */
type Of = { readonly atMs: number; readonly session: string }

export type DelegationRole = "orchestrator" | "worker"

/** How a child run ended, in the host's words. */
export type WorkerOutcome = "ok" | "error" | "timeout" | "killed" | "reset" | "deleted" | "unknown"

export type DelegationRefusal =
  /** A tool that does the work itself, of a session that has to hand it on. */
  | "direct"
  /** An orchestrator is there already. */
  | "bound"
  /** One is being started at this moment. */
  | "starting"

export type UnboundWhy = Exclude<WorkerOutcome, "ok" | "unknown"> | "new" | "idle" | "daily" | "archived" | "send-failed"

export type OrchestratorEventFacts = {
  /** Somebody is about to be given work. `filled` names the parameters that were put in. */
  "orchestrator.requested": Of & {
    readonly role: DelegationRole
    readonly call: string
    readonly run?: string
    readonly task: string
    readonly filled?: readonly string[]
  }
  /** Parameters of another tool were put in, or its words kept as what was delegated last. */
  "orchestrator.filled": Of & {
    readonly tool: string
    readonly call: string
    readonly run?: string
    readonly filled?: readonly string[]
    readonly to: string
    readonly kept?: true
  }
  "orchestrator.refused": Of & {
    readonly tool: string
    readonly call: string
    readonly run?: string
    readonly why: DelegationRefusal
    readonly role: DelegationRole | "front"
    /** Of an orchestrator: how often it tried this tool in this run. */
    readonly attempt?: number
  }
  /** An orchestrator was let do the work itself, after it was refused twice. */
  "orchestrator.passed": Of & { readonly tool: string; readonly call: string; readonly run?: string; readonly attempt: number }
  /** Nobody was given the work after all. */
  "orchestrator.failed": Of & { readonly role: DelegationRole; readonly call: string; readonly why: "refused" | "no-key" }
  /** The session has an orchestrator now. */
  "orchestrator.bound": Of & { readonly child: string; readonly call: string; readonly childRun?: string }
  "orchestrator.unbound": Of & { readonly child: string; readonly why: UnboundWhy }
  /** The session has a worker now. */
  "orchestrator.joined": Of & { readonly child: string; readonly call: string; readonly childRun?: string; readonly task: string }
  /** A run of a worker, or of an orchestrator that stays bound, ended. */
  "orchestrator.ended": Of & { readonly child: string; readonly role: DelegationRole; readonly outcome: WorkerOutcome; readonly childRun?: string }
  /** The session is told to give the work out again; recorded before it is told. */
  "orchestrator.retried": Of & {
    readonly retry: string
    readonly child: string
    readonly childRun?: string
    readonly task: string
    readonly outcome: WorkerOutcome
    readonly attempt: number
    readonly most: number
  }
  /** What failed has failed too often, and is not given out again. */
  "orchestrator.exhausted": Of & {
    readonly child: string
    readonly childRun?: string
    readonly task: string
    readonly outcome: WorkerOutcome
    readonly attempts: number
  }
  /** Whether the session was told. */
  "orchestrator.told": Of & { readonly retry: string; readonly success: boolean }
}
