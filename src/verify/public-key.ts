/**
 * Public keys of certificates (RFC 3279, 2.3; RFC 5480) and the algorithms they sign by: RSA with PKCS #1 v1.5 or PSS (RFC 4055), and ECDSA on the three curves of NIST, with
 * SHA-256, SHA-384 or SHA-512. What else there is in the world is refused, so that every program that checks by this comes to the same answer.
 */
import { contentOf, DerError, derTag, oidOf, partsOf, readDer, unsignedOf, type DerValue } from "../format/der.ts"
import { hashOf, type HashName } from "../format/time-stamp.ts"
import { isSignedBy } from "./asymmetric.ts"

export type Curve = "P-256" | "P-384" | "P-521"

export type PublicKey = {
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Buffer
  /** Undefined for RSA. */
  readonly curve: Curve | undefined
}

export type Signing = { readonly kind: "rsa" | "pss" | "ec"; readonly hash: HashName; readonly saltBytes: number }

const rsa = "1.2.840.113549.1.1.1"
const pss = "1.2.840.113549.1.1.10"
const mgf1 = "1.2.840.113549.1.1.8"
const ellipticKey = "1.2.840.10045.2.1"
const curves: Readonly<Record<string, Curve>> = { "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521" }
const coordinateBytes: { readonly [C in Curve]: number } = { "P-256": 32, "P-384": 48, "P-521": 66 }
const algorithms: Readonly<Record<string, readonly [kind: "rsa" | "ec", hash: HashName]>> = {
  "1.2.840.113549.1.1.11": ["rsa", "sha256"],
  "1.2.840.113549.1.1.12": ["rsa", "sha384"],
  "1.2.840.113549.1.1.13": ["rsa", "sha512"],
  "1.2.840.10045.4.3.2": ["ec", "sha256"],
  "1.2.840.10045.4.3.3": ["ec", "sha384"],
  "1.2.840.10045.4.3.4": ["ec", "sha512"],
}
const smallestRsaBits = 2_048
const largestRsaBits = 8_192
const mostExponentBytes = 4
const mostSaltBytes = 64

/** Undefined for a key of another kind, or one that is too small. @throws {DerError} */
export function publicKeyOf(info: DerValue | undefined): PublicKey | undefined {
  const [algorithm, bits] = partsOf(info, derTag.sequence)
  const [oid, parameters] = partsOf(algorithm, derTag.sequence)
  const [unused, ...bytes] = contentOf(bits, derTag.bitString)
  const spki = info?.whole
  if (unused !== 0 || !spki) return undefined
  const kind = oidOf(oid)
  if (kind === rsa) return isGoodRsa(Buffer.from(bytes)) && parameters?.tag === derTag.null ? { spki, curve: undefined } : undefined
  const curve = kind === ellipticKey && parameters?.tag === derTag.oid ? curves[oidOf(parameters)] : undefined
  if (curve === undefined || bytes[0] !== 4 || bytes.length !== 1 + 2 * coordinateBytes[curve]) return undefined
  return { spki, curve }
}

function isGoodRsa(bytes: Buffer): boolean {
  const [modulus, exponent] = partsOf(readDer(bytes), derTag.sequence).map((part) => Buffer.from(unsignedOf(part), "hex"))
  if (!modulus || !exponent || exponent.length > mostExponentBytes || ((exponent.at(-1) ?? 0) & 1) === 0) return false
  const sizeBits = 8 * modulus.length - Math.clz32(modulus[0] ?? 0) + 24
  return sizeBits >= smallestRsaBits && sizeBits <= largestRsaBits
}

/**
 * What an AlgorithmIdentifier means; undefined for one that is not taken here.
 * @param hash where the algorithm may name none, as in CMS
 */
export function signingOf(oid: string, parameters: DerValue | undefined, hash?: HashName): Signing | undefined {
  const isNull = parameters === undefined || parameters.tag === derTag.null
  if (oid === pss) return pssOf(parameters)
  if (oid === rsa) return isNull && hash !== undefined ? { kind: "rsa", hash, saltBytes: 0 } : undefined
  const [kind, own] = algorithms[oid] ?? []
  if (kind === undefined || own === undefined || !isNull || (kind === "ec" && parameters !== undefined)) return undefined
  return { kind, hash: own, saltBytes: 0 }
}

/** RSASSA-PSS-params (RFC 4055, 3.1): one hash for the text and for the mask, and a salt. */
function pssOf(parameters: DerValue | undefined): Signing | undefined {
  const parts = partsOf(parameters, derTag.sequence)
  if (parts.map(({ tag }) => tag).join() !== "160,161,162") return undefined
  const [hash, mask, salt] = parts.map((part) => partsOf(part)[0])
  const [generator, inner] = partsOf(mask, derTag.sequence)
  const own = hashOf(hash)
  const saltBytes = Number.parseInt(unsignedOf(salt), 16)
  const isOne = oidOf(generator) === mgf1 && hashOf(inner) === own
  return isOne && saltBytes <= mostSaltBytes ? { kind: "pss", hash: own, saltBytes } : undefined
}

/** Whether the key made the signature, as it stands in a certificate or in CMS. */
export function hasSigned(key: PublicKey | undefined, signing: Signing | undefined, bytes: Uint8Array, signature: Buffer): boolean {
  if (!key || !signing || (key.curve === undefined) !== (signing.kind !== "ec")) return false
  const given = key.curve === undefined ? signature : pairOf(signature, coordinateBytes[key.curve])
  return given !== undefined && isSignedBy(key, signing, bytes, given)
}

/** r and s beside each other, of Ecdsa-Sig-Value (RFC 3279, 2.2.3). */
function pairOf(signature: Buffer, sizeBytes: number): Buffer | undefined {
  try {
    const parts = partsOf(readDer(signature), derTag.sequence).map((part) => Buffer.from(unsignedOf(part), "hex"))
    if (parts.length !== 2 || parts.some(({ length }) => length > sizeBytes)) return undefined
    return Buffer.concat(parts.flatMap((part) => [Buffer.alloc(sizeBytes - part.length), part]))
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
