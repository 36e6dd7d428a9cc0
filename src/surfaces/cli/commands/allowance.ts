/** sovereign-ledger allowance set | list | remove */
import { Fault } from "../../../base/fault.ts"
import { parseAllowance } from "../../../ledger/allowance-rule.ts"
import { allowancesNow } from "../../../views/budgets.ts"
import { allowancesText } from "../../render/budget-text.ts"
import type { CommandRow, Flags } from "../command.ts"
import { collected, credentialOption, give, textsIn } from "../ledger-order.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"

const argument = { name: "<name>", words: "name of the allowance" }

export const allowanceSet: CommandRow = {
  path: "allowance set",
  summary: "Give an account a quota in every hour, day, week or month; what it leaves goes back",
  argument,
  options: [
    { flags: "--to <account>", words: "whose it is: agent:main, cron:nightly, project:site, budget:monthly, ..." },
    { flags: "--give <amount>", words: "5usd, 200k tokens, 50 calls, ...; once for each unit", parse: collected },
    { flags: "--per <period>", words: "hour, day, week or month" },
    { flags: "--from <account>", words: "where it comes from (default budget:unallocated, which does not run out)" },
    { flags: "--zone <zone>", words: "time zone of the period (default UTC)" },
    { flags: "--rollover", words: "what is left stays, at most one quota; otherwise it goes back" },
    credentialOption,
  ],
  help: `The quota is there at once, and again whenever a period begins. From then on the account spends no more than it has, as with allocate. The allowance is
consumed first; what the account got from elsewhere is never taken back. Whatever lets somebody spend more needs the operator's credential once there is one.
docs/guides/budgets.md says more.

Exit status: 0 in force, 1 refused, 2 bad input.

Examples:
  sovereign-ledger allowance set main --to agent:main --give 5usd --per day --zone Europe/Berlin
  sovereign-ledger allowance set monthly --to budget:monthly --give 100usd --per month
  sovereign-ledger allowance set research --to agent:research --give 2usd --per day --from budget:monthly --rollover`,
  run: async (context, flags, name = "") => {
    const { name: allowance, ...words } = wordsOf(flags, name)
    parseAllowance({ name: allowance, ...words })
    return give(context, flags, { do: "set-allowance", allowance, ...words }, ({ repeated }) =>
      repeated ? `${name} was in force already.` : `${name} is in force: sovereign-ledger balance --account ${words.to}`,
    )
  },
}

function wordsOf(flags: Flags, name: string) {
  const said = (flag: string) => (typeof flags[flag] === "string" ? flags[flag] : undefined)
  const [to, per, from, zone] = ["to", "per", "from", "zone"].map(said)
  if (to === undefined) throw new Fault("cli.usage", { problem: "Say whose it is: --to agent:main.", command: "sovereign-ledger allowance set" })
  if (per === undefined) throw new Fault("cli.usage", { problem: "Say how often: --per day, or hour, week, month.", command: "sovereign-ledger allowance set" })
  const optional = { ...(from === undefined ? {} : { from }), ...(zone === undefined ? {} : { zone }) }
  return { name, to, per, give: textsIn(flags, "give"), rollover: flags["rollover"] === true, ...optional }
}

export const allowanceList: CommandRow = {
  path: "allowance list",
  summary: "Every allowance: its quota, what is left of it, and when the next one comes",
  help: `Examples:
  sovereign-ledger allowance list
  sovereign-ledger allowance list --json | jq '.allowances[] | {name: .rule.name, left}'`,
  run: (context) =>
    reading(context, async (access) => {
      const report = allowancesNow(access, await ledgerTimeMs(context, access))
      await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, ...report })}\n` : allowancesText(report, context.terminal))
      return 0
    }),
}

export const allowanceRemove: CommandRow = {
  path: "allowance remove",
  summary: "End an allowance: what is left of it and not held goes back where it came from",
  argument,
  options: [credentialOption],
  help: `The account stays bounded: it spends what it has, and then nothing. Where the allowance comes from a pool, the pool has more for others afterwards, and the
operator's credential is asked for once there is one.

Example:
  sovereign-ledger allowance remove research`,
  run: (context, flags, name = "") => give(context, flags, { do: "remove-allowance", allowance: name }, () => `${name} is removed.`),
}
