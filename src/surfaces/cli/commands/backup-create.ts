/** sovereign-ledger backup create */
import { resolve } from "node:path"
import { Fault } from "../../../base/fault.ts"
import { stringOf } from "../../../base/json.ts"
import { createBackup } from "../../../operations/backup/create-backup.ts"
import { buildVersion } from "../../../version.ts"
import { createdText } from "../../render/backup-text.ts"
import { askWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { directoryIn, toOption } from "./backup-places.ts"

const checkpointWithinMs = 30_000

export const backupCreate: CommandRow = {
  path: "backup create",
  summary: "Back the ledger up, while it runs or not: the journal as of one commit, and the newest keys",
  options: [
    toOption,
    { flags: "--keys-to <directory>", words: "where the keys go, best apart from the backups (default: beside them)" },
    { flags: "--keep <n>", words: "remove the oldest backups of this ledger beyond so many", parse: wholeNumber("--keep", 1, 100_000) },
  ],
  help: `Every backup is a directory of its own: journal.db, sealed as it is, keys.json, a signed checkpoint and a manifest. It gets its name when it is whole.
The keys of contents are not in it. There is one set of them, keys-ID, replaced by every backup, and every backup is restored with the newest:
what was erased stays erased, whichever is put back. Keep that set apart: who has a backup, the set and the master key reads everything.

The master key is in neither: sovereign-ledger key backup FILE, once, and again after it changed.

Examples:
  sovereign-ledger backup create --to /mnt/backup/ledger --keys-to /mnt/keys --keep 30
  sovereign-ledger backup create --to /mnt/backup/ledger --json | jq -r .backup`,
  run: async (context, flags) => {
    const { files, places, terminal, nowMs, json } = context
    const to = directoryIn(flags, "to", "--to")
    const made = await createBackup(files, places, {
      to,
      keysTo: resolve(stringOf(flags["keysTo"]) ?? to),
      keep: flags["keep"] as number | undefined,
      nowMs,
      version: buildVersion,
      askWriter: () => asksForCheckpoint(context),
      onProgress: terminal.progress("Copying"),
      onHashing: terminal.progress("Reading"),
    })
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, ...made })}\n` : createdText(made))
    if (!json && flags["keysTo"] === undefined)
      terminal.note("The keys stand beside the backup. Apart from it they protect more: --keys-to DIR, on another disk or machine.")
    return 0
  },
}

/** The running writer stores one over all that it has acknowledged. */
async function asksForCheckpoint({ socket }: CommandContext): Promise<boolean> {
  try {
    await askWriter({ socketPath: socket, role: "cli" }, "checkpoint", checkpointWithinMs)
    return true
  } catch (error) {
    if (error instanceof Fault && error.code === "writer.unreachable") return false
    throw error
  }
}
