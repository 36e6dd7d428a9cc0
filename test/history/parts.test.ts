/** A large store is read in parts by several threads at once: together they are the whole, and none of it comes twice. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { findSources, type Source } from "../../src/history/find-sources.ts"
import { partsOf, whole } from "../../src/history/part.ts"
import { readSource } from "../../src/history/read-source.ts"
import { readSources, type SourceOutcome } from "../../src/history/read-sources.ts"
import { rowNameLength } from "../../src/format/row-name.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { makeHost } from "../vectors/host-store/host-store.ts"
import { inThisThread } from "./reading.ts"
import { writeStoreCorpus } from "./store-corpus.ts"

function namesIn(source: Source, part = whole): readonly string[] {
  const names: string[] = []
  readSource({ index: 0, source, latestMs: 4e12, part }, (message) => {
    if ("batch" in message) for (let at = 0; at < message.batch.ids.length; at += rowNameLength) names.push(message.batch.ids.slice(at, at + rowNameLength))
  })
  return names
}

function storeIn(home: string): Source {
  return findSources(home).sources.find(({ kind }) => kind === "agent-store") ?? assert.fail("no store")
}

describe("a store in parts", () => {
  test("are the whole store, however many, archives among it", (t) => {
    const homes = [makeHost(temporaryDirectory(t)).stateDirectory, temporaryDirectory(t)] as const
    const { calls } = writeStoreCorpus(homes[1], { seed: 5, rows: 2_000 })
    for (const [home, expected] of [[homes[0], 31] as const, [homes[1], calls] as const]) {
      const source = storeIn(home)
      const all = namesIn(source).toSorted()
      assert.equal(all.length, expected)
      for (const count of [2, 3, 4]) {
        const parts = Array.from({ length: count }, (_, index) => namesIn(source, { index, of: count }))
        assert.deepEqual(parts.flat().toSorted(), all)
        if (expected === calls) assert.ok(parts.every(({ length }) => length > calls / count / 2, `${count} parts share the work`))
      }
    }
  })

  test("are one source to whoever asked for it, read or not", async (t) => {
    const home = temporaryDirectory(t)
    const { calls } = writeStoreCorpus(home, { seed: 6, rows: 1_000 })
    const large = { ...storeIn(home), sizeBytes: 10 ** 9 }
    const read = async (source: Source) => {
      let rows = 0
      const outcomes: SourceOutcome[] = []
      const onBatch = ({ count }: { readonly count: number }) => void (rows += count)
      await readSources([source], { startReader: inThisThread, readers: 2, latestMs: 4e12, onBatch, onDone: (outcome) => void outcomes.push(outcome) })
      return { rows, outcomes }
    }
    const { rows, outcomes } = await read(large)
    assert.equal(partsOf(large, 2).length, 2)
    assert.equal(rows, calls)
    assert.deepEqual(
      outcomes.map((outcome) => "read" in outcome && outcome.read.rows),
      [calls],
    )
    const gone = await read({ ...large, path: `${large.path}.gone` })
    assert.deepEqual(
      gone.outcomes.map((outcome) => "problem" in outcome && outcome.problem),
      ["it is gone"],
    )
  })

  test("are not made of small stores, nor of files of lines", () => {
    assert.deepEqual(partsOf({ kind: "agent-store", sizeBytes: 1_000 }, 4), [whole])
    assert.deepEqual(partsOf({ kind: "transcript", sizeBytes: 10 ** 9 }, 4), [whole])
    assert.deepEqual(partsOf({ kind: "agent-store", sizeBytes: 10 ** 9 }, 1), [whole])
  })
})
