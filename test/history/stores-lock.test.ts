/** Other processes hold the host's stores while they are read: reading neither hangs, nor fails, nor stands in anybody's way. */
import assert from "node:assert/strict"
import { spawn, type ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs"
import { dirname } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { readStore } from "../../src/history/stores/open-store.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore, makeHost, type HostFiles } from "../vectors/host-store/host-store.ts"

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
const limits = { busyMs: 100, tries: 3, mostCopyBytes: 2 ** 30 }
/** All tries together, on a busy machine. */
const mostMs = 10_000

const columns = "source_sequence, occurred_at, kind, action, status, actor_type, actor_id, run_id, tool_call_id, tool_name"
/** Three rows more. */
const doubled = `INSERT INTO audit_events(event_id, source_id, ${columns}) SELECT event_id || 'x', source_id || 'x', ${columns} FROM audit_events WHERE sequence < 4`

describe("stores that another process holds", () => {
  test("a write lock of a gateway that works: what is committed is read, what is not is not, and the gateway commits meanwhile", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    const gateway = await holder(t, host, `PRAGMA journal_mode = WAL; BEGIN; ${doubled}; COMMIT; BEGIN IMMEDIATE; DELETE FROM audit_events`)
    const before = traces(host)
    const found = inTime(() => readHostStores(host.stateDirectory, everything, limits))
    assert.deepEqual(
      found.stores.map(({ state, rows }) => [state, rows]),
      [
        ["read", 66],
        ["read", 76],
      ],
    )
    assert.deepEqual(traces(host), before, "files beside the store, and the bytes of all of them, are as they were")
    assert.equal(await gateway.say("COMMIT"), "done")
    assert.equal(readHostStores(host.stateDirectory, everything, limits).stores[0]?.rows, 0)
  })

  test("a reader holds up nobody: the gateway commits while a reading is under way", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    const gateway = await holder(t, host, `PRAGMA journal_mode = WAL; BEGIN; ${doubled}; COMMIT`)
    let answer: Promise<string> | undefined
    const reading = readStore(host.stateStore, [18], (database) => {
      const count = () => Number(database.prepare("SELECT count(*) AS n FROM audit_events").get()?.["n"])
      const first = count()
      answer = gateway.say("DELETE FROM audit_events")
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      return [first, count()]
    })
    assert.deepEqual(reading, { state: "read", schemaVersion: 18, value: [66, 66] }, "one snapshot")
    assert.equal(await answer, "done")
  })

  test("a gateway that holds its store for itself alone: read from a copy", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    await holder(t, host, `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; ${doubled}; COMMIT; BEGIN IMMEDIATE`)
    const found = inTime(() => readHostStores(host.stateDirectory, everything, limits))
    assert.deepEqual(
      found.stores.map(({ state, rows }) => [state, rows]),
      [
        ["read", 66],
        ["read", 76],
      ],
    )
  })

  test("where no copy may be made either, a sentence, in time", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    await holder(t, host, `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; ${doubled}; COMMIT; BEGIN IMMEDIATE`)
    const found = inTime(() => readHostStores(host.stateDirectory, everything, { ...limits, mostCopyBytes: 1_000 }))
    assert.deepEqual(
      found.stores.map(({ state }) => state),
      ["unreadable", "read"],
    )
    assert.match(found.stores[0]?.problem ?? "", /only be read from a copy/)
  })

  test("a store that is written to at every try: a sentence, in time", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    let written = 0
    const touch = () => utimesSync(host.stateStore, new Date(), new Date(Date.now() - ++written * 1_000))
    const reading = inTime(() => readStore(host.stateStore, [18], touch, limits))
    assert.deepEqual(reading, { state: "unreadable", problem: "it was written to at every try" })
    assert.equal(written, limits.tries)
  })

  test("a gateway that was killed: its log is read, with its index and without it, and nothing is recovered in its place", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    const gateway = await holder(t, host, `PRAGMA journal_mode = WAL; BEGIN; ${doubled}; COMMIT`)
    await gateway.kill()
    const before = traces(host)
    assert.equal(readHostStores(host.stateDirectory, everything, limits).stores[0]?.rows, 66)
    assert.deepEqual(traces(host), before)
    rmSync(`${host.stateStore}-shm`)
    assert.equal(readHostStores(host.stateDirectory, everything, limits).stores[0]?.rows, 66)
    assert.ok(!existsSync(`${host.stateStore}-shm`))
  })

  test("a store with a journal to roll back: what was committed is read, and the rolling back is left to its owner", async (t) => {
    const host = makeHost(temporaryDirectory(t))
    editStore(host.stateStore, (database) => database.exec("PRAGMA journal_mode = DELETE"))
    const gateway = await holder(t, host, `PRAGMA cache_size = 1; PRAGMA cache_spill = ON; BEGIN; ${doubled}; UPDATE audit_events SET status = status || 'y'`)
    const journal = statSync(`${host.stateStore}-journal`).size
    assert.ok(journal > 0)
    assert.equal(inTime(() => readHostStores(host.stateDirectory, everything, limits)).stores[0]?.rows, 63)
    await gateway.kill()
    assert.equal(readHostStores(host.stateDirectory, everything, limits).stores[0]?.rows, 63)
    assert.equal(statSync(`${host.stateStore}-journal`).size, journal)
  })
})

type Holder = { readonly say: (sql: string) => Promise<string>; readonly kill: () => Promise<void> }

/** Another process with the state store open: it runs SQL and keeps what it holds until told otherwise. */
async function holder(t: TestContext, host: HostFiles, sql: string): Promise<Holder> {
  const script = `
    const { DatabaseSync } = require("node:sqlite")
    const database = new DatabaseSync(process.argv[1])
    process.on("message", (sql) => { try { database.exec(sql); process.send("done") } catch (error) { process.send(error.message) } })
    process.send("ready")`
  const child = spawn(process.execPath, ["-e", script, host.stateStore], { stdio: ["ignore", "ignore", "inherit", "ipc"] })
  const kill = () => ended(child)
  t.after(kill)
  const heard = () => new Promise<string>((resolve) => child.once("message", (words) => resolve(String(words))))
  assert.equal(await heard(), "ready")
  const say = (sql: string) => {
    const answer = heard()
    child.send(sql)
    return answer
  }
  assert.equal(await say(sql), "done")
  return { say, kill }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGKILL")
  await gone
}

function inTime<T>(act: () => T): T {
  const started = performance.now()
  const answer = act()
  const tookMs = performance.now() - started
  assert.ok(tookMs < mostMs, `took ${tookMs} ms`)
  return answer
}

function traces(host: HostFiles): readonly unknown[] {
  const directory = dirname(host.stateStore)
  return readdirSync(directory)
    .sort()
    .map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(`${directory}/${name}`))
        .digest("hex"),
      statSync(`${directory}/${name}`).mtimeMs,
    ])
}
