/** Sixty kills of the writer while runs spend. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { ledgerKills, type LedgerKillRun } from "../writer/ledger-kill-run.ts"

const kills = 60

export const about = `${kills} x kill -9 of the writer between any two steps of runs that spend: what was promised is held, a recount agrees after each, and the bill is neither charged twice nor for nothing`

export function run({ args, say }: RunOptions): Promise<LedgerKillRun> {
  return ledgerKills(Number(args[0] ?? kills), say)
}
