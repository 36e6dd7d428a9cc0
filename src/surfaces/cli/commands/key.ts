/** sovereign-ledger key create | status | backup | restore; `key hand-over` has a file of its own. */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import { buildVersion } from "../../../version.ts"
import { parseHandOver } from "../../../format/hand-over.ts"
import { backUpKeys, restoreKeys } from "../../../operations/back-up-keys.ts"
import { createKey, openKeys } from "../../../operations/create-key.ts"
import type { KeyStoreJson } from "../../../vault/key-store.ts"
import type { CommandRow, Flags, OptionRow } from "../command.ts"

const passphraseOption: OptionRow = { flags: "--passphrase-file <file>", words: "a file whose first line is the passphrase of the backup" }

export const keyCreate: CommandRow = {
  path: "key create",
  summary: "Set the ledger up: make its master key and the keys it wraps",
  help: `Makes a random master key in a key file (mode 0600, outside the state directory) and keys.json in the data directory.
Refuses to replace either. Recording begins with the next event.

The master key is looked for in the key file, then in the setting masterKey (a secret reference of the host), then in OPENCLAW_MASTER_KEY. With a key
command (the setting keyCommand, or --key-command) it is what that prints, and no key file is made.

Examples:
  sovereign-ledger key create
  sovereign-ledger key create --key-file /etc/sovereign-ledger/master.key
  sovereign-ledger key create --key-command '["pass", "show", "ledger"]'`,
  run: async (context) => {
    const { files, keyCommand, nowMs } = context
    const { keys, source, where } = createKey(files, context.keyFileFor, { nowMs, version: buildVersion, keyCommand })
    const { storeId, origin, verifierKey } = keys.store
    const keyFile = source === "key file" ? where : null
    const body = { schemaVersion: 1, storeId, origin, verifierKey, keyFile, keyCommand: keyFile === null ? where : null, keys: files.keys }
    const words = [
      `The ledger ${storeId} is set up in ${files.directory}.`,
      `  master key    ${keyFile ?? `printed by ${where}`}   keep a copy: sovereign-ledger key backup FILE`,
      `  verifier key  ${verifierKey}`,
      "                give it to whoever will check your exports",
      "",
    ]
    await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : words.join("\n"))
    return 0
  },
}

export const keyStatus: CommandRow = {
  path: "key status",
  summary: "Which key opens this ledger, and where it was found",
  help: `Prints no secret. Exit status 2 when no key is found or it is the wrong one.
Names the keys that signed before, and until when; handOvers of --json has the notes by which each gave its place to the next.

Example:
  sovereign-ledger key status --json | jq -r .verifierKey > verifier.key`,
  run: async (context) => {
    const { keys, secret } = openKeys(context.files, context.places)
    const { store } = keys
    const warning =
      secret.source === "environment"
        ? "The master key is in the environment, where any command an agent runs can read it. A key file is safer: sovereign-ledger key create --help"
        : null
    const body = {
      schemaVersion: 1,
      storeId: store.storeId,
      origin: store.origin,
      verifierKey: store.verifierKey,
      signedBefore: earlier(store),
      pendingKey: store.pending?.verifierKey ?? null,
      handOvers: store.handOvers ?? [],
      createdAt: store.createdAt,
      source: secret.source,
      where: secret.where,
      fingerprint: store.masterFingerprint,
      passphrase: store.stretching !== undefined,
      warning,
    }
    const rows = Object.entries({
      ledger: store.storeId,
      created: store.createdAt,
      "found in": `${secret.source} (${secret.where})`,
      fingerprint: store.masterFingerprint,
      "verifier key": store.verifierKey,
    })
    rows.push(
      ...earlier(store)
        .map(({ verifierKey, until }): [string, string] => ["signed before", `${verifierKey} up to size ${until}`])
        .toReversed(),
    )
    if (store.pending) rows.push(["pending", `${store.pending.verifierKey}: a hand-over was interrupted; the next writer completes or undoes it`])
    await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : rows.map(([name, value]) => `${name.padEnd(13)} ${value}\n`).join(""))
    if (warning && !context.json) context.terminal.note(warning)
    return 0
  },
}

export const keyBackup: CommandRow = {
  path: "key backup",
  summary: "Write what opens this ledger into one small file",
  argument: { name: "<file>", words: "the backup to write; never replaced" },
  options: [passphraseOption],
  help: `The file holds the master key and keys.json. With a passphrase it is sealed (argon2id, AES-256-GCM); without one whoever has it can open the ledger.
The keys of contents are not in it: they are in scopes.db, which grows with every new session, and which backup create keeps a copy of.

Example:
  sovereign-ledger key backup ledger-key.json --passphrase-file passphrase.txt`,
  run: async (context, flags, argument) => {
    const file = resolve(argument ?? "")
    const made = backUpKeys(context.files, context.places, file, passphraseOf(flags), context.nowMs)
    const words = made.sealed
      ? `Sealed backup of ledger ${made.storeId} written to ${file}.\n`
      : `Backup of ledger ${made.storeId} written to ${file}. It is not sealed: keep it where only you can read it.\n`
    await context.terminal.write(context.json ? `${JSON.stringify({ schemaVersion: 1, file, ...made })}\n` : words)
    return 0
  },
}

export const keyRestore: CommandRow = {
  path: "key restore",
  summary: "Put a backed-up key back; what is there is never replaced",
  argument: { name: "<file>", words: "a file made by key backup" },
  options: [passphraseOption],
  help: `Writes the key file and keys.json where they are missing, then checks that the key opens the ledger.

Example:
  sovereign-ledger key restore ledger-key.json --passphrase-file passphrase.txt`,
  run: async (context, flags, argument) => {
    const restored = restoreKeys(context.files, context.keyCommand ? () => undefined : context.keyFileFor, resolve(argument ?? ""), passphraseOf(flags))
    const lines = [...restored.written.map((path) => `restored  ${path}`), ...restored.kept.map((path) => `kept      ${path}`)]
    await context.terminal.write(
      context.json ? `${JSON.stringify({ schemaVersion: 1, ...restored })}\n` : `${lines.join("\n")}\nThe key opens ledger ${restored.storeId}.\n`,
    )
    return 0
  },
}

/** Keys that gave their place away, the first one first. */
function earlier({ handOvers = [] }: KeyStoreJson): readonly { readonly verifierKey: string; readonly until: number }[] {
  return handOvers.flatMap((note) => parseHandOver(note) ?? []).map(({ previousKey, size }) => ({ verifierKey: previousKey, until: size }))
}

function passphraseOf(flags: Flags): string | undefined {
  const file = flags["passphraseFile"] as string | undefined
  if (file === undefined) return undefined
  try {
    const passphrase = readFileSync(file, "utf8").split("\n")[0]?.trim()
    if (!passphrase) throw new Fault("cli.usage", { problem: `${file} has no passphrase on its first line.` })
    return passphrase
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("store.unreadable", { file, problem: problemOf(error) }, error)
  }
}
