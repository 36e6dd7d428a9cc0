/** The command line as one file, for tests: the same code as the sources, without what only an installed package knows (version, code hash, native files). */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundleCommand, writePage, writeVerifiers } from "./build.ts"
import { sourcesStamp } from "./sources-stamp.mjs"

const root = join(import.meta.dirname, "..")

export async function bundleForTests(): Promise<void> {
  const directory = join(root, "dist/test")
  const stamp = sourcesStamp()
  rmSync(join(directory, "main.mjs.stamp"), { force: true })
  mkdirSync(directory, { recursive: true })
  await bundleCommand(directory, { external: ["better-sqlite3-multiple-ciphers"] })
  await writeVerifiers(directory, "0.0.0-test")
  await writePage(directory)
  writeFileSync(join(directory, "main.mjs.stamp"), stamp)
}
