/** Three hundred kills of the writer under load. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { killRuns, type KillRun } from "../writer/kill-run.ts"

const kills = 300

export const about = `${kills} x kill -9 of the writer under load, a third of them in a hand-over of the signing key: every answered gate is there once, verify is valid after each, all checkpoints that left it are consistent`

export function run({ args, say }: RunOptions): Promise<KillRun> {
  return killRuns(Number(args[0] ?? kills), say)
}
