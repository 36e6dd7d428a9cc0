/**
 * The master key: 32 bytes that only the operator has. It wraps the keys in keys.json and seals nothing itself.
 * Asked of a key command when there is one; else looked for in a key file, then in the secret the host resolved, then in the environment (weakest: an agent's
 * shell can read it).
 */
import { argon2Sync, createHmac, randomBytes } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { Fault, problemOf } from "../base/fault.ts"
import { runKeyCommand, type KeyCommand } from "./key-command.ts"
import { countOf, objectOf, stringOf } from "../base/json.ts"

export const masterKeyBytes = 32
export const masterKeyVariable = "OPENCLAW_MASTER_KEY"
const shortestPassphrase = 12

export type KeySource = "key command" | "key file" | "host secret" | "environment"

/** What an operator gave us: raw key bytes, or a passphrase that still has to be stretched with the store's salt. */
export type MasterSecret = {
  readonly source: KeySource
  readonly where: string
  readonly text: string
}

/** Parameters of argon2id (RFC 9106) as they stand in keys.json; memory in KiB. */
export type Stretching = {
  readonly name: "argon2id"
  readonly salt: string
  readonly memoryKib: number
  readonly passes: number
  readonly parallelism: number
}

export type SecretPlaces = {
  /** Where there is one, the key comes from nowhere else: what it cannot say is said, and no other key taken in its place. */
  readonly keyCommand?: KeyCommand | undefined
  readonly keyFile: string
  readonly hostSecret?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * The first secret found, in the documented order; undefined when there is none.
 * @throws {Fault} `key.command-failed`; `key.exposed` when others can read the key file, `store.unreadable` when we cannot.
 */
export function findMasterSecret(places: SecretPlaces): MasterSecret | undefined {
  const { keyCommand } = places
  if (keyCommand) return { source: "key command", where: keyCommand[0] ?? "", text: runKeyCommand(keyCommand) }
  const fromFile = readKeyFile(places.keyFile, places.environment["CREDENTIALS_DIRECTORY"])
  if (fromFile !== undefined) return { source: "key file", where: places.keyFile, text: fromFile }
  // A line feed at the end, which shells and secret stores like to add, would make another key of a written one.
  const fromHost = places.hostSecret?.trim()
  if (fromHost) return { source: "host secret", where: "the host's secret store", text: fromHost }
  const fromEnvironment = places.environment[masterKeyVariable]?.trim()
  if (fromEnvironment) return { source: "environment", where: masterKeyVariable, text: fromEnvironment }
  return undefined
}

/**
 * The text of a key file, trimmed; undefined when there is none. Throws as `findMasterSecret`.
 * A credential of systemd (systemd.exec(5), LoadCredential) is root's, and lets one user read it by an access list, whose mask stands where the mode has the group.
 */
export function readKeyFile(path: string, credentialsDirectory?: string): string | undefined {
  let text: string
  try {
    const { mode, uid } = statSync(path)
    const isCredential = credentialsDirectory !== undefined && credentialsDirectory !== "" && dirname(resolve(path)) === resolve(credentialsDirectory)
    const forbidden = isCredential && uid === 0 ? 0o037 : 0o077
    if (process.platform !== "win32" && (mode & forbidden) !== 0) {
      throw new Fault("key.exposed", { file: path, mode: (mode & 0o777).toString(8) })
    }
    text = readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined
    if (error instanceof Fault) throw error
    throw new Fault("store.unreadable", { file: path, problem: problemOf(error) }, error)
  }
  return text.trim()
}

/** The 32 bytes a written key stands for, or undefined when the text is a passphrase. */
export function parseWrittenKey(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex")
  if (/^[A-Za-z0-9_-]{43}=$/.test(text)) return Buffer.from(text, "base64url")
  return undefined
}

export function isPassphrase(secret: MasterSecret): boolean {
  return parseWrittenKey(secret.text) === undefined
}

/** 44 URL-safe base64 characters, the form Fernet keys have. */
export function writeKey(key: Uint8Array): string {
  return `${Buffer.from(key).toString("base64url")}=`
}

/** @throws {Fault} `key.malformed` when a passphrase is too short or its parameters are missing. */
export function masterKeyOf(secret: MasterSecret, stretching: Stretching | undefined): Buffer {
  const written = parseWrittenKey(secret.text)
  if (written) return written
  if (secret.text === "") throw new Fault("key.malformed", { source: secret.where, problem: "it is empty" })
  if (secret.text.length < shortestPassphrase) {
    throw new Fault("key.malformed", { source: secret.where, problem: `a passphrase needs at least ${shortestPassphrase} characters` })
  }
  if (!stretching) throw new Fault("key.malformed", { source: secret.where, problem: "it is a passphrase, but this ledger was created with a written key" })
  return stretch(secret.text, stretching)
}

/** The parameters as they stand in a file nobody vouched for; undefined unless argon2 takes them, within an hour of anybody's life. */
export function parseStretching(value: unknown): Stretching | undefined {
  const { name, salt: saltText, ...numbers } = objectOf(value)
  const salt = stringOf(saltText)
  const memoryKib = countOf(numbers["memoryKib"]) ?? 0
  const passes = countOf(numbers["passes"]) ?? 0
  const parallelism = countOf(numbers["parallelism"]) ?? 0
  const usable = parallelism >= 1 && parallelism <= 64 && memoryKib >= 8 * parallelism && memoryKib <= 4_194_304 && passes >= 1 && passes <= 1_000
  if (name !== "argon2id" || salt === undefined || Buffer.from(salt, "base64").length < 8 || !usable) return undefined
  return { name, salt, memoryKib, passes, parallelism }
}

/** Parameters with a salt of their own: three passes over 64 MiB, which RFC 9106 (4) recommends where memory is short, in one lane. */
export function newStretching(): Stretching {
  return { name: "argon2id", salt: randomBytes(16).toString("base64"), memoryKib: 65_536, passes: 3, parallelism: 1 }
}

export function stretch(passphrase: string, stretching: Stretching): Buffer {
  return argon2Sync("argon2id", {
    message: Buffer.from(passphrase.normalize("NFKC")),
    nonce: Buffer.from(stretching.salt, "base64"),
    parallelism: stretching.parallelism,
    tagLength: masterKeyBytes,
    memory: stretching.memoryKib,
    passes: stretching.passes,
  })
}

/** 16 hex digits that tell two keys apart without saying anything about either. */
export function keyFingerprint(key: Uint8Array): string {
  return createHmac("sha256", key).update("sovereign-ledger/key-fingerprint/1").digest("hex").slice(0, 16)
}
