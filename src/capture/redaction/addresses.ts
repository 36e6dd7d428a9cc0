/** Passwords inside addresses: `scheme://user:password@host`, and the forms that have no scheme. */
import type { Scanned, Span } from "./finder.ts"
import { isPlaceholder, looksRandom } from "./plausible.ts"

const mostAddress = 512
const addressEnd = /[\s"'`<>|]/
const authorityEnd = /[/?#\\]/
/** What a host looks like behind an `@`. */
const hostStart = /^(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,10}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?(?:[/?#,;:)\\]|$)/

/** `at` is the colon of `://`. */
export function addressSecret({ text, end }: Scanned, at: number): Span | undefined {
  const from = at + 3
  const near = text.slice(from, Math.min(end, from + mostAddress))
  const stop = near.search(addressEnd)
  const address = stop < 0 ? near : near.slice(0, stop)
  if (!address.includes("@")) return undefined
  const slash = address.search(authorityEnd)
  const authority = slash < 0 ? address : address.slice(0, slash)
  const at1 = authority.lastIndexOf("@")
  if (at1 >= 0) return userInfo(authority.slice(0, at1), from)
  // A password nobody encoded, with a slash or a question mark in it. A port is no password.
  const colon = authority.indexOf(":")
  if (colon < 0 || /^:\d{1,5}$/.test(authority.slice(colon))) return undefined
  const at2 = address.lastIndexOf("@")
  return at2 > colon && hostStart.test(address.slice(at2 + 1)) ? userInfo(address.slice(0, at2), from) : undefined
}

function userInfo(info: string, from: number): Span | undefined {
  const colon = info.indexOf(":")
  const secret = info.slice(colon + 1)
  if (secret === "" || isPlaceholder(secret)) return undefined
  // Alone in front of the host stands a user's name, or a token.
  if (colon < 0 && (secret.length < 16 || !looksRandom(secret))) return undefined
  return { start: from + colon + 1, end: from + info.length, kind: "url-password" }
}

/** `user:password@tcp(host)`, as Go writes it; `at` is the `@`. */
export function driverSecret({ text }: Scanned, at: number): Span | undefined {
  if (!text.startsWith("tcp(", at + 1) && !text.startsWith("unix(", at + 1)) return undefined
  const near = text.slice(Math.max(0, at - 256), at)
  const begin = near.search(/[^\s"'`=]{1,256}$/)
  const colon = near.indexOf(":", Math.max(0, begin))
  if (begin < 0 || colon < 0) return undefined
  const secret = near.slice(colon + 1)
  return secret === "" || isPlaceholder(secret) ? undefined : { start: at - secret.length, end: at, kind: "url-password" }
}

/** `123456789:AA…`, the token of a Telegram bot; `at` is the colon. */
export function botSecret({ text }: Scanned, at: number): Span | undefined {
  let start = at
  while (start > at - 11 && isDigit(text.charCodeAt(start - 1))) start--
  if (at - start < 8 || at - start > 10) return undefined
  const token = /^[\w-]{35}(?![\w-])/.exec(text.slice(at + 1, at + 37))
  return token === null || !/\d/.test(token[0]) || !/[A-Za-z]/.test(token[0]) ? undefined : { start, end: at + 36, kind: "telegram-token" }
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}
