/** Three hundred kills of what changes keys. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { makeRig } from "../writer/rig.ts"
import { killVault } from "../writer/vault-kill-run.ts"

const kills = 300

export const about = `${kills} x kill -9 of vault rotate, vault rekey or erase, or of the writer: nothing is lost, no key is lost, the same command comes to its end`

export async function run({ args, say }: RunOptions): Promise<{ readonly kills: number; readonly met: number }> {
  const trials = Number(args[0] ?? kills)
  const rig = makeRig(undefined)
  try {
    return { kills: trials, met: await killVault({ rig, trials, seed: Number(args[1] ?? Date.now() % 1_000_000), log: say }) }
  } finally {
    await rig.end()
  }
}
