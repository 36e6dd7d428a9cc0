/** sovereign-ledger breaker reset */
import type { CommandRow } from "../command.ts"
import { credentialOption, give } from "../ledger-order.ts"

export const breakerReset: CommandRow = {
  path: "breaker reset",
  summary: "Let what a breaker has cut off spend again; it is counted anew",
  argument: { name: "<cut>", words: 'what was cut off, as breaker list names it (run:..., session:..., heartbeat:..., cron:...), or "all"' },
  options: [{ flags: "--reason <text>", words: "why, for the record" }, credentialOption],
  help: `Needs the operator's credential once there is one, and is refused below an agent's own commands.

Exit status: 0 it may go on, 1 refused, 2 bad input.

Examples:
  sovereign-ledger breaker reset heartbeat:main --reason "it was a long night"
  sovereign-ledger breaker reset all`,
  run: (context, flags, cut = "") => {
    const reason = flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
    return give(context, flags, { do: "reset-breaker", cut, ...reason }, ({ events }) =>
      events.length === 0 ? "Nothing was cut off." : `${cut === "all" ? "Everything that was cut off" : cut} may spend again.`,
    )
  },
}
