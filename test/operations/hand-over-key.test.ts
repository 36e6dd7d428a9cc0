/** Handing the signing key over: done or not done, never half, wherever it is cut off; and what is signed before, meanwhile and after it can be checked. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseVerifierKey } from "../../src/format/checkpoint.ts"
import { parseHandOver } from "../../src/format/hand-over.ts"
import { tryLock } from "../../src/vault/lock.ts"
import { backUpKeys, restoreKeys } from "../../src/operations/back-up-keys.ts"
import { handOverAlone, handOverKey, prepareHandOver, type HandOverStep } from "../../src/operations/hand-over-key.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import { readKeyStore, wrapSuccessor } from "../../src/vault/key-store.ts"
import { writeKey } from "../../src/vault/master-key.ts"
import { makeSuccessor } from "../../src/vault/successor.ts"
import { exportRows } from "../../src/views/export.ts"
import { statusReport } from "../../src/views/status.ts"
import { ledgerAt, startMs, temporaryDirectory, temporaryLedger, type TestLedger } from "../ledger-fixture.ts"

const template = temporaryLedger({ after })
template.append(60)
template.checkpoint()
template.close()
const oldKey = template.keys().store.verifierKey
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""
const directory = temporaryDirectory({ after })

/** The verdict on an export of now, for who trusts this key. */
async function exportVerdict(ledger: TestLedger, key: string): Promise<string> {
  const file = join(directory, "export.ndjson")
  writeFileSync(file, [...exportRows(ledger.read(), { includeContent: true })].map((row) => `${JSON.stringify(row)}\n`).join(""))
  return (await verifyExport(fileSource(file), { key: parseVerifierKey(key) })).verdict
}

/** What anybody sees who looks, whatever state a hand-over is in: no alarm, and exports that can be checked under the old key. */
async function assertNoAlarm(ledger: TestLedger): Promise<void> {
  const report = ledger.verify()
  assert.deepEqual([report.verdict, report.problems], ["valid", []])
  assert.equal(ledger.verify(false).verdict, "valid")
  const status = statusReport({ files: ledger.files, places: ledger.places, version: "test", nowMs: startMs, writer: null, host: null })
  assert.deepEqual([status.problem, status.integrity.headNote], [null, "agrees"])
  assert.equal(await exportVerdict(ledger, oldKey), "valid")
  assert.equal(await exportVerdict(ledger, report.signedBy ?? ""), "valid")
}

/** Opened by the next writer it is done or not done, with nothing left of the other, and work goes on. */
async function assertSettled(ledger: TestLedger, done: boolean): Promise<void> {
  const size = ledger.read().reader.size()
  const { journal, keys } = ledger.open()
  assert.equal(journal.size, size, "nothing is appended before it is settled")
  const store = readKeyStore(ledger.directory)
  assert.deepEqual([store.pending, keys.pending, keys.store], [undefined, undefined, store])
  assert.equal(keys.signer.verifierKey !== oldKey, done)
  assert.equal(ledger.keys().signer.verifierKey, keys.signer.verifierKey)
  assert.equal(store.handOvers?.length ?? 0, done ? 1 : 0)
  assert.deepEqual(
    readdirSync(ledger.directory).filter((name) => /^keys\.json.+/.test(name)),
    [],
  )
  ledger.append(5)
  ledger.checkpoint()
  const entered = [...ledger.read().reader.entries(0, Infinity)].filter(({ header }) => header.type === "signer.replaced")
  assert.equal(entered.length, done ? 1 : 0)
  await assertNoAlarm(ledger)
  ledger.handOver()
  ledger.append(5)
  ledger.checkpoint()
  await assertNoAlarm(ledger)
  assert.equal(ledger.keys().store.handOvers?.length, done ? 2 : 1)
}

