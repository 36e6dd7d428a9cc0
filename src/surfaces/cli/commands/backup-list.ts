/** sovereign-ledger backup list */
import { listBackups } from "../../../operations/backup/list-backups.ts"
import { listedText } from "../../render/backup-text.ts"
import type { CommandRow } from "../command.ts"
import { directoryIn, toOption } from "./backup-places.ts"

export const backupList: CommandRow = {
  path: "backup list",
  summary: "The backups of a directory, the newest last, and the keys beside them",
  options: [toOption],
  reportsFaults: true,
  help: `Reads names and manifests. Whether a backup is good is what backup check says.

Example:
  sovereign-ledger backup list --to /mnt/backup/ledger --json | jq -r '.backups[-1].backup'`,
  run: async ({ terminal, json, nowMs }, flags) => {
    const directory = directoryIn(flags, "to", "--to")
    const list = listBackups(directory)
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), directory, ...list }
    await terminal.write(json ? `${JSON.stringify(body)}\n` : listedText(list, directory))
    return 0
  },
}
