/** A host's home, as people name it: the state directory itself, or the directory in which it lies. */
import { existsSync, realpathSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import { objectOf } from "../../../base/json.ts"
import { hostSpend } from "../../../prices/host-spend.ts"
import type { SpendSettings } from "../../../operations/spend/parse-prices.ts"
import { hostConfigFile, readHostConfig } from "../host-config.ts"
import { stateDirectory, type Environment } from "../state-directory.ts"

/** Earlier names of the host's own directory among them. */
const stateNames = [".openclaw", ".moltbot", ".clawdbot"]
const partsOfState = ["agents", "state", "sessions", "openclaw.json"]

/**
 * The state directory that is meant: of the argument, else the one the ledger lies in, else that of the environment.
 * @throws {Fault} `history.absent`, `history.unreadable`
 */
export function hostHome(argument: string | undefined, ledgerDirectory: string | undefined, environment: Environment): string {
  const named = argument === undefined ? defaultHome(ledgerDirectory, environment) : resolve(argument)
  const found = isState(named) ? named : stateNames.map((name) => join(named, name)).find(isState)
  if (found === undefined) throw new Fault("history.absent", { directory: named })
  return realpathSync(found)
}

function defaultHome(ledgerDirectory: string | undefined, environment: Environment): string {
  const around = ledgerDirectory === undefined ? undefined : dirname(ledgerDirectory)
  return around !== undefined && existsSync(join(around, "agents")) ? around : stateDirectory(environment)
}

function isState(directory: string): boolean {
  try {
    return partsOfState.some((part) => statSync(join(directory, part), { throwIfNoEntry: false }) !== undefined)
  } catch (error) {
    throw new Fault("history.unreadable", { directory, problem: problemOf(error) }, error)
  }
}

/** What the host's configuration and the plugin's settings say of prices; nothing where there is none, or none that can be read. */
export function spendSettings(home: string, environment: Environment): SpendSettings {
  const beside = join(home, "openclaw.json")
  const file = existsSync(beside) ? beside : hostConfigFile(environment)
  const config = readHostConfig(file)
  const plugins = objectOf(objectOf(config)["plugins"])
  const own = objectOf(objectOf(objectOf(plugins["entries"])["sovereign-ledger"])["config"])
  const list = (name: string) => (Array.isArray(own[name]) ? (own[name] as readonly unknown[]) : [])
  return { prices: list("prices"), toolPrices: list("toolPrices"), budgets: [], ...hostSpend(config, environment) }
}