describe("a hand-over cut off by kill -9", () => {
  for (const [step, done] of [
    ["begun", false],
    ["pending", false],
    ["in the commit", false],
    ["entered", true],
    ["noted", true],
    ["promoted", true],
  ] as const) {
    test(`${step}: ${done ? "completed" : "undone"}, and no alarm before that or after`, async (t) => {
      const ledger = template.copy(t)
      const script = join(import.meta.dirname, "dying-hand-over.ts")
      const { signal, stderr } = spawnSync(process.execPath, ["--no-warnings", script, dirname(ledger.directory), step], { encoding: "utf8" })
      assert.deepEqual([signal, stderr], ["SIGKILL", ""])
      assert.equal(readKeyStore(ledger.directory).pending !== undefined, !["begun", "promoted"].includes(step))
      await assertNoAlarm(ledger)
      await assertSettled(ledger, done)
    })
  }

  test("while keys.json was written: what it leaves is gone after the next one", async (t) => {
    const ledger = template.copy(t)
    writeFileSync(join(ledger.directory, "keys.json.12345.tmp"), readFileSync(ledger.files.keys).subarray(0, 500))
    await assertNoAlarm(ledger)
    ledger.handOver()
    assert.deepEqual(
      readdirSync(ledger.directory).filter((name) => name.endsWith(".tmp")),
      [],
    )
    ledger.close()
    await assertNoAlarm(ledger)
    await assertSettled(ledger, true)
  })

  test("while the next writer completes it: completed by the one after", async (t) => {
    const ledger = template.copy(t)
    assert.throws(() => ledger.handOver(failAt("entered")), /cut off/)
    ledger.close()
    const inTheWay = `${ledger.files.keys}.${process.pid}.tmp`
    mkdirSync(inTheWay)
    assert.throws(() => ledger.open(), refusedAs("store.write-failed"))
    await assertNoAlarm(ledger)
    rmdirSync(inTheWay)
    await assertSettled(ledger, true)
  })
})

function failAt(wanted: HandOverStep): (step: HandOverStep) => void {
  return (step) => {
    if (step === wanted) throw new Error("cut off")
  }
}

describe("a hand-over that meets a disk which refuses", () => {
  const inTheWay = (path: string) => `${path}.${process.pid}.tmp`
  for (const [what, step, path, done] of [
    ["the pending key", "begun", "keys", false],
    ["the note outside", "entered", "headNote", true],
    ["the new key", "noted", "keys", true],
  ] as const) {
    test(`at ${what}: ${done ? "completed" : "not done"}`, async (t) => {
      const ledger = template.copy(t)
      const block = (reached: HandOverStep) => void (reached === step && mkdirSync(inTheWay(ledger.files[path])))
      assert.throws(() => ledger.handOver(block), refusedAs("store.write-failed"))
      ledger.close()
      rmdirSync(inTheWay(ledger.files[path]))
      await assertNoAlarm(ledger)
      await assertSettled(ledger, done)
    })
  }

  test("at the commit: not done", async (t) => {
    const ledger = template.copy(t)
    let refusing = false
    ledger.open(() => {
      if (refusing) throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" })
    })
    refusing = true
    assert.throws(() => ledger.handOver(), refusedAs("store.write-failed"))
    refusing = false
    ledger.close()
    await assertNoAlarm(ledger)
    await assertSettled(ledger, false)
  })
})

