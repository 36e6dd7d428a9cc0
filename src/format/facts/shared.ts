/** Facts that events of many types carry. */

/** Facts that any captured event may carry beside its own. Absent means the host did not say. */
export type CommonFacts = {
  /** Id of the agent, as the host configures it. */
  readonly agent?: string
  /** Reference of the run: the host's id when it can name nobody (a UUID, mostly), else its pseudonym. */
  readonly run?: string
  /** Milliseconds since 1970 UTC at which the hook fired; the header's time is that of recording. */
  readonly atMs?: number
  /** The hook or subscription the event was made from. */
  readonly via?: string
  /** Bytes of the original payload when it was cut to the bound; the hash of what was kept stands in the content. */
  readonly cutFromBytes?: number
  /** Secrets taken out of the content before it was stored. */
  readonly redacted?: number
  /** Of a session that several people may write in, where the event is of one of them: the id of the session's own scope. */
  readonly session?: string
  /** Read from what the host stored, and not heard when it happened; `via` names the hook that would have told it. */
  readonly imported?: true
}

/** A run that no message of a person started: why there is one. A run without a kind is an ordinary turn. */
export type RunKind = "announce" | "compaction" | "subagent" | "cron" | "heartbeat"

export type RunFacts = {
  readonly runKind?: RunKind
  /** Of a run that hears of a subagent's end: the subagent's run. */
  readonly childRun?: string
}

export type ModelFacts = { readonly provider?: string; readonly model?: string }
