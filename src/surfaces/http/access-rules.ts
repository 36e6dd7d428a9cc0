/**
 * Who is let in by a server of ours: by its own names alone, and from no other site's page. A page somebody looks at could else read what lies on this machine, by a
 * name that is made to point at it. Who may read on is another question (`login.ts`, or the gateway's own login).
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"

/** Names and addresses by which it may be asked, in lower case, without ports; undefined where somebody else looks after that. */
export type Hosts = ReadonlySet<string> | undefined

export type Refused = {
  readonly status: 400 | 401 | 403 | 405 | 413 | 421 | 429
  readonly words: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Undefined where it may be answered, whatever it asks. */
export function misdirected(hosts: Hosts, { headers }: IncomingMessage): Refused | undefined {
  if (headers.host === undefined) return { status: 400, words: "A request names the host it is for." }
  if (hosts && !hosts.has(hostName(headers.host)))
    return { status: 421, words: "This is not served under that name. Its operator can add it with --allow-host." }
  return undefined
}

/** From a page of another site, or from one that has no origin. */
export function foreign({ headers }: IncomingMessage): Refused | undefined {
  return isForeign(headers) ? { status: 403, words: "Pages of other sites may not read this." } : undefined
}

export function notRead({ method }: IncomingMessage): Refused | undefined {
  if (method === "GET" || method === "HEAD") return undefined
  return { status: 405, words: "Here is only read: GET or HEAD.", headers: { Allow: "GET, HEAD" } }
}

export function notPosted({ method }: IncomingMessage): Refused | undefined {
  return method === "POST" ? undefined : { status: 405, words: "This is not read: POST.", headers: { Allow: "POST" } }
}

/** A person followed a link here from somewhere else: it is shown to that person, and to no page. */
export function isFollowedLink({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.origin === undefined && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"
}

/** A frame is opened here, by whoever: what may hold it is for the answer's policy to say, and no page can read what is in it. */
export function isFrame({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.origin === undefined && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "iframe"
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

/** On every answer: it is nobody's to keep, to frame, or to take for something else. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
}
