/** Facts of alerts: what an operator is told of, by which receiver, and what became of it. Nothing of an address is in them: a receiver stands by its name. */

export type Severity = "info" | "warning" | "critical"

/** One thing to be told, or several of one kind that came while it was told already. */
export type AlertOf = {
  /** Names it for ever: whoever is told twice knows it by that. */
  readonly alert: string
  /** The type of the event it is about, or `summary`, `test` or `digest`. */
  readonly kind: string
  readonly severity: Severity
  /** What else counts as the same. */
  readonly key: string
  /** The first entry it is about. */
  readonly of: number
  /** How many entries it is about, and when the first and the last of them were recorded (ms since 1970 UTC). */
  readonly count: number
  readonly fromMs: number
  readonly toMs: number
  /** One sentence made of facts alone. */
  readonly words: string
}

/** Part of a summary: how many of a kind were held. */
export type AlertPart = { readonly kind: string; readonly severity: Severity; readonly count: number; readonly words: string }

/** Whose report it is: `2026-11-30`, or `2026-W49`. */
export type DigestOf = { readonly period: "daily" | "weekly"; readonly label: string }

export type HeldWhy = "quiet hours" | "rate"

type To = { readonly alert: string; readonly receiver: string }

export type AlertEventFacts = {
  /** From here on events raise alerts. */
  "alerts.begun": { readonly receivers: number }
  /** Nobody is to be told any more; what waits is told to nobody. */
  "alerts.ended": { readonly waiting: number }
  /** It goes to these receivers. What is the same as it is counted, and not told, until `untilMs`. */
  "alert.raised": AlertOf & {
    readonly atMs: number
    readonly untilMs: number
    readonly receivers: readonly string[]
    /** Of a repeat: it was told before, and these are those that came since. */
    readonly repeats?: true
    /** Of a summary: what was held up to now. */
    readonly parts?: readonly AlertPart[]
    /** Of a digest: the report stands in the content. */
    readonly digest?: DigestOf
  }
  /** It is told later, together with others. */
  "alert.held": AlertOf & { readonly atMs: number; readonly untilMs: number; readonly why: HeldWhy }
  "alert.delivered": To & { readonly attempt: number; readonly status?: number }
  /** `why` is a word of ours or a code of the system's, never what a receiver wrote. */
  "alert.failed": To & { readonly attempt: number; readonly why: string; readonly status?: number; readonly againMs: number }
  "alert.given-up": To & { readonly attempts: number; readonly why: string; readonly kind: string }
}
