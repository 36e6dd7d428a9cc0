/** A home with a host in it whose command is a stand-in (`stand-in-host.mjs`), for commands that change the host's configuration through it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Ending } from "../ledger-fixture.ts"
import { makeHome, type Home } from "./home.ts"

export const standIn = join(import.meta.dirname, "stand-in-host.mjs")

export type Host = {
  readonly home: Home
  /** The words of a command, as `home.run` takes them. */
  readonly with: (command: string) => readonly string[]
  readonly config: () => Record<string, unknown> & { plugins: Record<string, unknown> }
  readonly configure: (config: object) => void
  /** What was handed to `openclaw config patch`, one after the other. */
  readonly written: () => readonly object[]
  readonly know: (known: object) => void
}

const loaded = (id: string) => ({ id, enabled: true, status: "loaded", origin: "bundled" })
export const usualPlugins = [
  loaded("memory-core"),
  loaded("telegram"),
  { id: "discord", enabled: false, status: "disabled" },
  { ...loaded("sovereign-ledger"), version: "99.0.0" },
]

export function hostedHome(t: Ending, config: object = { gateway: { mode: "local" } }): Host {
  const home = makeHome(t)
  const here = (name: string) => join(home.directory, name)
  const configFile = here(join(".openclaw", "openclaw.json"))
  mkdirSync(here(".openclaw"))
  const configure = (next: object) => writeFileSync(configFile, JSON.stringify(next))
  const know = (known: object) => writeFileSync(here("plugins.json"), JSON.stringify({ plugins: usualPlugins, ...known }))
  configure(config)
  know({})
  return {
    home,
    with: (command) => [...command.split(" "), "--openclaw", standIn],
    config: () => JSON.parse(readFileSync(configFile, "utf8")) as ReturnType<Host["config"]>,
    configure,
    written: () => (existsSync(here("written.json")) ? (JSON.parse(readFileSync(here("written.json"), "utf8")) as object[]) : []),
    know,
  }
}