describe("a hand-over", () => {
  test("puts a new key into keys.json; nothing of the old one is left there, and everything opens as before", (t) => {
    const ledger = template.copy(t)
    const [store, text] = [readKeyStore(ledger.directory), readFileSync(ledger.files.keys, "utf8")]
    const done = ledger.handOver()
    const next = readKeyStore(ledger.directory)
    assert.deepEqual([done.previousKey, done.nextKey, done.sequence, done.size], [store.verifierKey, next.verifierKey, 61, 62])
    assert.deepEqual(next.handOvers, [done.handOver])
    assert.deepEqual(parseHandOver(done.handOver)?.size, 61)
    const { verifierKey: _, wrapped, mac: ____, ...rest } = store
    const { verifierKey: __, wrapped: nextWrapped, handOvers: ___, mac: _____, ...nextRest } = next
    assert.deepEqual(nextRest, rest)
    const after = readFileSync(ledger.files.keys, "utf8")
    for (const blob of Object.values(wrapped)) assert.ok(text.includes(blob) && !after.includes(blob))
    assert.equal(Object.keys(nextWrapped).length, 3)
    assert.ok(ledger.verify().contentsOpened > 20)
  })

  test("is refused for a key that was not made with this ledger's master key, or for one that signs no more", (t) => {
    const ledger = template.copy(t)
    const opened = ledger.open()
    const stranger = temporaryLedger(t)
    const late = makeSuccessor(opened.keys)
    const good = makeSuccessor(opened.keys)
    assert.deepEqual(prepareHandOver(opened, good).successor, good)
    const bad: readonly unknown[] = [
      undefined,
      null,
      7,
      {},
      { verifierKey: good.verifierKey },
      { ...good, signing: "" },
      { ...good, signing: late.signing },
      { ...good, verifierKey: late.verifierKey },
      { ...good, verifierKey: "key" },
      makeSuccessor(stranger.open().keys),
    ]
    for (const value of bad) assert.throws(() => prepareHandOver(opened, value), refusedAs("key.not-successor"), JSON.stringify(value))
    ledger.handOver()
    assert.throws(() => prepareHandOver(opened, late), refusedAs("key.not-successor"))
  })

  test("is refused for a key that signed before, although whoever asks has the master key, and nothing is touched", (t) => {
    const ledger = template.copy(t)
    const opened = ledger.open()
    const again = () => prepareHandOver(opened, wrapSuccessor(opened.keys.store, opened.keys.wrapping, Buffer.alloc(32, 5)))
    handOverKey(opened, again(), { nowMs: startMs, writesNote: true })
    assert.throws(again, refusedAs("key.not-successor"), "to itself")
    ledger.handOver()
    const before = readFileSync(ledger.files.keys, "utf8")
    assert.throws(again, (error) => refusedAs("key.not-successor")(error) && error instanceof Fault && /which has signed before/.test(error.message))
    assert.equal(readFileSync(ledger.files.keys, "utf8"), before)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("without a writer takes the lock, and not where somebody has it", (t) => {
    const ledger = template.copy(t)
    const options = { nowMs: startMs, version: "test" }
    const lock = tryLock(ledger.files.lock)
    assert.throws(() => handOverAlone(ledger.files, ledger.places, options), refusedAs("store.locked"))
    lock?.release()
    const done = handOverAlone(ledger.files, ledger.places, options)
    assert.equal(ledger.keys().store.verifierKey, done.nextKey)
    assert.equal(ledger.verify().verdict, "valid")
  })

  test("without the master key, or with another, is refused, and nothing is touched", (t) => {
    const ledger = template.copy(t)
    const before = readFileSync(ledger.files.keys)
    const options = { nowMs: startMs, version: "test" }
    rmSync(ledger.places.keyFile)
    assert.throws(() => handOverAlone(ledger.files, ledger.places, options), refusedAs("key.absent"))
    writeFileSync(ledger.places.keyFile, writeKey(Buffer.alloc(32, 9)), { mode: 0o600 })
    assert.throws(() => handOverAlone(ledger.files, ledger.places, options), refusedAs("key.wrong"))
    assert.deepEqual(readFileSync(ledger.files.keys), before)
  })

  test("leaves a note outside that is evidence as it is", (t) => {
    const ledger = template.copy(t)
    writeFileSync(ledger.files.headNote, "evidence")
    handOverAlone(ledger.files, ledger.places, { nowMs: startMs, version: "test" })
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), "evidence")
  })

  test("makes an older backup of the keys useless for writing, and says so; a newer one brings all back", (t) => {
    const ledger = template.copy(t)
    const [older, newer] = ["older", "newer"].map((name) => join(dirname(ledger.directory), name)) as [string, string]
    backUpKeys(ledger.files, ledger.places, older, undefined, startMs)
    ledger.handOver()
    ledger.close()
    backUpKeys(ledger.files, ledger.places, newer, undefined, startMs)
    const restore = (backup: string) => {
      rmSync(ledger.files.keys)
      restoreKeys(ledger.files, () => ledger.places.keyFile, backup, undefined)
    }
    restore(older)
    const open = () => openLedger(ledger.files, ledger.places, { nowMs: startMs, version: "test" })
    assert.throws(
      open,
      (error) => refusedAs("key.out-of-step")(error) && error instanceof Fault && /of a time before the hand-over at entry #61/.test(error.message),
    )
    assert.throws(() => [...exportRows(ledger.read(), { includeContent: false })], refusedAs("key.out-of-step"))
    const status = statusReport({ files: ledger.files, places: ledger.places, version: "test", nowMs: startMs, writer: null, host: null })
    assert.equal(status.problem?.code, "key.out-of-step")
    assert.equal(ledger.verify().verdict, "invalid")
    restore(newer)
    ledger.append(3)
    assert.equal(ledger.verify().verdict, "valid")
  })
})

describe("reading beside a hand-over", () => {
  test("exports that began under the old keys are signed by the key in force", async (t) => {
    const ledger = template.copy(t)
    const access = ledger.read()
    assert.equal(access.keys.store.verifierKey, oldKey)
    const reader = ledgerAt(t, dirname(ledger.directory))
    for (const count of [1, 2]) {
      const { nextKey } = ledger.handOver()
      const end = [...exportRows(access, { includeContent: false })].at(-1)
      assert.ok(end && "handOvers" in end)
      assert.deepEqual([end.verifierKey, end.handOvers?.length], [nextKey, count])
      assert.equal(await exportVerdict(reader, oldKey), "valid")
    }
  })

  test("verify that read the old keys raises no alarm over a hand-over that came after", (t) => {
    const ledger = template.copy(t)
    const before = ledger.keys()
    for (const step of ["pending", "entered", "promoted"] as const) {
      const copy = ledger.copy(t)
      assert.throws(() => copy.handOver(failAt(step)), /cut off/)
      const { verdict, problems } = copy.verify(true, before)
      assert.deepEqual([verdict, problems], ["valid", []], step)
    }
  })
})
