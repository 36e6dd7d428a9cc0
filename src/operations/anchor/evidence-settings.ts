/** What settings say of Digital Evidence: how it is reached, under which ids, who signs, and what may be paid to whom. */
import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import type { Secp256k1Key } from "../../vault/secp256k1.ts"
import type { EvidenceAccount } from "./digital-evidence.ts"
import type { Offer } from "./x402.ts"

export const evidencePlaces = ["mainnet", "integration", "test"] as const
export type EvidencePlace = (typeof evidencePlaces)[number]

/** As a client tells them. */
export type EvidenceSettings = {
  readonly place: EvidencePlace
  readonly apiKey?: string | undefined
  readonly orgId?: string | undefined
  readonly tenantId?: string | undefined
  readonly walletKeyFile?: string | undefined
  /** 64 hex digits; left out, one that belongs to the ledger. */
  readonly signingKey?: string | undefined
  /** Ethereum addresses that may be paid. */
  readonly payees: readonly string[]
  /** Millionths of a dollar: for one payment, and in one day. */
  readonly mostMicros: number
  readonly mostADayMicros: number
}

export type Payment = Offer & { readonly authority: string; readonly network: string; readonly asset: string; readonly mostADay: bigint }

export type EvidenceAccountParts = {
  /** The secret of a key that is the ledger's own and stays the same. */
  readonly ownSecret: () => Uint8Array
  /** Puts a payment on record, and says whether it may be made. */
  readonly pay: (payment: Payment) => boolean
}

const hosts = { mainnet: "https://de-api.constellationnetwork.io", integration: "https://de-api-intnet.constellationnetwork.io" } as const
const orgNamespace = "d2b4722a-d82d-424a-8b18-3330b4ade651"
const tenantNamespace = "4bed9e61-6d07-4e26-9692-b81dd6994ff3"
const largestFileBytes = 4_096

/** Where it is asked; undefined for a test without an address on this machine. */
export function evidenceUrl(place: EvidencePlace, testUrl: string | undefined): string | undefined {
  if (place !== "test") return hosts[place]
  const url = URL.parse(testUrl ?? "")
  const isHere = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname)
  return isHere ? url.href.replace(/\/+$/, "") : undefined
}

/** The account, or what keeps it from being used. */
export async function evidenceAccount(url: string, settings: EvidenceSettings, parts: EvidenceAccountParts): Promise<EvidenceAccount | string> {
  const { Secp256k1Key } = await import("../../vault/secp256k1.ts")
  const signer = settings.signingKey === undefined ? new Secp256k1Key(parts.ownSecret()) : Secp256k1Key.parse(settings.signingKey)
  if (!signer) return "deSigningKey is no key of the curve secp256k1"
  const { apiKey, orgId, tenantId, walletKeyFile } = settings
  if (apiKey !== undefined) {
    if (orgId === undefined || tenantId === undefined) return "deApiKey needs deOrgId and deTenantId"
    return { url, orgId, tenantId, signer, access: { apiKey } }
  }
  const wallet = walletKeyFile === undefined ? undefined : walletIn(walletKeyFile, (text) => Secp256k1Key.parse(text))
  if (!wallet) return `${walletKeyFile ?? "deWalletKeyFile"} is no file with a secp256k1 key of 64 hex digits`
  const ids = { orgId: orgId ?? uuidOf(orgNamespace, wallet.address), tenantId: tenantId ?? uuidOf(tenantNamespace, wallet.address) }
  return { url, ...ids, signer, access: { wallet, ...(await paymentAccess(url, settings, parts)) } }
}

async function paymentAccess(authority: string, { place, payees, mostMicros, mostADayMicros }: EvidenceSettings, { pay }: EvidenceAccountParts) {
  const { base, baseSepolia } = await import("./x402.ts")
  const { network, asset } = place === "mainnet" ? base : baseSepolia
  const rules = { network, asset, payees: payees.map((payee) => payee.toLowerCase()), most: BigInt(mostMicros) }
  return { rules, pay: (offer: Offer) => pay({ ...offer, authority, network, asset: asset.address, mostADay: BigInt(mostADayMicros) }) }
}

function walletIn(file: string, parse: (text: string) => Secp256k1Key | undefined): Secp256k1Key | undefined {
  try {
    const stat = statSync(file)
    return stat.isFile() && stat.size <= largestFileBytes ? parse(readFileSync(file, "utf8")) : undefined
  } catch {
    return undefined
  }
}

/** A name-based UUID (RFC 9562, 5.5): the same wherever it is computed. */
export function uuidOf(namespace: string, name: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest()
    .subarray(0, 16)
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  return digest.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
