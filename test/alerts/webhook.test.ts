/** Requests to web hooks: to public addresses that were looked up once, to nobody a redirect names, and never for longer or with more to read than is bearable. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { outcomeOf, problemOutcome, type WebhookRequest } from "../../src/operations/alerts/webhook.ts"
import { isLoopback, isPublic } from "../../src/surfaces/http/public-address.ts"
import { webhookPoster, type Resolve } from "../../src/surfaces/http/webhook.ts"
import { startReceiver, type Receiver } from "./receivers.ts"

const never = new AbortController().signal
const local: Resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }])

async function receiver(t: TestContext, options: Parameters<typeof startReceiver>[0] = {}): Promise<Receiver> {
  const started = await startReceiver({ kind: "slack", ...options })
  t.after(() => started.stop())
  return started
}

const requestTo = (url: string, allowPrivate = true): WebhookRequest => ({
  url,
  headers: { "Content-Type": "application/json" },
  body: '{"text":"hello"}',
  allowPrivate,
})

/** What came of one attempt, as it would be put on record. */
async function tried(request: WebhookRequest, resolve: Resolve = local, withinMs?: number) {
  return webhookPoster(resolve, withinMs)(request, never).then((answer) => outcomeOf(answer, 0), problemOutcome)
}

describe("addresses", () => {
  const refused = [
    ...[
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "100.100.100.200",
      "127.0.0.1",
      "127.255.255.254",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
    ],
    ...["192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16"],
    ...[
      "::",
      "::1",
      "fe80::1",
      "fe80::1%eth0",
      "fc00::1",
      "fd00:ec2::254",
      "fec0::1",
      "ff02::1",
      "2001:db8::1",
      "2002:7f00:1::",
      "2001::1",
      "64:ff9b::7f00:1",
      "64:ff9b:1::1",
    ],
    ...["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "2001:2::1", "2001:20::1", "3fff::1", "100::1", "5f00::1", "no address", ""],
  ]
  for (const address of refused) test(`${address || "nothing"} is not public`, () => assert.equal(isPublic(address), false))
  for (const address of ["8.8.8.8", "1.1.1.1", "99.83.190.102", "2606:4700:4700::1111", "2a00:1450:4001::1"])
    test(`${address} is`, () => assert.equal(isPublic(address), true))
  test("this machine is told from others", () => {
    assert.deepEqual(["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "8.8.8.8", "x"].map(isLoopback), [true, true, true, false, false, false])
  })
})

describe("requests to web hooks", () => {
  test("a host that is not public is not spoken to, by whatever name it goes", async (t) => {
    const target = await receiver(t)
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "rebind.test"])
      assert.deepEqual(await tried(requestTo(`https://${host}:${target.port}/x`, false)), { took: false, why: "its address is not public" })
    assert.equal(target.requests.length, 0)
  })

  test("one address that is not public among others that are is enough", async () => {
    const mixed: Resolve = () =>
      Promise.resolve([
        { address: "93.184.215.14", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ])
    assert.deepEqual(await tried(requestTo("https://mixed.test/x", false), mixed), { took: false, why: "its address is not public" })
  })

  test("a name is looked up once, and the connection goes to what was found then", async (t) => {
    const target = await receiver(t)
    let asked = 0
    // Another answer the second time: the one that was looked at is the one that counts.
    const rebinding: Resolve = () => Promise.resolve([asked++ === 0 ? { address: "127.0.0.1", family: 4 } : { address: "127.0.0.2", family: 4 }])
    assert.deepEqual(await tried(requestTo(`http://rebind.test:${target.port}/x`), rebinding), { took: true, status: 200 })
    assert.deepEqual([asked, target.requests.length, target.requests[0]?.headers["host"]], [1, 1, `rebind.test:${target.port}`])
  })

  test("without TLS no other machine is spoken to", async () => {
    const near: Resolve = () => Promise.resolve([{ address: "192.168.1.7", family: 4 }])
    assert.deepEqual(await tried(requestTo("http://near.test/x"), near), { took: false, why: "without TLS only this machine is spoken to" })
  })

  test("redirects are not followed", async (t) => {
    const [other, target] = [await receiver(t), await receiver(t)]
    for (const status of [301, 302, 303, 307, 308]) {
      target.answer = (_, response) => {
        response.writeHead(status, { Location: other.url }).end()
        return true
      }
      assert.deepEqual(await tried(requestTo(target.url)), { took: false, why: "it redirects, which is not followed", status })
    }
    assert.equal(other.requests.length, 0)
  })

  test("who is asked to wait waits as long as the answer says", async (t) => {
    const target = await receiver(t)
    const answered = async (status: number, headers: Record<string, string>) => {
      target.answer = (_, response) => {
        response.writeHead(status, headers).end("slow down")
        return true
      }
      return tried(requestTo(target.url))
    }
    assert.deepEqual(await answered(429, { "Retry-After": "30" }), { took: false, why: "too much at once", status: 429, afterMs: 30_000 })
    assert.deepEqual(await answered(429, { "Retry-After": "1.337" }), { took: false, why: "too much at once", status: 429, afterMs: 1_337 })
    assert.deepEqual(await answered(503, { "Retry-After": "Thu, 01 Jan 1970 00:01:00 GMT" }), {
      took: false,
      why: "it is in trouble",
      status: 503,
      afterMs: 60_000,
    })
    assert.deepEqual(await answered(429, { "Retry-After": "soon" }), { took: false, why: "too much at once", status: 429 })
    assert.deepEqual(await answered(404, {}), { took: false, why: "it refuses", status: 404 })
    assert.deepEqual(await answered(400, {}), { took: false, why: "it does not take what is sent", status: 400, isFinal: true })
  })

  // Forever is what it would take otherwise: the limit of the test tells a hang from a slow machine.
  test("who does not answer, or not to the end, is waited for no longer than that", { timeout: 50_000 }, async (t) => {
    const target = await receiver(t)
    target.answer = () => true
    assert.deepEqual(await tried(requestTo(target.url), local, 300), { took: false, why: "no answer in time" })
    assert.deepEqual(await tried(requestTo(target.url), () => new Promise(() => {}), 300), { took: false, why: "no answer in time" })
    target.answer = (_, response) => {
      response.writeHead(200).write("and then nothing more")
      return true
    }
    assert.deepEqual(await tried(requestTo(target.url), local, 300), { took: false, why: "no answer in time" })
  })

  test("of an answer without end no more is read than is bearable", async (t) => {
    const target = await receiver(t)
    let sentBytes = 0
    target.answer = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) sentBytes += 65_536
      }
      response.writeHead(200).on("drain", more)
      more()
      return true
    }
    assert.deepEqual(await tried(requestTo(target.url), local, 20_000), { took: true, status: 200 })
    assert.ok(sentBytes < 64_000_000)
  })

  test("nobody there is told by the system's word, without the address", async (t) => {
    const target = await receiver(t)
    await target.stop()
    assert.deepEqual(await tried(requestTo(target.url)), { took: false, why: "ECONNREFUSED" })
    const absent: Resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND secret.test"), { code: "ENOTFOUND" }))
    assert.deepEqual(await tried(requestTo("https://secret.test/x"), absent), { took: false, why: "ENOTFOUND" })
  })

  test("a certificate must be good for the name, also where the address is pinned", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "sl-tls-"))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const [keyFile, certFile] = [join(directory, "key.pem"), join(directory, "cert.pem")]
    const subject = ["-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test"]
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile, "-out", certFile, "-days", "2", ...subject],
      { stdio: "ignore" },
    )
    const [key, cert] = [readFileSync(keyFile, "utf8"), readFileSync(certFile, "utf8")]
    const target = await receiver(t, { tls: { key, cert } })
    assert.deepEqual(await tried(requestTo(`https://hooks.test:${target.port}/x`)), { took: false, why: "DEPTH_ZERO_SELF_SIGNED_CERT" })
    const usual = getCACertificates("default")
    setDefaultCACertificates([...usual, cert])
    t.after(() => setDefaultCACertificates(usual))
    assert.deepEqual(await tried(requestTo(`https://hooks.test:${target.port}/x`)), { took: true, status: 200 })
    assert.deepEqual(await tried(requestTo(`https://other.test:${target.port}/x`)), { took: false, why: "ERR_TLS_CERT_ALTNAME_INVALID" })
  })
})
