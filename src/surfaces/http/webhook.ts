/**
 * One request to a web hook. Its host's addresses are asked for once and looked at; the connection goes to one of those and to no other, whatever the name stands for
 * a moment later. Redirects are not followed, and of the answer nothing is kept but its status and how long to wait. In the background of the writer's process, as
 * witnesses are asked: bounded in time, in what is read, and in connections, of which none is kept.
 */
import type { LookupAddress } from "node:dns"
import { lookup } from "node:dns/promises"
import type { IncomingMessage } from "node:http"
import { isIP, type LookupFunction } from "node:net"
import { WebhookProblem, type PostWebhook, type WebhookAnswer, type WebhookRequest } from "../../operations/alerts/webhook.ts"
import { buildVersion } from "../../version.ts"
import { http, https } from "./http-modules.ts"
import { isLoopback, isPublic } from "./public-address.ts"

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

const usualWithinMs = 10_000
const mostBytes = 64 * 1024

const resolveBySystem: Resolve = (host) => lookup(host, { all: true, verbatim: true })

/** Other than usual in tests only. */
export function webhookPoster(resolve: Resolve = resolveBySystem, withinMs = usualWithinMs): PostWebhook {
  return async (request, signal) => {
    const limits = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    try {
      const url = new URL(request.url)
      const addresses = await within(limits, addressesOf(url, request.allowPrivate, resolve))
      return await sent(url, request, addresses, limits)
    } catch (error) {
      throw limits.aborted ? new WebhookProblem("no answer in time", { cause: error }) : error
    }
  }
}

export const postWebhook = webhookPoster()

async function addressesOf(url: URL, allowPrivate: boolean, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1")
  const literal = isIP(host)
  const addresses = literal === 0 ? await resolve(host) : [{ address: host, family: literal }]
  if (addresses.length === 0) throw new WebhookProblem("its host has no address")
  const isPlain = url.protocol === "http:"
  if (isPlain && !addresses.every(({ address }) => isLoopback(address))) throw new WebhookProblem("without TLS only this machine is spoken to")
  // One that is not public among many that are is how a name is made to lead here now and then.
  if (!allowPrivate && !addresses.every(({ address }) => isPublic(address))) throw new WebhookProblem("its address is not public")
  return addresses
}

function sent(url: URL, { headers, body }: WebhookRequest, addresses: readonly LookupAddress[], signal: AbortSignal): Promise<WebhookAnswer> {
  const { request } = url.protocol === "https:" ? https() : http()
  const all = { "User-Agent": `sovereign-ledger/${buildVersion}`, "Content-Length": Buffer.byteLength(body), Accept: "application/json", ...headers }
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent: false, headers: all, lookup: pinned(addresses), signal }, (response) => {
      const retryAfter = response.headers["retry-after"]
      drained(response).then(() => resolve({ status: response.statusCode ?? 0, retryAfter }), reject)
    })
    call.once("error", reject)
    call.end(body)
  })
}

/** In the place of the system's: whatever is asked, these are the addresses. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, { all }, answer) => {
    const [first] = addresses
    if (all === true) answer(null, [...addresses])
    else answer(null, first?.address ?? "", first?.family)
  }
}

/** Its words are nobody's: what is longer than it needs is cut off, and the status counts all the same. */
async function drained(response: IncomingMessage): Promise<void> {
  let sizeBytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > mostBytes) return
  }
}

function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const over = () => reject(new WebhookProblem("no answer in time"))
    if (signal.aborted) return over()
    signal.addEventListener("abort", over, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", over))
  })
}
