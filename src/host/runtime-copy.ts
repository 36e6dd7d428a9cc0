/**
 * The writer's code at a place that stays: the host runs a plugin from a throw-away copy that it deletes at every reload, and an upgrade replaces
 * the installed package. So the files a writer needs are copied below the data directory, one directory a build, complete or absent.
 */
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { buildVersion, codeHash, isNewer } from "../version.ts"

const files = ["cli.mjs", "main.mjs", "file-watch.mjs"]

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

type Build = { readonly version: string; readonly installedMs: number }

/**
 * Removes the builds that came before ours: those of an older version, and of our own version those that were installed earlier. What came later is
 * kept, or an older gateway that shares the ledger would take away what a newer one runs; so is what is not named as we name a build, since a later
 * version may name it otherwise. A writer that runs a removed build has loaded all it needs; one that was just being started is started again.
 */
export async function removeEarlierRuntimes(dataDirectory: string, own = `${buildVersion}-${codeHash}`): Promise<void> {
  const parent = join(dataDirectory, "runtime")
  const ours = await buildAt(parent, own)
  if (!ours) return
  for (const name of await readdir(parent)) {
    const build = await buildAt(parent, name)
    if (build && name !== own && isEarlier(build, ours)) await rm(join(parent, name), { recursive: true, force: true })
  }
}

function isEarlier(build: Build, than: Build): boolean {
  if (isNewer(than.version, build.version)) return true
  return !isNewer(build.version, than.version) && build.installedMs < than.installedMs
}

/** Undefined when it is none, or is gone already. */
async function buildAt(parent: string, name: string): Promise<Build | undefined> {
  const [, version] = /^(\d+\.\d+\.\d+.*)-(?:[0-9a-f]{16}|source)$/.exec(name) ?? []
  if (version === undefined) return undefined
  return stat(join(parent, name)).then(
    ({ mtimeMs }) => ({ version, installedMs: mtimeMs }), // nothing is added to a build once it is complete
    () => undefined,
  )
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
