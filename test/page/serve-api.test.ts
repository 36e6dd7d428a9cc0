/** The page and its answers over HTTP: who is let in, what stands on every answer, what is bounded, and that nothing that is read changes anything. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { request as ask } from "node:http"
import { after, describe, test } from "node:test"
import { Login } from "../../src/surfaces/http/login.ts"
import { flagsOf, makeHome } from "../cli/home.ts"
import { eventAt } from "../ledger-fixture.ts"
import { serving, type Answer } from "../metrics/served.ts"
import { dayLedger } from "./day-ledger.ts"

type Asking = { readonly headers?: Readonly<Record<string, string>>; readonly body?: string; readonly method?: string }

describe("serve", async () => {
  const { ledger, record } = dayLedger({ after }, Date.now(), 1)
  const server = await serving({ after }, ledger)
  const { port, host } = new URL(server.url)
  const token = readFileSync(server.tokenFile ?? "", "utf8").trim()
  const bearer = { Authorization: `Bearer ${token}` }
  const own = { Origin: `http://${host}`, "Content-Type": "application/x-www-form-urlencoded" }
  const asked = (path: string, { headers = {}, body = "", method = "GET" }: Asking = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = ask({ host: "127.0.0.1", port, agent: false, path, method, headers: { Host: host, ...headers } }, (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (part: string) => (text += part))
        response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
        response.once("error", reject)
      })
      call.once("error", reject).end(body)
    })

  test("on loopback, too, the page and its answers want the token; metrics do not", async () => {
    assert.deepEqual([(await asked("/")).status, (await asked("/api/status")).status, (await asked("/api/live")).status], [401, 401, 401])
    assert.match((await asked("/")).body, /<label for="token">/)
    assert.deepEqual(JSON.parse((await asked("/api/status")).body), {
      error: "Send the token: Authorization: Bearer TOKEN. Where it is, serve says when it starts.",
      remedy: "Log in at /.",
    })
    assert.equal((await asked("/metrics")).status, 200)
    assert.equal((await asked("/api/status", { headers: bearer })).status, 200)
    assert.equal((await asked(`/api/status?token=${token}`)).status, 401, "never in an address, which stands in logs")
  })

  test("a browser sends it once, from a page of its own, and has a cookie that no script reads", async () => {
    const sent = (headers: Readonly<Record<string, string>>, body = `token=${token}`) => asked("/login", { method: "POST", headers, body })
    const good = await sent(own)
    const cookie = String(good.headers["set-cookie"])
    assert.deepEqual(
      [good.status, good.headers["location"], cookie.endsWith("; Path=/; HttpOnly; SameSite=Strict"), cookie.includes(token)],
      [303, "/", true, false],
    )
    const session = { Cookie: cookie.split(";")[0] ?? "" }
    assert.equal((await asked("/", { headers: session })).status, 200)
    assert.equal((await asked("/api/budgets", { headers: session })).status, 200)
    assert.equal((await asked("/", { headers: { Cookie: `${session.Cookie}x` } })).status, 401)
    assert.equal((await asked("/", { headers: { Cookie: session.Cookie.replace(/=\d+/, "=9999999999999") } })).status, 401, "nobody can make one last")
    assert.match(String((await sent({ ...own, Origin: `https://${host}` })).headers["set-cookie"]), /; Secure$/)
    for (const foreign of ["https://evil.example", "null"]) assert.equal((await sent({ ...own, Origin: foreign })).status, 403)
    assert.equal((await sent(own, `token=${"x".repeat(10_000)}`)).status, 401)
  })

  test("no other site reads an answer, by whatever name; on every answer stands what keeps it from being kept, framed, or run", async () => {
    const readings: readonly (readonly [path: string, headers: Record<string, string>, status: number])[] = [
      ["/", bearer, 200],
      ["/", {}, 401],
      ["/nowhere", bearer, 404],
      ["/api/nowhere", bearer, 404],
      ["/api/spend?limit=0", bearer, 400],
      ["/api/report?format=html", bearer, 200],
      ["/api/export?format=csv&limit=2", bearer, 200],
      ["/api/status", { ...bearer, Host: "evil.example" }, 421],
      ["/api/status", { ...bearer, Origin: "https://evil.example" }, 403],
      ["/api/status", { ...bearer, Origin: "null" }, 403],
      ["/api/status", { ...bearer, "Sec-Fetch-Site": "cross-site" }, 403],
      ["/api/status", { ...bearer, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }, 403],
      ["/", { ...bearer, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" }, 403],
    ]
    for (const [path, headers, status] of readings) {
      const answer = await asked(path, { headers })
      assert.equal(answer.status, status, path)
      const told = ["cache-control", "x-content-type-options", "x-frame-options", "cross-origin-resource-policy"].map((name) => answer.headers[name])
      assert.deepEqual(told, ["no-store", "nosniff", "DENY", "same-origin"], path)
      const policy = String(answer.headers["content-security-policy"])
      assert.match(policy, /^default-src 'none';.*frame-ancestors 'none'$/, path)
      assert.doesNotMatch(policy, /unsafe|\*|http:/, path)
      assert.match(String(answer.headers["referrer-policy"]), status === 401 && path === "/" ? /^same-origin$/ : /^no-referrer$/, path)
    }
  })

  test("nothing is changed by reading: other methods are refused, and the ledger has not grown", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
      assert.equal((await asked("/api/status", { headers: bearer, method })).status, method === "POST" ? 404 : 405, method)
    assert.equal((await asked("/logout", { headers: bearer })).status, 405)
    const before = ledger.open().journal.size
    for (const path of ["status", "events", "budgets", "report", "gate", "receipts", "settings"])
      assert.equal((await asked(`/api/${path}`, { headers: bearer })).status, 200, path)
    assert.equal(ledger.open().journal.size, before)
  })

  test("what is offered is listed; an answer is what its command prints, and an export what its command writes", async () => {
    const { routes } = JSON.parse((await asked("/api/", { headers: bearer })).body) as { routes: readonly { route: string }[] }
    assert.ok(["status", "spend", "events/:id", "report/session/:id"].every((wanted) => routes.some(({ route }) => route === wanted)))
    const home = makeHome({ after })
    const said = async (...args: string[]) => (await home.run([...args, ...flagsOf(ledger)])).stdout
    const plain = (text: string) => text.replace(/"generatedAt":"[^"]+"/, "").trim()
    for (const [address, command] of [
      ["events?limit=5&type=tool.denied", ["events", "list", "--limit", "5", "--type", "tool.denied"]],
      ["receipts?last=3", ["receipts", "list", "--last", "3"]],
    ] as const)
      assert.equal(plain((await asked(`/api/${address}`, { headers: bearer })).body), plain(await said(...command, "--json")))
    const exported = await asked("/api/export?type=tool.denied&limit=3&includeContent=true", { headers: bearer })
    const rows = (text: string) => text.trim().split("\n").slice(0, 3)
    assert.deepEqual(rows(exported.body), rows(await said("export", "json", "--type", "tool.denied", "--limit", "3", "--include-content")))
    assert.match(String(exported.headers["content-disposition"]), /^attachment; filename="ledger\.ndjson"$/)
    for (const wrong of ["type=--out", "from=x", "format=xml", "out=/tmp/x", `type=${"x".repeat(1_025)}`, "type=a&type=b"])
      assert.equal((await asked(`/api/export?${wrong}`, { headers: bearer })).status, 400, wrong)
  })

  test("verifications: the verdict, what is wrong, and two at a time", async () => {
    const verify = (body: string) => asked("/api/verify", { method: "POST", headers: bearer, body })
    assert.equal((JSON.parse((await verify('{"from":3,"to":9}')).body) as { verdict: string }).verdict, "valid")
    for (const body of ["[]", "{", '{"from":-1}', '{"from":"1; rm"}', '{"out":"x"}']) assert.equal((await verify(body)).status, 400, body)
    assert.equal((await asked("/api/smt/verify-proof", { method: "POST", headers: bearer, body: "x".repeat(70_000) })).status, 413)
    const many = await Promise.all(Array.from({ length: 4 }, () => verify("")))
    assert.deepEqual(many.map(({ status }) => status).toSorted(), [200, 200, 503, 503])
    assert.equal(many.find(({ status }) => status === 503)?.headers["retry-after"], "5")
  })

  test("what is recorded is told to who listens, the newest hundred of what came at once", async () => {
    const told = listened(port, { ...bearer, Host: host })
    await told.until(/event: news\ndata: \{"size":\d+,"events":\[\]/)
    record(Date.now(), { type: "session.started", id: "told", scope: { session: "agent:x", sender: "" }, facts: { resumed: true } })
    await told.until(/"id":"told"/)
    record(Date.now(), ...Array.from({ length: 130 }, (_, n) => ({ ...eventAt(n * 7 + 3), id: `many:${n}` })))
    await told.until(/"skipped":30\}/)
    told.end()
  })

  test("wrong tokens are slowed, then nobody is asked from there for a while", async () => {
    let nowMs = 0
    const waits: number[] = []
    const login = new Login("right-right-right-right", { nowMs: () => nowMs, wait: (ms) => Promise.resolve(waits.push(ms)) })
    const from = (told: string, remoteAddress = "10.0.0.1") =>
      login.refused({ headers: { authorization: `Bearer ${told}` }, socket: { remoteAddress } } as never)
    for (let n = 0; n < 10; n++) assert.equal((await from("wrong"))?.status, 401)
    assert.deepEqual([waits.length, waits[0], waits.at(-1)], [10, 200, 2_000])
    assert.deepEqual([(await from("right-right-right-right"))?.status, await from("right-right-right-right", "10.0.0.2")], [429, undefined])
    nowMs = 61_000
    assert.equal(await from("right-right-right-right"), undefined)
  })
})

function listened(port: string, headers: Readonly<Record<string, string>>) {
  let text = ""
  let heard = (): void => {}
  const call = ask({ host: "127.0.0.1", port, agent: false, path: "/api/live", headers }, (response) => {
    response.setEncoding("utf8").on("data", (part: string) => {
      text += part
      heard()
    })
  })
  call.on("error", () => {}).end()
  return {
    until: (wanted: RegExp) =>
      new Promise<void>((resolve) => {
        heard = () => (wanted.test(text) ? resolve() : undefined)
        heard()
      }),
    end: () => void call.destroy(),
  }
}
