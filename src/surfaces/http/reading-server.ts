/** Pages and answers over HTTP that are read and never change anything, bounded in every direction. Whoever asks learns nothing of what goes wrong in here but a status and a sentence. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault, problemOf } from "../../base/fault.ts"
import { foreign, isFollowedLink, misdirected, notPosted, notRead, type Hosts, type Refused } from "./access-rules.ts"
import type { Address } from "./address.ts"
import { BoundedServer } from "./bounded-server.ts"
import { refusal, send, type Reply } from "./reply.ts"

export type Route = {
  /** `/metrics`; with a slash and a star at its end, all below it: `/api/*`. */
  readonly path: string
  /** Left out, it is only read. */
  readonly post?: true
  /** Shown to people who follow a link from another site, too. */
  readonly linked?: true
  /** Undefined where who asks may; left out, everybody may. */
  readonly refused?: (request: IncomingMessage) => Promise<Refused | undefined>
  /** What is said to who may not, in its place. */
  readonly refusal?: (refused: Refused, request: IncomingMessage) => Reply
  readonly answer: (request: IncomingMessage, url: URL) => Promise<Reply>
}

export type ReadingServerOptions = {
  readonly hosts: Hosts
  readonly routes: readonly Route[]
  /** A line for the operator. */
  readonly say: (line: string) => void
  readonly requestWithinMs?: number
}

const mostAtOnce = 8
const bounds = { connections: 64, requestWithinMs: 10_000, idleWithinMs: 60_000 }

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
    send(request, response, await this.#replyTo(request))
  }

  async #replyTo(request: IncomingMessage): Promise<Reply> {
    const path = (request.url ?? "").replace(/[?#].*$/s, "")
    const found = this.#options.routes.filter((route) => isAt(route.path, path))
    const route = found.find(({ post }) => (post === true) === (request.method === "POST")) ?? found[0]
    const stranger = route?.linked && isFollowedLink(request) ? undefined : foreign(request)
    const refused = misdirected(this.#options.hosts, request) ?? stranger ?? (route?.post ? notPosted(request) : notRead(request))
    if (refused) return refusal(refused)
    if (!route) return { status: 404, body: `There is only ${[...new Set(this.#options.routes.map(({ path }) => path))].join(", ")}.\n` }
    const unknown = await route.refused?.(request)
    if (unknown) return route.refusal ? route.refusal(unknown, request) : refusal(unknown)
    return this.#bounded(() => route.answer(request, new URL(request.url ?? "/", "http://ledger.invalid")))
  }

  async #bounded(answer: () => Promise<Reply>): Promise<Reply> {
    if (this.#underWay >= mostAtOnce) return { status: 503, body: "Too many at once; ask again.\n", headers: { "Retry-After": "1" } }
    this.#underWay++
    try {
      return await answer()
    } catch (error) {
      this.#options.say(error instanceof Fault ? error.message : `this is a bug, please report it: ${problemOf(error)}`)
      return { status: 500, body: "It could not be told; the operator knows why.\n" }
    } finally {
      this.#underWay--
    }
  }
}

function isAt(own: string, path: string): boolean {
  return own.endsWith("/*") ? path.startsWith(own.slice(0, -1)) : path === own
}
