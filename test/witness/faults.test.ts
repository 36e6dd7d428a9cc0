/** A witness that dies, or whose disk fails, at any step of keeping what it cosigns: nothing it signed is ever forgotten, and no second history gets in. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { after, before, describe, test } from "node:test"
import { WatchedLogs, unseenLog } from "../../src/witness/watched-logs.ts"
import { cliSource } from "../cli/home.ts"
import { makeLog } from "../witness-log.ts"
import { makeWitnessHome, offerTo, type Served } from "./served.ts"

const faultSource = pathToFileURL(join(import.meta.dirname, "fault-at.ts")).href
const stepCount = 8
const withFault = (query: string) => [process.execPath, "--no-warnings", "--import", `${faultSource}?${query}`, cliSource]
const logOf = (name: string) => makeLog(`faults.example/${name}`)
const idOf = (origin: string) => createHash("sha256").update(origin).digest("hex").slice(0, 32)

describe("a witness", () => {
  const home = makeWitnessHome({ after })
  const killSteps = Array.from({ length: stepCount + 1 }, (_, index) => index + 1)
  const throwCases = Array.from({ length: stepCount * 2 }, (_, index) => index)
  const logs = new WatchedLogs(home.state)
  before(async () => {
    logs.prepare()
    const plain = await home.serve() // makes the key
    await stopped(plain)
    for (const name of [...killSteps.map((step) => `kill-${step}`), ...throwCases.map((index) => `throw-${index}`)]) {
      const { origin, key } = logOf(name)
      logs.write({ ...unseenLog(origin), keyTexts: [key] })
    }
  })

  /** No cosignature for size 9 has left: whichever history goes on now, it is the only one. */
  const goesOnWithOne = async (url: string, name: string, kept: 5 | 9) => {
    const log = logOf(name)
    const fork = log.forkAt(5)
    const asked = await offerTo(url, fork.offer(5, 12))
    if (kept === 9) {
      assert.deepEqual([asked?.status, asked?.body], [409, "9\n"], `${name}: what may have been signed is remembered`)
      assert.equal((await offerTo(url, fork.offer(9, 12)))?.status, 422)
      assert.equal((await offerTo(url, log.offer(9, 9)))?.status, 200, "and can be had again")
      return
    }
    assert.equal(asked?.status, 200, `${name}: nothing was kept, nothing had left`)
    assert.equal((await offerTo(url, log.offer(12, 20)))?.status, 422)
  }

  test("killed before each step of a write, and after the last: no answer had left, and the next process keeps to one history", async () => {
    for (const step of killSteps) {
      const log = logOf(`kill-${step}`)
      const served = await home.serve([], withFault(`how=kill&log=${idOf(log.origin)}&write=2&step=${step}`))
      assert.equal((await offerTo(served.url, log.offer(0, 5)))?.status, 200)
      assert.equal(await offerTo(served.url, log.offer(5, 9)), undefined, `step ${step}: an answer came before all was on disk`)
      assert.equal((await served.session.ended).signal, "SIGKILL", `step ${step} was not reached`)
    }
    const served = await home.serve()
    for (const step of killSteps) await goesOnWithOne(served.url, `kill-${step}`, step <= 5 ? 5 : 9)
    await stopped(served)
  })

  test("whose disk fails at each step, before or after doing it: 500, nothing cosigned, and it goes on with one history", async () => {
    const served = await home.serve([], withFault("how=throw"))
    for (const index of throwCases) {
      const log = logOf(`throw-${index}`)
      assert.equal((await offerTo(served.url, log.offer(0, 5)))?.status, 200)
      const failed = await offerTo(served.url, log.offer(5, 9))
      assert.deepEqual([failed?.status, failed?.body], [500, "the witness could not do it; nothing was cosigned\n"], `case ${index}`)
    }
    const said = await stopped(served)
    assert.equal(said.stderr.match(/EIO: i\/o error/g)?.length, throwCases.length, said.stderr)
    assert.doesNotMatch(said.stderr, /\n\s+at /)
    const healthy = await home.serve()
    for (const index of throwCases) await goesOnWithOne(healthy.url, `throw-${index}`, index < 9 ? 5 : 9)
    await stopped(healthy)
  })
})

async function stopped({ session }: Served) {
  session.child.kill("SIGTERM")
  const said = await session.ended
  assert.deepEqual([said.exit, said.signal], [0, null], said.stderr)
  return said
}
