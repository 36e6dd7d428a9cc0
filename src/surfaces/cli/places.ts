/** Where things are: the data directory, the key file, the note outside. A flag wins, then the plugin's settings, then the host's environment, then the default. */
import { createHash } from "node:crypto"
import { existsSync, realpathSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { Fault } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import { ledgerFiles, type LedgerFiles } from "../../journal/files.ts"
import { keepsAll, retentionOf, type Retention } from "../../policy/retention.ts"
import { isKeyCommand, parseKeyCommand, type KeyCommand } from "../../vault/key-command.ts"
import { keyStoreExists, readKeyStore } from "../../vault/key-store.ts"
import { socketPath } from "../socket/socket-path.ts"
import type { SecretPlaces } from "../../vault/master-key.ts"
import { hostConfigFile, readHostConfig } from "./host-config.ts"
import { stateDirectory, type Environment } from "./state-directory.ts"

export type PlaceFlags = {
  readonly dataDir?: string | undefined
  readonly keyFile?: string | undefined
  /** As a list of words in JSON, or one program. */
  readonly keyCommand?: string | undefined
  readonly headNote?: string | undefined
  readonly socket?: string | undefined
}

type Settings = Omit<PlaceFlags, "keyCommand"> & {
  readonly keyCommand?: KeyCommand | undefined
  readonly witnesses?: readonly string[]
  readonly timestampAuthorities?: readonly string[]
  readonly retention?: Retention
}

/** What is known of a ledger whatever state its files are in. */
export type Location = {
  readonly files: LedgerFiles
  /** Where the writer listens: the service's socket when one is set, else the one that goes with the directory. */
  readonly socket: string
  /** The key file of a ledger, by its id: the one that was named, or the default for it. */
  readonly keyFileFor: (storeId: string) => string
  /** What prints the master key, when it is kept by a program. */
  readonly keyCommand: KeyCommand | undefined
  /** Witnesses of the settings, as they are written there; none when a data directory is named, which may be that of another ledger. */
  readonly witnesses: readonly string[]
  /** Time-stamp authorities of the settings, as witnesses. */
  readonly timestampAuthorities: readonly string[]
  /** Of the settings; keeps everything when a data directory is named. */
  readonly retention: Retention
}

export type Places = Location & { readonly secrets: SecretPlaces }

/** @throws {Fault} what is wrong with keys.json, which names the ledger and with it the key file. */
export function resolvePlaces(flags: PlaceFlags, environment: Environment): Places {
  const location = locateLedger(flags, environment)
  return { ...location, secrets: secretPlacesOf(location, environment) }
}

/** @throws {Fault} as `resolvePlaces`. */
export function secretPlacesOf({ files, keyFileFor, keyCommand }: Location, environment: Environment): SecretPlaces {
  return { keyCommand, keyFile: keyFileFor(storeIdAt(files.directory)), environment }
}

export function locateLedger(flags: PlaceFlags, environment: Environment): Location {
  refuseEmpty(flags)
  const settings: Settings = flags.dataDir === undefined ? pluginSettings(environment) : {}
  const directory = resolvedDirectory(flags.dataDir ?? settings.dataDir ?? join(stateDirectory(environment), "sovereign-ledger"))
  const headNote = resolve(flags.headNote ?? settings.headNote ?? join(dirname(directory), "sovereign-ledger.head.note"))
  const named = flags.keyFile ?? settings.keyFile
  const keyFileFor = (storeId: string) => (named === undefined ? defaultKeyFile(environment, storeId) : resolve(named))
  return {
    files: ledgerFiles(directory, headNote),
    socket: flags.socket ?? settings.socket ?? socketPath(directory),
    keyFileFor,
    // A file that is named on the command line is meant.
    keyCommand: flags.keyCommand === undefined ? (flags.keyFile === undefined ? settings.keyCommand : undefined) : parseKeyCommand(flags.keyCommand),
    witnesses: settings.witnesses ?? [],
    timestampAuthorities: settings.timestampAuthorities ?? [],
    retention: settings.retention ?? keepsAll,
  }
}

/** A variable of a script that was never set would otherwise mean the working directory. */
function refuseEmpty({ dataDir, keyFile, keyCommand, headNote, socket }: PlaceFlags): void {
  const given = { "--data-dir": dataDir, "--key-file": keyFile, "--key-command": keyCommand, "--head-note": headNote, "--socket": socket }
  for (const [flag, value] of Object.entries(given)) {
    if (value === "") throw new Fault("cli.usage", { problem: `${flag} was given an empty text.` })
  }
}

/** Links are followed once, here: the socket's name and the lock must be the same for everybody who means this ledger. */
function resolvedDirectory(path: string): string {
  const absolute = resolve(path)
  return existsSync(absolute) ? realpathSync(absolute) : absolute
}

/** Outside the state directory, so that a backup of the one is not a backup of both. */
export function defaultKeyFile(environment: Environment, storeId: string): string {
  const home = environment["HOME"] ?? homedir()
  const base = environment["XDG_CONFIG_HOME"] || (process.platform === "win32" ? (environment["APPDATA"] ?? home) : join(home, ".config"))
  return join(base, "sovereign-ledger", `${storeId}.key`)
}

/** The ledger's id, or a stand-in that no ledger has. */
export function storeIdAt(directory: string): string {
  if (!keyStoreExists(directory)) return `new-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`
  return readKeyStore(directory).storeId
}

/**
 * Settings of the plugin, read from the host's configuration for those who run the command without the host.
 * @throws {Fault} `host.config-unreadable`: guessing another directory could show another ledger.
 */
function pluginSettings(environment: Environment): Settings {
  const plugins = objectOf(objectOf(readHostConfig(hostConfigFile(environment)))["plugins"])
  const config = objectOf(objectOf(objectOf(plugins["entries"])["sovereign-ledger"])["config"])
  return {
    dataDir: stringOf(config["dataDir"]),
    keyFile: stringOf(config["keyFile"]),
    keyCommand: isKeyCommand(config["keyCommand"]) ? config["keyCommand"] : undefined,
    headNote: stringOf(config["headNote"]),
    socket: stringOf(config["socket"]),
    witnesses: textsOf(config["witnesses"]),
    timestampAuthorities: textsOf(config["timestampAuthorities"]),
    retention: retentionOf({
      days: config["localRetentionDays"],
      maxSizeMb: config["localMaxSizeMb"],
      contentDays: config["contentRetentionDays"],
    }),
  }
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : []
}
