/**
 * Who is let in by a server of ours that reads: by its own names alone, from no other site's page, with the token where one is asked for. A page somebody looks at could else
 * read what lies on this machine, by a name that is made to point at it.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"

export type AccessRules = {
  /** Names and addresses by which it may be asked, in lower case, without ports; undefined where somebody else looks after that. */
  readonly hosts: ReadonlySet<string> | undefined
  /** Undefined where everybody is let in who reaches it. */
  readonly token: string | undefined
}

export type Refused = { readonly status: 400 | 401 | 403 | 405 | 421; readonly words: string; readonly headers?: Readonly<Record<string, string>> }

/** Undefined where it may be answered. */
export function refusedBy({ hosts, token }: AccessRules, { method, headers }: IncomingMessage): Refused | undefined {
  if (headers.host === undefined) return { status: 400, words: "A request names the host it is for." }
  if (hosts && !hosts.has(hostName(headers.host)))
    return { status: 421, words: "This is not served under that name. Its operator can add it with --allow-host." }
  if (isForeign(headers)) return { status: 403, words: "Pages of other sites may not read this." }
  if (method !== "GET" && method !== "HEAD") return { status: 405, words: "Here is only read: GET or HEAD.", headers: { Allow: "GET, HEAD" } }
  if (token === undefined || isToken(token, headers.authorization)) return undefined
  const challenge = { "WWW-Authenticate": 'Bearer realm="sovereign-ledger"' }
  return { status: 401, words: "Send the token: Authorization: Bearer TOKEN. Where it is, serve says when it starts.", headers: challenge }
}

/** Without its port: `[::1]:9464` is `::1`. */
export function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1]
  return (bracketed ?? host.replace(/:\d+$/, "")).toLowerCase()
}

function isForeign({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== "same-origin" && site !== "none") return true
  return origin !== undefined && origin.replace(/^https?:\/\//, "").toLowerCase() !== host?.toLowerCase()
}

/** Compared by their hashes, which takes the same time for every wrong one. */
function isToken(token: string, authorization: string | undefined): boolean {
  const told = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1]
  return told !== undefined && timingSafeEqual(hashOf(told), hashOf(token))
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}

/** On every answer: it is nobody's to keep, to frame, or to take for something else. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
}
