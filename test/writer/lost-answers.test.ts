/** Answers that never arrive: what was recorded and not acknowledged is handed over again under its old number, and is not recorded again. */
import assert from "node:assert/strict"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { test } from "node:test"
import { assertOnce, startLoad } from "./load.ts"
import { makeRig, until } from "./rig.ts"

type Relay = {
  readonly path: string
  /** Passes nothing on to clients any more but the welcome; what they say still arrives. */
  swallow: boolean
  readonly cut: () => void
  readonly close: () => void
}

function relayTo(target: string, path: string): Relay {
  const sockets = new Set<Socket>()
  const relay: Relay = {
    path,
    swallow: false,
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () => {
      server.close()
      relay.cut()
    },
  }
  const server = createServer((client) => {
    const writer = connect(target)
    let isWelcome = false
    client.pipe(writer)
    writer.on("data", (bytes: Buffer) => {
      if (!relay.swallow || !isWelcome) client.write(bytes)
      isWelcome = true
    })
    for (const [socket, other] of [
      [client, writer],
      [writer, client],
    ] as const) {
      sockets.add(socket)
      socket.on("error", () => {}) // cut on purpose
      socket.once("close", () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  }).listen(path)
  return relay
}

test("connections that break after the commit and before the answer: everything is on record once", async (t) => {
  const rig = makeRig(t)
  await rig.writer(["--service"])
  const relay = relayTo(rig.link().socketPath, join(rig.root, "relay.sock"))
  t.after(relay.close)
  const client = rig.client({}, () => Promise.resolve(rig.link({ socketPath: relay.path, program: undefined })))
  const load = startLoad(client, "lost", { gates: 6 })
  t.after(load.end)
  for (let round = 0; round < 6; round++) {
    const answered = load.answered.length
    await until(() => load.answered.length > answered + 6, "there is a load")
    relay.swallow = true
    const recorded = (await rig.status()).entries
    await until(async () => (await rig.status()).entries >= recorded + 40, "more is recorded than is answered")
    relay.swallow = false
    relay.cut()
  }
  await load.stop()
  await client.flush(10_000)
  assertOnce(rig.entries(), [load])
  assert.deepEqual(load.refused, [])
  assert.deepEqual(rig.entries("capture.gap"), [])
})
