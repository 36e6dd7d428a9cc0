/** sovereign-ledger reconcile */
import { reconcile } from "../../../views/reconcile.ts"
import { reconcileText } from "../../render/reconcile-text.ts"
import type { CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"

const listedByDefault = 1_000

export const reconcileCommand: CommandRow = {
  path: "reconcile",
  summary: "Counts the ledger again from all entries, and compares",
  options: [{ flags: "--limit <n>", words: "most violations listed (default 1,000); all are counted", parse: wholeNumber("--limit", 1, 1_000_000) }],
  help: `Reads every entry, counts accounts, holds and budgets by code of its own, checks each rule on the way, and compares the outcome with the live
state, with and without its snapshot. A violation names its entry; look at it with events show. Also listed, by model: what the host
said its calls cost beside what was posted. Whether the entries themselves were altered is what verify tells.

Exit status: 0 everything agrees, 1 something does not.

Examples:
  sovereign-ledger reconcile
  sovereign-ledger reconcile --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { nowMs, terminal } = context
      const mostListed = (flags["limit"] as number | undefined) ?? listedByDefault
      const found = reconcile(access, { nowMs: await ledgerTimeMs(context, access), mostListed, onProgress: terminal.progress("Counting again") })
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...found }
      await terminal.write(context.json ? `${JSON.stringify(body)}\n` : reconcileText(found, terminal))
      return found.verdict === "reconciled" ? 0 : 1
    }),
}
