/** What vault seal and vault unseal have in common. */
import { statSync } from "node:fs"
import { basename, extname, join, resolve } from "node:path"
import { Fault } from "../../../base/fault.ts"
import { openKeys } from "../../../operations/create-key.ts"
import type { NamedKeys, sealAs, unsealKeys } from "../../../operations/sealing/keys.ts"
import type { seal } from "../../../operations/sealing/seal.ts"
import type { sealedSink } from "../../../operations/sealing/sealed-sink.ts"
import type { unseal } from "../../../operations/sealing/unseal.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"
import { openSink, type Sink } from "../sink.ts"

export type Sealing = {
  readonly sealAs: typeof sealAs
  readonly unsealKeys: typeof unsealKeys
  readonly seal: typeof seal
  readonly unseal: typeof unseal
  readonly sealedSink: typeof sealedSink
}

let load: (() => Promise<Sealing>) | undefined

/** The composition root hands in what seals: it loads packages that no other command needs. */
export function provideSealing(loader: () => Promise<Sealing>): void {
  load = loader
}

export async function loadSealing(): Promise<Sealing> {
  if (!load) throw new Error("nothing was provided that seals")
  return load()
}

export const sealOption: OptionRow = {
  flags: "--seal",
  words: "seal the file of --out under the ledger's own key, as vault seal does; it is never plain on the disk",
}

/** Where an export goes: a new file, sealed where that is asked for, or standard output. */
export async function openExport(context: CommandContext, flags: Flags): Promise<Sink> {
  const path = flags["out"] as string | undefined
  if (flags["seal"] !== true) return openSink(context, path)
  if (path === undefined) throw new Fault("cli.usage", { problem: "--seal goes with --out FILE; what comes on standard output can be sealed by vault seal -." })
  const { store, filesKeys: keys } = openKeys(context.files, context.places).keys
  return (await loadSealing()).sealedSink(path, { ledger: { storeId: store.storeId, keys } })
}

export function namedKeys(context: CommandContext, flags: Flags): NamedKeys {
  const many = (name: string) => (flags[name] as readonly string[] | undefined) ?? []
  const one = (name: string) => flags[name] as string | undefined
  return {
    recipients: many("recipient"),
    recipientsFiles: many("recipientsFile"),
    identityFiles: many("identityFile"),
    passphraseFile: one("passphraseFile"),
    fernetKeyFile: one("fernetKeyFile"),
    isAge: flags["age"] === true,
    ledger: () => {
      const { keys } = openKeys(context.files, context.places)
      return { storeId: keys.store.storeId, keys: keys.filesKeys }
    },
  }
}

/** Flags that may be given several times. */
export function gathered(text: string, before: unknown): readonly string[] {
  if (text === "") throw new Fault("cli.usage", { problem: "A flag was given an empty text." })
  return [...((before as readonly string[] | undefined) ?? []), text]
}

export type Place = { readonly from: string; readonly to: string | ((bytes: Uint8Array) => Promise<void>); readonly shown: string }

/** Where each of several goes: beside it, into the directory that was named, or into the file that was named for the only one. */
export function placesFor(paths: readonly string[], flags: Flags, nameOf: (path: string) => string | undefined): readonly Place[] {
  const output = flags["output"] as string | undefined
  const stdin = paths.filter((path) => path === "-").length
  if (stdin > 1 || (paths.length > 1 && (stdin > 0 || output === "-")))
    throw new Fault("cli.usage", { problem: "Standard input and output are for one file alone." })
  const isDirectory = output !== undefined && output !== "-" && (paths.length > 1 || output.endsWith("/") || isDirectoryAt(output))
  if (isDirectory && !isDirectoryAt(output)) throw new Fault("cli.usage", { problem: `${output} is no directory.` })
  const places = paths.map((path): Place => {
    const from = path === "-" ? path : resolve(path)
    if (output === "-" || (from === "-" && output === undefined)) return { from, to: standardOutput, shown: "-" }
    const name = isDirectory || output === undefined ? nameOf(from) : undefined
    if (output !== undefined && !isDirectory) return { from, to: resolve(output), shown: resolve(output) }
    if (name === undefined) throw new Fault("cli.usage", { problem: `Name where ${path} is to go: --output FILE.` })
    const to = isDirectory ? join(resolve(output), basename(name)) : name
    return { from, to, shown: to }
  })
  const twice = places.find(({ to, shown }, i) => typeof to === "string" && places.findIndex((other) => other.shown === shown) !== i)
  if (twice) throw new Fault("cli.usage", { problem: `Two of them would be ${twice.shown}.` })
  return places
}

/** The name without the ending that sealing gave it. */
export function unsealedName(path: string): string | undefined {
  return [".sealed", ".age", ".fernet"].includes(extname(path)) ? path.slice(0, -extname(path).length) : undefined
}

export function refuseJson({ json }: CommandContext, places: readonly Place[]): void {
  if (json && places.some(({ to }) => typeof to !== "string"))
    throw new Fault("cli.usage", { problem: "--json and the bytes of a file cannot both go to standard output." })
}

function isDirectoryAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function standardOutput(bytes: Uint8Array): Promise<void> {
  // A piece may be written over once this answers: the stream has taken it by then, or waits for it here.
  return new Promise((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())))
}
