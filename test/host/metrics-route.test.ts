/** Metrics through the gateway: behind its login, from one process beside it that stays while somebody asks. */
import assert from "node:assert/strict"
import { createServer } from "node:http"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { after, before, describe, test, type TestContext } from "node:test"
import type { HostApi } from "../../src/host/host-api.ts"
import { metricsRoutePath, registerMetricsRoute } from "../../src/host/metrics-route.ts"
import type { AnswersOptions } from "../../src/host/answers-process.ts"
import { cliSource, makeRig, until } from "../writer/rig.ts"

type Route = Parameters<NonNullable<HostApi["registerHttpRoute"]>>[0]

describe("metrics through the gateway", () => {
  const rig = makeRig({ after })
  const rootDir = join(rig.root, "package")
  const starts = join(rig.root, "starts")
  const warnings: string[] = []

  before(() => {
    mkdirSync(rootDir)
    mkdirSync(join(rig.root, "state"))
    writeFileSync(starts, "")
    const config = { dataDir: rig.directory, keyFile: rig.keyFile, headNote: rig.files.headNote }
    writeFileSync(join(rig.root, "state", "openclaw.json"), JSON.stringify({ plugins: { entries: { "sovereign-ledger": { config } } } }))
    program(`await import(${JSON.stringify(pathToFileURL(cliSource).href)})`)
  })

  function program(body: string): void {
    writeFileSync(
      join(rootDir, "cli.mjs"),
      `import { appendFileSync } from "node:fs"\nappendFileSync(${JSON.stringify(starts)}, process.pid + "\\n")\n${body}\n`,
    )
  }

  const pids = () =>
    readFileSync(starts, "utf8")
      .split("\n")
      .filter((line) => line !== "")

  async function served(t: TestContext, options: AnswersOptions = {}) {
    let route: Route | undefined
    let dispose: (() => Promise<void>) | undefined
    const logger = { info: () => {}, warn: (text: string) => void warnings.push(text), error: () => {} }
    const runtime = { state: { resolveStateDir: () => join(rig.root, "state") } }
    const lifecycle = { onDispose: (end: () => Promise<void>) => (dispose = end) }
    const registerHttpRoute = (one: Route) => (route = one)
    registerMetricsRoute({ registrationMode: "full", rootDir, logger, runtime, lifecycle, registerHttpRoute } as unknown as HostApi, options)
    const { path, auth, match, handler } = route ?? assert.fail("no route")
    assert.deepEqual([path, auth, match], [metricsRoutePath, "gateway", "exact"])
    const server = createServer((request, response) => void handler(request, response))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    t.after(async () => {
      await dispose?.()
      await new Promise((resolve) => server.close(resolve))
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { get: (init: RequestInit = {}) => fetch(url, init), dispose: () => dispose?.() }
  }

  test("are those of the ledger, from one process for all questions, which ends with the copy of the plugin", async (t) => {
    const { get, dispose } = await served(t)
    assert.deepEqual(pids(), [], "nothing is started before somebody asks")
    const answers = await Promise.all([get(), get({ headers: { Accept: "application/openmetrics-text" } }), get({ method: "HEAD" })])
    const [first, open, head] = await Promise.all(answers.map((answer) => answer.text()))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.match(first ?? "", /^sovereign_ledger_up 1$/m)
    assert.ok(open?.endsWith("# EOF\n") && answers[1]?.headers.get("content-type")?.startsWith("application/openmetrics-text"))
    assert.equal(head, "")
    assert.deepEqual([answers[0]?.headers.get("cache-control"), answers[0]?.headers.get("x-content-type-options")], ["no-store", "nosniff"])
    assert.equal((await get()).status, 200)
    assert.equal(pids().length, 1)
    for (const [init, status] of [
      [{ method: "POST" }, 405],
      [{ headers: { Origin: "https://evil.example" } }, 403],
    ] as const)
      assert.equal((await get(init)).status, status)
    await dispose()
    await until(() => !isAlive(pids()[0]), "it ended", 30_000)
  })

  test("one that dies, answers nothing or nonsense is a sentence, and the next question has another", async (t) => {
    const { get } = await served(t, { answerWithinMs: 2_000 })
    const before = pids().length
    for (const body of ["process.exit(3)", "setInterval(() => {}, 1000)", 'process.stdin.on("data", () => console.log("nonsense"))']) {
      program(body)
      const answer = await get()
      assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "5"], body)
      assert.match(await answer.text(), /^The metrics cannot be told at the moment; ask again\.\n$/)
    }
    assert.ok(warnings.length >= 3)
    assert.ok(pids().length >= before + 3)
  })

  test("nobody asks for a while: it goes, and comes back when somebody does", async (t) => {
    program(`process.stdin.on("data", () => console.log(JSON.stringify({ type: "text/plain", text: "x 1\\n" })))`)
    const { get } = await served(t, { idleMs: 100 })
    assert.equal(await (await get()).text(), "x 1\n")
    const [pid] = pids().slice(-1)
    await until(() => !isAlive(pid), "it ended", 30_000)
    assert.equal(await (await get()).text(), "x 1\n")
    assert.notEqual(pids().at(-1), pid)
  })
})

function isAlive(pid: string | undefined): boolean {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}
