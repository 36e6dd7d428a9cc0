/** Programs and clients of other versions than the source's: the same code, bundled under another version number. Built once a process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { buildPackage } from "../../scripts/build.ts"
import type { LedgerClient } from "../../src/host/ledger-client.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"

export type BuiltVersion = {
  readonly version: string
  /** The package as it is installed: `cli.mjs`, `main.mjs`, `plugin.mjs`, `native/`. */
  readonly directory: string
  readonly cli: string
  readonly Client: typeof LedgerClient
}

const built = new Map<string, Promise<BuiltVersion>>()

/** With `mark` (16 hex digits), another build of the same version: the hash of its code is that. */
export function builtVersion(version: string, mark?: string): Promise<BuiltVersion> {
  const key = `${version} ${mark}`
  let building = built.get(key)
  if (!building) built.set(key, (building = buildVersion(version, mark)))
  return building
}

async function buildVersion(version: string, mark: string | undefined): Promise<BuiltVersion> {
  const out = mkdtempSync(join(tmpdir(), "sl-version-"))
  onProcessEnd(() => rmSync(out, { recursive: true, force: true }))
  const { directory, cliPath } = await buildPackage({ out, version, pack: false })
  const client = join(out, "client.mjs")
  const main = join(directory, "main.mjs")
  const text = readFileSync(main, "utf8")
  const [, hash = ""] = /codeHash = .*"([0-9a-f]{16})"/.exec(text) ?? []
  const code = mark ?? hash
  writeFileSync(main, text.replaceAll(hash, code))
  await build({
    entryPoints: [join(import.meta.dirname, "../../src/host/ledger-client.ts")],
    outfile: client,
    bundle: true,
    platform: "node",
    format: "esm",
    define: { __SOVEREIGN_LEDGER_VERSION__: JSON.stringify(version), __SOVEREIGN_LEDGER_CODE__: JSON.stringify(code) },
  })
  const { LedgerClient: Client } = (await import(pathToFileURL(client).href)) as { LedgerClient: typeof LedgerClient }
  return { version, directory, cli: cliPath, Client }
}
