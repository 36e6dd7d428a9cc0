/** The page with its door, and the answers it is made of, as routes of a server of ours. */
import type { IncomingMessage } from "node:http"
import { loginPage, loginPolicy } from "../page/login-page.ts"
import { servedPolicy, type BuiltPage } from "../page/page-file.ts"
import type { Refused } from "./access-rules.ts"
import type { ApiAnswers } from "./api-answers.ts"
import type { Login } from "./login.ts"
import type { Route } from "./reading-server.ts"
import { problemReply, type Reply, type Whole } from "./reply.ts"
import { smallBody } from "./small-body.ts"

export type PageRoutes = {
  readonly page: BuiltPage
  readonly api: ApiAnswers
  /** Undefined where everybody is let in who reaches it. */
  readonly login: Login | undefined
}

const htmlType = "text/html; charset=utf-8"
/** A form of a page without a referrer would be sent as that of a page without an origin. */
const doorHeaders = { "Content-Security-Policy": loginPolicy, "Referrer-Policy": "same-origin" }
const mostTokenBytes = 4_096
const mostBodyBytes = 64 * 1024
const root = "/api/"

export function pageRoutes({ page, api, login }: PageRoutes): readonly Route[] {
  const shown: Whole = { status: 200, type: htmlType, body: page.document, headers: { "Content-Security-Policy": servedPolicy(page) } }
  const refused = login && ((request: IncomingMessage) => login.refused(request))
  const guarded = refused ? { refused } : {}
  const told = async (request: IncomingMessage, url: URL): Promise<Reply> => {
    const asked = { method: request.method ?? "", path: url.pathname.slice(root.length), parameters: url.searchParams }
    if (request.method !== "POST") return api.answer(asked)
    const body = await smallBody(request, mostBodyBytes)
    return body === undefined
      ? problemReply(413, "A request has at most 64 KiB.", "Send less.", { Connection: "close" })
      : api.answer({ ...asked, body: body.toString("utf8") })
  }
  const problem = ({ status, words, headers }: Refused) => problemReply(status, words, "Log in at /.", headers)
  return [
    { path: "/", linked: true, ...guarded, refusal: (refusal, request) => door(refusal, request), answer: () => Promise.resolve(shown) },
    { path: `${root}*`, ...guarded, refusal: problem, answer: told },
    { path: `${root}*`, post: true, ...guarded, refusal: problem, answer: told },
    ...(login ? doors(login) : []),
  ]
}

function doors(login: Login): readonly Route[] {
  return [
    { path: "/login", post: true, answer: (request) => loggedIn(login, request) },
    { path: "/logout", post: true, answer: () => Promise.resolve(home({ "Set-Cookie": login.noCookie() })) },
  ]
}

async function loggedIn(login: Login, request: IncomingMessage): Promise<Reply> {
  const token = new URLSearchParams((await smallBody(request, mostTokenBytes))?.toString("utf8") ?? "").get("token") ?? ""
  // What a browser says of itself: over TLS, behind a proxy, the cookie is for TLS alone.
  const isSecure = request.headers.origin?.startsWith("https:") === true
  const told = await login.cookie(request, token.trim(), isSecure)
  return "cookie" in told ? home({ "Set-Cookie": told.cookie }) : doorReply(told, told.status === 429 ? told.words : "That is not the token.")
}

/** The cookie is not sent where a link of another site was followed; from a page of our own it is. */
function door(refused: Refused, { headers }: IncomingMessage): Reply {
  const site = headers["sec-fetch-site"]
  if (site === "cross-site" || site === "same-site")
    return { status: 200, type: htmlType, body: "<!doctype html><title>Sovereign Ledger</title>", headers: { Refresh: "0" } }
  return doorReply(refused)
}

/** A browser that is told of a scheme it knows would ask for a name and a password of its own. */
function doorReply({ status, headers = {} }: Refused, problem?: string): Reply {
  const { "WWW-Authenticate": _, ...rest } = headers
  return { status, type: htmlType, body: loginPage(problem), headers: { ...rest, ...doorHeaders } }
}

function home(headers: Readonly<Record<string, string>>): Reply {
  return { status: 303, body: "", headers: { ...headers, Location: "/" } }
}
