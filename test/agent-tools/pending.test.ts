/** What an agent is told of actions whose receipts are still to come, and of a ledger in which none are issued. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { objectOf } from "../../src/base/json.ts"
import { called, clientOf } from "../writer/receipt-calls.ts"
import { makeRig, until } from "../writer/rig.ts"
import { asking, otherSession, ownDirectory, ownSession } from "./session-ledger.ts"

const callsATime = 200
const mostTimes = 10

describe("status", () => {
  test("counts what has no receipt yet, of the own session: a writer that was killed leaves some", async (t) => {
    const rig = makeRig(t)
    const client = clientOf(rig, {})
    const ask = asking(rig, ownDirectory(t))
    const told = (session: string) => {
      const answer = ask("peac_receipts.status", {}, { session })
      return { spool: objectOf(answer["spool"]), count: Number(objectOf(answer["receipts"])["count"]) }
    }
    let [calls, pending] = [0, 0]
    for (let time = 0; pending === 0 && time < mostTimes; time++) {
      for (let i = 0; i < callsATime; i++) called(client, `c${calls++}`, {}, { sessionKey: i % 5 === 0 ? otherSession : ownSession })
      await client.flush(60_000)
      const pids = rig.writerPids()
      for (const pid of pids) process.kill(pid, "SIGKILL")
      await until(() => !rig.writerPids().some((pid) => pids.includes(pid)), "it is gone")
      for (const [session, share] of [
        [ownSession, 4],
        [otherSession, 1],
      ] as const) {
        const { spool, count } = told(session)
        assert.equal(spool["total_captured"], (calls / 5) * share)
        assert.equal(spool["pending_entries"], (calls / 5) * share - count)
        pending += Number(spool["pending_entries"])
      }
    }
    assert.ok(pending > 0, "some were still to come")
  })

  test("says so while receipts are off", async (t) => {
    const rig = makeRig(t)
    const client = clientOf(rig)
    const ask = asking(rig, ownDirectory(t))
    called(client, "one", {}, { sessionKey: ownSession })
    await client.flush(10_000)
    const [status, query] = [ask("peac_receipts.status"), ask("peac_receipts.query")]
    assert.deepEqual([objectOf(status["emitter"])["is_running"], objectOf(status["spool"])["total_captured"]], [false, 0])
    for (const { message } of [status, query])
      assert.match(String(message), /^Receipts are off, so that actions have none\. The operator switches them on with the setting receipts/)
  })
})
