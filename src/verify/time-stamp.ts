/**
 * Checks a time-stamp (RFC 3161) from end to end: what was stamped, the nonce, the policy, the signature, the certificate that made it, its purpose, and the way
 * from it to a certificate that the reader pinned. An authority's answer and a token in a file may come from anybody: nothing here throws.
 */
import { DerError, derTag, partsOf, readDer, unsignedOf } from "../format/der.ts"
import { sha256 } from "../format/sha256.ts"
import { parseTimeStampAnswer, parseTimeStampToken, type TimeStampToken } from "../format/time-stamp.ts"
import { digestOf } from "./asymmetric.ts"
import { isForTimeStamps, leadsToPinned, readCertificate, type Certificate } from "./certificate-path.ts"
import { hasSigned, signingOf } from "./public-key.ts"
import type { StampFault } from "./stamp-claims.ts"

/** The certificates a reader believes, as in a PEM file. */
export type PinnedAuthority = { readonly certificates: readonly Certificate[]; readonly policy?: string | undefined }

export type StampQuestion = {
  /** SHA-256 of what was stamped. */
  readonly digest: Uint8Array
  readonly authority: PinnedAuthority
  /** Hex; left out for a token that is read later. */
  readonly nonce?: string
}

export type GoodStamp = { readonly ok: true; readonly atMs: number; readonly serial: string; readonly policy: string; readonly signer: string }
export type StampCheck = GoodStamp | { readonly ok: false; readonly why: StampFault; readonly detail?: string }

export type AnswerCheck = (GoodStamp & { readonly token: Buffer }) | Exclude<StampCheck, GoodStamp> | { readonly ok: false; readonly refused: string }

/** A whole answer of an authority: a good token, an honest refusal, or something that is neither. */
export function checkTimeStampAnswer(answer: Buffer, question: StampQuestion & { readonly nonce: string }): AnswerCheck {
  return guarded(() => {
    const parsed = parseTimeStampAnswer(answer)
    if ("refused" in parsed) return { ok: false, refused: parsed.refused }
    const checked = checkTimeStamp(parsed.token, question)
    return checked.ok ? { ...checked, token: parsed.token } : checked
  })
}

/** A token alone. The certificates count as of its own time. */
export function checkTimeStamp(token: Buffer, { digest, authority, nonce }: StampQuestion): StampCheck {
  return guarded<StampCheck>(() => {
    const stamp = parseTimeStampToken(token)
    const { info, policy, imprint, serial, atMs } = stamp
    if (!imprint.equals(digest)) return { ok: false, why: "other imprint" }
    if (nonce !== undefined && stamp.nonce !== nonce) return { ok: false, why: "other nonce" }
    if (authority.policy !== undefined && policy !== authority.policy) return { ok: false, why: "other policy", detail: policy }
    const certificates = stamp.certificates.map(readCertificate)
    const signer = certificates.find((one) => one.issuer.equals(stamp.signer.issuer) && one.serial === stamp.signer.serial)
    if (!signer) return { ok: false, why: "no signer" }
    if (!isCertificateOf(stamp, signer)) return { ok: false, why: "other certificate" }
    if (!isForTimeStamps(signer)) return { ok: false, why: "other purpose" }
    if (!digestOf(stamp.hash, info).equals(stamp.messageDigest) || !isSignedBy(stamp, signer)) return { ok: false, why: "bad signature" }
    const beside = certificates.filter((one) => one !== signer)
    if (!leadsToPinned(signer, beside, authority.certificates, atMs)) return { ok: false, why: "not chained" }
    return { ok: true, atMs, serial, policy, signer: sha256(signer.raw).toString("hex") }
  })
}

function guarded<T>(check: () => T): T | { readonly ok: false; readonly why: StampFault; readonly detail?: string } {
  try {
    return check()
  } catch (error) {
    if (error instanceof DerError) return { ok: false, why: "malformed", detail: error.message }
    throw error
  }
}

function isCertificateOf({ certificateHash: { hash, value, issuerSerial } }: TimeStampToken, { raw, issuer, serial }: Certificate): boolean {
  if (!digestOf(hash, raw).equals(value)) return false
  if (issuerSerial === undefined) return true
  // IssuerSerial (RFC 5035, 4): a directoryName among GeneralNames, and the serial number: where they are told, they are the signer's.
  const [names, number] = partsOf(readDer(issuerSerial), derTag.sequence)
  return partsOf(names, derTag.sequence).some(({ tag, content }) => tag === 0xa4 && content.equals(issuer)) && unsignedOf(number) === serial
}

function isSignedBy({ signatureAlgorithm: { oid, parameters }, hash, signedAttributes, signature }: TimeStampToken, { key }: Certificate): boolean {
  const signing = signingOf(oid, parameters && readDer(parameters), hash)
  return signing?.hash === hash && hasSigned(key, signing, signedAttributes, signature)
}
