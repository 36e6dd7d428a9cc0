/** A store of every version of the host's schema tells the same history, and a version nobody here knows is refused by name. */
import assert from "node:assert/strict"
import { cpSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import { agentStoreVersions } from "../../src/history/stores/agent-tables.ts"
import { readHostStores } from "../../src/history/stores/host-stores.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { editStore } from "../vectors/host-store/host-store.ts"
import { trueCalls, writeAgentStore } from "./agent-store-history.ts"
import { since, sinceCold } from "./agent-store-tables.ts"
import { readEvents, readHome, type FoundRow } from "./reading.ts"

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
const newest = 23

function storeIn(home: string, agent = "main"): string {
  return join(home, "agents", agent, "agent", "openclaw-agent.sqlite")
}

function byInput<T extends { readonly input: number }>(rows: readonly T[]): readonly T[] {
  return rows.toSorted((a, b) => a.input - b.input)
}

function callOf({ place, input, kind, unseen }: FoundRow) {
  return { place: { ...place }, input, kind, unseen }
}

describe("an agent's store of every version", () => {
  test("versions are those the host's history of its schema names", () => {
    assert.deepEqual([agentStoreVersions[0], agentStoreVersions.at(-1), agentStoreVersions.length], [1, newest, newest])
  })

  for (const version of agentStoreVersions) {
    test(`schema ${version}: calls, places, kinds and names as they are`, async (t) => {
      const [home, todays] = [temporaryDirectory(t), temporaryDirectory(t)]
      writeAgentStore(storeIn(home), version)
      const { rows, outcomes } = await readHome(home)
      assert.deepEqual(
        outcomes.map((outcome) => ("read" in outcome ? outcome.read.unreadable : outcome.problem)),
        [0],
      )
      const own = rows.filter(({ inherited }) => !inherited)
      assert.deepEqual(byInput(own).map(callOf), byInput(trueCalls(version)))
      if (version < since.transcripts) return
      writeAgentStore(storeIn(todays), newest)
      const names = (found: readonly FoundRow[]) => found.map(({ row, atMs, latencyMs, run, response }) => [row, atMs, latencyMs, run, response].join())
      const known = new Set(names((await readHome(todays)).rows))
      assert.deepEqual(
        names(own).filter((name) => !known.has(name)),
        [],
      )
    })

    test(`schema ${version}: what is held against the record`, (t) => {
      const home = temporaryDirectory(t)
      writeAgentStore(storeIn(home), version)
      const { stores, modelCalls, runs } = readHostStores(home, everything)
      const store = stores.find(({ name }) => name === "agent main")
      assert.deepEqual([store?.state, store?.schemaVersion, store?.problem, store?.unreadableRows], ["read", version, null, 0])
      assert.equal(new Set(modelCalls.map(({ message }) => message)).size, trueCalls(version).length)
      assert.equal(runs.filter(({ evidence }) => evidence === "trajectory").length, version < since.transcripts ? 0 : 1)
    })
  }

  test("what was said in it makes the same events from every version", (t) => {
    const [first, ...others] = agentStoreVersions
      .filter((version) => version >= since.transcripts)
      .toReversed()
      .map((version) => {
        const home = temporaryDirectory(t)
        writeAgentStore(storeIn(home), version)
        return new Set(readEvents(home).names)
      })
    assert.ok(first && first.size > trueCalls(newest).length)
    for (const names of others) {
      assert.ok(names.size > trueCalls(since.transcripts).length)
      assert.deepEqual(
        [...names].filter((name) => !first.has(name)),
        [],
      )
    }
  })

  test("one that was upgraded between two readings tells no call twice", async (t) => {
    for (const version of agentStoreVersions.filter((version) => version >= since.transcripts)) {
      const home = temporaryDirectory(t)
      writeAgentStore(storeIn(home), version)
      const before = await readHome(home)
      writeAgentStore(storeIn(home), newest)
      const after = await readHome(home)
      const names = new Set([...before.rows, ...after.rows].map(({ row }) => row))
      assert.equal(names.size, trueCalls(newest).length, `from schema ${version}`)
    }
  })

  test("a version that is not known is refused by name, and the others are read", async (t) => {
    const home = temporaryDirectory(t)
    for (const version of [0, newest + 1]) {
      const path = storeIn(home, `of-${version}`)
      mkdirSync(dirname(path), { recursive: true })
      writeAgentStore(path, newest)
      editStore(path, (database) => database.exec(`PRAGMA user_version = ${version}`))
    }
    writeAgentStore(storeIn(home), newest)
    const { rows, outcomes } = await readHome(home)
    assert.equal(rows.length, trueCalls(newest).length)
    assert.deepEqual(
      outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome.problem] : [])),
      [0, newest + 1].map((version) => `its schema is version ${version}; this version of Sovereign Ledger reads 1 to ${newest}`),
    )
    const refused = readHostStores(home, everything).stores.filter(({ state }) => state === "refused")
    assert.deepEqual(
      refused.map(({ name }) => name),
      ["agent of-0", `agent of-${newest + 1}`],
    )
  })

  test("a store that should have transcripts and has none is no empty history", async (t) => {
    const home = temporaryDirectory(t)
    writeAgentStore(storeIn(home), sinceCold)
    cpSync(dirname(dirname(storeIn(home))), join(home, "agents", "other"), { recursive: true })
    editStore(storeIn(home, "other"), (database) => database.exec("DROP TABLE transcript_events"))
    const problems = (await readHome(home)).outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome.problem] : []))
    assert.deepEqual(problems, ["no such table: transcript_events"])
  })
})
