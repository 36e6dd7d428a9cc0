/** sovereign-ledger backup restore */
import { resolve } from "node:path"
import { restoreBackup } from "../../../operations/backup/restore-backup.ts"
import { buildVersion } from "../../../version.ts"
import { restoredText } from "../../render/backup-text.ts"
import type { CommandRow } from "../command.ts"
import { backupArgument, checkOptions, keysOption } from "./backup-places.ts"

export const backupRestore: CommandRow = {
  path: "backup restore",
  summary: "Put a backup back, with the newest keys; spending stands still until you let it go on",
  argument: backupArgument,
  options: [keysOption, { flags: "--set-aside", words: "move the files of a ledger that is there into a directory beside it; nothing is deleted" }],
  reportsFaults: true,
  help: `Into a data directory without a ledger. Everything is checked before anything is changed, and no writer may run.
A copy knows nothing of what was spent and set after it was made: it records that it was put back, and where anything ever limited spending,
everything is frozen until sovereign-ledger unfreeze all. The checkpoint note outside the data directory is left as it is.
A restore that was cut short is completed by the same command.

Examples:
  sovereign-ledger backup restore /mnt/backup/ledger/0123456789abcdef-20261120T031500000Z-48213 --keys /mnt/keys
  sovereign-ledger backup restore BACKUP --keys /mnt/keys --data-dir /tmp/trial --head-note /tmp/trial.note`,
  run: async (context, flags, argument) => {
    const { files, terminal, json, nowMs, clocks } = context
    const options = { ...checkOptions(context, flags), setAside: flags["setAside"] === true, nowMs, clocks, version: buildVersion }
    const restored = restoreBackup(files, resolve(argument ?? ""), options)
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...restored })}\n` : restoredText(restored))
    return 0
  },
}
