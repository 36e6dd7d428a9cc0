/**
 * The key of a witness, in a file of its own: never one of the ledger's keys, so that the witness of a ledger can run where the ledger does not.
 * The file holds a signer key as golang.org/x/mod/sumdb/note writes it, which other witnesses read too:
 *
 *   PRIVATE+KEY+<name>+<key hash, 8 hex>+<base64 of 0x01 | seed, 32 bytes>
 */
import { randomBytes, sign, type KeyObject } from "node:crypto"
import { Fault } from "../base/fault.ts"
import { keyHashOf, verifierKeyText } from "../format/checkpoint.ts"
import { cosignatureText, cosignedBytes } from "../format/cosignature.ts"
import { writeDurably } from "./durable-file.ts"
import { seedBytes, signingKeyOf } from "./ed25519.ts"
import { readKeyFile } from "./master-key.ts"

const seedType = 0x01
const signerKey = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/

export class WitnessKey {
  readonly name: string
  /** What logs and verifiers pin. */
  readonly verifierKey: string
  readonly #publicKey: Buffer
  readonly #privateKey: KeyObject

  constructor(name: string, seed: Uint8Array) {
    const { publicKey, privateKey } = signingKeyOf(seed)
    this.name = name
    this.verifierKey = verifierKeyText(name, publicKey, "witness")
    this.#publicKey = publicKey
    this.#privateKey = privateKey
  }

  /** A line for the checkpoint with this text. Whoever calls has made sure that nothing else of this log was cosigned. */
  cosign(checkpointText: string, timeS: number): string {
    return cosignatureText(this.name, this.#publicKey, timeS, sign(null, cosignedBytes(timeS, checkpointText), this.#privateKey))
  }
}

/** @throws {Fault} `key.exists` when the file is there. */
export function createWitnessKey(path: string, name: string): WitnessKey {
  const seed = randomBytes(seedBytes)
  writeDurably(path, `${witnessKeyText(name, seed)}\n`, { exclusive: true })
  return new WitnessKey(name, seed)
}

/**
 * The key in a file; undefined when there is no file.
 * @throws {Fault} `witness.key-malformed`, `key.exposed` when others can read it.
 */
export function readWitnessKey(path: string): WitnessKey | undefined {
  const text = readKeyFile(path)
  if (text === undefined) return undefined
  const match = signerKey.exec(text)
  const [, name = "", hash, encoded = ""] = match ?? []
  const bytes = Buffer.from(encoded, "base64")
  if (bytes.length !== 1 + seedBytes || bytes[0] !== seedType || bytes.toString("base64") !== encoded) {
    throw new Fault("witness.key-malformed", { file: path, problem: "it does not hold one signer key (PRIVATE+KEY+name+hash+key)" })
  }
  const seed = bytes.subarray(1)
  if (keyHashOf(name, signingKeyOf(seed).publicKey).toString("hex") !== hash) {
    throw new Fault("witness.key-malformed", { file: path, problem: "its hash does not fit its key" })
  }
  return new WitnessKey(name, seed)
}

export function witnessKeyText(name: string, seed: Uint8Array): string {
  const hash = keyHashOf(name, signingKeyOf(seed).publicKey).toString("hex")
  return `PRIVATE+KEY+${name}+${hash}+${Buffer.concat([Buffer.of(seedType), seed]).toString("base64")}`
}
