/** Thirty kills of the writer under load. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { killRun } from "../writer/kill-run.ts"

export const about = "30 x kill -9 of the writer under load: every answered gate is there once, verify is valid after each"

export async function run({ args, say }: RunOptions): Promise<void> {
  await killRun(Number(args[0] ?? 30), say)
}
