/**
 * Time-stamps of RFC 3161: the request over a SHA-256 hash, and what an authority answers, taken apart. Who may be believed is for `verify/`.
 * Everything that is not written as this says is refused with a `DerError`; answers come from the network.
 */
import { contentOf, der, DerError, derTag, derUnsigned, oidOf, partsOf, readDer, timeOf, unsignedOf, type DerValue } from "./der.ts"

const oids = {
  signedData: "1.2.840.113549.1.7.2",
  stampInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha256: "2.16.840.1.101.3.4.2.1",
} as const

/** The hashes that are taken, as Node calls them. */
export type HashName = "sha256" | "sha384" | "sha512"

const hashNames: Readonly<Record<string, HashName>> = {
  [oids.sha256]: "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
}

const sha256Identifier = Buffer.from("300d06096086480165030402010500", "hex")

/** A TimeStampReq (RFC 3161, 2.4.1): version 1, SHA-256, a nonce, and the wish for the signer's certificate. */
export function timeStampRequest(digest: Uint8Array, nonce: Uint8Array): Buffer {
  const imprint = der(derTag.sequence, sha256Identifier, der(derTag.octetString, digest))
  return der(derTag.sequence, derUnsigned(Uint8Array.of(1)), imprint, derUnsigned(nonce), der(derTag.boolean, Uint8Array.of(0xff)))
}

/** A nonce as an answer must repeat it: hex of the integer. */
export function nonceText(nonce: Uint8Array): string {
  return unsignedOf(readDer(derUnsigned(nonce)))
}

/** What an authority answered (2.4.2): a token, or why there is none. */
export type TimeStampAnswer = { readonly token: Buffer } | { readonly refused: string }

/** Names of PKIFailureInfo bits (RFC 3161, 2.4.2). */
const failures: Readonly<Record<number, string>> = {
  0: "it does not know the hash",
  2: "it does not take such a request",
  5: "it takes the request for malformed",
  14: "its clock is not available",
  15: "it does not know the policy",
  16: "it does not know an extension",
  17: "it cannot give what was asked beside",
  25: "it failed",
}

/** `granted` is the only status that is taken: with modifications it is not what was asked. */
export function parseTimeStampAnswer(bytes: Buffer): TimeStampAnswer {
  const [statusInfo, token, ...rest] = partsOf(readDer(bytes), derTag.sequence)
  if (rest.length > 0) throw new DerError("the answer has more parts than two")
  const [status, ...reasons] = partsOf(statusInfo, derTag.sequence)
  if (unsignedOf(status) === "00") {
    if (!token) throw new DerError("it says granted, and there is no token")
    return { token: token.whole }
  }
  if (token && unsignedOf(status) !== "01") throw new DerError("it refuses, and gives a token all the same")
  const bits = reasons.find(({ tag }) => tag === derTag.bitString)?.content.subarray(1) ?? Buffer.alloc(0)
  const bit = Object.keys(failures).find((number) => ((bits[Number(number) >> 3] ?? 0) & (0x80 >> (Number(number) & 7))) !== 0)
  return { refused: `status ${Number.parseInt(unsignedOf(status), 16)}${bit === undefined ? "" : `: ${failures[Number(bit)]}`}` }
}

export type TimeStampToken = {
  /** What is signed: DER of the TSTInfo. */
  readonly info: Buffer
  readonly policy: string
  /** The SHA-256 hash that was stamped. */
  readonly imprint: Buffer
  /** Hex. */
  readonly serial: string
  readonly atMs: number
  /** Hex; undefined when the request had none. */
  readonly nonce: string | undefined
  /** The authority's certificates, DER, in the order in which they stand. */
  readonly certificates: readonly Buffer[]
  readonly signer: { readonly issuer: Buffer; readonly serial: string }
  /** The hash under the signature. */
  readonly hash: HashName
  readonly signatureAlgorithm: { readonly oid: string; readonly parameters: Buffer | undefined }
  readonly signature: Buffer
  /** The signed attributes as they are hashed: a SET (RFC 5652, 5.4). */
  readonly signedAttributes: Buffer
  readonly messageDigest: Buffer
  /** Hash of the signer's certificate that is signed along (RFC 5816), and its algorithm. */
  readonly certificateHash: { readonly hash: HashName; readonly value: Buffer; readonly issuerSerial: Buffer | undefined }
}

const mostCertificates = 8

/** A TimeStampToken: CMS SignedData (RFC 5652) with one signer, over a TSTInfo. */
export function parseTimeStampToken(bytes: Buffer): TimeStampToken {
  const [type, wrapped, ...rest] = partsOf(readDer(bytes), derTag.sequence)
  if (oidOf(type) !== oids.signedData || rest.length > 0) throw new DerError("it is not signed data")
  const [version, digests, content, certificates, signers, ...more] = partsOf(onlyPart(wrapped, 0xa0), derTag.sequence)
  if (unsignedOf(version) !== "03" || more.length > 0) throw new DerError("it is signed data of another kind than a time-stamp")
  const [signer, ...others] = partsOf(signers, derTag.set)
  if (others.length > 0) throw new DerError("it has more signers than one")
  const signed = signerOf(signer)
  if (!onlyPart(digests, derTag.set).whole.equals(signed.digest.whole)) throw new DerError("it names other hashes than its signer")
  const list = partsOf(certificates, 0xa0).map(({ whole }) => whole)
  if (list.length > mostCertificates) throw new DerError(`it has more certificates than ${mostCertificates}`)
  const [contentType, inner, ...beside] = partsOf(content, derTag.sequence)
  if (oidOf(contentType) !== oids.stampInfo || beside.length > 0) throw new DerError("what is signed is no time-stamp")
  const info = contentOf(onlyPart(inner, 0xa0), derTag.octetString)
  const { digest: _, ...fields } = signed
  return { info, ...stampInfoOf(info), ...fields, certificates: list }
}

