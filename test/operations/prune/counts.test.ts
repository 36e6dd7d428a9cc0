/** Counters of a ledger whose first days are gone: none is lower than it was, and removing twice loses nothing. */
import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, describe, test } from "node:test"
import { metricsOf } from "../../../src/views/metrics.ts"
import { LiveLedger } from "../../../src/views/live-ledger.ts"
import type { TestLedger } from "../../ledger-fixture.ts"
import { endMs, removeFrom, sixDays } from "./pruned-ledger.ts"

const whole = sixDays({ after })

function countersOf({ files, places }: TestLedger): ReadonlyMap<string, number> {
  const live = new LiveLedger(files, () => places)
  try {
    const metrics = live.ask((access, state) => metricsOf(access, state, { nowMs: endMs, version: "test", writer: null, host: null }))
    const counters = metrics.filter(({ kind }) => kind === "counter")
    return new Map(counters.flatMap(({ name, samples }) => samples.map(({ labels, value }) => [`${name} ${JSON.stringify(labels)}`, value])))
  } finally {
    live.close()
  }
}

/** What the removal itself recorded comes on top. */
function without(counters: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...counters].filter(([name]) => !/^entries .*(?:system|security)/.test(name)))
}

describe("counters over a removal", () => {
  test("go on where they were, also after a second one and when views.db is deleted", async (t) => {
    const before = countersOf(whole)
    assert.ok((before.get('posted_dollars {"grade":"exact"}') ?? 0) > 0 && (before.get("lost_events {}") ?? 0) > 0)
    assert.ok([...before.keys()].some((name) => name.startsWith("model_tokens")))
    const ledger = whole.copy(t)
    for (const days of [4, 2]) {
      const { removedEntries } = await removeFrom(ledger, { days })
      assert.ok(removedEntries > 500, `${removedEntries}`)
      const now = countersOf(ledger)
      assert.deepEqual(without(now), without(before))
      for (const [name, value] of before) assert.ok((now.get(name) ?? -1) >= value, name)
    }
    for (const suffix of ["", "-wal", "-shm"]) rmSync(ledger.files.views + suffix, { force: true })
    assert.deepEqual(without(countersOf(ledger)), without(before))
    assert.equal(ledger.verify().verdict, "valid")
  })
})
