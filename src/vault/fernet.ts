/**
 * Fernet tokens (https://github.com/fernet/spec), version 0x80:
 *
 *   token  base64url, padded, of   0x80 | time in seconds, 8 | IV, 16 | AES-128-CBC of the plain bytes with PKCS 7 | HMAC-SHA-256 of all before it, 32
 *   key    base64url of            signing key, 16 | encryption key, 16
 *
 * All of a token is held in memory, and nothing of it is true before its last byte was seen: so its size is bounded.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { Fault } from "../base/fault.ts"

/** Of the plain bytes. */
export const mostFernetBytes = 256 * 2 ** 20
/** Of a token of that many, with a line feed or two behind it. */
export const mostTokenBytes = Math.ceil((mostFernetBytes + 1 + 8 + 16 + 16 + 32) / 3) * 4 + 4
/** What every token begins with: its version, and a time before the year 2106. */
export const fernetStart = "gAAAA"
const version = 0x80
const ivPosition = 9
const bodyPosition = 25
const macBytes = 32
const blockBytes = 16
/** A token may come from a clock that is this far ahead. */
const mostSkewS = 60

export type FernetKey = { readonly signing: Buffer; readonly encryption: Buffer }
export type FernetTime = { readonly nowS: number; readonly ttlS?: number | undefined }

/** @throws {Fault} `sealed.key-unusable` unless the text is 32 bytes as padded base64url. */
export function parseFernetKey(text: string, source: string): FernetKey {
  const bytes = decoded(Buffer.from(text.trim(), "latin1"))
  if (bytes?.length !== 32) {
    const problem = "a Fernet key is 32 bytes, written as 44 characters of URL-safe base64"
    const remedy = "Make one: python3 -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    throw new Fault("sealed.key-unusable", { source, problem, remedy })
  }
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) }
}

/** A token of these bytes. @throws {Fault} `sealed.too-large`, which names the file. */
export function sealFernet(key: FernetKey, plain: Uint8Array, at: { readonly nowS: number; readonly file: string; readonly iv?: Buffer }): Buffer {
  if (plain.length > mostFernetBytes) throw new Fault("sealed.too-large", { file: at.file, mostBytes: mostFernetBytes })
  const iv = at.iv ?? randomBytes(16)
  const cipher = createCipheriv("aes-128-cbc", key.encryption, iv)
  const bytes = Buffer.alloc(bodyPosition + plain.length + blockBytes - (plain.length % blockBytes) + macBytes)
  bytes[0] = version
  bytes.writeBigUInt64BE(BigInt(Math.floor(at.nowS)), 1)
  bytes.set(iv, ivPosition)
  const body = cipher.update(plain)
  bytes.set(body, bodyPosition)
  bytes.set(cipher.final(), bodyPosition + body.length)
  bytes.set(createHmac("sha256", key.signing).update(bytes.subarray(0, -macBytes)).digest(), bytes.length - macBytes)
  return encoded(bytes)
}

/**
 * The bytes of a token. Its MAC is compared in constant time, before anything in it is believed; its time only where a TTL is given.
 * @throws {Fault} `sealed.wrong-key`, `sealed.changed`, `sealed.expired`, `sealed.too-large`
 */
export function unsealFernet(key: FernetKey, token: Buffer, file: string, { nowS, ttlS }: FernetTime): Buffer {
  if (token.length > mostTokenBytes) throw new Fault("sealed.too-large", { file, mostBytes: mostFernetBytes })
  const bytes = decoded(withoutLineEnd(token))
  const bodyBytes = bytes ? bytes.length - bodyPosition - macBytes : -1
  if (!bytes || bytes[0] !== version || bodyBytes < blockBytes || bodyBytes % blockBytes !== 0) {
    throw new Fault("sealed.changed", { file, problem: "it is not one whole Fernet token" })
  }
  const signed = bytes.subarray(0, -macBytes)
  const mac = createHmac("sha256", key.signing).update(signed).digest()
  if (!timingSafeEqual(mac, bytes.subarray(-macBytes)))
    throw new Fault("sealed.wrong-key", { file, problem: "it was made with another one, or was changed or cut" })
  if (ttlS !== undefined) {
    const madeS = Number(bytes.readBigUInt64BE(1))
    if (madeS + ttlS < nowS) throw new Fault("sealed.expired", { file, problem: `it was made ${Math.floor(nowS - madeS)} seconds ago, and may be ${ttlS} old` })
    if (madeS > nowS + mostSkewS) throw new Fault("sealed.expired", { file, problem: `it says that it was made ${Math.floor(madeS - nowS)} seconds from now` })
  }
  const decipher = createDecipheriv("aes-128-cbc", key.encryption, bytes.subarray(ivPosition, bodyPosition))
  try {
    return Buffer.concat([decipher.update(signed.subarray(bodyPosition)), decipher.final()])
  } catch {
    // Whoever has the signing key made it like this: there is nothing more to say of it.
    throw new Fault("sealed.changed", { file, problem: "its padding is not that of a Fernet token" })
  }
}

/** Of base64url at once: whole groups, and no text of which several copies would be held. */
const groupsBytes = 3 * 2 ** 18

function encoded(bytes: Buffer): Buffer {
  const text = Buffer.alloc(Math.ceil(bytes.length / 3) * 4, "=")
  for (let at = 0; at < bytes.length; at += groupsBytes) text.write(bytes.toString("base64url", at, at + groupsBytes), (at / 3) * 4, "latin1")
  return text
}

/** Bytes of base64url with padding; undefined for any other spelling, so that no two texts are one token. */
function decoded(text: Buffer): Buffer | undefined {
  const padding = text.at(-2) === 0x3d ? 2 : text.at(-1) === 0x3d ? 1 : 0
  if (text.length % 4 !== 0 || text.length === 0) return undefined
  const bytes = Buffer.alloc((text.length / 4) * 3 - padding)
  const stepBytes = (groupsBytes / 3) * 4
  for (let at = 0; at < text.length; at += stepBytes) {
    const part = text.subarray(at, at + stepBytes)
    const plain = Buffer.from(part.toString("latin1"), "base64url")
    if (!encoded(plain).equals(part)) return undefined
    bytes.set(plain, (at / 4) * 3)
  }
  return bytes
}

function withoutLineEnd(token: Buffer): Buffer {
  const line = token.at(-1) === 0x0a ? token.subarray(0, -1) : token
  return line !== token && line.at(-1) === 0x0d ? line.subarray(0, -1) : line
}
