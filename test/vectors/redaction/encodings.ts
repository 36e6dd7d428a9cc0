/** The checksums and encodings that formats of keys carry, so that made-up ones are well-formed. */
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { base58, type Chance } from "./chance.ts"

const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** The last six letters of GitHub's and npm's tokens: CRC-32 of the rest, base 62. */
export function crcLetters(text: string): string {
  let value = crc32(text)
  let letters = ""
  for (let i = 0; i < 6; i++) {
    letters = base62Digits.charAt(value % 62) + letters
    value = Math.floor(value / 62)
  }
  return letters
}

const bechLetters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

/** Bech32 of 32 bytes under a prefix. */
export function bech32(prefix: string, bytes: Uint8Array): string {
  const data: number[] = []
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      data.push((held >> bits) & 31)
    }
  }
  if (bits > 0) data.push((held << (5 - bits)) & 31)
  const expanded = [...[...prefix].map((letter) => letter.charCodeAt(0) >> 5), 0, ...[...prefix].map((letter) => letter.charCodeAt(0) & 31)]
  const check = polymod([...expanded, ...data, 0, 0, 0, 0, 0, 0]) ^ 1
  const sum = Array.from({ length: 6 }, (_, i) => (check >> (5 * (5 - i))) & 31)
  return `${prefix}1${[...data, ...sum].map((value) => bechLetters.charAt(value)).join("")}`
}

function polymod(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries()) if ((top >> bit) & 1) sum ^= generator
  }
  return sum
}

/** Base 58 with the checksum of Bitcoin's keys. */
export function base58Check(bytes: Uint8Array): string {
  const sum = sha256(sha256(bytes)).subarray(0, 4)
  let value = BigInt(`0x${Buffer.concat([bytes, sum]).toString("hex")}`)
  let text = ""
  while (value > 0n) {
    text = base58.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  return text
}

/** The words of a BIP-39 phrase with its checksum. */
export function phraseOf(entropy: Uint8Array, words: readonly string[]): readonly string[] {
  const bits = [...entropy].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  const sum = (sha256(entropy)[0] ?? 0).toString(2).padStart(8, "0").slice(0, entropy.length / 4)
  return (bits + sum).match(/.{11}/g)?.map((index) => words[Number.parseInt(index, 2)] ?? "") ?? []
}

export function bytesOf(chance: Chance, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => chance.below(256)))
}

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64url")
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest()
}
