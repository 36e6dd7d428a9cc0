/** Tests of texts that hide what they are behind base64. None of them throws. */

/** The beginning of a JSON Web Token: its header is JSON that names an algorithm or a type. */
export function isJwtHeader(token: string): boolean {
  const header = decoded(token.slice(0, Math.min(token.indexOf("."), 4096)))
  return header !== undefined && header.startsWith("{") && /"(?:alg|typ|enc|kid)"/.test(header)
}

/** Base64 of a PEM block that holds a private key. */
export function isPrivateKeyText(text: string): boolean {
  return decoded(text.slice(0, 80))?.includes("PRIVATE KEY") ?? false
}

/** Base64 of `user:password`. */
export function decodesToSecretUser(text: string): boolean {
  const pair = decoded(text)
  return pair !== undefined && /^[ -9;-~]{0,200}:[^\p{Cc}]+$/u.test(pair)
}

/** Base64, also the kind for URLs, also with its end missing; undefined when it is none. */
function decoded(text: string): string | undefined {
  const letters = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "")
  try {
    return atob(letters.slice(0, letters.length - (letters.length % 4 === 1 ? 1 : 0)))
  } catch {
    // Not base64: the question is answered.
    return undefined
  }
}
