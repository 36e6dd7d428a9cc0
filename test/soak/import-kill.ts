/** Sixty imports that are killed, the command or the writer. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { makeHome } from "../cli/home.ts"
import { killImports } from "../history/import-kill-run.ts"

const kills = 60

export const about = `${kills} x kill -9 of an import or of the writer it talks to: the same command goes on, each call is on record once, verify is valid`

export async function run({ args, say }: RunOptions): Promise<{ readonly kills: number; readonly met: number }> {
  const endings: (() => void | Promise<void>)[] = []
  const trials = Number(args[0] ?? kills)
  try {
    const home = makeHome({ after: (ending) => void endings.push(ending as () => void) })
    return { kills: trials, met: await killImports({ home, trials, seed: Date.now() % 1_000_000, log: say }) }
  } finally {
    for (const ending of endings.reverse()) await ending()
  }
}
