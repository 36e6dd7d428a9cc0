/** The ledger's Ed25519 key (RFC 8032), from a 32-byte seed that stands wrapped in keys.json. */
import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto"
import { checkpointText, signatureText, verifierKeyText, type Checkpoint } from "../format/checkpoint.ts"

const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex")
const spkiPrefixBytes = 12

export class Signer {
  readonly name: string
  readonly publicKey: Buffer
  readonly #privateKey: KeyObject

  constructor(name: string, seed: Uint8Array) {
    this.name = name
    this.#privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" })
    this.publicKey = createPublicKey(this.#privateKey).export({ format: "der", type: "spki" }).subarray(spkiPrefixBytes)
  }

  get verifierKey(): string {
    return verifierKeyText(this.name, this.publicKey)
  }

  /** The checkpoint as a C2SP signed note; with a line of another key's too while that one gives its place to ours. */
  note(checkpoint: Checkpoint, before?: Signer): string {
    const text = checkpointText(checkpoint)
    return `${text}\n${this.#line(text)}${before ? before.#line(text) : ""}`
  }

  sign(text: string): Buffer {
    return sign(null, Buffer.from(text), this.#privateKey)
  }

  #line(text: string): string {
    return signatureText(this.name, this.publicKey, this.sign(text))
  }
}
