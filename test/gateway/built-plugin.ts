/**
 * The package that gateway suites install, built once a process and in a directory of its own: `dist/` belongs to people who run
 * `npm run build` or the demo beside the tests. `nextVersion` is the same code under a higher version, for upgrades.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildPackage, type BuiltPackage } from "../../scripts/build.ts"
import { nativeTarget } from "../../src/vault/database.ts"
import { onProcessEnd } from "./cleanup.ts"

export const nextVersion = "99.0.0"

const built = new Map<string, Promise<BuiltPackage>>()

export function builtPlugin(version?: string): Promise<BuiltPackage> {
  const key = version ?? ""
  let building = built.get(key)
  if (!building) built.set(key, (building = build(version)))
  return building
}

function build(version: string | undefined): Promise<BuiltPackage> {
  const out = mkdtempSync(join(tmpdir(), "sl-build-"))
  onProcessEnd(() => rmSync(out, { recursive: true, force: true }))
  // The host reads the whole package at every reload, twice: drivers of other machines are most of it.
  return buildPackage({ out, platforms: [nativeTarget()], ...(version !== undefined && { version }) })
}
