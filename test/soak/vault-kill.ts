/** Three hundred kills of what changes keys, on ledgers that come after each other: what one takes grows with what was erased and removed before. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { makeRig } from "../writer/rig.ts"
import { killVault } from "../writer/vault-kill-run.ts"

const kills = 300
const aLedger = 50

export const about = `${kills} x kill -9 of vault rotate, vault rekey, erase or prune, or of the writer: nothing is lost, no key is lost, the same command comes to its end (arguments: how many, and the first seed)`

export async function run({ args, say }: RunOptions): Promise<{ readonly kills: number; readonly met: number }> {
  const [all, seed] = [Number(args[0] ?? kills), Number(args[1] ?? Date.now() % 1_000_000)]
  let met = 0
  for (let done = 0; done < all; done += aLedger) {
    const rig = makeRig(undefined, { bare: true })
    try {
      const trials = Math.min(aLedger, all - done)
      met += await killVault({ rig, trials, seed: seed + done, log: (line) => say(`seed ${seed + done}, ${line}`) })
    } finally {
      await rig.end()
    }
  }
  return { kills: all, met }
}
