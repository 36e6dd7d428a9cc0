/** Bytes as base64url without padding (RFC 4648, section 5), in their one encoding: anything else decodes to nothing. */

export function base64url(bytes: Uint8Array): string {
  return (bytes instanceof Buffer ? bytes : Buffer.from(bytes)).toString("base64url")
}

/** The bytes of a text nobody vouched for; undefined when it is not what `base64url` writes. */
export function bytesOfBase64url(text: unknown): Buffer | undefined {
  if (typeof text !== "string") return undefined
  const bytes = Buffer.from(text, "base64url")
  return bytes.toString("base64url") === text ? bytes : undefined
}
