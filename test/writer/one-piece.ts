/**
 * A way to a writer on which the answer to a gateway's greeting arrives in one piece with what the writer says next: as at a process that was too busy to read
 * in between.
 */
import { connect, createServer, type Socket } from "node:net"

export type OnePiece = {
  readonly path: string
  /** The next one that greets for its gates reads nothing until this is done and the writer has said more than its welcome. Resolves when both are on their way. */
  holdNext(until: () => Promise<unknown>): Promise<void>
  close(): void
}

export async function onePiece(path: string, writer: string): Promise<OnePiece> {
  let held: { readonly until: () => Promise<unknown>; readonly done: () => void } | undefined
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(writer)
    let holding: typeof held
    let welcome: Buffer | undefined
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on("error", () => {}) // either side hangs up as it likes
    }
    near.on("close", () => far.destroy()).on("close", () => sockets.delete(near))
    far.on("close", () => near.destroy()).on("close", () => sockets.delete(far))
    near.on("data", (bytes) => {
      if (held && bytes.includes('"lane":"gate"')) [holding, held] = [held, undefined]
      far.write(bytes)
    })
    far.on("data", (bytes: Buffer) => {
      if (!holding) return void near.write(bytes)
      if (welcome) {
        near.write(Buffer.concat([welcome, bytes]))
        holding.done()
        holding = undefined
        return
      }
      welcome = bytes
      void holding.until()
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    holdNext(until) {
      const { promise, resolve: done } = Promise.withResolvers<void>()
      held = { until, done }
      return promise
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
