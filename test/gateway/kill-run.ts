/** Kills the writer, then the gateway, while agents work, and tells what the record says afterwards. Short in CI, long in `npm run soak -- gateway-kill`. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { connectGateway } from "./gateway-client.ts"
import { startGateway } from "./gateway.ts"
import type { LedgerFixture } from "./ledger-fixture.ts"
import { eventually, ofType, writerPids, type LedgerEvent } from "./ledger.ts"
import { requirePlugin } from "./plugin.ts"
import { runTurn } from "./turn.ts"
import { compareWithModel, nothingDiffers, ranCount, ranWithoutRecord, startWorkload } from "./workload.ts"

/** Nothing lost, nothing doubled, nobody refused, nothing said to be missing, however often the writer dies. */
export async function killWriters({ client, home, model, ledger }: LedgerFixture, kills: number): Promise<void> {
  const firstRequest = model.requests.length
  const workload = startWorkload({ client, name: "writer-kill", sessions: 3, directory: home.directory })
  try {
    for (let killed = 0; killed < kills; killed++) {
      await moreTurns(workload, 3)
      const [pid] = await eventually(
        "a writer",
        () => writerPids(ledger.dataDirectory),
        ({ length }) => length === 1,
      )
      assert.ok(pid !== undefined)
      // Stopped first, so that it dies with events and gates that it was sent and has not answered.
      process.kill(pid, "SIGSTOP")
      await sleep(400)
      process.kill(pid, "SIGKILL")
    }
    await moreTurns(workload, 3)
  } finally {
    await workload.stop()
  }
  const statuses = await workload.stop()
  assert.deepEqual(new Set(statuses), new Set(["ok"]))
  const requests = model.requests.slice(firstRequest)
  const events = await eventually(
    "the record",
    () => sessionsOf(ledger, "writer-kill"),
    (seen) => ofType(seen, "model.responded").length >= statuses.length,
  )
  for (const [what, difference] of Object.entries(compareWithModel(events, requests))) assert.deepEqual(difference, nothingDiffers, what)
  assert.deepEqual(ranWithoutRecord(home.directory, model.requests, events), [])
  assert.equal(ofType(events, "tool.invoked", { guarded: true, verdict: "allow" }).length, statuses.length)
  const all = await ledger.events()
  assert.deepEqual([ofType(all, "capture.gap"), ofType(all, "writer.started").length], [[], kills + 1])
  assert.equal(writerPids(ledger.dataDirectory).length, 1)
  await assertValid(ledger)
}

/** Every guarded call that ran is on record, and the next gateway goes on with the same ledger. Answers with that gateway. */
export async function killGateway(fixture: LedgerFixture, round: number): Promise<LedgerFixture> {
  const { client, home, model, ledger, gateway } = fixture
  const name = `gateway-kill-${round}`
  const ranBefore = ranCount(home.directory)
  const workload = startWorkload({ client, name, sessions: 3, directory: home.directory })
  try {
    await moreTurns(workload, 3)
    await sleep(Math.random() * 400)
    await gateway.kill()
  } finally {
    await workload.stop()
  }
  client.close()
  assert.ok(ranCount(home.directory) > ranBefore)
  // What the writer had read from the socket is on its way to the disk; nothing else comes any more.
  await sleep(200)
  assert.deepEqual(ranWithoutRecord(home.directory, model.requests, await ledger.events()), [])
  await assertValid(ledger)
  const next = await startGateway(home)
  const connected = await connectGateway(home)
  await requirePlugin(connected)
  const after = `${name}-after`
  const { status } = await runTurn(connected, `TOOL exec {"command":"echo ${after}"}\nSAY on`, { sessionKey: `agent:main:${after}` })
  assert.equal(status, "ok")
  await eventually(
    "the turn after",
    () => sessionsOf(ledger, after),
    (seen) => ofType(seen, "run.ended").length === 1 && ofType(seen, "tool.returned").length === 1,
  )
  assert.equal(writerPids(ledger.dataDirectory).length, 1)
  await assertValid(ledger)
  const stop = async () => {
    connected.close()
    await next.stop()
    await home.remove()
    await model.stop()
  }
  return { ...fixture, gateway: next, client: connected, stop }
}

async function moreTurns(workload: { readonly turns: number }, more: number): Promise<void> {
  const from = workload.turns
  await eventually(
    `${more} more turns`,
    () => workload.turns,
    (turns) => turns >= from + more,
    60_000,
  )
}

async function sessionsOf(ledger: LedgerFixture["ledger"], name: string): Promise<readonly LedgerEvent[]> {
  return (await ledger.events()).filter(({ sessionId }) => sessionId?.startsWith(`agent:main:${name}`))
}

async function assertValid(ledger: LedgerFixture["ledger"]): Promise<void> {
  const { verdict, report } = await ledger.verify()
  assert.equal(verdict, "valid", JSON.stringify(report))
}
