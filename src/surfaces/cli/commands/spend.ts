/** sovereign-ledger usage, which may also be compared with the host's own figure */
import { commandOf } from "../question-command.ts"
import { usageQuestion } from "../../questions/spend.ts"
import type { CommandRow } from "../command.ts"
import { againstHostHelp, againstHostOptions, asksForHost, compareUsage } from "./host-usage.ts"

const usage = commandOf(usageQuestion)

export const usageCommand: CommandRow = {
  ...usage,
  options: [...(usage.options ?? []), ...againstHostOptions],
  help: `${usage.help}

${againstHostHelp}

Examples:
  sovereign-ledger usage --by agent,model --since 7d
  sovereign-ledger usage --by day --since 30d --tz Europe/Berlin --csv > usage.csv
  openclaw gateway usage-cost --json --days 30 --all-agents | sovereign-ledger usage --against-host -`,
  run: (context, flags, argument, all) => (asksForHost(flags) ? compareUsage(context, flags) : usage.run(context, flags, argument, all)),
}
