/**
 * The plugin installed by the host's own command, once a process and build, and copied into other homes: the command takes twenty seconds of processor time, and
 * what it leaves is the same. The host keeps the place of an install in its database; homes have names of one length, so that it can be put in place there.
 */
import assert from "node:assert/strict"
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createHome, type GatewayHome, type JsonObject } from "./home.ts"
import { installPlugin } from "./plugin.ts"

const installed = new Map<string, Promise<GatewayHome>>()
const database = join("state", "openclaw.sqlite")

export async function copyInstall(home: GatewayHome, tarballPath: string): Promise<void> {
  const made = installed.get(tarballPath) ?? install(tarballPath)
  installed.set(tarballPath, made)
  const template = await made
  assert.equal(template.directory.length, home.directory.length)
  for (const part of ["npm", "state"]) {
    rmSync(join(home.stateDirectory, part), { recursive: true, force: true })
    cpSync(join(template.stateDirectory, part), join(home.stateDirectory, part), { recursive: true, verbatimSymlinks: true, mode: 0 })
  }
  replaceIn(join(home.stateDirectory, database), template.directory, home.directory)
  const { plugins, meta } = template.readConfig() as { readonly plugins: JsonObject; readonly meta: JsonObject }
  home.editConfig({ plugins, meta })
}

/** It is removed with the process. */
async function install(tarballPath: string): Promise<GatewayHome> {
  const home = await createHome({ modelBaseUrl: "http://127.0.0.1:9/v1" })
  await installPlugin(home, tarballPath)
  return home
}

function replaceIn(file: string, from: string, to: string): void {
  const bytes = readFileSync(file)
  const [before, after] = [Buffer.from(from), Buffer.from(to)]
  for (let at = bytes.indexOf(before); at !== -1; at = bytes.indexOf(before, at + after.length)) after.copy(bytes, at)
  writeFileSync(file, bytes)
}
