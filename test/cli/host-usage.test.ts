/** usage --against-host as an operator uses it, on a history of which everything is known. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { hostConfig, writeTrueHistory } from "../history/true-history.ts"
import { makeHome } from "./home.ts"

const dayMs = 86_400_000

type Amount = { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number; readonly costNanos: string }
type Part = { readonly calls: number; readonly reasons: readonly { readonly reason: string; readonly calls: number }[]; readonly rest: Amount }
type Body = { readonly verdict: string; readonly days: readonly (Part & { readonly day: string })[]; readonly total: Part }

/** Rows in the fork that its session inherited, and calls of today's host off the branch that is shown: see the history's maker. */
const [inherited, left] = [12, 8]

test("each day is explained; a figure that what the stores say does not come to is not", async (t) => {
  const home = makeHome(t)
  const [host, file] = [join(home.directory, "old-machine"), join(home.directory, "usage-cost.json")]
  const startMs = Date.now() - 10 * dayMs
  const truth = writeTrueHistory(host, startMs)
  holdsExit(await home.run("key create"), 0)
  holdsExit(await home.run(`import ${host} --usage-only`), 1)
  const compare = async (daily: readonly object[], exit: number, more = "") => {
    writeFileSync(file, JSON.stringify({ updatedAt: Date.now(), daily, cacheStatus: { status: "fresh" } }))
    const command = `usage --against-host ${file} --host-dir ${host}${more}`
    const said = await home.run(`${command} --json`)
    holdsExit(said, exit)
    const body = JSON.parse(said.stdout) as Body
    return { body, calls: Object.fromEntries(body.total.reasons.map(({ reason, calls }) => [reason, calls])), text: (await home.run(command)).stdout }
  }
  const days = [startMs, startMs + dayMs].map((atMs) => new Date(atMs).toISOString().slice(0, 10))
  const none = days.map((date) => ({ date, input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalCost: 0 }))

  const { body, calls, text } = await compare(none, 1)
  assert.equal(body.total.calls, truth.calls)
  const { branch, twice } = calls
  assert.deepEqual({ branch, twice }, { branch: left, twice: inherited })
  assert.match(text, /unexplained[^]*Not every difference is explained/)

  const counted = body.days.map(({ day, rest: { costNanos, ...counts } }) => ({ date: day, ...counts, totalCost: Number(costNanos) / 1e9 }))
  const explained = await compare(counted, 0)
  assert.deepEqual([explained.body.verdict, explained.calls], ["explained", calls])
  assert.match(explained.text, /\nEvery difference is explained\.\n/)

  writeFileSync(join(host, "openclaw.json"), JSON.stringify({ ...hostConfig, agents: { list: [{ id: "Main" }] } }))
  const listed = await compare(counted, 1)
  assert.deepEqual([listed.calls["agent"], listed.calls["twice"]], [truth.byAgent["elder"], undefined])
  const ofMain = await compare(counted, 1, " --agent main")
  assert.deepEqual([ofMain.body.total.calls, ofMain.calls["agent"]], [truth.byAgent["main"], undefined])
})

function holdsExit(said: { readonly exit: number | null; readonly stdout: string; readonly stderr: string }, exit: number): void {
  assert.equal(said.exit, exit, `${said.stdout}${said.stderr}`)
}
