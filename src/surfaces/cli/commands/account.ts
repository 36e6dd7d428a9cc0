/** sovereign-ledger balance | accounts | allocate | spend | freeze | unfreeze | operator set-credential */
import { randomUUID } from "node:crypto"
import { Fault } from "../../../base/fault.ts"
import { accountKinds, parseAccount } from "../../../ledger/accounts.ts"
import { parseAmounts } from "../../../ledger/amounts.ts"
import { accountsNow } from "../../../views/budgets.ts"
import { accountsText } from "../../render/budget-text.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { canAsk } from "../ask-secret.ts"
import { collected, credentialOption, give, newCredential, textsIn } from "../ledger-order.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { commandOf } from "../question-command.ts"
import { spendQuestion } from "../../questions/spend.ts"
import { reading } from "./events.ts"

const amountOption: OptionRow = { flags: "--amount <amount>", words: "5usd, 200k tokens, 50 calls, ...; once for each unit", parse: collected }
const reasonOption: OptionRow = { flags: "--reason <text>", words: "why; it stands on record" }
const idOption: OptionRow = {
  flags: "--id <id>",
  words: "makes a repeat recognisable: the same id with the same amounts is the same posting (default: a random one)",
}

export const balance: CommandRow = {
  path: "balance",
  summary: "What each account has: allotted less spent, what is held, what is left to hold",
  options: [{ flags: "--account <name>", words: "one account, for example agent:main (default: every account)" }],
  help: `On a spending account a debit is an allocation (in), a credit is consumption (out); the balance is what remains. An account that was never allotted
anything goes below zero by what it spent, and only budgets bound it. What was consumed stands on the accounts that begin with spent:.

Example:
  sovereign-ledger balance --account agent:main --json | jq -r '.accounts[0].balance.moneyNanos'`,
  run: (context, flags) => shown(context, flags["account"] === undefined ? undefined : parseAccount(String(flags["account"]), "sovereign-ledger balance")),
}

export const accounts: CommandRow = {
  path: "accounts",
  summary: "Every account that was ever used",
  help: `An account is a kind and a name:
${accountKinds.map(({ kind, words }) => `  ${`${kind}:`.padEnd(10)} ${words}`).join("\n")}

Example:
  sovereign-ledger accounts`,
  run: (context) => shown(context, undefined),
}

function shown(context: CommandContext, only: ReturnType<typeof parseAccount> | undefined): Promise<number> {
  return reading(context, async (access) => {
    const { terminal, json } = context
    const report = accountsNow(access, await ledgerTimeMs(context, access), only)
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...report })}\n` : accountsText(report, terminal))
    return 0
  })
}

export const allocate: CommandRow = {
  path: "allocate",
  summary: "Allot something to an account: from then on it spends no more of it than it has",
  argument: { name: "<account>", words: "for example agent:main" },
  options: [
    amountOption,
    { flags: "--from <account>", words: "whose it was (default budget:unallocated, which does not run out)" },
    reasonOption,
    idOption,
    credentialOption,
  ],
  help: `The first allocation of a unit bounds an account that had no bound; every further one lets it spend more, and needs the operator's credential once
there is one.

Example:
  sovereign-ledger allocate agent:research --amount 2usd --reason "November"`,
  run: (context, flags, name = "") => {
    const account = parseAccount(name, "sovereign-ledger allocate")
    const from = flags["from"] === undefined ? undefined : parseAccount(String(flags["from"]), "sovereign-ledger allocate")
    return give(context, flags, { do: "allocate", account, ...(from === undefined ? {} : { from }), ...posting(flags, "allocate") }, ({ repeated }) =>
      repeated ? `This was on record already; nothing was allotted again.` : `${account} was allotted it: sovereign-ledger balance --account ${account}`,
    )
  },
}

const reported = commandOf(spendQuestion)

export const spend: CommandRow = {
  path: "spend",
  summary: "What was spent, by model, agent, day, ...; or, with an account, post something that was spent elsewhere",
  argument: { name: "[account]", words: "to post: who spent it, for example agent:main; without it the command reports" },
  options: [
    ...(reported.options ?? []),
    amountOption,
    reasonOption,
    { flags: "--agent <agent>", words: "to post: whose budgets count it (default: the account's own agent)" },
    idOption,
  ],
  help: `${reported.help}

With an account, it posts: by a script, or a service the gateway does not see. It has happened, so it is posted whatever is left, and counts in every
budget that matches.

