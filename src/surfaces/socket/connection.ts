/** One connection to the writer, from a client's side: greets, then exchanges lines. */
import { connect, type Socket } from "node:net"
import { Fault, faultFromJson, problemOf, type FaultJson } from "../../base/fault.ts"
import { LineSplitter } from "./lines.ts"
import { longestLineBytes, protocolVersion, type Hello, type ServerLine, type Welcome } from "./protocol.ts"

export type ConnectionEvents = {
  /** Called once and before any line: what was said in the greeting's answer is older than what stands behind it, also where both are read in one piece. */
  readonly welcomed?: (welcome: Welcome["welcome"]) => void
  readonly line: (line: ServerLine) => void
  /** Called once, after a successful greeting, when the connection is gone; with the writer's reason when it gave one. */
  readonly closed: (why: Fault | undefined) => void
}

export type Greeting = Omit<Hello["hello"], "protocol">

export class WriterConnection {
  readonly welcome: Welcome["welcome"]
  readonly #socket: Socket

  constructor(socket: Socket, welcome: Welcome["welcome"]) {
    this.#socket = socket
    this.welcome = welcome
  }

  /** Sends whole lines, each ending in a line feed; and the bytes that the last one announces. */
  send(lines: string, behind: readonly Buffer[] = []): void {
    writeCorked(this.#socket, lines)
    for (const bytes of behind) this.#socket.write(bytes)
  }

  /** Keeps the process alive or lets it end while this connection is open. */
  hold(alive: boolean): void {
    if (alive) this.#socket.ref()
    else this.#socket.unref()
  }

  close(): void {
    this.#socket.destroy()
  }

  /** As close, after what was sent has left. */
  finish(): void {
    this.#socket.end(() => this.#socket.destroy())
    this.#socket.unref()
  }
}

/** What is written within one turn leaves in one system call: a commit's answers, a burst of questions. */
export function writeCorked(socket: Socket, text: string): void {
  if (!socket.writable) return
  if (socket.writableCorked === 0) {
    socket.cork()
    process.nextTick(() => socket.uncork())
  }
  socket.write(text)
}

/**
 * Connects and greets.
 * @throws {Fault} `writer.unreachable` when nobody listens or nobody answers within `timeoutMs`; the writer's own fault when it refuses.
 */
export function connectToWriter(path: string, greeting: Greeting, events: ConnectionEvents, timeoutMs = 5_000): Promise<WriterConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let open: WriterConnection | undefined
    let why: Fault | undefined
    const timer = setTimeout(() => fail(unreachable(path, "no answer")), timeoutMs)
    const fail = (fault: Fault) => {
      clearTimeout(timer)
      socket.destroy()
      reject(fault)
    }
    const splitter = new LineSplitter(longestLineBytes, (text) => {
      const line = JSON.parse(text) as ServerLine
      if ("fault" in line && !("ask" in line)) {
        why = faultFromJson(line.fault as FaultJson)
        if (!open) fail(why)
      } else if (open) {
        events.line(line)
      } else if ("welcome" in line) {
        clearTimeout(timer)
        open = new WriterConnection(socket, line.welcome)
        events.welcomed?.(line.welcome)
        resolve(open)
      }
    })
    socket.on("connect", () => socket.write(`${JSON.stringify({ hello: { protocol: protocolVersion, ...greeting } })}\n`))
    socket.on("data", (bytes: Buffer) => {
      try {
        if (!splitter.push(bytes)) fail(unreachable(path, "an answer that is too long"))
      } catch (error) {
        fail(unreachable(path, problemOf(error), error))
      }
    })
    socket.on("error", (error) => (open ? socket.destroy() : fail(unreachable(path, problemOf(error), error))))
    socket.on("close", () => (open ? events.closed(why) : fail(why ?? unreachable(path, "the connection closed"))))
  })
}

function unreachable(path: string, problem: string, cause?: unknown): Fault {
  return new Fault("writer.unreachable", { directory: path, problem }, cause)
}
