/**
 * The writer's side of the socket: parses lines nobody vouched for, hands work to the writer, sends answers back.
 * A peer that breaks the protocol loses its connection, and nothing else happens.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { dirname } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { Answer } from "../../operations/intake.ts"
import type { Peer } from "../../operations/client-config.ts"
import type { Held } from "../../operations/presence.ts"
import { writeCorked } from "./connection.ts"
import { parseGatewayPaths } from "./gateway-paths.ts"
import { LineSplitter } from "./lines.ts"
import { parseClientConfig, parseCounts, parseGap, unreadable } from "./parse-lines.ts"
import {
  longestLineBytes,
  protocolVersion,
  type ControlAction,
  type DoorsLine,
  type TellLine,
  type GateLine,
  type GapLine,
  type Hello,
  type ObserveLine,
  type ServerLine,
  type Welcome,
} from "./protocol.ts"
import { notForTheGroup, refuseSharedDirectory } from "./who-may.ts"

/** What the server needs of the writer. */
export type WriterCore = {
  readonly welcome: (sender: string) => Welcome["welcome"]
  readonly joined: (peer: Peer) => void
  readonly observe: (peer: Peer, line: ObserveLine | GapLine, done: () => void) => void
  readonly gate: (peer: Peer, line: GateLine, answer: (answer: Answer) => void) => void
  readonly held: (peer: Peer, held: Held) => void
  readonly goodbye: (peer: Peer) => void
  /** A peer that had greeted is gone. */
  readonly left: (peer: Peer) => void
  /** `line` is the whole question, as anybody may have put it; a promise is answered when it is kept. */
  readonly control: (action: ControlAction, line: Readonly<Record<string, unknown>>) => unknown
  /** More is waiting than the disk should be asked to take on: stop reading observers. */
  readonly saturated: () => boolean
}

const helloWithinMs = 10_000
/** Answers a peer may leave unread; beyond it, it is gone. */
const unreadMostBytes = 1024 * 1024

/** `mode` is that of the socket; `isShared`: other users than the writer's come in by it. */
export type SocketPlace = { readonly path: string; readonly mode: number; readonly isShared: boolean }
export type ServerOptions = { readonly helloWithinMs?: number }

export class WriterServer {
  readonly #servers: readonly (SocketPlace & { readonly server: Server })[]
  readonly #core: WriterCore
  readonly #connections = new Set<Connection>()
  readonly #options: ServerOptions

  constructor(places: readonly SocketPlace[], core: WriterCore, options: ServerOptions = {}) {
    this.#core = core
    this.#options = options
    this.#servers = places.map((place) => ({ ...place, server: createServer((socket) => this.#accept(socket, place)) }))
  }

  get clients(): number {
    return this.#connections.size
  }

