/**
 * Which class of OCSF (Open Cybersecurity Schema Framework 1.9.0, https://schema.ocsf.io/1.9.0/) tells each type of event best, as rows. What none fits is a
 * Base Event with its own type as activity. Numbers are the schema's: `type_uid` is `class_uid` times 100 plus `activity_id`.
 */
import type { EventType } from "../../format/event.ts"

export const ocsfVersion = "1.9.0"

export type OcsfClass = {
  readonly uid: number
  readonly name: string
  readonly category: number
  readonly categoryName: string
  readonly activities: Readonly<Record<number, string>>
}

export const ocsfClasses = {
  base: { uid: 0, name: "Base Event", category: 0, categoryName: "Uncategorized", activities: {} },
  finding: { uid: 2004, name: "Detection Finding", category: 2, categoryName: "Findings", activities: { 1: "Create" } },
  entity: {
    uid: 3004,
    name: "Entity Management",
    category: 3,
    categoryName: "Identity & Access Management",
    activities: { 1: "Create", 3: "Update", 4: "Delete" },
  },
  lifecycle: {
    uid: 6002,
    name: "Application Lifecycle",
    category: 6,
    categoryName: "Application Activity",
    activities: { 1: "Install", 3: "Start", 4: "Stop" },
  },
  api: { uid: 6003, name: "API Activity", category: 6, categoryName: "Application Activity", activities: {} },
} as const satisfies Readonly<Record<string, OcsfClass>>
export type OcsfClassName = keyof typeof ocsfClasses

export const otherActivity = 99

export const severities = { 1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical" } as const
export type Severity = keyof typeof severities

export type OcsfKind =
  | { readonly of: "base" }
  /** `blocked`: something was kept from happening. */
  | { readonly of: "finding"; readonly severity: Severity; readonly blocked: boolean }
  /** `entity`: what was changed; `named`: the fact that names it. */
  | { readonly of: "entity"; readonly activity: 1 | 3 | 4; readonly entity: string; readonly named?: string }
  | { readonly of: "lifecycle"; readonly activity: 1 | 3 | 4; readonly application: string; readonly named?: string }
  | { readonly of: "api" }

const finding = (severity: Severity, blocked = false): OcsfKind => ({ of: "finding", severity, blocked })
const entity = (activity: 1 | 3 | 4, kind: string, named?: string): OcsfKind => ({ of: "entity", activity, entity: kind, ...(named && { named }) })

const kinds: { readonly [T in EventType]?: OcsfKind } = {
  "guard.disabled": finding(5),
  "ledger.restored": finding(5),
  "witness.disagreed": finding(5),
  "alert.given-up": finding(3),
  "anchor.rejected": finding(4),
  "guard.touched": finding(4, true),
  "finding.recorded": finding(4),
  "anomaly.found": finding(3),
  "receipts.halted": finding(4),
  "breaker.tripped": finding(3, true),
  "capture.gap": finding(3),
  "change.refused": finding(3, true),
  "clock.jumped": finding(3),
  "orchestrator.refused": finding(3, true),
  "outbound.refused": finding(3, true),
  "spend.refused": finding(3, true),
  "tool.denied": finding(3, true),
  "call.stopped": finding(3, true),
  "budget.warned": finding(2),
  "capture.hook-unavailable": finding(2),
  "outbound.missed": finding(2),
  "prices.doubted": finding(2),
  "account.frozen": entity(3, "account", "account"),
  "account.unfrozen": entity(3, "account", "account"),
  "allowance.removed": entity(4, "allowance", "allowance"),
  "allowance.set": entity(3, "allowance"),
  "breaker.reset": entity(3, "breaker", "breaker"),
  "breaker.set": entity(3, "breakers"),
  "budget.frozen": entity(3, "budget", "budget"),
  "budget.removed": entity(4, "budget", "budget"),
  "budget.set": entity(3, "budget"),
  "budget.unfrozen": entity(3, "budget", "budget"),
  "clock.accepted": entity(3, "ledger time"),
  "config.loaded": entity(3, "settings"),
  "content.erased": entity(4, "content"),
  "erasure.repeated": entity(4, "content"),
  "cron.changed": entity(3, "job", "job"),
  "downgrades.set": entity(3, "downgrades"),
  "journal.closed": entity(4, "entries"),
  "ledger.frozen": entity(3, "ledger"),
  "ledger.unfrozen": entity(3, "ledger"),
  "legal-hold.lifted": entity(4, "legal hold"),
  "legal-hold.placed": entity(1, "legal hold"),
  "master.replaced": entity(3, "master key"),
  "operator.credential-set": entity(3, "operator credential"),
  "outbound.armed": entity(3, "outbound gate"),
  "outbound.disarmed": entity(3, "outbound gate"),
  "prices.loaded": entity(3, "prices"),
  "receipt-key.revoked": entity(4, "receipt key", "kid"),
  "signer.replaced": entity(3, "signing key"),
  "skill.changed": entity(3, "skill", "skill"),
  "vault.rekeyed": entity(3, "data keys"),
  "gateway.started": { of: "lifecycle", activity: 3, application: "openclaw" },
  "gateway.stopped": { of: "lifecycle", activity: 4, application: "openclaw" },
  "install.requested": { of: "lifecycle", activity: 1, application: "plugin or skill", named: "target" },
  "writer.started": { of: "lifecycle", activity: 3, application: "sovereign-ledger" },
  "writer.stopped": { of: "lifecycle", activity: 4, application: "sovereign-ledger" },
  "model.called": { of: "api" },
  "model.returned": { of: "api" },
  "tool.invoked": { of: "api" },
  "tool.returned": { of: "api" },
  "usage.reported": { of: "api" },
}

/** A tool that the guard denied is a finding, whichever event tells of it. */
export function ocsfKind(type: string, facts: Readonly<Record<string, unknown>>): OcsfKind {
  if (type === "tool.invoked" && facts["verdict"] === "deny") return finding(3, true)
  return kinds[type as EventType] ?? { of: "base" }
}
