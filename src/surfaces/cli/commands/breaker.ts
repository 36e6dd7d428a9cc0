/** sovereign-ledger breaker list | reset */
import { breakersNow } from "../../../views/breakers.ts"
import { breakersText } from "../../render/breaker-text.ts"
import type { CommandRow } from "../command.ts"
import { credentialOption, give } from "../ledger-order.ts"
import { reading } from "./events.ts"

export const breakerList: CommandRow = {
  path: "breaker list",
  summary: "Loops and silent burn that were cut off or told of, and when breakers trip",
  help: `What no message, end of a run or new day has lifted yet. The thresholds stand in the setting breakers; docs/guides/breakers.md says more.

Examples:
  sovereign-ledger breaker list
  sovereign-ledger breaker list --json | jq '.cuts[] | {cut, words}'`,
  run: (context) =>
    reading(context, async (access) => {
      const report = breakersNow(access, context.nowMs)
      await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, ...report })}\n` : breakersText(report, context.terminal))
      return 0
    }),
}

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
