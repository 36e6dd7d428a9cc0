/** A server for HTTP that is bounded in every direction: time, headers, connections. What is asked and answered is its user's. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Fault, problemOf } from "../../base/fault.ts"
import { addressText, type Address } from "./address.ts"
import { http } from "./http-modules.ts"

export type Bounds = {
  readonly connections: number
  readonly requestWithinMs: number
  /** Between two requests of one connection. */
  readonly idleWithinMs: number
}

const mostHeaderBytes = 8 * 1024
const closeWithinMs = 2_000

export class BoundedServer {
  readonly #server: Server

  constructor({ connections, requestWithinMs: withinMs, idleWithinMs }: Bounds, serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
    const limits = { maxHeaderSize: mostHeaderBytes, headersTimeout: withinMs, requestTimeout: withinMs, connectionsCheckingInterval: withinMs / 10 }
    this.#server = http().createServer({ ...limits, keepAliveTimeout: idleWithinMs }, (request, response) => void serve(request, response))
    this.#server.maxConnections = connections
    this.#server.on("clientError", (_, socket) => socket.destroy()) // bytes that are no HTTP get no answer
  }

  /** @throws {Fault} `code`, when the address cannot be had. */
  listen({ host, port }: Address, code: "serve.cannot-listen" | "witness.cannot-listen"): Promise<Address> {
    return new Promise((resolve, reject) => {
      const cannot = (error: Error) => reject(new Fault(code, { address: addressText({ host, port }), problem: problemOf(error) }, error))
      this.#server.once("error", cannot)
      this.#server.listen({ host, port, exclusive: true }, () => {
        this.#server.off("error", cannot)
        resolve({ host, port: (this.#server.address() as AddressInfo).port })
      })
    })
  }

  /** Resolves when what is under way has its answer, or has had its time. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const force = setTimeout(() => this.#server.closeAllConnections(), closeWithinMs)
      this.#server.close(() => {
        clearTimeout(force)
        resolve()
      })
      this.#server.closeIdleConnections()
    })
  }
}
