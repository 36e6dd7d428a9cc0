/** Kills two processes of one witness while two histories of a log race for it; of neither is more cosigned than of one. */
import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { cosignatureChecker } from "../../src/verify/cosignature.ts"
import { unseenLog, WatchedLogs } from "../../src/witness/watched-logs.ts"
import type { Ending } from "../ledger-fixture.ts"
import { makeLog, type WatchableLog } from "../witness-log.ts"
import { until } from "../writer/rig.ts"
import { makeWitnessHome, offerTo, type Served } from "./served.ts"

const shared = 5
const most = 60

export async function witnessKillRun(t: Ending, rounds: number, say: (words: string) => void = () => {}): Promise<void> {
  const home = makeWitnessHome(t)
  const first = await home.serve() // makes the key
  await ended(first, "SIGTERM")
  const logs = new WatchedLogs(home.state)
  for (let round = 1; round <= rounds; round++) {
    const log = makeLog(`race.example/${round}`)
    logs.write({ ...unseenLog(log.origin), keyTexts: [log.key] })
    const [one, two] = await Promise.all([home.serve(), home.serve()])
    assert.equal(one.verifierKey, two.verifierKey)
    const sides = [log, log.forkAt(shared)]
    assert.equal((await offerTo(one.url, log.offer(0, shared)))?.status, 200)
    let answers = 0
    const racing = sides.flatMap((side) => [one, two].map((served) => race(served, side, () => answers++)))
    const killedAfter = async (served: Served) => {
      const enough = Math.floor(Math.random() * 40)
      await until(() => answers >= enough, "there are answers", 30_000)
      await sleep(Math.random() * 20)
      await ended(served, "SIGKILL")
    }
    await Promise.all([killedAfter(one), killedAfter(two)])
    const cosigned = (await Promise.all(racing)).map((sizes) => Math.max(0, ...sizes))
    const bySide = [Math.max(cosigned[0] ?? 0, cosigned[1] ?? 0), Math.max(cosigned[2] ?? 0, cosigned[3] ?? 0)]
    assert.ok(bySide.includes(0), `both histories of round ${round} were cosigned, up to ${bySide.join(" and ")}`)
    assertKept(logs, log, sides[bySide[0] === 0 ? 1 : 0] ?? log, Math.max(...bySide))
    say(`round ${round}: cosigned up to ${Math.max(...bySide)}, killed twice, kept`)
  }
}

/** Goes on from whatever size it is told, until the process is gone. Answers the sizes it holds good cosignatures for. */
async function race({ url, verifierKey }: Served, side: WatchableLog, answered: () => void): Promise<readonly number[]> {
  const check = cosignatureChecker(parseVerifierKey(verifierKey, "witness"))
  const sizes: number[] = []
  for (let known = shared; known < most;) {
    const answer = await offerTo(url, side.offer(known, known + 1))
    if (!answer || answer.status === 422) break
    answered()
    if (answer.status === 409) {
      known = Number(answer.body)
      continue
    }
    assert.equal(answer.status, 200, answer.body)
    assert.ok(check(answer.body.trimEnd(), parseSignedCheckpoint(side.note(known + 1))?.text ?? "").ok)
    sizes.push(++known)
  }
  return sizes
}

async function ended({ session }: Served, signal: NodeJS.Signals): Promise<void> {
  session.child.kill(signal)
  await session.ended
}

function assertKept(logs: WatchedLogs, { origin }: WatchableLog, winner: WatchableLog, cosigned: number): void {
  const { size, root } = logs.read(origin) ?? assert.fail("the log is forgotten")
  assert.ok(size >= cosigned, `size ${cosigned} was cosigned, ${size} is remembered`)
  if (cosigned > 0) assert.deepEqual(root, winner.rootOf(size), "what is remembered is the history that was cosigned")
}
