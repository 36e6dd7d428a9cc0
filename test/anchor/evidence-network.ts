/**
 * A server on loopback that answers as Digital Evidence does, written from its published description (https://github.com/Constellation-Labs/digital-evidence-sdk):
 * submissions by API key or paid for by x402, look-ups for everybody. What it is sent it checks, signatures and payments included, with other code than ours.
 */
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import { keccak_256 } from "@noble/hashes/sha3.js"
import { canonicalJson } from "../../src/base/canonical-json.ts"
import type { JsonObject } from "../../src/base/json.ts"
import type { Submission } from "../../src/format/digital-evidence.ts"

export type Reply = { readonly status: number; readonly body: unknown }
type Shown = Readonly<Record<string, unknown>>

export type Network = {
  readonly url: string
  readonly submitted: Submission[]
  /** Payments that were sent, taken apart. */
  readonly payments: { readonly from: string; readonly to: string; readonly value: string; readonly signer: string }[]
  readonly lookedUp: string[]
  /** What it asks for instead of a key; undefined takes the key. */
  offers: readonly Shown[] | undefined
  /** Changes its answers. */
  submit: (honest: Reply) => Reply
  show: (honest: Reply) => Reply
  readonly close: () => Promise<void>
}

export const apiKey = "key-of-the-tests"

export async function serveEvidence(): Promise<Network> {
  const stored = new Map<string, Shown>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      const { status, body } = answer(request.method ?? "", request.url ?? "", request.headers, Buffer.concat(parts).toString())
      response.writeHead(status, { "Content-Type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const network: Network = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ submitted: [], payments: [], lookedUp: [], offers: undefined },
    submit: (honest) => honest,
    show: (honest) => honest,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return network

  function answer(method: string, path: string, headers: Readonly<Record<string, unknown>>, body: string): Reply {
    if (method === "GET") {
      const hash = path.split("/").at(-1) ?? ""
      network.lookedUp.push(hash)
      const found = stored.get(hash)
      return network.show(found ? { status: 200, body: { data: found } } : { status: 404, body: { message: "not found" } })
    }
    if (method !== "POST" || path !== "/v1/fingerprints") return { status: 404, body: {} }
    const payment = headers["x-payment"]
    if (network.offers && typeof payment !== "string")
      return { status: 402, body: { x402Version: 2, resource: { url: path, description: "" }, accepts: network.offers } }
    if (!network.offers && headers["x-api-key"] !== apiKey) return { status: 401, body: { message: "unknown key" } }
    if (typeof payment === "string") network.payments.push(paymentIn(payment))
    const results = (JSON.parse(body) as Submission[]).map((submission) => {
      network.submitted.push(submission)
      const { content, proofs } = submission.attestation
      const hash = createHash("sha256")
        .update(canonicalJson(content as unknown as JsonObject))
        .digest("hex")
      const isGood = isSigned(hash, proofs[0]?.signature ?? "", content.signerId)
      const { eventId, documentId, documentRef } = content
      if (isGood) stored.set(hash, { eventId, documentId, documentRef, hash, createdAt: new Date().toISOString() })
      return { eventId, hash, accepted: isGood, errors: isGood ? [] : ["the signature is wrong"] }
    })
    return network.submit({ status: 200, body: results })
  }
}

function isSigned(hashHex: string, signatureHex: string, id: string): boolean {
  const digest = createHash("sha512").update(hashHex).digest().subarray(0, 32)
  return secp256k1.verify(Buffer.from(signatureHex, "hex"), digest, Buffer.from(`04${id}`, "hex"), { prehash: false, format: "der" })
}

type Payment = {
  readonly accepted: { readonly network: string; readonly asset: string; readonly extra: { readonly name: string; readonly version: string } }
  readonly payload: {
    readonly signature: string
    readonly authorization: Readonly<Record<"from" | "to" | "value" | "validAfter" | "validBefore" | "nonce", string>>
  }
}

/** Who signed a payment, by the rules of EIP-712 and EIP-3009, step by step. */
function paymentIn(header: string): Network["payments"][number] {
  const { accepted, payload } = JSON.parse(Buffer.from(header, "base64").toString()) as Payment
  const { from, to, value, validAfter, validBefore, nonce } = payload.authorization
  const hash = (hex: string) => Buffer.from(keccak_256(Buffer.from(hex, "hex"))).toString("hex")
  const text = (words: string) => hash(Buffer.from(words).toString("hex"))
  const word = (number: string) => BigInt(number).toString(16).padStart(64, "0")
  const domain = hash(
    text("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)") +
      text(accepted.extra.name) +
      text(accepted.extra.version) +
      word(accepted.network.split(":")[1] ?? "") +
      word(accepted.asset),
  )
  const type = text("TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)")
  const message = hash(type + [from, to, value, validAfter, validBefore, nonce].map(word).join(""))
  const digest = Buffer.from(hash(`1901${domain}${message}`), "hex")
  const [rs, v] = [payload.signature.slice(2, 130), Number.parseInt(payload.signature.slice(130), 16)]
  const recovered = secp256k1.Signature.fromBytes(Buffer.from(rs, "hex"))
    .addRecoveryBit(v - 27)
    .recoverPublicKey(digest)
  return { from, to, value, signer: `0x${hash(Buffer.from(recovered.toBytes(false)).subarray(1).toString("hex")).slice(24)}` }
}
