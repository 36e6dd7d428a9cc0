/** The command line as one file, for tests: the same code as the sources, without what only an installed package knows (version, code hash, native files). */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { bundling, keepApart } from "./build.ts"
import { sourcesStamp } from "./sources-stamp.mjs"

const root = join(import.meta.dirname, "..")

export async function bundleForTests(): Promise<void> {
  const directory = join(root, "dist/test")
  const stamp = sourcesStamp()
  rmSync(join(directory, "main.mjs.stamp"), { force: true })
  mkdirSync(directory, { recursive: true })
  await build({
    ...bundling,
    entryPoints: ["src/main.ts"],
    outfile: join(directory, "main.mjs"),
    external: ["better-sqlite3-multiple-ciphers"],
    plugins: [keepApart("./history-threads.ts", "./history-threads.mjs")],
  })
  await build({ ...bundling, entryPoints: ["src/history-threads.ts"], outfile: join(directory, "history-threads.mjs") })
  await build({ ...bundling, banner: {}, entryPoints: ["src/cli.ts"], outfile: join(directory, "cli.mjs"), plugins: [keepApart("./main.ts", "./main.mjs")] })
  writeFileSync(join(directory, "main.mjs.stamp"), stamp)
}
