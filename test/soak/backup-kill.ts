/** Two hundred kills of backups and restores. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { killBackups, type BackupKills } from "../operations/backup/backup-kill-run.ts"

const kills = 200

export const about = `${kills} x kill -9 of a backup or a restore: ledger and backups stay whole, the next one comes to its end, destroyed keys stay destroyed`

export async function run({ args, say }: RunOptions): Promise<BackupKills> {
  const endings: (() => void)[] = []
  try {
    return await killBackups(
      { after: (end) => void endings.push(end) },
      { kills: Number(args[0] ?? kills), seed: Number(args[1] ?? Date.now() % 1_000_000), say },
    )
  } finally {
    for (const end of endings.reverse()) end()
  }
}
