/** The map of event ids of a ledger: what it proves, what stays proven, and what nobody can make of it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { committedFacts, mapCommittedType } from "../../src/format/map-commitment.ts"
import { openedIn } from "../../src/projections/event-map.ts"
import { verifyMapProof } from "../../src/verify/map-proof.ts"
import { chainOf, checkRoots, mapView } from "../../src/views/event-map.ts"
import { eventAt, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"
import { asking, commitMap, mapProofOf } from "../map-ledger.ts"

const keyOf = (ledger: TestLedger) => ({ key: parseVerifierKey(ledger.keys().store.verifierKey) })
const absent = "tool.invoked:run/never"

function judge(ledger: TestLedger, text: string): readonly unknown[] {
  const report = verifyMapProof(text, keyOf(ledger))
  return [report?.verdict, report?.proves, ...(report?.problems ?? [])]
}

describe("the map of event ids", () => {
  test("proves every id that is recorded, and that others are not", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(300)
    const size = commitMap(ledger)
    assert.equal(size, 301)
    const ids = asking(ledger, ({ reader }) =>
      [...reader.entries(0, size - 1)].map((entry) => (JSON.parse(entry.saltedFacts.toString("utf8", 16)) as { id: string }).id),
    )
    for (const id of ids) assert.deepEqual(judge(ledger, mapProofOf(ledger, id)), ["valid", "recorded"], id)
    for (const id of [absent, "tool.invoked:1", "x", "", `${ids[7]} `, "\ud800"])
      assert.deepEqual(judge(ledger, mapProofOf(ledger, id)), ["valid", "not-recorded"], id)
    const report = verifyMapProof(mapProofOf(ledger, absent), keyOf(ledger))
    assert.match(
      report?.statement ?? "",
      /^tool\.invoked:run\/never was NOT recorded: none of the first 301 entries of sovereign-ledger\/\S+, by the map recorded 20\S+, has this id\.$/,
    )
    assert.equal(verifyMapProof(mapProofOf(ledger, absent), { key: undefined })?.verdict, "unverifiable")
  })

  test("a proof goes on to verify whatever is recorded later, and proves nothing of that", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(50)
    commitMap(ledger)
    const [before, here] = [mapProofOf(ledger, absent), mapProofOf(ledger, eventAt(9).id)]
    const { checkpoints } = verifyMapProof(before, keyOf(ledger)) ?? {}
    ledger.record({ ...eventAt(2), id: absent } as Parameters<TestLedger["record"]>[0])
    ledger.append(2_000)
    ledger.checkpoint()
    // By the root of before, though the map is of more by now.
    assert.deepEqual(judge(ledger, mapProofOf(ledger, absent)), ["valid", "not-recorded"])
    assert.deepEqual([mapProofOf(ledger, absent, true), mapProofOf(ledger, eventAt(9).id, true)], [before, here].map(shortOf))
    commitMap(ledger)
    assert.deepEqual(judge(ledger, mapProofOf(ledger, absent)), ["valid", "recorded"])
    assert.deepEqual(
      [judge(ledger, before), judge(ledger, here)],
      [
        ["valid", "not-recorded"],
        ["valid", "recorded"],
      ],
    )
    assert.deepEqual(verifyMapProof(before, keyOf(ledger))?.checkpoints, checkpoints)
    ledger.handOver()
    assert.deepEqual(judge(ledger, mapProofOf(ledger, absent)), ["valid", "recorded"])
  })

  test("keeps the first entry of an id, and tells of the others in a session", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(10)
    const [one] = [eventAt(3)]
    ledger.record(one, one)
    commitMap(ledger)
    const first = asking(ledger, (access) => access.reader.leafHash(3).toString("hex"))
    assert.match(verifyMapProof(mapProofOf(ledger, one.id), keyOf(ledger))?.statement ?? "", new RegExp(`its first entry has the leaf hash ${first}\\.$`))
    asking(ledger, (access) => {
      const session = one.scope?.session ?? ""
      const { entries } = chainOf(access, session)
      assert.deepEqual(
        entries.filter(({ id }) => id === one.id).map(({ sequence, isFirst }) => [sequence, isFirst]),
        [
          [3, true],
          [11, false],
          [12, false],
        ],
      )
      assert.deepEqual(
        entries.map(({ sequence }) => sequence),
        entries.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
      )
      assert.equal(mapView(access).keys, mapView(access).size - 2)
    })
  })

  test("erasing contents and deleting every projection changes nothing of it", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(120)
    commitMap(ledger)
    const before = asking(ledger, mapView)
    const proof = mapProofOf(ledger, absent)
    ledger.close()
    ledger.destroyKeys("1")
    asking(ledger, (access) => access.askMap(() => {}))
    const copy = ledger.copy(t)
    assert.deepEqual(asking(copy, mapView), before)
    assert.equal(mapProofOf(copy, absent), proof)
  })

  test("a root that is not that of the journal is found, and no proof is made by it", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(40)
    commitMap(ledger)
    ledger.append(40)
    const lie = asking(ledger, (access) =>
      access.askMap((tree, size) => {
        const facts = { size, from: 0, keys: tree.keys, root: tree.root(), opened: openedIn(access.reader) }
        const [key = Buffer.alloc(32)] = [access.reader.entry(60)?.header.idHash]
        tree.remove(Buffer.concat([key, access.reader.leafHash(60)]))
        return committedFacts({ ...facts, root: tree.root() })
      }),
    )
    ledger.record({ type: mapCommittedType, id: "map.committed:82", facts: lie })
    ledger.checkpoint()
    assert.deepEqual(
      asking(ledger, checkRoots).map(({ size, problem }) => [size, problem]),
      [
        [41, null],
        [82, "the ids of these entries make another root"],
      ],
    )
    assert.throws(() => mapProofOf(ledger, absent), { code: "map.unfit" })
  })

  test("without a root on record there is nothing to prove against", (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(5)
    ledger.checkpoint()
    assert.throws(() => mapProofOf(ledger, absent), { code: "map.uncommitted" })
    assert.deepEqual(asking(ledger, checkRoots), [])
  })
})

function shortOf(text: string): string {
  const { committed, idSalt, ...rest } = JSON.parse(text) as Record<string, unknown>
  assert.ok(committed && idSalt)
  return JSON.stringify(rest)
}
