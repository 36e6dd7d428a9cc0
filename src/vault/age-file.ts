/** Files of age (https://age-encryption.org/v1): sealed to recipients or a passphrase, and opened, as streams. */
import { Decrypter, Encrypter } from "age-encryption"
import { Fault, problemOf } from "../base/fault.ts"
import { armorStart, dearmored } from "./age-armor.ts"

export type AgeRecipients = { readonly recipients: readonly string[] } | { readonly passphrase: string }
export type AgeKeys = { readonly identities: readonly string[]; readonly passphrase?: string | undefined }
type Bytes = AsyncIterable<Uint8Array>

const versionLine = "age-encryption.org/v1\n"
/** A header with a stanza for each of some ten thousand recipients. */
const mostHeaderBytes = 2 ** 21

/** Whether a file that begins with these bytes is one of age, armored or not. */
export function isAge(start: Buffer): boolean {
  const text = start.toString("latin1")
  return text.startsWith(versionLine) || text.trimStart().startsWith(armorStart)
}

/** Lines of a file of recipients (`age -R`) or identities (`age -i`): comments and empty lines are passed over. */
export function ageLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
}

/** @throws {Fault} `sealed.key-unusable` for what is no recipient of age's own kinds; `source` says where it stands. */
export function checkRecipient(recipient: string, source: string): void {
  checked(source, "a recipient of age begins with age1", () => new Encrypter().addRecipient(recipient))
}

/** @throws {Fault} `sealed.key-unusable` */
export function checkIdentity(identity: string, source: string): void {
  checked(source, "an identity of age begins with AGE-SECRET-KEY-1, in a file that is not sealed itself", () => new Decrypter().addIdentity(identity))
}

function checked(source: string, words: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    // The words of the library are not shown: what was given may be somebody's secret.
    throw new Fault(
      "sealed.key-unusable",
      { source, problem: `it has a line that is neither a comment nor a key; ${words}`, remedy: "Make one: age-keygen -o FILE" },
      error,
    )
  }
}

export async function* sealAge(source: Bytes, to: AgeRecipients): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter()
  if ("passphrase" in to) encrypter.setPassphrase(to.passphrase)
  else for (const recipient of to.recipients) encrypter.addRecipient(recipient)
  yield* await encrypter.encrypt(streamOf(source))
}

/**
 * The content, in pieces that are each authenticated; whether it is whole is known at its end.
 * @throws {Fault} `sealed.wrong-key`, `sealed.changed`, `sealed.cut`
 */
export async function* unsealAge(source: Bytes, keys: AgeKeys, file: string): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter()
  for (const identity of keys.identities) decrypter.addIdentity(identity)
  if (keys.passphrase !== undefined) decrypter.addPassphrase(keys.passphrase)
  try {
    yield* await decrypter.decrypt(streamOf(withShortHeader(dearmored(source, file), file)))
  } catch (error) {
    if (error instanceof Fault) throw error
    if (error instanceof Error && error.message.startsWith("no identity matched")) {
      throw new Fault("sealed.wrong-key", { file, problem: "it was sealed for other recipients, or under another passphrase" }, error)
    }
    throw new Fault("sealed.changed", { file, problem: `what age reads does not fit, or is cut off (${problemOf(error)})` }, error)
  }
}

function streamOf(source: Bytes): ReadableStream<Uint8Array> {
  // The library asks for arrays that are nobody's view: a Buffer of a pool is one.
  return ReadableStream.from<Uint8Array>(source) as ReadableStream<Uint8Array>
}

/** The same bytes; a header that does not end would be held in memory for ever. */
async function* withShortHeader(source: Bytes, file: string): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of source) {
    if (head === undefined) yield piece
    else {
      head = Buffer.concat([head, piece])
      const mac = head.indexOf("\n--- ")
      if (mac < 0 || head.indexOf("\n", mac + 1) < 0) {
        if (head.length > mostHeaderBytes) throw new Fault("sealed.changed", { file, problem: "its header does not end" })
        continue
      }
      yield head
      head = undefined
    }
  }
  if (head) throw new Fault("sealed.cut", { file, problem: "its header is not whole" })
}
