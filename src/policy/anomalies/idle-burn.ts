/** Money that heartbeats spend while nobody writes and nothing is sent: an agent that is awake for nobody. Pure. */

/** A quarter of an hour: what heartbeats cost in it, and whether anybody wrote or was written to. */
export type Quarter = { readonly quarter: number; readonly nanos: bigint; readonly calls: number; readonly isUsed: boolean }
export type IdleStretch = { readonly from: number; readonly to: number; readonly nanos: bigint; readonly calls: number }

export const leastIdleNanos = 500_000_000n
/** Heartbeats lie so many quarters apart at most, by the host's default twice over. */
const mostApart = 4

/** @param quarters in order, those without heartbeats and messages left out */
export function idleBurn(quarters: readonly Quarter[]): readonly IdleStretch[] {
  const stretches: IdleStretch[] = []
  let open: IdleStretch | undefined
  const close = () => {
    if (open && open.nanos >= leastIdleNanos) stretches.push(open)
    open = undefined
  }
  for (const { quarter, nanos, calls, isUsed } of quarters) {
    if (isUsed || (open && quarter - open.to > mostApart)) close()
    if (isUsed || calls === 0) continue
    open = open ? { from: open.from, to: quarter, nanos: open.nanos + nanos, calls: open.calls + calls } : { from: quarter, to: quarter, nanos, calls }
  }
  close()
  return stretches
}
