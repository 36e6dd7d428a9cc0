/** Ledger time, for commands that show what is left and when there is more: where the wall clock was set, the two differ. */
import { clockNow } from "../../views/clock.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import type { ClockStanding } from "../../ledger/ledger-clock.ts"
import type { CommandContext } from "./command.ts"
import { runningWriter } from "./running-writer.ts"

type Asking = Pick<CommandContext, "socket" | "nowMs" | "clocks">

export async function ledgerClock({ socket, nowMs, clocks }: Asking, access: LedgerAccess): Promise<ClockStanding> {
  return clockNow(access, { nowMs, clocks, writer: await runningWriter(socket) })
}

export async function ledgerTimeMs(context: Asking, access: LedgerAccess): Promise<number> {
  return (await ledgerClock(context, access)).ledgerMs
}