Examples:
  sovereign-ledger spend --since 30d
  sovereign-ledger spend --by agent,day --since 7d --tz Europe/Berlin
  sovereign-ledger spend --by cron --since 30d --json | jq '.rows[] | select(.keys.cron != "")'
  sovereign-ledger spend agent:main --amount 0.12usd --agent main --reason "translation service" --id invoice-4711`,
  run: (context, flags, name) => {
    if (name === undefined) return spendReported(context, flags)
    const account = parseAccount(name, "sovereign-ledger spend")
    const agent = flags["agent"] === undefined ? {} : { agent: String(flags["agent"]) }
    return give(context, flags, { do: "spend", account, spend: { ...namedBy(account), ...agent }, ...posting(flags, "spend") }, ({ repeated }) =>
      repeated ? "This was on record already; nothing was posted again." : `It is posted: sovereign-ledger balance --account ${account}`,
    )
  },
}

async function spendReported(context: CommandContext, flags: Flags): Promise<number> {
  const posts = ["amount", "reason", "agent", "id"].find((flag) => flags[flag] !== undefined)
  if (posts !== undefined) throw new Fault("cli.usage", { problem: `--${posts} is for posting, which needs the account that spent it.` })
  return reported.run(context, flags, undefined, [])
}

const dimensionOf: Readonly<Record<string, string>> = { agent: "agent", tools: "tool", channel: "channel", cron: "cron", model: "model" }

/** What an account's name says of a spend: budgets that match it count what it spends. */
function namedBy(account: string): Readonly<Record<string, string>> {
  const colon = account.indexOf(":")
  const dimension = dimensionOf[account.slice(0, colon)]
  return dimension === undefined ? {} : { [dimension]: account.slice(colon + 1) }
}

function posting(flags: Flags, command: string) {
  const amounts = textsIn(flags, "amount")
  if (amounts.length === 0) throw new Fault("cli.usage", { problem: "Say how much: --amount 5usd.", command: `sovereign-ledger ${command}` })
  parseAmounts(amounts, `sovereign-ledger ${command}`)
  const reason = flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
  return { amounts, id: flags["id"] === undefined ? randomUUID() : String(flags["id"]), ...reason }
}

const target = { name: "<target>", words: 'an account such as agent:main, a budget by its name, or "all"' }

export const freeze: CommandRow = {
  path: "freeze",
  summary: "Stop an account, a budget or everything, at every door, until unfreeze",
  argument: target,
  options: [reasonOption],
  help: `Free for everybody, at once, and it survives restarts. Runs that have begun are stopped at their next model call: what was already sent to a provider
comes back, is paid for and posted. Tools that run go on to their end; no further one starts.

Examples:
  sovereign-ledger freeze all --reason "something is wrong"
  sovereign-ledger freeze agent:research`,
  run: (context, flags, name = "") =>
    give(context, flags, { do: "freeze", target: name, ...reasonIn(flags) }, ({ repeated }) =>
      repeated ? `${name} was frozen already.` : `${name} is frozen. It goes on with: sovereign-ledger unfreeze ${name}`,
    ),
}

export const unfreeze: CommandRow = {
  path: "unfreeze",
  summary: "Let an account, a budget or everything spend again",
  argument: target,
  options: [reasonOption, credentialOption],
  help: `Needs the operator's credential once there is one, and is refused below an agent's own commands.

Example:
  sovereign-ledger unfreeze all`,
  run: (context, flags, name = "") =>
    give(context, flags, { do: "unfreeze", target: name, ...reasonIn(flags) }, ({ repeated }) =>
      repeated ? `${name} was not frozen.` : `${name} may spend again.`,
    ),
}

function reasonIn(flags: Flags): object {
  return flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
}

export const setCredential: CommandRow = {
  path: "operator set-credential",
  summary: "Ask for a credential before anything is loosened: budgets raised or removed, unfreezing, further allocations",
  options: [
    { flags: "--new-file <file>", words: "a file whose first line is the new credential; at least 8 characters (default: it is asked for)" },
    { flags: "--remove", words: "ask for none any more" },
    credentialOption,
  ],
  help: `Keep it where no agent reads: not in the environment of the gateway, not in its settings, not in a file of its user. On record stands a keyed, slow hash.
Tightening stays free. To change or remove it, give the old one with --credential-file.

Examples:
  sovereign-ledger operator set-credential
  sovereign-ledger operator set-credential --new-file /media/stick/credential`,
  run: async (context, flags) => {
    const file = flags["newFile"] as string | undefined
    const remove = flags["remove"] === true
    if (remove ? file !== undefined : file === undefined && !canAsk())
      throw new Fault("cli.usage", {
        problem: "Say what the new credential is (--new-file FILE), or that there is to be none (--remove).",
        command: "sovereign-ledger operator set-credential",
      })
    const text = remove ? {} : { new: await newCredential(file) }
    return give(context, flags, { do: "set-credential", ...text }, () =>
      remove ? "Loosening asks for no credential any more." : "From now on loosening asks for the credential.",
    )
  },
}
