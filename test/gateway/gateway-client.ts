/**
 * A small client of the gateway's WebSocket protocol (version 4): one connection, requests and events. It connects
 * as the trusted local backend client, which may omit a device identity on loopback, so that nothing has to be paired.
 * A turn over it costs milliseconds; the same turn through `openclaw agent` costs a process start of a second or more.
 */
import type { GatewayHome, JsonObject } from "./home.ts"

export type GatewayEvent = { readonly event: string; readonly payload: JsonObject }

export type GatewayClient = {
  readonly isOpen: boolean
  /** Resolves with the payload; rejects with the gateway's words. `until` skips earlier answers to the same request. */
  request(method: string, params: JsonObject, options?: RequestOptions): Promise<JsonObject>
  onEvent(listener: (event: GatewayEvent) => void): () => void
  close(): void
}

export type RequestOptions = { readonly timeoutMs?: number; readonly until?: (payload: JsonObject) => boolean }

export class GatewayError extends Error {
  readonly code: string
  readonly details: JsonObject
  constructor(method: string, error: JsonObject) {
    super(`${method}: ${String(error["message"] ?? "failed")}`)
    this.code = String(error["code"] ?? "UNKNOWN")
    this.details = (error["details"] ?? {}) as JsonObject
  }
}

type Pending = {
  readonly method: string
  readonly until: (payload: JsonObject) => boolean
  readonly resolve: (payload: JsonObject) => void
  readonly reject: (cause: Error) => void
}

const scopes = ["operator.read", "operator.write", "operator.admin", "operator.approvals", "operator.pairing"]

export async function connectGateway(home: Pick<GatewayHome, "port" | "token">, options: { readonly caps?: readonly string[] } = {}): Promise<GatewayClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${home.port}`)
  const pending = new Map<string, Pending>()
  const listeners = new Set<(event: GatewayEvent) => void>()
  let lastId = 0

  const request = (method: string, params: JsonObject, { timeoutMs = 60_000, until = () => true }: RequestOptions = {}) =>
    new Promise<JsonObject>((resolve, reject) => {
      const id = String(++lastId)
      const timer = setTimeout(() => {
        pending.delete(id)
        reject(new Error(`${method}: no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        pending.delete(id)
        finish()
      }
      pending.set(id, {
        method,
        until,
        resolve: (payload) => settle(() => resolve(payload)),
        reject: (cause) => settle(() => reject(cause)),
      })
      socket.send(JSON.stringify({ type: "req", id, method, params }))
    })

  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`no gateway listens on port ${home.port}`))
    socket.addEventListener("error", fail)
    socket.addEventListener("close", () => {
      fail()
      for (const waiting of pending.values()) waiting.reject(new Error(`${waiting.method}: the gateway closed the connection`))
    })
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as JsonObject
      if (frame["event"] === "connect.challenge") {
        request("connect", connectParams(home.token, options.caps ?? [])).then(() => resolve(), reject)
      } else if (frame["type"] === "event") {
        const event = { event: String(frame["event"]), payload: (frame["payload"] ?? {}) as JsonObject }
        for (const listener of listeners) listener(event)
      } else {
        receive(pending, frame)
      }
    })
  })

  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    request,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => socket.close(),
  }
}

function receive(pending: ReadonlyMap<string, Pending>, frame: JsonObject): void {
  const waiting = pending.get(String(frame["id"]))
  if (waiting === undefined) return
  const payload = (frame["payload"] ?? {}) as JsonObject
  if (frame["ok"] !== true) waiting.reject(new GatewayError(waiting.method, (frame["error"] ?? payload) as JsonObject))
  else if (waiting.until(payload)) waiting.resolve(payload)
}

function connectParams(token: string, caps: readonly string[]): JsonObject {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: "gateway-client", version: "1.0.0", platform: process.platform, mode: "backend" },
    role: "operator",
    scopes,
    caps,
    auth: { token },
  }
}
