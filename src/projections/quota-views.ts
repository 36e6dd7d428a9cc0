/** What providers said of their plans as `sql` and `export sqlite` tell it, over the table of the projection `quotas`. Documented in docs/spec/usage.md. */
import { isoTime, type SqlView } from "./sql-view.ts"

export const quotaViews: readonly SqlView[] = [
  {
    name: "provider_usage_snapshots",
    words: "what providers said of the plans they are used by: one row a window of a plan, each time they were asked",
    select: `
      SELECT provider, nullif(display_name, '') AS display_name, nullif(plan, '') AS plan, nullif(label, '') AS window_label, used / 1000.0 AS used_percent,
        ${isoTime("resets_ms")} AS reset_at, ${isoTime("sampled_ms")} AS sampled_at, sequence AS sequence
      FROM quota_samples`,
    columns: "provider TEXT, display_name TEXT, plan TEXT, window_label TEXT, used_percent REAL, reset_at TEXT, sampled_at TEXT, sequence INTEGER",
  },
]
