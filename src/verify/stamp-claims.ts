/** What a time-stamp (RFC 3161) says of itself, and in words why one is none. */
import { DerError } from "../format/der.ts"
import { parseTimeStampToken, type TimeStampToken } from "../format/time-stamp.ts"

/** Why a time-stamp is none. */
export type StampFault =
  | "malformed"
  | "other imprint"
  | "other nonce"
  | "other policy"
  | "other time"
  | "no signer"
  | "other certificate"
  | "other purpose"
  | "not chained"
  | "bad signature"

export const stampFaultWords: { readonly [F in StampFault]: string } = {
  malformed: "it is not written as RFC 3161 says",
  "other imprint": "it stamps something else",
  "other nonce": "it answers another question",
  "other policy": "it was given under another policy than the pinned one",
  "other time": "its time is not that of its request",
  "no signer": "the certificate that signed it is not in it",
  "other certificate": "it was signed for another certificate than the one in it",
  "other purpose": "its certificate is not for time-stamps alone",
  "not chained": "no good path leads from its certificate to a pinned one",
  "bad signature": "its signature is wrong",
}

/** What a token says of itself, believed by nobody: what it stamps and when; undefined when it is none. */
export function tokenClaims(token: Buffer): Pick<TimeStampToken, "imprint" | "atMs" | "serial"> | undefined {
  try {
    const { imprint, atMs, serial } = parseTimeStampToken(token)
    return { imprint, atMs, serial }
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
