/**
 * A key on the curve secp256k1 (SEC 2), as chains use it: signatures of Digital Evidence fingerprints, and of payments on Ethereum's. The curve and Keccak are
 * those of @noble/curves and @noble/hashes.
 */
import { createHash } from "node:crypto"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import { keccak_256 } from "@noble/hashes/sha3.js"

export class Secp256k1Key {
  readonly #secret: Uint8Array
  readonly #publicKey: Buffer

  /** @throws {RangeError} for what is no secret of this curve. */
  constructor(secret: Uint8Array) {
    if (!secp256k1.utils.isValidSecretKey(secret)) throw new RangeError("it is no secret key of the curve secp256k1")
    this.#secret = secret
    this.#publicKey = Buffer.from(secp256k1.getPublicKey(secret, false))
  }

  /** 64 hex digits, perhaps after 0x; undefined for anything else. */
  static parse(text: string): Secp256k1Key | undefined {
    const hex = /^(?:0x)?([0-9a-f]{64})$/i.exec(text.trim())?.[1]
    try {
      return hex === undefined ? undefined : new Secp256k1Key(Buffer.from(hex, "hex"))
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  }

  /** The public key, 128 hex digits: without the byte that says it is whole. */
  get id(): string {
    return this.#publicKey.subarray(1).toString("hex")
  }

  /** Ethereum's address of it, lower case. */
  get address(): string {
    return `0x${Buffer.from(keccak(this.#publicKey.subarray(1)).subarray(12)).toString("hex")}`
  }

  /** `SECP256K1_RFC8785_V1`: over SHA-512 of the hash's hex digits, cut to 32 bytes; DER, hex. */
  signFingerprint(hashHex: string): string {
    const digest = createHash("sha512").update(hashHex, "utf8").digest().subarray(0, 32)
    return Buffer.from(secp256k1.sign(digest, this.#secret, { prehash: false, format: "der" })).toString("hex")
  }

  /** Over 32 bytes that were hashed before; r, s and v as Ethereum's contracts take them, hex. */
  signDigest(digest: Uint8Array): string {
    const signature = secp256k1.sign(digest, this.#secret, { prehash: false, format: "recovered" })
    return `0x${Buffer.from(signature.subarray(1)).toString("hex")}${(27 + (signature[0] ?? 0)).toString(16)}`
  }
}

export function keccak(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.from(keccak_256(Buffer.concat(parts)))
}
