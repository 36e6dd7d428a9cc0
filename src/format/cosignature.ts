/**
 * What a witness says of a checkpoint, as https://c2sp.org/tlog-cosignature defines it for Ed25519 (cosignature/v1): of this log, at this time, this is
 * the largest tree I have seen, and it continues all that I have seen before.
 *
 *   — witness.example/w1 <base64 of key hash, 4 bytes | time, 8 bytes | Ed25519 signature, 64 bytes>
 *
 * The signature covers `cosignature/v1\ntime <seconds since 1970>\n` and the checkpoint's text. Lines may come from anybody: nothing here throws.
 */
import { parseSignatureLine, signatureBytes, signatureText, type NoteSignature, type VerifierKey } from "./checkpoint.ts"

const timeBytes = 8
/** The end of the year 9999. */
const latestTimeS = 253_402_300_799n

export type Cosignature = {
  readonly name: string
  readonly keyHash: Buffer
  /** When the witness signed, in seconds since 1970, by its own clock. */
  readonly timeS: number
  readonly signature: Buffer
}

/** The bytes a cosignature covers. */
export function cosignedBytes(timeS: number, checkpointText: string): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${checkpointText}`)
}

/** A cosignature as a signature line of a note, with its line feed. */
export function cosignatureText(name: string, publicKey: Uint8Array, timeS: number, signature: Uint8Array): string {
  const time = Buffer.alloc(timeBytes)
  time.writeBigUInt64BE(BigInt(timeS))
  return signatureText(name, publicKey, Buffer.concat([time, signature]), "witness")
}

/** The cosignature a signature line is, if it is one; any line of that length may be meant as another kind of signature, so ask only of a witness's. */
export function cosignatureOf({ name, keyHash, signature }: NoteSignature): Cosignature | undefined {
  if (signature.length !== timeBytes + signatureBytes) return undefined
  const time = signature.readBigUInt64BE()
  return time > latestTimeS ? undefined : { name, keyHash, timeS: Number(time), signature: signature.subarray(timeBytes) }
}

/** As `cosignatureOf`, from the text of one line without its line feed. */
export function parseCosignature(line: string): Cosignature | undefined {
  const parsed = parseSignatureLine(line)
  return parsed && cosignatureOf(parsed)
}

/** The lines of a text that claim to be by this key, in the text's order. */
export function linesBy(key: VerifierKey, text: string): readonly string[] {
  return text.split("\n").filter((line) => {
    const parsed = parseSignatureLine(line)
    return parsed !== undefined && parsed.name === key.name && parsed.keyHash.equals(key.keyHash)
  })
}
