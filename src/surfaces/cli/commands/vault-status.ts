/** sovereign-ledger vault status | check */
import { existsSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { checkVault, type CheckedFile } from "../../../journal/check-sealed.ts"
import { vaultStatus, type VaultStatus } from "../../../views/vault-status.ts"
import { countWords, plain, sizeWords } from "../../render/words.ts"
import type { CommandRow } from "../command.ts"
import { storeIdAt } from "../places.ts"
import type { Terminal } from "../terminal.ts"

export const vaultStatusCommand: CommandRow = {
  path: "vault status",
  summary: "What the ledger is sealed under, and what of that is under way",
  help: `Prints no secret. Names the master key by its fingerprint, where it was found and since when it is the one; keys of contents, and what was erased.

Exit status: 0 nothing is due, 1 something is, 2 no key is found or it is the wrong one.

Example:
  sovereign-ledger vault status`,
  run: async ({ files, places, terminal, json, nowMs }) => {
    const status = vaultStatus(files, places)
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...status }
    await terminal.write(json ? `${JSON.stringify(body)}\n` : statusWords(status))
    return status.due.length === 0 ? 0 : 1
  },
}

export const vaultCheckCommand: CommandRow = {
  path: "vault check",
  summary: "Is anything of the ledger readable on the disk without its key",
  help: `Looks at every byte of every file in the data directory, and at the modes of all of them and of the key file. Sealed bytes cannot be told from random
ones; what looks like anything else is named with its place. Asks for no key and opens nothing.

Exit status: 0 nothing is readable, 1 something is, or others may open it, or a file is not the ledger's; 2 it could not be looked at.

Example:
  sovereign-ledger vault check`,
  reportsFaults: true,
  run: async ({ files, keyFileFor, keyCommand, terminal, json, nowMs }) => {
    if (!existsSync(files.directory)) throw new Fault("store.absent", { directory: files.directory })
    const check = checkVault(files, keyCommand ? undefined : keyFileIn(files.directory, keyFileFor), terminal.progress("Looking"))
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), directory: files.directory, ...check }
    await terminal.write(
      json ? `${JSON.stringify(body)}\n` : [...check.files.map((file) => fileLine(file, terminal)), verdict(check.sound, check.bytes, terminal)].join(""),
    )
    return check.sound ? 0 : 1
  },
}

function keyFileIn(directory: string, keyFileFor: (storeId: string) => string): string | undefined {
  try {
    return keyFileFor(storeIdAt(directory))
  } catch (error) {
    if (error instanceof Fault) return undefined // what is wrong with keys.json is told in its own line
    throw error
  }
}

function statusWords({ storeId, master, next, signer, contents, due }: VaultStatus): string {
  const rows: [string, string][] = [
    ["ledger", storeId],
    ["master key", `${master.fingerprint}   ${master.source} (${plain(master.where)})${master.passphrase ? ", a passphrase" : ""}`],
    ["since", master.since],
    ...master.replaced.map(({ fingerprint, until }): [string, string] => ["before", `${fingerprint} until ${until}`]).toReversed(),
    ...(next === null ? [] : [["opens, too", next] as [string, string]]),
    ["signing key", `${signer.verifierKey}${signer.earlier === 0 ? "" : `   from size ${signer.sinceSize} on, after ${countWords(signer.earlier, "other")}`}`],
    ["contents", contents ? contentsWords(contents) : "scopes.db cannot be read"],
  ]
  const lines = rows.map(([name, value]) => `${name.padEnd(12)} ${value}\n`)
  return [...lines, ...due.map(({ what, remedy }) => `\n${what}\n${remedy}\n`)].join("")
}

function contentsWords({ scopes, keys, erasedScopes, destroyedKeys, legalHolds }: NonNullable<VaultStatus["contents"]>): string {
  const erased = destroyedKeys === 0 ? "" : `; ${countWords(destroyedKeys, "key")} destroyed, ${countWords(erasedScopes, "conversation")} erased whole`
  const held = legalHolds === 0 ? "" : `; ${countWords(legalHolds, "legal hold")}`
  return `${countWords(scopes, "conversation")} under ${countWords(keys, "key")}${erased}${held}`
}

function fileLine({ file, bytes, mode, state, words, remedy }: CheckedFile, { colors }: Terminal): string {
  const isFine = state === "sealed" || state === "plain by design"
  const mark = isFine ? colors.green("✓") : colors.red("✗")
  return `${mark} ${plain(file)}  ${sizeWords(bytes)}${mode === null ? "" : `  ${mode}`}  ${words}\n${remedy === null ? "" : `    ${remedy}\n`}`
}

function verdict(sound: boolean, bytes: number, { colors }: Terminal): string {
  return sound
    ? `\n${colors.green("✓ SEALED")}  ${sizeWords(bytes)} looked at; nothing of the ledger is readable without its key\n`
    : `\n${colors.red("✗ NOT SEALED")}  see the lines marked ✗\n`
}
