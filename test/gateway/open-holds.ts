/** Holds that nothing has ended yet. A hold of a turn that is over is ended moments later, when the host has told of its last call. */
import { eventually, type LedgerCommandLine } from "./ledger.ts"

const withinMs = 30_000

/** Waits until there are none. */
export async function noHoldOpen(ledger: LedgerCommandLine): Promise<void> {
  await eventually(
    "everything is settled",
    () => openHolds(ledger),
    ({ length }) => length === 0,
    withinMs,
  )
}

/** Their facts. A ledger that cannot be read, as that of a suite which took its directory away, has none. */
async function openHolds(ledger: LedgerCommandLine): Promise<readonly unknown[]> {
  const open = new Map<unknown, unknown>()
  for (const event of await ledger.events({ category: "spend" }).catch(() => [])) {
    if (event.type === "hold.placed") open.set(event.facts["hold"], event.facts)
    else if (/^hold\.(?:settled|released|expired)$/.test(event.type)) open.delete(event.facts["hold"])
  }
  return [...open.values()]
}
