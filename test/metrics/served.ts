/** `sovereign-ledger serve` as its operator runs it: a process of its own, asked over HTTP. */
import assert from "node:assert/strict"
import { request } from "node:http"
import { flagsOf, makeHome, type Session } from "../cli/home.ts"
import type { Ending, TestLedger } from "../ledger-fixture.ts"
import { until } from "../writer/rig.ts"

export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string }

export type Serving = {
  readonly url: string
  readonly tokenFile: string | null
  readonly session: Session
  readonly get: (path?: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<Answer>
}

export async function serving(t: Ending, ledger: TestLedger, args: readonly string[] = [], listen = "127.0.0.1:0"): Promise<Serving> {
  const session = makeHome(t).start(["serve", "--listen", listen, "--json", ...flagsOf(ledger), ...args])
  t.after(() => void session.child.kill("SIGKILL"))
  await until(() => session.stdout().includes("\n") || session.child.exitCode !== null, "it listens", 60_000)
  if (!session.stdout().includes("\n")) assert.fail(`it did not start: ${JSON.stringify(await session.ended)}`)
  const { url, tokenFile } = JSON.parse(session.stdout()) as { url: string; tokenFile: string | null }
  const { port } = new URL(url)
  return { url, tokenFile, session, get: (path = "/metrics", headers = {}, method = "GET") => asked(port, { path, headers, method }) }
}

function asked(port: string, what: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly method: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, agent: false, ...what }, (response) => {
      let body = ""
      response.setEncoding("utf8").on("data", (part: string) => (body += part))
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    call.once("error", reject)
    call.end()
  })
}
