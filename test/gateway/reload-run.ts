/**
 * Reloads the plugin, and upgrades it, while agents work and while commands read the ledger and order checkpoints.
 * Short in CI, long in `npm run soak -- reloads`.
 */
import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "../../src/base/fault.ts"
import { socketPath } from "../../src/surfaces/socket/socket-path.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { builtPlugin, nextVersion } from "./built-plugin.ts"
import { driverNames, hostStoresOf, lockedBy, takeForOneself } from "./host-locks.ts"
import type { LedgerFixture } from "./ledger-fixture.ts"
import { eventually, ofType, pathsHeldBy, writerPids, type LedgerCommandLine, type LedgerEvent } from "./ledger.ts"
import { reloadPlugin, requirePlugin, upgradePlugin } from "./plugin.ts"
import { compareWithModel, nothingDiffers, ranWithoutRecord, startWorkload } from "./workload.ts"

/** The gateway's lanes (events, gates) and whoever asks. */
const clientsWhenAsked = 3
const upgradeWithinMs = 120_000

export type ReloadRun = { readonly turns: number; readonly verdicts: number; readonly checkpoints: number }

export async function reloadAndUpgrade(fixture: LedgerFixture, reloads: number, say: (words: string) => void): Promise<ReloadRun> {
  const { client, home, model, ledger, gateway } = fixture
  const old = await eventually(
    "a writer",
    () => ledger.writer(),
    (writer) => writer !== null,
  )
  const firstRequest = model.requests.length
  const { statuses, verdicts, checkpoints } = await reloadUnderLoad(fixture, reloads, say)
  assert.deepEqual(new Set(statuses), new Set(["ok"]))
  assert.deepEqual(new Set(verdicts), new Set(["valid"]))

  const events = await eventually(
    "the record",
    () => reloadEvents(ledger),
    (seen) => ofType(seen, "model.responded").length >= statuses.length,
  )
  for (const [what, difference] of Object.entries(compareWithModel(events, model.requests.slice(firstRequest))))
    assert.deepEqual(difference, nothingDiffers, what)
  assert.deepEqual(ranWithoutRecord(home.directory, model.requests, events), [])
  assert.equal(ofType(events, "run.ended", { success: true }).length, statuses.length)
  assert.deepEqual(ofType(await ledger.events(), "capture.gap"), [])
  await onlyNewCode(ledger, old?.code ?? "")
  await requirePlugin(client)
  assert.ok(gateway.isAlive && (await fetch(`${gateway.url}/readyz`)).ok)
  return { turns: statuses.length, verdicts: verdicts.length, checkpoints }
}

async function reloadUnderLoad({ client, home, ledger }: LedgerFixture, reloads: number, say: (words: string) => void) {
  const { tarballPath } = await builtPlugin(nextVersion)
  const workload = startWorkload({ client, name: "reload", sessions: 2, directory: home.directory })
  const commands = startCommands(ledger)
  const moreTurns = async (more: number) => {
    const from = workload.turns
    await eventually(
      `${more} more turns`,
      () => workload.turns,
      (turns) => turns >= from + more,
      60_000,
    )
  }
  workload.pace(1)
  try {
    for (let done = 1; done <= reloads; done++) {
      await moreTurns(2)
      await reloadPlugin(client)
      say(`reload ${done} of ${reloads}, ${workload.turns} turns`)
    }
    workload.pace(8)
    await upgradePlugin(client, tarballPath, upgradeWithinMs)
    workload.pace(0)
    say(`upgraded, ${workload.turns} turns`)
    await moreTurns(4)
  } finally {
    await Promise.all([workload.stop(), commands.stop()])
  }
  return { statuses: await workload.stop(), ...(await commands.stop()) }
}

/** Exactly one writer, of the new version, whose clients are one gateway's two lanes; the old version's files are gone. */
async function onlyNewCode(ledger: LedgerCommandLine, oldCode: string): Promise<void> {
  const writer = await eventually(
    "one client",
    () => ledger.writer(),
    (seen) => seen?.clients === clientsWhenAsked,
  )
  assert.equal(writer?.version, nextVersion)
  assert.notEqual(writer?.code, oldCode)
  assert.deepEqual(writerPids(ledger.dataDirectory), [writer?.pid])
  const runtime = `${nextVersion}-${writer?.code}`
  assert.deepEqual(readdirSync(join(ledger.dataDirectory, "runtime")), [runtime])
  assert.ok(readFileSync(`/proc/${writer?.pid}/cmdline`, "utf8").includes(join(ledger.dataDirectory, "runtime", runtime, "cli.mjs")))
}

/** Our databases and our driver stay out of the gateway, the host's databases out of our process, and the host's locks where they were. */
export async function assertApart({ home, ledger, gateway }: LedgerFixture): Promise<void> {
  const { directory } = await builtPlugin()
  const stores = hostStoresOf(gateway.pid, home.stateDirectory)
  assert.ok(stores.length >= 2, stores.join())
  const inGateway = pathsHeldBy(gateway.pid)
  const ours = (path: string) => path.startsWith(ledger.dataDirectory) || driverNames(directory).some((name) => path.endsWith(`/${name}`))
  assert.deepEqual(inGateway.filter(ours), [])
  const [writer = -1] = writerPids(ledger.dataDirectory)
  const inWriter = pathsHeldBy(writer)
  assert.ok(inWriter.includes(join(ledger.dataDirectory, "journal.db")) && inWriter.some((path) => path.endsWith(".node")), "the writer is where they are")
  assert.deepEqual(
    inWriter.filter((path) => path.startsWith(home.stateDirectory) && !path.startsWith(ledger.dataDirectory)),
    [],
  )
  assert.deepEqual(lockedBy(gateway.pid, stores), stores)
  for (const store of stores) assert.equal(await takeForOneself(store), "database is locked", store)
}

/** Somebody who looks at the ledger all the time, and orders checkpoints. */
function startCommands(ledger: LedgerCommandLine) {
  const verdicts: string[] = []
  let checkpoints = 0
  const end = new AbortController()
  const read = async () => {
    while (!end.signal.aborted) {
      const { verdict, report } = await ledger.verify()
      verdicts.push(verdict === "valid" ? verdict : JSON.stringify(report))
      await ledger.events({ type: "tool.invoked" })
    }
  }
  const order = async () => {
    for (; !end.signal.aborted; await sleep(200)) if (await ordered(ledger.dataDirectory)) checkpoints++
  }
  const running = Promise.all([read(), order()])
  return {
    async stop() {
      end.abort()
      await running
      return { verdicts, checkpoints }
    },
  }
}

/** False while one writer hands over to the next: an order is no event, nobody keeps it. */
async function ordered(dataDirectory: string): Promise<boolean> {
  try {
    await askWriter({ socketPath: socketPath(dataDirectory), role: "cli" }, "checkpoint")
    return true
  } catch (error) {
    if (error instanceof Fault && error.code === "writer.unreachable") return false
    throw error
  }
}

async function reloadEvents(ledger: LedgerCommandLine): Promise<readonly LedgerEvent[]> {
  return (await ledger.events()).filter(({ sessionId }) => sessionId?.startsWith("agent:main:reload"))
}
