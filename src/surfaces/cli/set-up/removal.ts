/** What `uninstall` takes out of the host, in order, and what it leaves. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../../../base/fault.ts"
import type { JsonObject } from "../../../base/json.ts"
import { tryLock } from "../../../vault/lock.ts"
import { defaultKeyFile, storeIdAt } from "../places.ts"
import type { CommandContext } from "../command.ts"
import { hostConfigFile } from "../host-config.ts"
import { readNote, undoneBy } from "./note.ts"
import { missingOf, pluginId, together } from "./patch.ts"
import { pluginsIn, settingsIn, type Known } from "./question.ts"
import { namesIn } from "./questions/permissions.ts"

export type Staying = { readonly what: string; readonly path: string }

export type Removal = {
  readonly isInstalled: boolean
  /** Of the configuration as it is now; undefined where nothing of ours stands in it. */
  readonly patch: JsonObject | undefined
  readonly storeId: string | null
  readonly staying: readonly Staying[]
}

export function removalOf({ config, plugins, context, isSetUp }: Known): Removal {
  const { directory } = context.files
  return {
    isInstalled: plugins.some(({ id }) => id === pluginId),
    patch: missingOf(config, removalPatch(directory, config)),
    storeId: isSetUp ? idOf(directory) : null,
    staying: stayingOf(context, settingsIn(config)["keyFile"]),
  }
}

/** Others' entries stay. A list that would be empty would let every plugin be loaded, as none does: it is taken out. */
export function removalPatch(directory: string, config: unknown): JsonObject {
  const { allow, deny } = pluginsIn(config)
  const without = (list: unknown) => namesIn(list).filter((name) => name.trim().toLowerCase() !== pluginId)
  const lists = Object.entries({ allow, deny }).flatMap(([name, list]) => {
    const rest = without(list)
    return rest.length === namesIn(list).length ? [] : [{ plugins: { [name]: rest.length === 0 ? null : rest } }]
  })
  return together([{ plugins: { entries: { [pluginId]: null } } }, ...lists, undoneBy(readNote(directory), config)])
}

/** Null where keys.json cannot be read: what is in the host is taken out of it all the same. */
function idOf(directory: string): string | null {
  try {
    return storeIdAt(directory)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

function stayingOf({ files, keyFileFor }: CommandContext, named: unknown): readonly Staying[] {
  const id = idOf(files.directory) ?? ""
  const keyFiles = [keyFileFor(id), ...(typeof named === "string" ? [named] : []), defaultKeyFile(process.env, id)]
  const rows = [
    { what: "the ledger", path: files.directory },
    ...[...new Set(keyFiles)].map((path) => ({ what: "its master key", path })),
    { what: "its last checkpoint", path: files.headNote },
  ]
  const copies = { what: "the host's own copies of its configuration", path: `${hostConfigFile(process.env)}.bak` }
  return [...rows, copies].filter(({ path }) => existsSync(path))
}

/** Files of a ledger by their names, with what SQLite and a change that was cut off leave beside them. */
const ours = /^(?:(?:journal|views|scopes)\.db|keys\.json|(?:writer|import|collect|backup|rekey)\.lock\.sqlite|(?:prune|doors|setup)\.json|writer\.sock)/

/** Whether nothing else was in its directory. @throws {Fault} `store.locked`: whoever writes meanwhile would write into what is gone. */
export function deleteLedger({ files }: CommandContext): boolean {
  const lock = tryLock(files.lock)
  if (!lock) throw new Fault("store.locked", { directory: files.directory })
  for (const name of readdirSync(files.directory)) if (ours.test(name)) rmSync(join(files.directory, name), { force: true })
  rmSync(files.headNote, { force: true })
  lock.release()
  rmSync(files.lock, { force: true })
  if (readdirSync(files.directory).length > 0) return false
  rmdirSync(files.directory)
  return true
}
