/** The day that the clocks of this machine show. */
import { boundsAt } from "../ledger/periods.ts"

export function startOfToday(nowMs: number): { readonly startMs: number; readonly zone: string } {
  const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions()
  return { startMs: boundsAt({ per: "day", zone }, nowMs).startMs, zone }
}
