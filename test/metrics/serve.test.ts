/** Who is answered by `serve`, and who is not. */
import assert from "node:assert/strict"
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createConnection } from "node:net"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { temporaryDirectory, temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, makeHome } from "../cli/home.ts"
import { serving } from "./served.ts"

const ledger = temporaryLedger({ after })
ledger.append(40)
ledger.close()

describe("serve on loopback", async () => {
  const server = await serving({ after }, ledger, ["--metrics-only"])

  test("answers /metrics, in the format that is asked for, and nothing else", async () => {
    const answer = await server.get()
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "text/plain; version=0.0.4; charset=utf-8"])
    assert.match(answer.body, /^sovereign_ledger_up 1$/m)
    const open = await server.get("/metrics?x=1", { Accept: "application/openmetrics-text;version=1.0.0" })
    assert.match(String(open.headers["content-type"]), /^application\/openmetrics-text; version=1\.0\.0/)
    assert.ok(open.body.endsWith("# EOF\n"))
    const head = await server.get("/metrics", {}, "HEAD")
    assert.deepEqual([head.status, head.body], [200, ""])
    for (const path of ["/", "/metrics/", "/api", "/../keys.json", "/toString", "/__proto__", "http://127.0.0.1/x"]) {
      assert.deepEqual([(await server.get(path)).status, (await server.get(path)).body], [404, "There is only /metrics.\n"], path)
    }
  })

  test("only by its own names: a page cannot read it by a name that is made to point at it", async () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]:9464", "LOCALHOST:1"]) assert.equal((await server.get("/metrics", { Host: host })).status, 200, host)
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "10.0.0.5"]) {
      const refused = await server.get("/metrics", { Host: host })
      assert.deepEqual([refused.status, /sovereign_ledger_/.test(refused.body)], [421, false], host)
    }
  })

  test("not for pages of other sites, and never changes anything", async () => {
    const headers: Record<string, string>[] = [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ]
    for (const foreign of headers) assert.equal((await server.get("/metrics", { Host: "localhost", ...foreign })).status, 403, JSON.stringify(foreign))
    assert.equal((await server.get("/metrics", { Host: "localhost", "Sec-Fetch-Site": "none" })).status, 200)
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const refused = await server.get("/metrics", { Host: "localhost" }, method)
      assert.deepEqual([refused.status, refused.headers["allow"]], [405, "GET, HEAD"], method)
    }
  })

  test("every answer may be kept, framed and taken for something else by nobody", async () => {
    for (const [path, headers] of [
      ["/metrics", {}],
      ["/nothing", {}],
      ["/metrics", { Host: "evil.example" }],
    ] as const) {
      const answer = await server.get(path, headers)
      const told = ["cache-control", "x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"].map(
        (name) => answer.headers[name],
      )
      assert.deepEqual(told, ["no-store", "nosniff", "DENY", "no-referrer", "default-src 'none'; frame-ancestors 'none'"], path)
    }
  })

  test("bytes that are no HTTP, and headers beyond all measure, get no answer, and harm nobody", async () => {
    const { port } = new URL(server.url)
    for (const bytes of ["\x16\x03\x01\x02\x00\x01", `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`]) {
      const said = await new Promise<string>((resolve) => {
        let all = ""
        const socket = createConnection(Number(port), "127.0.0.1", () => socket.write(bytes))
        socket
          .on("data", (part: Buffer) => (all += part.toString()))
          .once("error", () => {})
          .once("close", () => resolve(all))
      })
      assert.equal(said, "")
    }
    assert.equal((await server.get()).status, 200)
  })

  test("fifty at once are answered, or told to ask again", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.get()))
    assert.ok(answers.every(({ status }) => status === 200 || status === 503))
  })

  test("ends in order when it is told to", async () => {
    server.session.child.kill("SIGTERM")
    const said = await server.session.ended
    assert.deepEqual([said.exit, said.stderr], [0, ""])
  })
})