function stampInfoOf(info: Buffer): Pick<TimeStampToken, "policy" | "imprint" | "serial" | "atMs" | "nonce"> {
  const [version, policy, imprint, serial, time, ...optional] = partsOf(readDer(info), derTag.sequence)
  if (unsignedOf(version) !== "01") throw new DerError("it is a time-stamp of another version")
  const [algorithm, digest, ...rest] = partsOf(imprint, derTag.sequence)
  if (hashOf(algorithm) !== "sha256" || rest.length > 0) throw new DerError("it stamps another kind of hash")
  // Accuracy, ordering, nonce, the authority's name, extensions: each at most once, in this order.
  const order: readonly number[] = [derTag.sequence, derTag.boolean, derTag.integer, 0xa0, 0xa1]
  const places = optional.map(({ tag }) => order.indexOf(tag))
  if (places.some((place, index) => place < 0 || place <= (places[index - 1] ?? -1))) throw new DerError("it holds something that a time-stamp does not")
  if (places.includes(4)) throw new DerError("it has extensions, which are not known here")
  const nonce = optional.find(({ tag }) => tag === derTag.integer)
  return {
    policy: oidOf(policy),
    imprint: contentOf(digest, derTag.octetString),
    serial: unsignedOf(serial),
    atMs: timeOf(time),
    nonce: nonce && unsignedOf(nonce),
  }
}

type Signer = Pick<TimeStampToken, "signer" | "hash" | "signatureAlgorithm" | "signature" | "signedAttributes" | "messageDigest" | "certificateHash">

function signerOf(value: DerValue | undefined): Signer & { readonly digest: DerValue } {
  const [version, sid, digest, attributes, algorithm, signature, ...rest] = partsOf(value, derTag.sequence)
  if (unsignedOf(version) !== "01" || !digest || rest.length > 0) throw new DerError("its signer is named in another way, or something unsigned is added")
  const [issuer, serial, ...more] = partsOf(sid, derTag.sequence)
  if (!issuer || more.length > 0) throw new DerError("its signer is not named")
  const [oid, parameters, ...beyond] = partsOf(algorithm, derTag.sequence)
  if (beyond.length > 0) throw new DerError("its signature is of an unknown kind")
  return {
    digest,
    signer: { issuer: issuer.whole, serial: unsignedOf(serial) },
    hash: hashOf(digest),
    signatureAlgorithm: { oid: oidOf(oid), parameters: parameters?.whole },
    signature: contentOf(signature, derTag.octetString),
    ...attributesOf(attributes),
  }
}

function attributesOf(value: DerValue | undefined): Pick<Signer, "signedAttributes" | "messageDigest" | "certificateHash"> {
  const list = partsOf(value, 0xa0)
  const found = new Map<string, DerValue>()
  for (const attribute of list) {
    const [type, values, ...rest] = partsOf(attribute, derTag.sequence)
    const name = oidOf(type)
    if (!values || rest.length > 0 || found.has(name)) throw new DerError("its signed attributes are not as they must be")
    found.set(name, values)
  }
  const only = (name: string): DerValue => onlyPart(found.get(name), derTag.set)
  if (oidOf(only(oids.contentType)) !== oids.stampInfo) throw new DerError("its signature is over another kind of content")
  return {
    signedAttributes: der(derTag.set, value?.content ?? Buffer.alloc(0)),
    messageDigest: contentOf(only(oids.messageDigest), derTag.octetString),
    certificateHash: certificateHashOf(only(oids.signingCertificateV2)),
  }
}

/** The first ESSCertIDv2 (RFC 5816; RFC 5035, 4): SHA-256 where it names no hash. */
function certificateHashOf(value: DerValue): TimeStampToken["certificateHash"] {
  const [first] = partsOf(partsOf(value, derTag.sequence)[0], derTag.sequence)
  const parts = partsOf(first, derTag.sequence)
  const named = parts[0]?.tag === derTag.sequence ? parts[0] : undefined
  const [digest, issuerSerial] = named ? parts.slice(1) : parts
  return { hash: named ? hashOf(named) : "sha256", value: contentOf(digest, derTag.octetString), issuerSerial: issuerSerial?.whole }
}

/** The hash that an AlgorithmIdentifier means. */
export function hashOf(value: DerValue | undefined): HashName {
  const [oid, parameters, ...rest] = partsOf(value, derTag.sequence)
  const name = hashNames[oidOf(oid)]
  if (name === undefined || rest.length > 0 || (parameters && parameters.tag !== derTag.null)) throw new DerError("it uses a hash that is not taken here")
  return name
}

function onlyPart(value: DerValue | undefined, tag: number): DerValue {
  const [only, ...rest] = partsOf(value, tag)
  if (!only || rest.length > 0) throw new DerError("a part is missing, or one too many")
  return only
}
