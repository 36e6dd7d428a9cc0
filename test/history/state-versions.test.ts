/** A shared store of every version of the host's schema tells of the same jobs, subagents and approvals; other versions are refused by name. */
import assert from "node:assert/strict"
import { join } from "node:path"
import { describe, test } from "node:test"
import { DatabaseSync } from "node:sqlite"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { stateCalls } from "../../src/history/stores/state-calls.ts"
import { stateStoreVersions } from "../../src/history/stores/state-store.ts"
import { objectOf } from "../../src/base/json.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore } from "../vectors/host-store/host-store.ts"
import { trueCalls, writeAgentStore } from "./agent-store-history.ts"
import { readEvents } from "./reading.ts"
import { newestState, trueStateCalls, writeStateStore } from "./state-store-history.ts"

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** An agent's store that lies where only the shared store says, and the shared store. */
function hostOf(home: string, version: number): string {
  const relative = "elsewhere/openclaw-agent.sqlite"
  const full = join(home, relative)
  const path = join(home, "state", "openclaw.sqlite")
  writeAgentStore(full, 23)
  writeStateStore(path, version, { full, relative })
  return path
}

function callsIn(path: string) {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return [...stateCalls(database)].toSorted((a, b) => a.atMs - b.atMs).map(({ hook, atMs, event, ctx }) => toldIn(hook, atMs, objectOf(event), objectOf(ctx)))
  } finally {
    database.close()
  }
}

function toldIn(hook: string, atMs: number, event: Readonly<Record<string, unknown>>, ctx: Readonly<Record<string, unknown>>) {
  const requester = ctx["requesterSessionKey"]
  if (hook === "cron_changed") {
    const job = objectOf(event["job"])
    const common = { hook, job: event["jobId"], name: job["name"], payload: objectOf(job["payload"])["kind"], runAtMs: event["runAtMs"] }
    if (event["action"] === "started") return { ...common, atMs, action: "started" }
    const ended = { durationMs: event["durationMs"], status: event["status"], error: event["error"] ?? null }
    return { ...common, atMs, action: event["action"], ...ended }
  }
  const keys = { hook, atMs, run: event["runId"], child: event["childSessionKey"], requester }
  if (hook === "subagent_spawned") return { ...keys, label: event["label"], model: event["resolvedModel"], mode: event["mode"] }
  if (hook === "subagent_ended") return { ...keys, outcome: event["outcome"], reason: event["reason"] }
  return { hook, atMs, approval: event["approvalId"], decision: event["decision"] }
}

describe("a shared store of every version", () => {
  test("versions are those the host's history of its schema names", () => {
    assert.deepEqual([stateStoreVersions[0], stateStoreVersions.at(-1), stateStoreVersions.length], [1, newestState, newestState])
  })

  for (const version of stateStoreVersions) {
    test(`schema ${version}: jobs, subagents and approvals, and where an agent's store is`, (t) => {
      const home = temporaryDirectory(t)
      assert.deepEqual(callsIn(hostOf(home, version)), trueStateCalls(version))
      const { stores, modelCalls } = readHostStores(home, everything)
      assert.deepEqual(
        stores.map(({ name, state, schemaVersion }) => [name, state, schemaVersion]),
        [
          ["state", "read", version],
          ["agent main", "read", 23],
        ],
      )
      assert.equal(new Set(modelCalls.map(({ message }) => message)).size, trueCalls(23).length)
    })
  }

  test("one that was upgraded between two imports tells nothing twice", (t) => {
    const home = temporaryDirectory(t)
    hostOf(home, newestState)
    const after = readEvents(home)
    assert.deepEqual([after.problems, new Set(after.names).size], [[], trueStateCalls(newestState).length])
    for (const version of stateStoreVersions) {
      hostOf(home, version)
      const { names, problems } = readEvents(home)
      assert.deepEqual([problems, names.length], [[], trueStateCalls(version).length], `schema ${version}`)
      assert.equal(new Set([...names, ...after.names]).size, trueStateCalls(newestState).length, `schema ${version}`)
    }
  })

  test("a version that is not known is refused by name, and agents' stores are read", (t) => {
    const home = temporaryDirectory(t)
    const path = hostOf(home, newestState)
    writeAgentStore(join(home, "agents", "main", "agent", "openclaw-agent.sqlite"), 23)
    for (const version of [0, newestState + 1]) {
      editStore(path, (database) => database.exec(`PRAGMA user_version = ${version}`))
      const problem = `its schema is version ${version}; this version of Sovereign Ledger reads 1 to ${newestState}`
      const { names, problems } = readEvents(home)
      assert.deepEqual(problems, [problem])
      assert.ok(names.length > trueCalls(23).length)
      const { stores } = readHostStores(home, everything)
      assert.deepEqual(
        stores.map((store) => [store.name, store.state, store.problem]),
        [
          ["state", "refused", problem],
          ["agent main", "read", null],
        ],
      )
    }
  })

  test("a store that should have an audit trail and has none is no empty one", (t) => {
    const home = temporaryDirectory(t)
    editStore(hostOf(home, 2), (database) => database.exec("DROP TABLE audit_events"))
    assert.deepEqual(
      readHostStores(home, everything).stores.map(({ state, problem }) => [state, problem]),
      [["unreadable", "no such table: audit_events"]],
    )
  })
})
