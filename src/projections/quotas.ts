/** What providers said of their plans, one row a window and sample; a plan without windows is one row. Rows of a sample that was told twice stand once. */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import type { Projection } from "./projection.ts"

/** A row of it. Empty texts are what was not told; `used` is in thousandths of a percent. */
export type QuotaSample = {
  readonly provider: string
  readonly sampled_ms: number
  readonly label: string
  readonly display_name: string
  readonly plan: string
  readonly used: number | null
  readonly resets_ms: number | null
}

export const quotas: Projection = {
  name: "quotas",
  version: 1,
  tables: ["quota_samples"],
  schema: `CREATE TABLE quota_samples(provider TEXT NOT NULL, sampled_ms INTEGER NOT NULL, label TEXT NOT NULL, display_name TEXT NOT NULL, plan TEXT NOT NULL,
    used INTEGER, resets_ms INTEGER, sequence INTEGER NOT NULL, PRIMARY KEY (provider, sampled_ms, label)) STRICT, WITHOUT ROWID;`,
  prepare: (database) => {
    const add = database.prepare(`INSERT OR IGNORE INTO quota_samples(provider, sampled_ms, label, display_name, plan, used, resets_ms, sequence)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
    return ({ sequence, header, facts }) => {
      if (header.type !== "quota.sampled") return
      const { provider, displayName, plan, sampledAtMs, windows } = facts()
      const listed: readonly unknown[] = Array.isArray(windows) && windows.length > 0 ? windows : [{}]
      for (const window of listed) {
        const { label, usedMillipercent, resetsAtMs } = objectOf(window)
        const named = [stringOf(label), stringOf(displayName), stringOf(plan)].map((text) => text ?? "")
        const used = [countOf(usedMillipercent) ?? null, countOf(resetsAtMs) ?? null]
        add.run(stringOf(provider) ?? "", countOf(sampledAtMs) ?? header.timeMs, ...named, ...used, sequence)
      }
    }
  },
}
