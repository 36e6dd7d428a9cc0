/** The recount of a running writer: by a process of its own, on record, once; what is planted in the ledger is an alert, and status and watch tell it. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { ledgerFiles } from "../../src/journal/files.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { makeRig, until, type Rig } from "./rig.ts"

const soon = ["--recount-after-ms", "100"] as const

async function spendSome(rig: Rig): Promise<void> {
  const order = (order: object) => askWriter({ ...rig.link(), role: "cli" }, "order", 10_000, { order })
  await order({ do: "allocate", id: "a", account: "agent:main", amounts: ["5usd"] })
  await order({ do: "spend", id: "s", account: "agent:main", amounts: ["1usd"] })
}

/** Straight into the journal, as nobody's rules allow. */
function plant(rig: Rig, event: NewEvent): void {
  const places = { keyFile: rig.keyFile, environment: {} }
  const ledger = openLedger(ledgerFiles(rig.directory, rig.files.headNote), places, { nowMs: Date.now(), version: "0.0.0-test" })
  ledger.journal.append([entryOf(event, ledger.scopes, Date.now())], Date.now())
  ledger.close()
}

const jsonOf = async (rig: Rig, ...words: readonly string[]) =>
  JSON.parse(
    (await rig.run([...words, "--json", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])).stdout,
  ) as Readonly<Record<string, unknown>>

describe("a writer counts its ledger again", () => {
  test("a while after its start, and not a second time for the same entries, by whichever writer", async (t) => {
    const rig = makeRig(t)
    await rig.writer()
    await spendSome(rig)
    await rig.stopWriter()
    await rig.writer([...soon])
    await until(() => rig.entries("ledger.reconciled").length === 1, "it is on record")
    const [{ facts } = assert.fail()] = rig.entries("ledger.reconciled")
    assert.deepEqual([facts["violations"], facts["postings"], facts["from"], facts["byCheck"], facts["first"]], [0, 2, 0, {}, []])
    assert.ok(Number(facts["to"]) > 3)
    await rig.stopWriter()
    await rig.writer([...soon])
    await sleep(2_500)
    assert.equal(rig.entries("ledger.reconciled").length, 1)
    assert.equal(rig.verify().verdict, "valid")
    const status = await jsonOf(rig, "status")
    assert.deepEqual((status["reconciled"] as Record<string, unknown>)["violations"], 0)
    assert.equal((status["alerts"] as { readonly count: number }).count, 0)
  })

  test("finds what was planted: an alert, a line in status, and wrong for watch", async (t) => {
    const rig = makeRig(t)
    await rig.writer()
    await spendSome(rig)
    await rig.stopWriter()
    const facts = { atMs: Date.now(), transfer: "x", kind: "spend", movements: [{ debit: "agent:main", credit: "agent:main", amounts: { calls: "1" } }] }
    plant(rig, { type: "transfer.posted", id: "planted", facts } as unknown as NewEvent)
    await rig.writer([...soon])
    await until(() => rig.entries("ledger.reconciled").length === 1, "it is on record")
    const [{ facts: told } = assert.fail()] = rig.entries("ledger.reconciled")
    assert.deepEqual(told["byCheck"], { "malformed": 1, "balance-differs": 4 })
    const status = await jsonOf(rig, "status")
    assert.equal((status["reconciled"] as Record<string, unknown>)["violations"], 5)
    const { newest } = status["alerts"] as { readonly newest: readonly { readonly type: string }[] }
    assert.deepEqual(
      newest.map(({ type }) => type),
      ["ledger.reconciled"],
    )
    const { checks } = (await jsonOf(rig, "watch", "--once")) as unknown as { readonly checks: readonly { readonly name: string; readonly state: string }[] }
    assert.equal(checks.find(({ name }) => name === "recount")?.state, "wrong")
  })

  test("a writer that ends takes its recount along", async (t) => {
    const rig = makeRig(t)
    await rig.writer()
    await spendSome(rig)
    await rig.stopWriter()
    await rig.writer(["--recount-after-ms", "1"])
    await sleep(1_050) // its first second has passed, and the process begins
    await rig.stopWriter()
    assert.equal(rig.verify().verdict, "valid")
  })
})
