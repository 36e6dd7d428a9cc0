/** Facts of what the scanner finds, and of what is odd. What the scanner found stands in the content; here is what kind it is, and where. */

export type FindingFacts = {
  readonly check: string
  readonly category: string
  readonly severity: "medium" | "high"
  /** Counted from 1, within the text it stands in. */
  readonly line: number
  /** In UTF-16 units from the beginning of that text. */
  readonly offset: number
  /** It stands in something encoded that begins there. */
  readonly encoded?: true
}

export type ScanEventFacts = {
  "finding.recorded": {
    /** Where the text comes from. */
    readonly source: "tool_invocation" | "tool_result" | "message" | "file"
    /** The worst one's. */
    readonly severity: "medium" | "high"
    readonly check: string
    readonly category: string
    readonly high: number
    readonly medium: number
    readonly findings: readonly FindingFacts[]
    /** The category that `scan.block` names, for which the call was refused. */
    readonly refused?: string
    readonly tool?: string
    readonly call?: string
    readonly channel?: string
    readonly message?: string
    /** Stands for the path of a file, as in the event that says that it changed. */
    readonly path?: string
    /** There was more than is scanned of one text. */
    readonly cut?: true
  }
  /** Something odd, while it happens: once for each stretch of it. */
  "anomaly.found": {
    readonly detector: "denial-spikes" | "spend-spikes" | "first-seen-tools"
    /** In words of ours. */
    readonly found: string
    readonly fromMs: number
    readonly toMs: number
    readonly count?: number
    readonly tool?: string
    readonly costNanos?: string
    readonly usualNanos?: string
  }
}
