/** A witness as its operator runs it: a process of its own, asked over HTTP. */
import assert from "node:assert/strict"
import { request, type Agent } from "node:http"
import { join } from "node:path"
import { makeHome, type Session } from "../cli/home.ts"
import type { Ending } from "../ledger-fixture.ts"
import { until } from "../writer/rig.ts"

export type Answer = { readonly status: number; readonly type: string | undefined; readonly body: string }

export type Served = { readonly url: string; readonly verifierKey: string; readonly session: Session }

export type WitnessHome = {
  readonly state: string
  /** Starts it and waits until it listens; `node` is what runs before the command's words. */
  readonly serve: (args?: readonly string[], node?: readonly string[]) => Promise<Served>
  readonly start: ReturnType<typeof makeHome>["start"]
  readonly run: ReturnType<typeof makeHome>["run"]
}

export function makeWitnessHome(t: Ending): WitnessHome {
  const home = makeHome(t)
  const state = join(home.directory, "witness")
  return {
    state,
    start: home.start,
    run: home.run,
    serve: async (args = [], node) => {
      const session = home.start(["witness", "serve", "--state", state, "--listen", "127.0.0.1:0", "--json", ...args], node)
      t.after(() => void session.child.kill("SIGKILL"))
      await until(() => session.stdout().includes("\n") || session.child.exitCode !== null, "the witness listens", 30_000)
      if (!session.stdout().includes("\n")) assert.fail(`it did not start: ${JSON.stringify(await session.ended)}`)
      const { url, verifierKey } = JSON.parse(session.stdout()) as { url: string; verifierKey: string }
      return { url, verifierKey, session }
    },
  }
}

/** Undefined when the connection broke before there was an answer. */
export function post(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  method = "POST",
  agent?: Agent,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const connection = agent ? {} : { Connection: "close" }
    const call = request(url, { method, agent, headers: { ...connection, ...headers } }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part: string) => (text += part))
      response.once("error", () => resolve(undefined))
      response.once("end", () => resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"], body: text }))
    })
    call.once("error", () => resolve(undefined))
    call.end(body)
  })
}

export function offerTo(url: string, body: string): Promise<Answer | undefined> {
  return post(`${url}/add-checkpoint`, body)
}
