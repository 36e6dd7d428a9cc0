/** The ledger's Ed25519 key (RFC 8032), from a 32-byte seed that stands wrapped in keys.json. */
import { sign, type KeyObject } from "node:crypto"
import { checkpointText, signatureText, verifierKeyText, type Checkpoint } from "../format/checkpoint.ts"
import { signingKeyOf } from "./ed25519.ts"

export class Signer {
  readonly name: string
  readonly publicKey: Buffer
  readonly #privateKey: KeyObject

  constructor(name: string, seed: Uint8Array) {
    this.name = name
    const { privateKey, publicKey } = signingKeyOf(seed)
    this.#privateKey = privateKey
    this.publicKey = publicKey
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

  /** The same signature, made by another thread while this one goes on. */
  signBeside(text: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      sign(null, Buffer.from(text), this.#privateKey, (error, signature) => (error ? reject(error) : resolve(signature)))
    })
  }

  #line(text: string): string {
    return signatureText(this.name, this.publicKey, this.sign(text))
  }
}
