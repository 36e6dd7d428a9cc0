/** Pages over HTTP that are read and never change anything, bounded in every direction. Whoever asks learns nothing of what goes wrong in here but a status and a sentence. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault, problemOf } from "../../base/fault.ts"
import { refusedBy, safeHeaders, type AccessRules } from "./access-rules.ts"
import type { Address } from "./address.ts"
import { BoundedServer } from "./bounded-server.ts"

export type Page = { readonly type: string; readonly text: string }

export type ReadingServerOptions = {
  readonly rules: AccessRules
  /** By path, without what follows a question mark. */
  readonly pages: Readonly<Record<string, (request: IncomingMessage) => Promise<Page>>>
  /** A line for the operator. */
  readonly say: (line: string) => void
  readonly requestWithinMs?: number
}

const mostAtOnce = 8
const bounds = { connections: 64, requestWithinMs: 10_000, idleWithinMs: 60_000 }
const plain = "text/plain; charset=utf-8"

export class ReadingServer {
  readonly #server: BoundedServer
  readonly #options: ReadingServerOptions
  #underWay = 0

  constructor(options: ReadingServerOptions) {
    this.#options = options
    const { requestWithinMs = bounds.requestWithinMs } = options
    this.#server = new BoundedServer({ ...bounds, requestWithinMs }, (request, response) => this.#serve(request, response))
  }

  /** @throws {Fault} `serve.cannot-listen` */
  listen(address: Address): Promise<Address> {
    return this.#server.listen(address, "serve.cannot-listen")
  }

  /** Resolves when what is under way has its answer, or has had its time. */
  close(): Promise<void> {
    return this.#server.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusedBy(this.#options.rules, request)
    if (refused) return send(request, response, { status: refused.status, text: `${refused.words}\n`, headers: { ...refused.headers, Connection: "close" } })
    const page = this.#options.pages[(request.url ?? "").replace(/[?#].*$/s, "")]
    if (!page) return send(request, response, { status: 404, text: `There is only ${Object.keys(this.#options.pages).join(", ")}.\n` })
    if (this.#underWay >= mostAtOnce) return send(request, response, { status: 503, text: "Too many at once; ask again.\n", headers: { "Retry-After": "1" } })
    this.#underWay++
    try {
      const { type, text } = await page(request)
      send(request, response, { status: 200, text, headers: { "Content-Type": type } })
    } catch (error) {
      this.#options.say(error instanceof Fault ? error.message : `this is a bug, please report it: ${problemOf(error)}`)
      send(request, response, { status: 500, text: "It could not be told; the operator knows why.\n" })
    } finally {
      this.#underWay--
    }
  }
}

type Answer = { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }

function send({ method }: IncomingMessage, response: ServerResponse, { status, text, headers = {} }: Answer): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { ...safeHeaders, "Content-Type": plain, "Content-Length": Buffer.byteLength(text), ...headers })
  response.end(method === "HEAD" ? undefined : text)
}
