/** Public keys of receipts over HTTP: the same as the command prints, for anybody, and nothing else. */
import assert from "node:assert/strict"
import { createServer } from "node:http"
import { createServer as createSocketServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { after, describe, test, type TestContext } from "node:test"
import type { HostApi } from "../../src/host/host-api.ts"
import { registerKeyRoutes } from "../../src/host/key-routes.ts"
import { makeRig, type Rig } from "../writer/rig.ts"

type Route = Parameters<NonNullable<HostApi["registerHttpRoute"]>>[0]

function routesOf(rig: Rig, receipts: unknown, settings: object = {}): readonly Route[] {
  const routes: Route[] = []
  registerKeyRoutes({
    pluginConfig: { dataDir: rig.directory, keyFile: rig.keyFile, headNote: rig.files.headNote, ...settings, ...(receipts === undefined ? {} : { receipts }) },
    registerHttpRoute: (route: Route) => void routes.push(route),
  } as unknown as HostApi)
  return routes
}

/** As the host does: by the path alone, and whoever asks. */
async function served(t: TestContext, routes: readonly Route[]) {
  const server = createServer((request, response) => {
    const route = routes.find(({ path }) => path === request.url)
    if (route) void route.handler(request, response)
    else response.writeHead(501).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  return (path: string, method = "GET") => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method })
}

const paths = ["/.well-known/jwks.json", "/.well-known/peac-issuer.json", "/sovereign-ledger/jwks.json", "/sovereign-ledger/peac-issuer.json"]
const issuer = "https://agents.example.com"
const errorOf = async (response: Response) => ((await response.json()) as { error: string }).error

describe("keys of receipts through the gateway", () => {
  const rig = makeRig({ after })
  const printed = async (...words: readonly string[]) =>
    (await rig.run(["receipts", "keys", ...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])).stdout

  test("are served while the setting is on, to anybody, at paths that are exact", () => {
    assert.deepEqual(routesOf(rig, undefined), [])
    assert.deepEqual(routesOf(rig, { digests: "wrong" }), [], "settings that cannot be read")
    const routes = routesOf(rig, true)
    assert.deepEqual(routes.map(({ path }) => path).sort(), paths)
    for (const { auth, match } of routes) assert.deepEqual([auth, match], ["plugin", "exact"])
  })

  test("while no writer runs there are none, and nothing is told of the machine", async (t) => {
    const get = await served(t, routesOf(rig, { issuer }))
    for (const path of paths) {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.headers.get("cache-control")], [404, "no-store"])
      const error = await errorOf(answer)
      assert.match(error, /^There are no keys here at the moment/)
      assert.ok(!error.includes(rig.root))
    }
  })

  test("are what the command prints, GET and HEAD alone, and kept for a minute", async (t) => {
    const writer = await rig.writer()
    const get = await served(t, routesOf(rig, { issuer }))
    const [jwks, told] = await Promise.all([printed(), printed("--issuer", issuer)])
    for (const path of paths) {
      const answer = await get(path)
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get("cache-control"), "public, max-age=60")
      assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8")
      assert.equal(await answer.text(), path.endsWith("jwks.json") ? jwks : told)
      const head = await get(path, "HEAD")
      assert.deepEqual([head.status, await head.text(), head.headers.get("content-length")], [200, "", answer.headers.get("content-length")])
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const refused = await get(path, method)
        assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"], method)
      }
    }
    assert.ok(!`${jwks}${told}`.includes('"d"'), "no secret")
    const unnamed = await served(t, routesOf(rig, true))
    const answer = await unnamed("/.well-known/peac-issuer.json")
    assert.deepEqual([answer.status, (await errorOf(answer)).includes("/sovereign-ledger/jwks.json")], [404, true])
    assert.equal((await unnamed("/.well-known/jwks.json")).status, 200)
    await rig.stopWriter()
    await writer.ended
  })

  test("nobody has the writer work by asking: two hundred questions at once are one to it", async (t) => {
    const socket = join(rig.root, "counting.sock")
    let asked = 0
    const counting = createSocketServer((connection) => {
      asked++
      connection.destroy()
    })
    await new Promise<void>((resolve) => counting.listen(socket, resolve))
    t.after(() => new Promise((resolve) => counting.close(resolve)))
    const get = await served(t, routesOf(rig, true, { socket }))
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => get(paths[at % 4] ?? "")))
    assert.deepEqual([new Set(answers.map(({ status }) => status)), asked], [new Set([404]), 1])
  })
})
