/**
 * The writer's code at a place that stays: the host runs a plugin from a throw-away copy that it deletes at every reload, and an upgrade replaces
 * the installed package. So the files a writer needs are copied below the data directory, one directory a build, complete or absent.
 */
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { buildVersion, codeHash } from "../version.ts"

const files = ["cli.mjs", "main.mjs"]

/** Copies what is missing and answers the file to run. */
export async function installRuntime(packageDirectory: string, dataDirectory: string): Promise<string> {
  const parent = join(dataDirectory, "runtime")
  const name = `${buildVersion}-${codeHash}`
  const target = join(parent, name)
  const program = join(target, "cli.mjs")
  if (await exists(program)) return program
  const beside = join(parent, `.${name}.${process.pid}`)
  try {
    await mkdir(join(beside, "native"), { recursive: true, mode: 0o700 })
    for (const file of files) await copyFile(join(packageDirectory, file), join(beside, file))
    for (const driver of (await readdir(join(packageDirectory, "native"))).filter(fitsThisMachine)) {
      await copyFile(join(packageDirectory, "native", driver), join(beside, "native", driver))
    }
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { recursive: true, force: true }).catch(() => {}) // what made the copy fail may keep it from being removed, too
    if (!(await exists(program))) throw new Fault("store.write-failed", { file: target, problem: problemOf(error) }, error)
  }
  return program
}

/** Removes other builds. A writer that still runs one of them has loaded all it needs. */
export async function removeOtherRuntimes(dataDirectory: string): Promise<void> {
  const parent = join(dataDirectory, "runtime")
  for (const name of await readdir(parent)) {
    if (name !== `${buildVersion}-${codeHash}` && !name.startsWith(".")) await rm(join(parent, name), { recursive: true, force: true })
  }
}

/** Drivers of this system and processor; on Linux those of both C libraries, since the writer finds out which one it has. */
function fitsThisMachine(file: string): boolean {
  return file.startsWith(process.platform) && file.endsWith(`-${process.arch}.node`)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
