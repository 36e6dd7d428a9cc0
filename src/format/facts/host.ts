/** Facts of the host around its agents: gateway, sessions, jobs, skills, installs, diagnostics. */
import type { ModelFacts } from "./shared.ts"

type CronFacts = ModelFacts & {
  readonly job?: string
  /** The scheduler's id of the execution, which is none of a run. */
  readonly execution?: string
  readonly enabled?: boolean
  readonly schedule?: string
  readonly payload?: string
  readonly target?: string
  readonly promptLength?: number
  readonly runAtMs?: number
  readonly nextRunAtMs?: number
  readonly durationMs?: number
  readonly status?: string
  readonly delivery?: string
  readonly errorLength?: number
}

/** A window of a provider's plan, such as `5h` or `Week`. */
type QuotaWindow = { readonly label: string; readonly usedMillipercent: number; readonly resetsAtMs?: number }

export type HostEventFacts = {
  "gateway.started": { readonly port?: number }
  "gateway.stopped": { readonly reason: string }
  /** `sampledAtMs` is when the host was told, by its clock. */
  "quota.sampled": {
    readonly provider: string
    readonly displayName?: string
    readonly plan?: string
    readonly sampledAtMs: number
    /** Absent where the plan has none. */
    readonly windows?: readonly QuotaWindow[]
  }
  "session.started": { readonly resumed: boolean }
  "session.reset": { readonly reason?: string; readonly messageCount?: number }
  "session.ended": { readonly reason?: string; readonly messageCount?: number; readonly durationMs?: number; readonly archived?: boolean }
  "cron.reconciled": { readonly reason?: string; readonly enabled: boolean }
  "cron.changed": CronFacts & { readonly action: string }
  "cron.executed": CronFacts
  "cron.completed": CronFacts
  "cron.failed": CronFacts
  "skill.changed": { readonly action?: string; readonly origin?: string; readonly skill?: string; readonly treeSha256?: string; readonly proposal?: string }
  "proposal.submitted": {
    readonly proposal?: string
    readonly change?: string
    readonly reason?: string
    readonly fileCount: number
    readonly sizeBytes: number
    readonly treeSha256?: string
    readonly revisionSha256?: string
  }
  "proposal.changed": {
    readonly proposal?: string
    readonly action?: string
    readonly status?: string
    readonly change?: string
    readonly revisionSha256?: string
    readonly evaluations?: number
  }
  "install.requested": {
    readonly kind?: string
    readonly target?: string
    readonly sourceKind?: string
    readonly origin?: string
    readonly request?: string
    readonly mode?: string
    readonly plugin?: string
    readonly package?: string
    readonly version?: string
    readonly scan?: string
    readonly scannedFiles?: number
    readonly critical?: number
    readonly warnings?: number
    readonly infos?: number
  }
  "diagnostic.reported": ModelFacts & {
    readonly kind: string
    readonly phase?: string
    readonly outcome?: string
    readonly reason?: string
    readonly status?: string
    readonly level?: string
    readonly action?: string
    readonly error?: string
    readonly channel?: string
    readonly tool?: string
    readonly call?: string
    readonly message?: string
    readonly attempt?: number
    readonly count?: number
    readonly exitCode?: number
    readonly durationMs?: number
    readonly ageMs?: number
  }
}
