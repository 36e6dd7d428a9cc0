/**
 * The public keys of receipts over the gateway's HTTP, for who checks receipts by the issuer's name: a JWKS and `peac-issuer.json`, while the setting `receipts` is
 * on. Read by anybody, without the gateway's token: who checks a receipt is a stranger, and all there is to read is public keys, no session, no path, no
 * name. Nobody can have the gateway work by asking: the writer is asked at most once in a few seconds, whoever asks how often.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault } from "../base/fault.ts"
import { issuerDocument, issuerPath, jwksPath, publishedText, type KeySet } from "../format/peac/key-set.ts"
import { askWriter } from "../surfaces/socket/writer-link.ts"
import type { HostApi } from "./host-api.ts"
import { configOf, socketOf } from "./ledger-location.ts"

type Published = { readonly status: 200; readonly text: string } | { readonly status: 404 | 503; readonly sentence: string }

/** Where the domain's own well-known files are somebody else's, a proxy can be pointed at these. */
const ownPath = "/sovereign-ledger"
/** A revocation is known everywhere within a minute. */
const cachedSeconds = 60
const askedAgainMs = 5_000
const answerWithinMs = 5_000

/** Only of the copy that owns such things. */
export function registerKeyRoutes(api: HostApi): void {
  const config = configOf(api)
  if (config instanceof Fault || !config.receipts) return
  const { issuer } = config.receipts
  const keys = onceInAWhile(() => askedKeys(api))
  const jwks = async (): Promise<Published> => {
    const told = await keys()
    return "status" in told ? told : { status: 200, text: publishedText(told) }
  }
  const ofIssuer = async (): Promise<Published> => {
    const told = await keys()
    if ("status" in told) return told
    const document = issuer === undefined ? undefined : issuerDocument(issuer, told)
    if (document) return { status: 200, text: publishedText(document) }
    return { status: 404, sentence: `Receipts here are issued under a key or another DID, not under a domain; the keys are at ${ownPath}/jwks.json.` }
  }
  const routes = { [jwksPath]: jwks, [issuerPath]: ofIssuer, [`${ownPath}/jwks.json`]: jwks, [`${ownPath}/peac-issuer.json`]: ofIssuer }
  for (const [path, published] of Object.entries(routes)) {
    api.registerHttpRoute?.({ path, auth: "plugin", match: "exact", handler: (request, response) => answered(request, response, published) })
  }
}

async function answered({ method }: IncomingMessage, response: ServerResponse, published: () => Promise<Published>): Promise<true> {
  response.setHeader("X-Content-Type-Options", "nosniff")
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD")
    return ended(response, 405, JSON.stringify({ error: "Public keys are only read: GET or HEAD." }))
  }
  const told = await published()
  response.setHeader("Cache-Control", told.status === 200 ? `public, max-age=${cachedSeconds}` : "no-store")
  if (told.status === 503) response.setHeader("Retry-After", String(askedAgainMs / 1_000))
  return ended(response, told.status, told.status === 200 ? told.text : `${JSON.stringify({ error: told.sentence })}\n`, method === "HEAD")
}

function ended(response: ServerResponse, status: number, text: string, headOnly = false): true {
  response.statusCode = status
  response.setHeader("Content-Type", "application/json; charset=utf-8")
  response.setHeader("Content-Length", Buffer.byteLength(text))
  response.end(headOnly ? undefined : text)
  return true
}

async function askedKeys(api: HostApi): Promise<KeySet | Published> {
  const config = configOf(api)
  if (config instanceof Fault) return { status: 404, sentence: "There are no keys here: the settings of the ledger cannot be read." }
  try {
    return (await askWriter({ socketPath: socketOf(api, config), role: "plugin" }, "receipt-keys", answerWithinMs)) as KeySet
  } catch (error) {
    // Why is for the operator, in `status`; a stranger is told no paths.
    const isAway = error instanceof Fault && error.code === "writer.unreachable"
    return isAway ? nobodyThere : { status: 503, sentence: "The ledger cannot tell its keys at the moment; ask again." }
  }
}

const nobodyThere: Published = { status: 404, sentence: "There are no keys here at the moment: no ledger records. Once one does, they are here." }

/** Who asks meanwhile has the same answer. */
function onceInAWhile<T>(ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly sinceMs: number; readonly answer: Promise<T> } | undefined
  return () => {
    const nowMs = performance.now()
    if (!last || nowMs - last.sinceMs > askedAgainMs) last = { sinceMs: nowMs, answer: ask() }
    return last.answer
  }
}
