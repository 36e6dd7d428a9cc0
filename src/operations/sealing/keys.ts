/** What was named to seal or open files with, read and checked before anything is written. */
import { readFileSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import { ageLines, checkIdentity, checkRecipient, type AgeKeys, type AgeRecipients } from "../../vault/age-file.ts"
import { parseFernetKey, type FernetKey } from "../../vault/fernet.ts"
import { readKeyFile } from "../../vault/master-key.ts"
import type { LedgerFileKey, SealingKey } from "../../vault/sealed-file/file-key.ts"

/** As it was given on a command line: files are read here. */
export type NamedKeys = {
  readonly recipients: readonly string[]
  readonly recipientsFiles: readonly string[]
  readonly identityFiles: readonly string[]
  readonly passphraseFile: string | undefined
  readonly fernetKeyFile: string | undefined
  /** A passphrase makes a file of age, not one of ours. */
  readonly isAge: boolean
  /** Asked for only where it is needed. */
  readonly ledger: () => LedgerFileKey
}

export type SealAs =
  | { readonly format: "sealed"; readonly key: SealingKey }
  | { readonly format: "age"; readonly to: AgeRecipients }
  | { readonly format: "fernet"; readonly key: FernetKey }

export type UnsealKeys = {
  readonly ledger: () => LedgerFileKey
  readonly passphrase: string | undefined
  readonly age: AgeKeys
  readonly fernet: FernetKey | undefined
}

/** @throws {Fault} `sealed.key-unusable`, `cli.usage`, `cli.file-unreadable`, `key.exposed` */
export function sealAs(named: NamedKeys): SealAs {
  const fromFiles = named.recipientsFiles.flatMap((file) => ageLines(readNamed(file)).map((text) => ({ text, source: file })))
  const recipients = [...named.recipients.map((text) => ({ text, source: "--recipient" })), ...fromFiles]
  for (const { text, source } of recipients) checkRecipient(text, source)
  const isForRecipients = named.recipients.length + named.recipientsFiles.length > 0
  const ways = [isForRecipients, named.passphraseFile !== undefined, named.fernetKeyFile !== undefined].filter(Boolean).length
  if (ways > 1) throw usage("Name recipients, a passphrase or a Fernet key: a file is sealed in one way.")
  if (isForRecipients && recipients.length === 0) throw usage("The files of recipients name nobody.")
  if (isForRecipients) return { format: "age", to: { recipients: recipients.map(({ text }) => text) } }
  if (named.fernetKeyFile !== undefined) return { format: "fernet", key: parseFernetKey(readSecret(named.fernetKeyFile), named.fernetKeyFile) }
  const passphrase = named.passphraseFile === undefined ? undefined : readPassphrase(named.passphraseFile)
  if (named.isAge && passphrase === undefined) throw usage("--age takes recipients, or a passphrase: --recipient AGE1..., --passphrase-file FILE.")
  if (passphrase === undefined) return { format: "sealed", key: { ledger: named.ledger() } }
  return named.isAge ? { format: "age", to: { passphrase } } : { format: "sealed", key: { passphrase } }
}

/** @throws {Fault} as `sealAs` */
export function unsealKeys(named: NamedKeys): UnsealKeys {
  const identities = named.identityFiles.flatMap((file) => ageLines(readSecret(file)).map((text) => ({ text, source: file })))
  for (const { text, source } of identities) checkIdentity(text, source)
  const passphrase = named.passphraseFile === undefined ? undefined : readPassphrase(named.passphraseFile)
  return {
    ledger: named.ledger,
    passphrase,
    age: { identities: identities.map(({ text }) => text), passphrase },
    fernet: named.fernetKeyFile === undefined ? undefined : parseFernetKey(readSecret(named.fernetKeyFile), named.fernetKeyFile),
  }
}

function readPassphrase(file: string): string {
  const passphrase = readNamed(file).split("\n")[0]?.trim()
  if (!passphrase) throw usage(`${file} has no passphrase on its first line.`)
  return passphrase
}

/** A file that holds a secret key must be its owner's alone. */
function readSecret(file: string): string {
  const text = readKeyFile(file)
  if (text === undefined) throw new Fault("cli.file-unreadable", { file, problem: "there is no such file" })
  return text
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
  }
}

function usage(problem: string): Fault {
  return new Fault("cli.usage", { problem })
}
