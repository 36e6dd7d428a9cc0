/** One POST of a text, bounded in time and in what comes back. Redirects are not followed: who is asked is who was named. */
import type { IncomingMessage } from "node:http"
import { buildVersion } from "../../version.ts"
import { http, https } from "./http-modules.ts"

export type Posted = { readonly status: number; readonly contentType: string | undefined; readonly body: string }

const withinMs = 10_000
const mostBytes = 64 * 1024

/** Rejects with what kept it from an answer. */
export function postText(url: string, body: string, signal: AbortSignal): Promise<Posted> {
  const { request } = url.startsWith("https:") ? https() : http()
  const limits = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
  const headers = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(body), "User-Agent": `sovereign-ledger/${buildVersion}` }
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(limits.aborted ? new Error(`no answer within ${withinMs / 1000} s`, { cause: error }) : error)
    const call = request(url, { method: "POST", agent: false, headers, signal: limits }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, contentType: response.headers["content-type"], body: text }), failed)
    })
    call.once("error", failed)
    call.end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > mostBytes) throw new Error(`the answer is longer than ${mostBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString("utf8")
}
