/** sovereign-ledger budget set | list | show | remove */
import { Fault } from "../../../base/fault.ts"
import { parseBudget } from "../../../ledger/budget-rule.ts"
import { budgetsNow } from "../../../views/budgets.ts"
import { grantCommand } from "../../../views/coverage.ts"
import { budgetLines } from "../../render/budget-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { hostConfigOf, readStanding } from "../host-config.ts"
import { collected, credentialOption, give, textsIn } from "../ledger-order.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"

/** Names that say their period. */
const periodsByName: Readonly<Record<string, string>> = { hourly: "hour", daily: "day", weekly: "week", monthly: "month", lifetime: "lifetime" }

export const budgetSet: CommandRow = {
  path: "budget set",
  summary: "Limit what may be spent: set aside before a call, refused when there is no room",
  argument: { name: "<name>", words: "name of the budget; daily, weekly and the like say their period" },
  options: [
    { flags: "--limit <amount>", words: "5usd, 200k tokens, 50 calls, 1h, ...; once for each unit; or 80% of a subscription's window", parse: collected },
    { flags: "--per <period>", words: 'hour, day, week, month, lifetime or "rolling 24h"' },
    { flags: "--zone <zone>", words: "time zone of the period (default UTC)" },
    {
      flags: "--match <name=pattern>",
      words: "agent, model, provider, tool, channel, session or cron; * stands for any characters; repeatable",
      parse: collected,
    },
    { flags: "--warn <percent>", words: "record a warning when so much is spent (default 80 and 100); repeatable", parse: collected },
    { flags: "--window <label>", words: "with a limit in percent: of which window of the provider's subscription, as 5h (default: every one)" },
    { flags: "--mode <mode>", words: "block refuses what has no room (default), warn only says so" },
    { flags: "--rollover", words: "what is left at the end is added to the next period, at most one limit" },
    credentialOption,
  ],
  help: `While a budget blocks, the most a model call or a tool can cost is set aside before it starts. What has no room does not leave the gateway, also in the
middle of a run. All budgets that match must have room. A lower limit is free for everybody; anything looser needs the operator's credential once there is
one (operator set-credential), and is refused below an agent's own commands. docs/guides/budgets.md says more.

Exit status: 0 in force, 1 refused, 2 bad input.

Examples:
  sovereign-ledger budget set daily --limit 5usd
  sovereign-ledger budget set night --limit 1usd --limit "40 calls" --per "rolling 8h" --match cron=*
  sovereign-ledger budget set github --limit 20usd --per month --match agent=main --match tool=github* --zone Europe/Berlin`,
  run: async (context, flags, name = "") => {
    const words = wordsOf(flags, name)
    const { mode } = parseBudget(words)
    if (mode === "block") refuseWithoutDoor(context)
    const { limits, name: budget, ...rest } = words
    return give(
      context,
      flags,
      { do: "set-budget", budget, limits, ...rest },
      () => `${name} is in force. ${mode === "block" ? "What has no room is refused" : "It only warns"}: sovereign-ledger budget show ${name}`,
    )
  },
}

function wordsOf(flags: Flags, name: string) {
  const per = (flags["per"] as string | undefined) ?? periodsByName[name]
  const said = periodsByName[name]
  if (said !== undefined && per !== said)
    throw new Fault("cli.usage", { problem: `A budget called ${name} is for a ${said}; give one for "${per}" another name.` })
  if (per === undefined) throw new Fault("cli.usage", { problem: `Say for which period ${name} is: --per day, or hour, week, month, lifetime, "rolling 24h".` })
  const optional = { zone: flags["zone"] as string | undefined, mode: flags["mode"] as string | undefined, window: flags["window"] as string | undefined }
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  const warn = textsIn(flags, "warn")
  return {
    name,
    per,
    limits: textsIn(flags, "limit"),
    match: textsIn(flags, "match"),
    rollover: flags["rollover"] === true,
    ...given,
    ...(warn.length > 0 ? { warn } : {}),
  }
}

/** Without it the host has no door before a run, and a budget that cannot refuse one is none. Where the host's settings are not known, nobody can say. */
function refuseWithoutDoor({ files }: CommandContext): void {
  const standing = readStanding(hostConfigOf(process.env, files.directory))
  if (standing instanceof Fault || standing.mayReadConversations) return
  throw new Fault("budget.no-door", { command: grantCommand })
}

export const budgetShow: CommandRow = {
  path: "budget show",
  summary: "One budget as it stands",
  argument: { name: "<name>", words: "name of the budget" },
  help: `Example:
  sovereign-ledger budget show daily`,
  run: (context, _flags, name = "") =>
    reading(context, async (access) => {
      const found = budgetsNow(access, await ledgerTimeMs(context, access)).budgets.find(({ rule }) => rule.name === name)
      if (!found) throw new Fault("budget.unknown", { budget: name })
      const { json, terminal } = context
      await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...found })}\n` : `${budgetLines(found, terminal).join("\n")}\n`)
      return 0
    }),
}

export const budgetRemove: CommandRow = {
  path: "budget remove",
  summary: "Take a budget away; what it counted is forgotten, what was spent is not",
  argument: { name: "<name>", words: "name of the budget" },
  options: [credentialOption],
  help: `Example:
  sovereign-ledger budget remove night`,
  run: (context, flags, name = "") => give(context, flags, { do: "remove-budget", budget: name }, () => `${name} is removed.`),
}
