/**
 * A witness over HTTP (https://c2sp.org/tlog-witness): one path, one method, bounded in every direction. Nothing of what goes wrong in here is told to
 * the other side but a status and a sentence.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault, problemOf } from "../../base/fault.ts"
import { addCheckpointPath, sizeContentType, toldSizeText } from "../../format/add-checkpoint.ts"
import { isDriverError } from "../../vault/database.ts"
import { answerOffer, type Witness } from "../../witness/answer-offer.ts"
import type { Address } from "./address.ts"
import { BoundedServer } from "./bounded-server.ts"
import { smallBody } from "./small-body.ts"

export type WitnessServerOptions = {
  /** A line for the operator: what was refused as a contradiction, and what went wrong. */
  readonly say: (line: string) => void
  readonly requestWithinMs?: number
  readonly mostAtOnce?: number
}

type Reply = { readonly status: number; readonly body: string; readonly type?: string; readonly close?: true }

/** Room for 63 lines of proof and 16 signatures of any kind there is. */
const mostBodyBytes = 128 * 1024
const mostAtOnce = 16
const bounds = { connections: 128, requestWithinMs: 10_000, idleWithinMs: 30_000 }

export class WitnessServer {
  readonly #server: BoundedServer
  readonly #witness: Witness
  readonly #options: WitnessServerOptions
  #underWay = 0

  constructor(witness: Witness, options: WitnessServerOptions) {
    this.#witness = witness
    this.#options = options
    const { requestWithinMs = bounds.requestWithinMs } = options
    this.#server = new BoundedServer({ ...bounds, requestWithinMs }, (request, response) => this.#serve(request, response))
  }

  /** @throws {Fault} `witness.cannot-listen` */
  listen(address: Address): Promise<Address> {
    return this.#server.listen(address, "witness.cannot-listen")
  }

  /** Resolves when what is under way has its answer, or has had its time. */
  close(): Promise<void> {
    return this.#server.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, misdirected(request) ?? (await this.#answer(request)))
    } catch (error) {
      if (request.errored) return // who asked is gone
      const known = error instanceof Fault || isDriverError(error)
      this.#options.say(known ? problemOf(error) : `this is a bug, please report it: ${problemOf(error)}`)
      const busy = error instanceof Fault && error.code === "witness.busy"
      send(response, { status: busy ? 503 : 500, body: "the witness could not do it; nothing was cosigned\n" })
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const body = await smallBody(request, mostBodyBytes)
    if (body === undefined) return { status: 413, body: `a request has at most ${mostBodyBytes} bytes\n`, close: true }
    if (this.#underWay >= (this.#options.mostAtOnce ?? mostAtOnce)) return { status: 503, body: "too many requests at once; try again\n" }
    this.#underWay++
    try {
      const answer = await answerOffer(this.#witness, body)
      if (answer.status === 200) return { status: 200, body: answer.line }
      if (answer.contradicts) this.#options.say(`refused, and kept as evidence: ${answer.why}`)
      if (answer.knownSize !== undefined) return { status: answer.status, body: toldSizeText(answer.knownSize), type: sizeContentType }
      return { status: answer.status, body: `${answer.why}\n` }
    } finally {
      this.#underWay--
    }
  }
}

/** What is not a log's question is answered without a look at its body. */
function misdirected({ url, method, headers }: IncomingMessage): Reply | undefined {
  // Browsers say where a script comes from, logs do not: a page someone looks at has no business with a witness, whatever its name resolves to.
  if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) return { status: 403, body: "this is no place for browsers\n", close: true }
  if (url !== `/${addCheckpointPath}`) return { status: 404, body: `there is only /${addCheckpointPath}\n`, close: true }
  if (method !== "POST") return { status: 405, body: "POST it\n", close: true }
  return undefined
}

function send(response: ServerResponse, { status, body, type = "text/plain; charset=utf-8", close }: Reply): void {
  if (response.headersSent || response.destroyed) return
  const headers = { "Content-Type": type, "Content-Length": Buffer.byteLength(body), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" }
  response.writeHead(status, close ? { ...headers, Connection: "close" } : headers)
  response.end(body)
}
