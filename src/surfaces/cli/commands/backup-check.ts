/** sovereign-ledger backup check */
import { resolve } from "node:path"
import { checkBackup } from "../../../operations/backup/check-backup.ts"
import { verdictExit } from "../../../verify/verdict.ts"
import { checkedText } from "../../render/backup-text.ts"
import { verifyText } from "../../render/verify-text.ts"
import type { CommandRow } from "../command.ts"
import { backupArgument, checkOptions, keysOption } from "./backup-places.ts"

export const backupCheck: CommandRow = {
  path: "backup check",
  summary: "Whether a backup is whole and opens, and every entry in it is good",
  argument: backupArgument,
  options: [keysOption],
  reportsFaults: true,
  help: `Compares its files with what they were, opens it with the keys and the master key, and verifies it as verify does the ledger.
Says how far it is behind the checkpoint note of the ledger in the data directory, where that note is.

Exit status: that of verify: 0 valid, 1 invalid or damaged, 2 could not be checked to the end.

Example:
  sovereign-ledger backup check /mnt/backup/ledger/0123456789abcdef-20261120T031500000Z-48213 --keys /mnt/keys`,
  run: async (context, flags, argument) => {
    const { terminal, json, nowMs } = context
    const backup = resolve(argument ?? "")
    const { report, ...checked } = checkBackup(backup, checkOptions(context, flags))
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), backup, ...checked, ...report }
    await terminal.write(json ? `${JSON.stringify(body)}\n` : verifyText(report, backup, terminal) + checkedText(checked))
    return verdictExit[report.verdict]
  },
}
