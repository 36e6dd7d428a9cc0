/** sovereign-ledger reconcile */
import { Fault } from "../../../base/fault.ts"
import { reconcile } from "../../../views/reconcile.ts"
import { reconcileText } from "../../render/reconcile-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"
import { billOptions, compareBill } from "./reconcile-bill.ts"

const listedByDefault = 1_000

export const reconcileCommand: CommandRow = {
  path: "reconcile",
  summary: "Counts the ledger again from all entries, and compares; or compares with a provider's bill",
  options: [
    { flags: "--limit <n>", words: "most violations listed (default 1,000); all are counted", parse: wholeNumber("--limit", 1, 1_000_000) },
    ...billOptions,
  ],
  help: `Reads every entry, counts accounts, holds and budgets by code of its own, checks each rule on the way, and compares the outcome with the live
state, with and without its snapshot. A violation names its entry; look at it with events show. Also listed, by model: what the host
said its calls cost beside what was posted. Whether the entries themselves were altered is what verify tells.

With --bill it holds a provider's bill against the record instead, by day and model, and says of each difference what it is: rounding, a line that is there twice,
a day that is missing, another currency, a call over midnight, a call nobody recorded. With --post what differs and can be corrected is posted as corrections, each
at the time of what it corrects; giving back needs the operator's credential once there is one. How: docs/guides/bills.md.

Exit status: 0 everything agrees, 1 something does not, 2 nothing could be compared.

Examples:
  sovereign-ledger reconcile
  sovereign-ledger reconcile --json
  sovereign-ledger reconcile --bill claude_api_cost_2026_11.csv
  sovereign-ledger reconcile --bill openai-costs.json --post --credential-file -`,
  run: (context, flags) => (flags["bill"] === undefined ? recount(context, flags) : compareBill(context, flags, String(flags["bill"]))),
}

function recount(context: CommandContext, flags: Flags): Promise<number> {
  const stray = ["post", "provider", "zone", "rate"].find((name) => flags[name] !== undefined)
  if (stray !== undefined) throw new Fault("cli.usage", { problem: `--${stray} goes with --bill FILE.`, command: "sovereign-ledger reconcile" })
  return reading(context, async (access) => {
    const { nowMs, terminal } = context
    const mostListed = (flags["limit"] as number | undefined) ?? listedByDefault
    const found = reconcile(access, { nowMs: await ledgerTimeMs(context, access), mostListed, onProgress: terminal.progress("Counting again") })
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...found }
    await terminal.write(context.json ? `${JSON.stringify(body)}\n` : reconcileText(found, terminal))
    return found.verdict === "reconciled" ? 0 : 1
  })
}
