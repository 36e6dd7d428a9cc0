/** sovereign-ledger budget approve | deny | extensions */
import { extensionsNow } from "../../../views/extensions.ts"
import { extensionsText } from "../../render/extension-text.ts"
import type { CommandRow } from "../command.ts"
import { credentialOption, give } from "../ledger-order.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"

const code = { name: "<code>", words: "six letters and digits, as the refusal tells them" }
const reasonOption = { flags: "--reason <text>", words: "why, for the record" }

export const budgetApprove: CommandRow = {
  path: "budget approve",
  summary: "Let one run spend more than a budget or account has, as its refusal asked",
  argument: code,
  options: [reasonOption, credentialOption],
  help: `Up to the amount that was asked for, in time, by the next run of that session that has no room, and by no other. The limit stays as it is. Needs the
operator's credential once there is one, and is refused below an agent's own commands. A code is good once.

Exit status: 0 approved, 1 refused, 2 bad input.

Examples:
  sovereign-ledger budget approve K7QM2R
  sovereign-ledger budget extensions`,
  run: (context, flags, extension = "") =>
    give(
      context,
      flags,
      { do: "approve-extension", extension, ...reasonIn(flags) },
      () => `${extension.toUpperCase()} is approved: the next run of that session that has no room may spend it. What was refused has to be sent again.`,
    ),
}

export const budgetDeny: CommandRow = {
  path: "budget deny",
  summary: "Refuse what was asked for: nothing more is spent, and the code is worth nothing",
  argument: code,
  options: [reasonOption],
  help: `Exit status: 0 denied, 1 it was answered before or its time is over, 2 bad input.

Example:
  sovereign-ledger budget deny K7QM2R --reason "tomorrow"`,
  run: (context, flags, extension = "") =>
    give(context, flags, { do: "deny-extension", extension, ...reasonIn(flags) }, () => `${extension.toUpperCase()} is denied.`),
}

export const budgetExtensions: CommandRow = {
  path: "budget extensions",
  summary: "More for one run: what owners are asked for, what was granted, and what was spent of it",
  help: `The latest first. The setting ask makes that owners are asked; docs/guides/budgets.md says more.

Example:
  sovereign-ledger budget extensions --json | jq '.extensions[] | select(.state == "asked")'`,
  run: (context) =>
    reading(context, async (access) => {
      const report = extensionsNow(access, await ledgerTimeMs(context, access))
      const { json, terminal } = context
      await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...report })}\n` : extensionsText(report.extensions, terminal))
      return 0
    }),
}

function reasonIn(flags: Readonly<Record<string, unknown>>): { readonly reason?: string } {
  return flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
}
