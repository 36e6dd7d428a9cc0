/** An answer over HTTP, whole or in pieces, with what stands on every one of them. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { safeHeaders, type Refused } from "./access-rules.ts"

type Headers = Readonly<Record<string, string>>

export type Whole = { readonly status: number; readonly type?: string; readonly body: string | Uint8Array; readonly headers?: Headers }

export type InPieces = {
  readonly status: 200
  readonly type: string
  readonly headers?: Headers
  /** Begins once the head is sent; what it answers is called when who asked is gone. `end` is given what went wrong where something did. */
  readonly pour: (write: (piece: string | Uint8Array) => boolean, end: () => void, response: ServerResponse) => () => void
}

export type Reply = Whole | InPieces

export const plainType = "text/plain; charset=utf-8"

export function send({ method }: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent) return
  if (response.destroyed) {
    // Nobody waits for it any more; what would be poured is let go of.
    if ("pour" in reply)
      reply.pour(
        () => true,
        () => {},
        response,
      )()
    return
  }
  const headers = { ...safeHeaders, "Content-Type": reply.type ?? plainType, ...reply.headers }
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if ("body" in reply) {
    response.setHeader("Content-Length", Buffer.byteLength(reply.body))
    response.end(method === "HEAD" ? undefined : reply.body)
    return
  }
  if (method === "HEAD") return void response.end()
  response.flushHeaders()
  const stop = reply.pour(
    (piece) => response.write(piece),
    () => response.end(),
    response,
  )
  response.once("close", stop)
}

export function jsonReply(status: number, body: object, headers: Headers = {}): Whole {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(body), headers }
}

/** As every answer says what was wrong: a sentence, and what mends it. */
export function problemReply(status: number, error: string, remedy: string, headers: Headers = {}): Whole {
  return jsonReply(status, { error, remedy }, headers)
}

export function refusal({ status, words, headers }: Refused): Whole {
  return { status, body: `${words}\n`, headers: { ...headers, Connection: "close" } }
}
