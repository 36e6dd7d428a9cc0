/** The host in whose state directory a ledger lies, else that of the environment; where the plugin's settings name another directory, what agents are made of is there. */
import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { objectOf, stringOf } from "../../base/json.ts"
import { readHostConfig, type HostPlaces } from "../../inventory/host-places.ts"
import { hostConfigOf } from "../cli/host-config.ts"
import { stateDirectory } from "../cli/state-directory.ts"
import type { LedgerPlace } from "./question.ts"

const partsOfHost = [join("state", "openclaw.sqlite"), "cron", "openclaw.json"]

export function stateDirectoryOf({ files }: Pick<LedgerPlace, "files">): string {
  const around = dirname(files.directory)
  return partsOfHost.some((name) => existsSync(join(around, name))) ? around : stateDirectory(process.env)
}

export function placesOfHost(place: Pick<LedgerPlace, "files">): HostPlaces {
  const configFile = hostConfigOf(process.env, place.files.directory)
  const plugins = objectOf(readHostConfig(configFile)?.["plugins"])
  const settings = objectOf(objectOf(objectOf(plugins["entries"])["sovereign-ledger"])["config"])
  const named = stringOf(settings["openclawDir"])
  return {
    stateDirectory: named === undefined ? stateDirectoryOf(place) : resolve(named),
    configFile,
    home: process.env["OPENCLAW_HOME"] ?? process.env["HOME"] ?? homedir(),
  }
}
