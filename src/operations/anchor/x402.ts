/**
 * Paying for a request by x402 (https://www.x402.org, version 2; scheme `exact`): an authorization to move stablecoins (EIP-3009), signed as EIP-712 says. A server
 * may ask for anything; what is signed is only what the rules name: this network, this asset, one of these payees, at most so much. The name and version that
 * are signed are the asset's own, whatever the offer says of them.
 */
import { objectOf, stringOf } from "../../base/json.ts"
import { keccak, type Secp256k1Key } from "../../vault/secp256k1.ts"

export type PaymentRules = {
  /** CAIP-2, such as eip155:8453. */
  readonly network: string
  readonly asset: { readonly address: string; readonly name: string; readonly version: string }
  /** Addresses, lower case. Nobody else is paid. */
  readonly payees: readonly string[]
  /** Of the asset's smallest units, for one payment. */
  readonly most: bigint
}

export type Offer = { readonly payTo: string; readonly amount: bigint; readonly maxTimeoutSeconds: number }

/** USD Coin, as its issuer publishes it: on Base, and on the network that is for trying. */
export const base = {
  network: "eip155:8453",
  asset: { address: "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", name: "USD Coin", version: "2" },
}
export const baseSepolia = {
  network: "eip155:84532",
  asset: { address: "0x036cbd53842c5426634e7929541ec2318f3dcf7e", name: "USDC", version: "2" },
}

const longestSeconds = 300
const addressShape = /^0x[0-9a-f]{40}$/

/** The first offer that the rules allow; else why none of them is taken. */
export function acceptableOffer(answer: unknown, rules: PaymentRules): Offer | { readonly refused: string } {
  const { accepts } = objectOf(answer)
  const offers = Array.isArray(accepts) ? accepts.slice(0, 16).map(objectOf) : []
  let refused = "it asks for payment, and offers no way"
  for (const offer of offers) {
    const [payTo, asset] = [stringOf(offer["payTo"])?.toLowerCase() ?? "", stringOf(offer["asset"])?.toLowerCase()]
    const amount = typeof offer["amount"] === "string" && /^[1-9]\d{0,30}$/.test(offer["amount"]) ? BigInt(offer["amount"]) : undefined
    if (offer["scheme"] !== "exact" || offer["network"] !== rules.network || asset !== rules.asset.address)
      refused = "it wants another network or asset than is allowed"
    else if (!addressShape.test(payTo) || !rules.payees.includes(payTo)) refused = `it wants ${payTo || "nobody"} to be paid, who is not on the list`
    else if (amount === undefined || amount > rules.most) refused = `it wants ${amount ?? "no amount"}, and at most ${rules.most} is allowed`
    else {
      const seconds = offer["maxTimeoutSeconds"]
      const isTime = typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds > 0
      return { payTo, amount, maxTimeoutSeconds: isTime ? Math.min(seconds, longestSeconds) : longestSeconds }
    }
  }
  return { refused }
}

export type PaymentParts = { readonly key: Secp256k1Key; readonly rules: PaymentRules; readonly nowMs: number; readonly nonce: Uint8Array }

/** The header `X-PAYMENT`: the offer that is accepted, and the signed authorization, as base64 of JSON. */
export function paymentHeader({ payTo, amount, maxTimeoutSeconds }: Offer, { key, rules, nowMs, nonce }: PaymentParts): string {
  const { network, asset } = rules
  const validBefore = Math.floor(nowMs / 1_000) + maxTimeoutSeconds
  const authorization = {
    from: key.address,
    to: payTo,
    value: String(amount),
    validAfter: "0",
    validBefore: String(validBefore),
    nonce: `0x${Buffer.from(nonce).toString("hex")}`,
  }
  const signature = key.signDigest(authorizationDigest(authorization, rules))
  const extra = { name: asset.name, version: asset.version }
  const accepted = { scheme: "exact", network, amount: String(amount), asset: asset.address, payTo, maxTimeoutSeconds, extra }
  return Buffer.from(JSON.stringify({ x402Version: 2, accepted, payload: { signature, authorization } })).toString("base64")
}

type Authorization = {
  readonly from: string
  readonly to: string
  readonly value: string
  readonly validAfter: string
  readonly validBefore: string
  readonly nonce: string
}

const domainType = keccak(Buffer.from("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"))
const authorizationType = keccak(
  Buffer.from("TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"),
)

/** The 32 bytes that are signed (EIP-712; EIP-3009). */
export function authorizationDigest(
  { from, to, value, validAfter, validBefore, nonce }: Authorization,
  { network, asset }: Pick<PaymentRules, "network" | "asset">,
): Buffer {
  const chain = BigInt(network.slice(network.indexOf(":") + 1))
  const domain = keccak(domainType, keccak(Buffer.from(asset.name)), keccak(Buffer.from(asset.version)), word(chain), word(BigInt(asset.address)))
  const numbers = [from, to, value, validAfter, validBefore, nonce].map((number) => word(BigInt(number)))
  return keccak(Buffer.from([0x19, 0x01]), domain, keccak(authorizationType, ...numbers))
}

function word(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex")
}
