/** sovereign-ledger clock | clock accept */
import { clockWords } from "../../../views/clock.ts"
import type { ClockStanding } from "../../../ledger/ledger-clock.ts"
import type { CommandRow } from "../command.ts"
import { credentialOption, give } from "../ledger-order.ts"
import { ledgerClock } from "../ledger-time.ts"
import { reading } from "./events.ts"

const remedies: { readonly [S in ClockStanding["state"]]: string } = {
  agrees: "",
  ahead: "Set the clock right if it is wrong, and nothing more is needed; if it is right: sovereign-ledger clock accept\n",
  behind: "Set the clock right if it is wrong, and nothing more is needed; if it is right: sovereign-ledger clock accept, and ledger time waits for it\n",
}

export const clock: CommandRow = {
  path: "clock",
  summary: "Ledger time, by which budgets reset, and whether the wall clock agrees with it",
  help: `Ledger time follows the wall clock as far as the time since the machine's start bears it out, within five minutes. A clock that is set further
opens no period and ends no hold: ledger time goes on at its pace. docs/spec/ledger.md says more.

Exit status: 0 they agree, 1 they do not.

Examples:
  sovereign-ledger clock
  sovereign-ledger clock --json | jq -r .ledgerTime`,
  run: (context) =>
    reading(context, async (access) => {
      const found = await ledgerClock(context, access)
      const { state, ledgerMs, wallMs, aheadMs } = found
      const body = { schemaVersion: 1, state, ledgerTime: new Date(ledgerMs).toISOString(), wallTime: new Date(wallMs).toISOString(), aheadMs }
      const words = clockWords(found)
      await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : `Ledger time is ${body.ledgerTime}: ${words}.\n${remedies[state]}`)
      return state === "agrees" ? 0 : 1
    }),
}

export const clockAccept: CommandRow = {
  path: "clock accept",
  summary: "Take the wall clock as it is: ledger time goes on from there, and periods that are over by it end",
  options: [credentialOption],
  help: `For a clock that was set and is right now, as after a virtual machine was paused. Needs the operator's credential once there is one, and is refused below an
agent's own commands. Ledger time never goes back: where the wall clock is behind it, it stands until the wall clock has caught up.

Exit status: 0 accepted, or there was nothing to accept; 1 refused.

Example:
  sovereign-ledger clock accept`,
  run: (context, flags) =>
    give(context, flags, { do: "accept-clock" }, ({ repeated }) =>
      repeated ? "The wall clock agrees with ledger time already." : "Ledger time is that of the wall clock.",
    ),
}
