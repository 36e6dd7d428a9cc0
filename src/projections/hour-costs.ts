/** What each hour cost, from the sums of its quarters. */
import type { SqliteDatabase } from "../vault/database.ts"
import { quarterMs } from "./usage-schema.ts"

const perHour = 3_600_000 / quarterMs

/** By the number of the hour since 1970 UTC, `toHour` exclusive; hours that cost nothing are left out. */
export function hourCosts(views: SqliteDatabase, fromHour: number, toHour: number): Map<number, bigint> {
  const rows = views
    .prepare("SELECT quarter / ? AS hour, sum(cost) AS nanos FROM usage_quarters WHERE quarter >= ? AND quarter < ? GROUP BY hour")
    .all(perHour, fromHour * perHour, toHour * perHour) as { readonly hour: number; readonly nanos: number }[]
  return new Map(rows.map(({ hour, nanos }) => [Math.floor(hour), BigInt(nanos)]))
}