describe("serve with a login", { concurrency: 2 }, () => {
  const bearer = (token: string) => ({ Host: "localhost", Authorization: `Bearer ${token}` })

  test("is the rule off loopback: a token is made, its owner's alone, and asked for", async (t) => {
    const server = await serving(t, ledger, ["--allow-host", "Ledger.example:443"], "0.0.0.0:0")
    assert.equal(server.tokenFile, join(ledger.directory, "serve.token"))
    const token = readFileSync(server.tokenFile ?? "", "utf8").trim()
    if (process.platform !== "win32") assert.equal(statSync(server.tokenFile ?? "").mode & 0o777, 0o600)
    for (const headers of [
      {},
      { Authorization: token },
      { Authorization: `Basic ${token}` },
      { Authorization: `Bearer ${token}x` },
      { Authorization: "Bearer " },
    ]) {
      const refused = await server.get("/metrics", { Host: "localhost", ...headers })
      assert.deepEqual(
        [refused.status, refused.headers["www-authenticate"], /sovereign_ledger_/.test(refused.body)],
        [401, 'Bearer realm="sovereign-ledger"', false],
      )
      assert.ok(!refused.body.includes(token))
    }
    assert.equal((await server.get(`/metrics?token=${token}`, { Host: "localhost" })).status, 401, "never in an address, which stands in logs")
    assert.equal((await server.get("/metrics", bearer(token))).status, 200)
    assert.equal((await server.get("/metrics", { ...bearer(token), Host: "ledger.example" })).status, 200)
    assert.equal((await server.get("/metrics", { ...bearer(token), Host: "evil.example" })).status, 421)
    const again = await serving(t, ledger, [], "0.0.0.0:0")
    assert.equal((await again.get("/metrics", bearer(token))).status, 200, "the same one after a restart")
    assert.ok(!server.session.stdout().includes(token), "it is not printed")
  })

  test("on loopback with a file of one's own; one that others read, or that holds no token, is refused with a sentence", async (t) => {
    const file = join(temporaryDirectory(t), "token")
    writeFileSync(file, "0123456789abcdef0123\n", { mode: 0o600 })
    const server = await serving(t, ledger, ["--token-file", file])
    assert.deepEqual([(await server.get()).status, (await server.get("/metrics", bearer("0123456789abcdef0123"))).status], [401, 200])
    const home = makeHome(t)
    const start = (listen = "127.0.0.1:0") => home.run(["serve", "--listen", listen, "--token-file", file, ...flagsOf(ledger)])
    if (process.platform !== "win32") {
      chmodSync(file, 0o644)
      holds(await start(), { exit: 2, stderr: /^\S+token holds no token that can be used: other users can read it\.\nA token is one line/ })
    }
    chmodSync(file, 0o600)
    writeFileSync(file, "short\n")
    holds(await start(), { exit: 2, stderr: /^\S+token holds no token that can be used: what is in it is none\.\n/ })
    writeFileSync(file, "0123456789abcdef0123\n")
    holds(await start(`127.0.0.1:${new URL(server.url).port}`), { exit: 2, stderr: /^Nothing can be served on 127\.0\.0\.1:\d+: .*EADDRINUSE/ })
    holds(await start("9464"), { exit: 2, stderr: /^--listen takes HOST:PORT, such as 127\.0\.0\.1:9464 or \[::1\]:9464, not "9464"\./ })
  })

  test("a ledger that cannot be read is told as such, to the scraper and to the operator", async (t) => {
    const server = await serving(t, ledger, ["--key-file", "/nowhere/master.key"])
    const answer = await server.get()
    assert.equal(answer.status, 200)
    assert.match(answer.body, /^sovereign_ledger_up 0$/m)
    assert.ok(!answer.body.includes("sovereign_ledger_entries"))
    server.session.child.kill("SIGTERM")
    assert.match((await server.session.ended).stderr, /master key/i)
  })
})