  /** Listens, everywhere or nowhere; a socket file left by a dead writer is replaced (the lock says that it is dead). */
  async listen(): Promise<void> {
    try {
      await this.#listenAll()
    } catch (error) {
      for (const { server } of this.#servers) server.close()
      throw error
    }
  }

  async #listenAll(): Promise<void> {
    for (const { server, path, mode } of this.#servers) {
      if (process.platform !== "win32") {
        const directory = dirname(path)
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        refuseSharedDirectory(directory, mode)
        rmSync(path, { force: true })
      }
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)))
        server.listen(path, () => resolve())
      })
      if (process.platform !== "win32") chmodSync(path, mode)
    }
  }

  tellGateways(line: DoorsLine): void {
    for (const connection of this.#gateways()) connection.tell(line)
  }

  /** One of them will do; false where there is none. */
  tellOne(line: TellLine): boolean {
    const [connection] = this.#gateways()
    connection?.tell(line)
    return connection !== undefined
  }

  #gateways(): readonly Connection[] {
    return [...this.#connections].filter(({ peer }) => peer?.role === "plugin" && peer.lane === "gate")
  }

  /** Who is connected, and has greeted. */
  get peers(): readonly Peer[] {
    return [...this.#connections].flatMap(({ peer }) => peer ?? [])
  }

  /** Reads on from clients that were held back. */
  resume(): void {
    for (const connection of this.#connections) connection.resume()
  }

  /** Tells every client why, then ends. The socket's file goes first, so that nobody connects to a writer that is leaving. */
  close(why?: Fault): void {
    for (const { server, path } of this.#servers) {
      server.close()
      if (process.platform !== "win32") rmSync(path, { force: true })
    }
    for (const connection of this.#connections) connection.end(why)
  }

  #accept(socket: Socket, { isShared }: SocketPlace): void {
    const connection = new Connection(socket, this.#core, { helloWithinMs: this.#options.helloWithinMs ?? helloWithinMs, isShared })
    this.#connections.add(connection)
    socket.once("close", () => this.#connections.delete(connection))
  }
}

class Connection {
  readonly #socket: Socket
  readonly #core: WriterCore
  readonly #isShared: boolean
  readonly #splitter: LineSplitter
  #lane: "observe" | "gate" | "control" | undefined
  #peer: Peer | undefined
  #ackDue: number | undefined
  #paused = false
  #cutOff = false
  readonly #helloTimer: NodeJS.Timeout

  constructor(socket: Socket, core: WriterCore, { helloWithinMs, isShared }: Required<ServerOptions> & Pick<SocketPlace, "isShared">) {
    this.#socket = socket
    this.#isShared = isShared
    this.#core = core
    this.#splitter = new LineSplitter(longestLineBytes, (line) => this.#line(line))
    this.#helloTimer = setTimeout(() => socket.destroy(), helloWithinMs)
    socket.on("data", (bytes: Buffer) => this.#data(bytes))
    socket.on("error", () => socket.destroy()) // a peer that went away takes only its own connection along
    socket.once("close", () => {
      clearTimeout(this.#helloTimer)
      if (this.#peer) core.left(this.#peer)
    })
  }

  tell(line: DoorsLine | TellLine): void {
    this.#send(line)
  }

  get peer(): Peer | undefined {
    return this.#peer
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  end(why?: Fault): void {
    if (why) this.#send({ fault: why.toJSON() })
    this.#socket.end()
  }

  /** Says why and hangs up; what it says after that is not listened to. */
  #cut(why: Fault): void {
    this.#cutOff = true
    this.#send({ fault: why.toJSON() })
    this.#socket.destroySoon()
  }

  #data(bytes: Buffer): void {
    if (this.#cutOff) return
    if (!this.#splitter.push(bytes)) this.#socket.destroy()
    if (this.#lane === "observe" && this.#core.saturated()) {
      this.#paused = true
      this.#socket.pause()
    }
  }

  #line(text: string): void {
    if (this.#cutOff) return
    try {
      const line = objectOf(JSON.parse(text))
      if (this.#lane === undefined) this.#hello(line)
      else this.#work(line)
    } catch (error) {
      this.#cut(error instanceof Fault ? error : unreadable("a message that could not be read"))
    }
  }

  #hello(line: Readonly<Record<string, unknown>>): void {
    const hello = objectOf(line["hello"]) as Partial<Hello["hello"]>
    if (hello.protocol !== protocolVersion) throw new Fault("writer.protocol", { found: protocolVersion, known: String(hello.protocol) })
    const sender = stringOf(hello.sender) ?? ""
    if (!/^[0-9a-f]{16}$/.test(sender) || !hello.lane || !["observe", "gate", "control"].includes(hello.lane)) {
      throw unreadable("a greeting that could not be read")
    }
    clearTimeout(this.#helloTimer)
    this.#lane = hello.lane
    const peer: Peer = {
      role: hello.role === "plugin" ? "plugin" : "cli",
      lane: hello.lane,
      sender,
      config: parseClientConfig(hello.config, this.#isShared),
      protect: parseGatewayPaths(hello.protect),
    }
    this.#peer = peer
    this.#core.joined(peer)
    this.#send({ welcome: this.#core.welcome(sender) })
  }

  #work(line: Readonly<Record<string, unknown>>): void {
    const peer = this.#peer
    if (!peer) return
    if (this.#lane === "control") return this.#question(line)
    if (this.#lane === "observe" && "held" in line) return this.#core.held(peer, parseCounts(line["held"]))
    if (this.#lane === "observe" && line["goodbye"] === true) return this.#core.goodbye(peer)
    const number = countOf(line["n"])
    if (number === undefined) throw unreadable("an event without its number")
    if (this.#lane === "gate" && countOf(line["gate"]) !== undefined) {
      const gate = line as unknown as GateLine
      this.#core.gate(peer, gate, (answer) => this.#send({ gate: gate.gate, ...answer }))
    } else {
      const work = "gap" in line ? { n: number, gap: parseGap(line["gap"]) } : (line as unknown as ObserveLine)
      this.#core.observe(peer, work, () => this.#acknowledge(number))
    }
  }

  /** Some have bytes behind them. */
  #question(line: Readonly<Record<string, unknown>>): void {
    const ask = countOf(line["ask"]) ?? 0
    const bytes = countOf(line["bytes"]) ?? 0
    if (bytes > longestLineBytes) throw unreadable("more bytes behind a line than there may be")
    if (bytes === 0) this.#control(ask, { ...line, behind: undefined })
    else this.#splitter.takeBytes(bytes, (behind) => this.#control(ask, { ...line, behind }))
  }

  #control(ask: number, line: Readonly<Record<string, unknown>>): void {
    try {
      const action = line["do"] as ControlAction
      if (this.#isShared && notForTheGroup.has(action)) throw new Fault("writer.not-for-group", { action })
      const result = this.#core.control(action, line)
      if (result instanceof Promise)
        result.then(
          (later: unknown) => this.#send({ ask, result: later }),
          (error: unknown) => this.#refuse(ask, error),
        )
      else this.#send({ ask, result })
    } catch (error) {
      this.#refuse(ask, error)
    }
  }

  #refuse(ask: number, error: unknown): void {
    const fault = error instanceof Fault ? error : new Fault("writer.unreachable", { directory: "the ledger", problem: problemOf(error) })
    this.#send({ ask, fault: fault.toJSON() })
  }

  /** One acknowledgement a batch: numbers are committed in order, so the highest says it all. */
  #acknowledge(number: number): void {
    if (this.#ackDue === undefined) {
      queueMicrotask(() => {
        if (this.#ackDue !== undefined) this.#send({ ack: this.#ackDue })
        this.#ackDue = undefined
      })
    }
    this.#ackDue = number
  }

  #send(line: ServerLine): void {
    if (!this.#socket.writable) return
    writeCorked(this.#socket, `${JSON.stringify(line)}\n`)
    if (this.#socket.writableLength > unreadMostBytes) this.#socket.destroy()
  }
}
