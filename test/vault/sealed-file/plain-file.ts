/** What a sealed file must behave like: plain bytes. And the keys that tests seal with. */
import { createCipheriv } from "node:crypto"
import type { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import type { OpeningKeys, SealingKey } from "../../../src/vault/sealed-file/file-key.ts"

const ledger = { storeId: "0123456789abcdef", keys: [Buffer.alloc(32, 7)] } as const
export const ledgerKey: SealingKey = { ledger }
export const opening: OpeningKeys = { ledger: () => ledger }

export type Step =
  | { readonly do: "write"; readonly position: number; readonly lengthBytes: number; readonly seed: number }
  | { readonly do: "append"; readonly lengthBytes: number; readonly seed: number }
  | { readonly do: "truncate"; readonly sizeBytes: number }
  | { readonly do: "read"; readonly position: number; readonly lengthBytes: number }
  | { readonly do: "flush" | "reopen" }

export class PlainFile {
  bytes: Buffer = Buffer.alloc(0)
  mostBytes = 0

  take(step: Step): void {
    if (step.do === "write" || step.do === "append") {
      const bytes = bytesOf(step.lengthBytes, step.seed)
      const position = step.do === "write" ? step.position : this.bytes.length
      if (bytes.length > 0) this.#resize(Math.max(this.bytes.length, position + bytes.length))
      this.bytes.set(bytes, bytes.length > 0 ? position : 0)
    } else if (step.do === "truncate") this.#resize(step.sizeBytes)
    this.mostBytes = Math.max(this.mostBytes, this.bytes.length)
  }

  read(position: number, lengthBytes: number): Buffer {
    return this.bytes.subarray(position, position + lengthBytes)
  }

  #resize(sizeBytes: number): void {
    this.bytes = sizeBytes <= this.bytes.length ? Buffer.from(this.bytes.subarray(0, sizeBytes)) : Buffer.concat([this.bytes], sizeBytes)
  }
}

/** Bytes that a seed names; the same ones every time. */
export function bytesOf(lengthBytes: number, seed: number): Buffer {
  const key = Buffer.alloc(16)
  key.writeUInt32BE(seed >>> 0)
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(lengthBytes))
}

export function everything(file: EncryptedFile): Buffer {
  return file.read(0, file.sizeBytes)
}

/** The steps of one round of changes; the same ones every time. */
export function roundOf(seed: number, round: number, chunkBytes = 4_080): readonly Step[] {
  const chance = chances(seed * 1_000_003 + round)
  const place = () => Math.floor(chance() * 12 * chunkBytes)
  return Array.from({ length: 1 + Math.floor(chance() * 3) }, (): Step => {
    const lengthBytes = Math.floor(chance() ** 3 * 3 * chunkBytes)
    const kind = chance()
    if (kind < 0.4) return { do: "write", position: place(), lengthBytes, seed: round }
    if (kind < 0.8) return { do: "append", lengthBytes: Math.floor(lengthBytes / 4), seed: round }
    return { do: "truncate", sizeBytes: place() }
  })
}

/** Numbers from 0 to 1 that a seed names (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
