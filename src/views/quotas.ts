/** What providers said of the plans they are used by: how it stands, and how it was. */
import type { QuotaSample } from "../projections/quotas.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type QuotaWindow = {
  /** Null of a plan that has no windows. */
  readonly label: string | null
  readonly usedPercent: number | null
  readonly resetAt: string | null
}

export type Quota = {
  readonly provider: string
  readonly displayName: string | null
  readonly plan: string | null
  /** `plan`: it is paid for as a whole, and no token of it is billed. `unknown`: nothing was said that tells. */
  readonly billing: "plan" | "unknown"
  readonly note: string | null
  readonly sampledAt: string
  readonly windows: readonly QuotaWindow[]
}

export type QuotaQuestion = {
  /** Every sample from then on, and not only the last of each provider. */
  readonly sinceMs?: number | undefined
}

const columns = "provider, sampled_ms, label, display_name, plan, used, resets_ms"
const latest = `SELECT ${columns} FROM quota_samples q WHERE sampled_ms = (SELECT max(sampled_ms) FROM quota_samples WHERE provider = q.provider) ORDER BY provider, resets_ms, label`
const since = `SELECT ${columns} FROM quota_samples WHERE sampled_ms >= ? ORDER BY sampled_ms DESC, provider, resets_ms, label`

/** The last sample of each provider; or, with a time, all from then on, the newest first. */
export function quotasOf(access: LedgerAccess, { sinceMs }: QuotaQuestion): readonly Quota[] {
  const rows = access.ask((views) => (sinceMs === undefined ? views.prepare(latest).all() : views.prepare(since).all(sinceMs))) as readonly QuotaSample[]
  const samples = new Map<string, QuotaSample[]>()
  for (const row of rows) {
    const key = `${row.sampled_ms} ${row.provider}`
    samples.set(key, [...(samples.get(key) ?? []), row])
  }
  return [...samples.values()].flatMap(([first, ...more]) => (first ? quotaOf(first, [first, ...more]) : []))
}

function quotaOf({ provider, sampled_ms: sampledMs, display_name: displayName, plan }: QuotaSample, rows: readonly QuotaSample[]): Quota {
  const windows = rows.filter(({ used }) => used !== null)
  const billing = windows.length > 0 ? "plan" : "unknown"
  return {
    provider,
    displayName: displayName || null,
    plan: plan || null,
    billing,
    note: noteOf(plan, billing),
    sampledAt: new Date(sampledMs).toISOString(),
    windows: windows.map(({ label, used, resets_ms: resetsMs }) => ({
      label: label || null,
      usedPercent: used === null ? null : used / 1_000,
      resetAt: resetsMs === null ? null : new Date(resetsMs).toISOString(),
    })),
  }
}

const nothing = /[$€£]\s?0+(?:[.,]0+)?(?!\d|[.,]\d)/

/** An amount in a plan's name is its price or a balance of credit: at nothing it does not mean that tokens cost nothing. */
function noteOf(plan: string, billing: Quota["billing"]): string | null {
  if (nothing.test(plan))
    return "The amount in the plan's name is its price or its credit, not a bill for tokens: what the calls would cost by the token stands in spend."
  return billing === "plan" ? "A plan is not billed by the token: what its calls would cost so stands in spend." : null
}
