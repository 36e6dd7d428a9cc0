/** One request over HTTP and its whole answer, bounded in time and size. Redirects are not followed: who is asked is who was named. */
import type { IncomingMessage } from "node:http"
import type { ExchangeAnswer, ExchangeRequest } from "../../operations/anchor/anchor-service.ts"
import { buildVersion } from "../../version.ts"
import { http, https } from "./http-modules.ts"

const withinMs = 10_000
const mostBytes = 64 * 1024

/** Rejects with what kept it from an answer. */
export function exchange({ url, method, headers, body = "" }: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> {
  const { request } = url.startsWith("https:") ? https() : http()
  const limits = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
  const length = method === "GET" ? {} : { "Content-Length": Buffer.byteLength(body) }
  const sent = { "User-Agent": `sovereign-ledger/${buildVersion}`, ...length, ...headers }
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(limits.aborted ? new Error(`no answer within ${withinMs / 1000} s`, { cause: error }) : error)
    const call = request(url, { method, agent: false, headers: sent, signal: limits }, (response) => {
      bytesOf(response).then((bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }), failed)
    })
    call.once("error", failed)
    call.end(body)
  })
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > mostBytes) throw new Error(`the answer is longer than ${mostBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
