/** Many kills of a witness. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { witnessKillRun } from "../witness/kill-run.ts"

export const about = "50 x 2 kill -9 of two processes of one witness while two histories race for it: only one is ever cosigned"

export async function run({ args, say }: RunOptions): Promise<void> {
  const endings: (() => void)[] = []
  try {
    await witnessKillRun({ after: (end) => void endings.push(end) }, Number(args[0] ?? 50), say)
  } finally {
    for (const end of endings) end()
  }
}
