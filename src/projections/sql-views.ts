/** Every view that may be asked, one row each, and the tables behind them. Documented in docs/spec/ledger.md and docs/spec/usage.md. */
import { postings } from "./postings.ts"
import { postingViews } from "./posting-views.ts"
import { quotas } from "./quotas.ts"
import { quotaViews } from "./quota-views.ts"
import type { SqlView } from "./sql-view.ts"
import { usageSumTables, usageSumViews } from "./usage-sum-views.ts"
import { usageViews, usageViewTables } from "./usage-views.ts"

export const sqlViews: readonly SqlView[] = [...postingViews, ...usageViews, ...usageSumViews, ...quotaViews]
export const sqlTables: readonly string[] = [...postings.tables, ...usageViewTables, ...usageSumTables, ...quotas.tables]
