/** A host with so many transcripts, or as many as the first argument says. */
import type { RunOptions } from "../../scripts/runnable.ts"
import { makeHome } from "../cli/home.ts"
import { importManyFiles, type ManyFiles } from "../history/many-files-run.ts"

const files = 60_000
const mostMb = 600

export const about = `import of ${files} transcripts, most of them in one directory: all are found, each call is on record once, again reads none`

export async function run({ args, say }: RunOptions): Promise<ManyFiles> {
  const endings: (() => void | Promise<void>)[] = []
  try {
    const found = await importManyFiles(makeHome({ after: (ending) => void endings.push(ending) }), Number(args[0] ?? files), mostMb)
    say(
      `found in ${Math.round(found.findMs)} ms, imported in ${Math.round(found.firstMs)} ms, again in ${Math.round(found.againMs)} ms, at most ${found.mostMb} MB`,
    )
    return found
  } finally {
    for (const ending of endings.reverse()) await ending()
  }
}
