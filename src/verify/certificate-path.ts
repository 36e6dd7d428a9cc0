/**
 * From the certificate that signed a time-stamp to a certificate that the reader pinned (RFC 5280, 6.1, in a narrow form). Certificates are read here, and as
 * strictly as a time-stamp is. What is not known is refused: a critical extension that has no row here, a path longer than four. No two steps are ever tried
 * twice, so certificates that sign each other lead nowhere, and soon.
 */
import { contentOf, DerError, derTag, oidOf, partsOf, readDer, timeOf, unsignedOf, type DerValue } from "../format/der.ts"
import { hasSigned, publicKeyOf, signingOf, type PublicKey, type Signing } from "./public-key.ts"

export type Certificate = {
  /** DER. */
  readonly raw: Buffer
  readonly issuer: Buffer
  readonly subject: Buffer
  /** Hex; empty when it names its algorithm in two ways. */
  readonly serial: string
  readonly fromMs: number
  readonly toMs: number
  /** Undefined for one that nothing is believed from: of another kind, or too small. */
  readonly key: PublicKey | undefined
  readonly signedBytes: Buffer
  readonly signing: Signing | undefined
  readonly signature: Buffer
  readonly extensions: ReadonlyMap<string, { readonly critical: boolean; readonly value: Buffer }>
}

const basicConstraints = "2.5.29.19"
const keyUsage = "2.5.29.15"
const extendedKeyUsage = "2.5.29.37"
const certificatePolicies = "2.5.29.32"
const timeStamping = "1.3.6.1.5.5.7.3.8"
const understood: ReadonlySet<string> = new Set([basicConstraints, keyUsage, extendedKeyUsage, certificatePolicies])
const keyCertSign = 0x04
const digitalSignature = 0x80
const nonRepudiation = 0x40
const longestPath = 4

/** @throws {DerError} */
export function readCertificate(raw: Buffer): Certificate {
  const [tbs, outer, signature] = partsOf(readDer(raw), derTag.sequence)
  const parts = partsOf(tbs, derTag.sequence)
  const [serial, inner, issuer, validity, subject, key, ...optional] = parts[0]?.tag === 0xa0 ? parts.slice(1) : parts
  const [from, to] = partsOf(validity, derTag.sequence)
  const extensions = optional.find(({ tag }) => tag === 0xa3)
  const [algorithm, parameters] = partsOf(outer, derTag.sequence)
  const bits = contentOf(signature, derTag.bitString)
  if (!tbs || !issuer || !subject || bits[0] !== 0) throw new DerError("a part of a certificate is missing")
  return {
    raw,
    issuer: issuer.whole,
    subject: subject.whole,
    // Named twice, signed once: both must say the same.
    serial: inner && outer?.whole.equals(inner.whole) ? unsignedOf(serial) : "",
    fromMs: timeOf(from),
    toMs: timeOf(to),
    key: publicKeyOf(key),
    signedBytes: tbs.whole,
    signing: signingOf(oidOf(algorithm), parameters),
    signature: bits.subarray(1),
    extensions: extensions ? extensionsOf(partsOf(extensions)[0]) : new Map(),
  }
}

/** The certificates of a PEM file; undefined when one of them cannot be read, or there is none. */
export function certificatesIn(pem: string): readonly Certificate[] | undefined {
  try {
    const texts = pem.match(/(?<=-----BEGIN CERTIFICATE-----)[^-]+(?=-----END CERTIFICATE-----)/g) ?? []
    const certificates = texts.map((text) => readCertificate(Buffer.from(text, "base64")))
    return certificates.length === 0 ? undefined : certificates
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

function extensionsOf(list: DerValue | undefined): Certificate["extensions"] {
  const extensions = new Map<string, { readonly critical: boolean; readonly value: Buffer }>()
  for (const extension of partsOf(list, derTag.sequence)) {
    const [oid, ...rest] = partsOf(extension, derTag.sequence)
    const critical = rest[0]?.tag === derTag.boolean && rest[0].content[0] === 0xff
    if (extensions.has(oidOf(oid))) throw new DerError("a certificate has an extension twice")
    extensions.set(oidOf(oid), { critical, value: contentOf(rest.at(-1), derTag.octetString) })
  }
  return extensions
}

/** Whether it may sign time-stamps and nothing else (RFC 3161, 2.3): the one purpose, critical, and a key for signatures. */
export function isForTimeStamps({ extensions }: Certificate): boolean {
  const purpose = extensions.get(extendedKeyUsage)
  if (!purpose?.critical) return false
  const purposes = partsOf(readDer(purpose.value), derTag.sequence).map(oidOf)
  const usage = usageOf(extensions)
  return purposes.length === 1 && purposes[0] === timeStamping && (usage === undefined || (usage & ~(digitalSignature | nonRepudiation)) === 0)
}

/** Whether a path of certificates, each good at that time, leads from `signer` to one that is pinned. */
export function leadsToPinned(signer: Certificate, beside: readonly Certificate[], pinned: readonly Certificate[], atMs: number): boolean {
  const walk = (certificate: Certificate, untried: readonly Certificate[], below: number): boolean => {
    if (!isGoodAt(certificate, atMs)) return false
    if (pinned.some((one) => one.raw.equals(certificate.raw))) return true
    if (below + 1 >= longestPath) return false
    const issues = (issuer: Certificate) => mayIssue(issuer, below) && isIssuedBy(certificate, issuer)
    if (pinned.some((issuer) => isGoodAt(issuer, atMs) && issues(issuer))) return true
    return untried.some(
      (issuer) =>
        issues(issuer) &&
        walk(
          issuer,
          untried.filter((one) => one !== issuer),
          below + 1,
        ),
    )
  }
  return walk(signer, beside, 0)
}

function isGoodAt({ fromMs, toMs, extensions, serial }: Certificate, atMs: number): boolean {
  const isUnknown = [...extensions].some(([oid, { critical }]) => critical && !understood.has(oid))
  return serial !== "" && !isUnknown && fromMs <= atMs && atMs <= toMs
}

/** `below` is how many authorities stand between it and the signer. */
function mayIssue({ extensions }: Certificate, below: number): boolean {
  const usage = usageOf(extensions)
  const constraints = extensions.get(basicConstraints)
  if (!constraints || (usage !== undefined && (usage & keyCertSign) === 0)) return false
  const [isAuthority, most] = partsOf(readDer(constraints.value), derTag.sequence)
  if (isAuthority?.tag !== derTag.boolean || isAuthority.content[0] !== 0xff) return false
  return !most || Number.parseInt(unsignedOf(most), 16) >= below
}

function isIssuedBy({ issuer: name, signing, signedBytes, signature }: Certificate, issuer: Certificate): boolean {
  return name.equals(issuer.subject) && hasSigned(issuer.key, signing, signedBytes, signature)
}

/** The first byte of KeyUsage (RFC 5280, 4.2.1.3), its bits from the left; undefined where a certificate does not say. */
function usageOf(extensions: Certificate["extensions"]): number | undefined {
  const usage = extensions.get(keyUsage)
  return usage && contentOf(readDer(usage.value), derTag.bitString)[1]
}
