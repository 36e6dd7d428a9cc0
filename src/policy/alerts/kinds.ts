/**
 * Which events an operator should hear of, one row a type: how bad it is, and what counts as the same. The one place that says so: alerts are raised by it, and
 * `status` lists by it. Pure, and by facts alone.
 */
import type { JsonObject } from "../../base/json.ts"
import type { EventType } from "../../format/event.ts"
import type { Severity } from "../../format/facts/alerts.ts"
import { noPermissionWords } from "../../format/gap.ts"

type Kind = {
  readonly severity: Severity | ((facts: JsonObject) => Severity)
  /** Facts that tell two of them apart; without any, all of the type are the same. */
  readonly by?: readonly string[]
  /** Of those of the type that are everyday. */
  readonly unless?: (facts: JsonObject) => boolean
  /** What the facts' text has only where it may be told: most of this type are everyday, and are not parsed for it. */
  readonly mark?: string
  /** Told, and not listed by `status`, which has a line of its own for it, or nothing to add. */
  readonly toldOnly?: true
}

const kinds: { readonly [T in EventType]?: Kind } = {
  "guard.disabled": { severity: "critical" },
  "guard.touched": { severity: ({ access }) => (access === "change" ? "critical" : "warning"), by: ["tool", "what", "access"] },
  // What is only worth a look is on record, and told to nobody.
  "finding.recorded": { severity: "warning", by: ["source", "tool", "check"], unless: ({ high }) => high === 0, mark: '"severity":"high"', toldOnly: true },
  "anomaly.found": { severity: ({ detector }) => (detector === "first-seen-tools" ? "info" : "warning"), by: ["detector", "tool"], toldOnly: true },
  "install.requested": {
    severity: ({ critical, scan }) => (Number(critical ?? 0) > 0 || (typeof scan === "string" && scan !== "ok") ? "warning" : "info"),
    by: ["plugin", "package", "target"],
    toldOnly: true,
  },
  // That the permission is missing is said where it is asked what is covered; once a minute it would hide everything else.
  "capture.gap": { severity: "warning", by: ["reason"], unless: ({ reason }) => reason === noPermissionWords },
  "capture.hook-unavailable": { severity: "warning", by: ["hook"] },
  "witness.disagreed": { severity: "critical", by: ["witness", "finding"] },
  "anchor.rejected": { severity: "critical", by: ["authority", "why"] },
  "ledger.restored": { severity: "critical" },
  "ledger.reconciled": { severity: "critical", unless: ({ violations }) => violations === 0 },
  "receipts.halted": { severity: "critical" },
  "erasure.repeated": { severity: "warning" },
  "spend.refused": { severity: "warning", by: ["why", "budget", "account", "breaker", "cut"] },
  "call.stopped": { severity: ({ stopped }) => (stopped === true ? "warning" : "critical"), by: ["why", "stopped"] },
  "budget.warned": { severity: ({ levelPercent }) => (Number(levelPercent) >= 100 ? "warning" : "info"), by: ["budget", "unit", "levelPercent"] },
  "budget.frozen": { severity: "warning", by: ["budget"] },
  "account.frozen": { severity: "warning", by: ["account"] },
  "ledger.frozen": { severity: "critical" },
  "breaker.tripped": { severity: ({ mode }) => (mode === "block" ? "critical" : "warning"), by: ["breaker", "cut", "mode"] },
  "hold.settled": { severity: "warning", unless: ({ over }) => over === undefined, mark: '"over":' },
  // An allowance that was handed out in full is everyday.
  "allowance.opened": { severity: "info", by: ["allowance"], unless: ({ short, waits }) => short === undefined && waits !== true },
  "prices.doubted": { severity: "warning", by: ["model", "finding"] },
  "clock.jumped": { severity: "warning" },
  // A machine without a battery finds the time anew at each start.
  "clock.accepted": { severity: "warning", unless: ({ by }) => by === "boot" },
  "change.refused": { severity: "warning", by: ["change", "why"] },
  "receipt-key.revoked": { severity: "warning", by: ["kid"] },
  "operator.credential-set": { severity: "warning" },
  "outbound.refused": { severity: "warning", by: ["channel", "peer", "why"], toldOnly: true },
  "outbound.missed": { severity: "info", by: ["channel", "peer"], toldOnly: true },
  "outbound.told": { severity: "warning", by: ["channel", "peer"], unless: ({ success }) => success === true, toldOnly: true },
  "signer.replaced": { severity: "warning", toldOnly: true },
  "master.replaced": { severity: "warning", toldOnly: true },
  "skill-file.changed": { severity: "warning", by: ["path", "hash"], toldOnly: true },
  "plugin-file.changed": { severity: "warning", by: ["name"], toldOnly: true },
  "tool-server.changed": { severity: "warning", by: ["path", "hash"], toldOnly: true },
  "workspace-file.changed": { severity: "info", by: ["path"], toldOnly: true },
  "cron-job.changed": { severity: "info", by: ["path"], toldOnly: true },
  "prompt.exceeded": { severity: "info", by: ["provider", "model"], toldOnly: true },
  "cron.failed": { severity: "info", by: ["job"], toldOnly: true },
  // Of itself nothing is told: two receivers that are gone would tell of each other for ever.
  "alert.given-up": { severity: "warning", by: ["receiver"], unless: ({ kind }) => kind === "alert.given-up" || kind === "test", toldOnly: true },
}

export type Weighed = {
  readonly severity: Severity
  /** What is the same has the same. */
  readonly key: string
  readonly isListed: boolean
}

const longestPart = 80

/** Whether anything of a type is told, before its facts are parsed. */
export function mayAlert(type: string, factsText?: string): boolean {
  if (!Object.hasOwn(kinds, type)) return false
  const mark = kinds[type as EventType]?.mark
  return mark === undefined || factsText === undefined || factsText.includes(mark)
}

/** Undefined for what is nobody's to hear of. */
export function weigh(type: string, facts: JsonObject): Weighed | undefined {
  const kind = mayAlert(type) ? kinds[type as EventType] : undefined
  // What was read of the host's history happened long ago.
  if (!kind || facts["imported"] === true || kind.unless?.(facts) === true) return undefined
  const severity = typeof kind.severity === "string" ? kind.severity : kind.severity(facts)
  const parts = (kind.by ?? []).map((name) => partOf(facts[name]))
  return { severity, key: [severity, type, ...parts].join("|"), isListed: kind.toldOnly !== true }
}

function partOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value).slice(0, longestPart) : ""
}

export const severities: readonly Severity[] = ["info", "warning", "critical"]

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least)
}
