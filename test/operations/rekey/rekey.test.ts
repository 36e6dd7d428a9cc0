/** All data sealed anew: everything is what it was under other keys, the old keys open nothing of it, and wherever it is cut off nothing is lost. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { rekeyBeside } from "../../../src/beside.ts"
import { Fault } from "../../../src/base/fault.ts"
import { parseSignedCheckpoint } from "../../../src/format/checkpoint.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { eraseContent } from "../../../src/operations/erase/erase-content.ts"
import { cancelRekey, rekey, type RekeyBeside, type RekeyOptions } from "../../../src/operations/rekey/rekey.ts"
import { rotateMaster } from "../../../src/operations/rotate-master.ts"
import { takeMasterStep } from "../../../src/operations/replace-master.ts"
import { openDatabase } from "../../../src/vault/database.ts"
import { isRekeying } from "../../../src/vault/data-keys.ts"
import type { OpenKeys } from "../../../src/vault/key-store.ts"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { contentOf } from "../../../src/views/event-list.ts"
import { proveEntry } from "../../../src/views/proof.ts"
import { eventAt, startMs, temporaryLedger, type TestLedger } from "../../ledger-fixture.ts"

const day = 86_400_000
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""

/** Several days, several scopes, one of them erased, hand-overs of the signing key, projections. */
const template = temporaryLedger({ after })
for (let at = 0; at < 3; at++) {
  const { journal, scopes } = template.open()
  const events = Array.from({ length: 900 }, (_, i) => eventAt(at * 900 + i))
  for (let done = 0; done < events.length; done += 60)
    journal.append(
      events.slice(done, done + 60).map((event) => entryOf(event, scopes, startMs + at * day)),
      startMs + at * day,
    )
  if (at === 0) template.handOver()
}
eraseContent(template.open().scopes, { who: { by: "agent", value: "research" }, beforeMs: startMs + day, enter: (events) => void template.record(...events) })
template.checkpoint()
template.read().ask(() => {})
template.close()

const sealAnew = (ledger: TestLedger, more: Partial<RekeyOptions> = {}) => {
  ledger.close()
  return rekey(ledger.files, ledger.places, { nowMs: startMs + 3 * day, version: "test", letGo: () => Promise.resolve(), ...more })
}

/** Everything that can be read, and what can be proven of it. */
function told(ledger: TestLedger, size: number) {
  const access = ledger.read()
  const contents = [...access.reader.entries(0, size - 1)].map((entry) => [entry.headerBytes.toString("hex"), contentOf(access, entry)])
  const notes = [...access.reader.checkpoints()].map(({ note }) => ({ text: note, checkpoint: parseSignedCheckpoint(note) ?? assert.fail("it is one") }))
  const { text, checkpoint } = notes.findLast((note) => note.checkpoint.size <= size) ?? assert.fail("there is a checkpoint")
  const entry = access.reader.entry(17) ?? assert.fail("there is an entry")
  return { contents, proof: proveEntry(access, entry, { text, checkpoint }, { id: true, facts: true, content: false }) }
}

function assertRekeyed(ledger: TestLedger, before: { readonly size: number; readonly keys: OpenKeys; readonly told: unknown }): void {
  assert.deepEqual(told(ledger, before.size), before.told)
  const report = ledger.verify()
  assert.deepEqual([report.verdict, report.problems], ["valid with erasures", []])
  const types = [...ledger.read().reader.entries(before.size, Infinity)].map(({ header }) => header.type)
  assert.deepEqual(types, ["vault.rekeyed"])
  for (const [path, key] of [
    [ledger.files.journal, before.keys.journalKey],
    [ledger.files.scopes, before.keys.scopesKey],
    [ledger.files.views, before.keys.viewsKey],
  ] as const) {
    assert.throws(() => openDatabase(path, { key, existing: true }), refusedAs("store.damaged"), `${path} opens under its old key`)
  }
  assert.deepEqual(
    readdirSync(ledger.directory).filter((name) => /\.next|rekey\.json/.test(name)),
    [],
  )
  ledger.append(30)
  ledger.checkpoint()
  assert.equal(ledger.verify().verdict, "valid with erasures")
}

function before(ledger: TestLedger) {
  const size = ledger.read().reader.size()
  return { size, keys: ledger.keys(), told: told(ledger, size) }
}

/** Keys of contents, as who has the pages of scopes.db finds them. */
function contentKeys(ledger: TestLedger): readonly string[] {
  ledger.close()
  const database = openDatabase(ledger.files.scopes, { key: ledger.keys().scopesKey, existing: true })
  try {
    return (database.prepare("SELECT key FROM scope_keys ORDER BY scope_id, from_chunk").pluck().all() as (Buffer | null)[]).map(
      (key) => key?.toString("hex") ?? "destroyed",
    )
  } finally {
    database.close()
  }
}

describe("sealing all data anew", () => {
  test("changes no entry, content or proof, and every key", async (t) => {
    const ledger = template.copy(t)
    const was = before(ledger)
    const old = contentKeys(ledger)
    const done = await sealAnew(ledger)
    assert.deepEqual([done.entries, done.resumed], [was.size, false])
    assertRekeyed(ledger, was)
    const now = contentKeys(ledger)
    assert.equal(old.filter((key) => key === "destroyed").length, now.filter((key) => key === "destroyed").length)
    assert.ok(now.every((key) => key === "destroyed" || !old.includes(key)))
    for (const name of readdirSync(ledger.directory).filter((file) => file.endsWith(".db"))) {
      const bytes = readFileSync(join(ledger.directory, name))
      assert.ok(old.every((key) => key === "destroyed" || !bytes.includes(Buffer.from(key, "hex"))))
    }
  })

  test("beside itself too, on another processor, and with one that breaks at once or in the middle", async (t) => {
    const ways: readonly (readonly [what: string, batches: number, scopesKey: Buffer | undefined, fewest: number, most: number])[] = [
      ["as it is", Infinity, undefined, 100, Infinity],
      ["cannot open the keys", Infinity, Buffer.alloc(32), 0, 0],
      ["ends after the first of it", 1, undefined, 1, 32],
    ]
    for (const [what, batches, scopesKey, fewest, most] of ways) {
      const ledger = template.copy(t)
      const was = before(ledger)
      let [handedOver, batch] = [0, 0]
      const reseal: RekeyBeside["reseal"] = (files) => {
        const supply = rekeyBeside.reseal(scopesKey ? { ...files, scopes: { ...files.scopes, key: scopesKey } } : files)
        const take: typeof supply.take = (mayWait) => {
          const found = batch < batches ? supply.take(mayWait) : undefined
          if (found) batch++
          handedOver += found?.filter(({ isResealed }) => isResealed).length ?? 0
          return found
        }
        return { ask: (range) => supply.ask(range), take, close: () => supply.close() }
      }
      await sealAnew(ledger, { beside: { ...rekeyBeside, reseal } })
      assert.ok(handedOver >= fewest && handedOver <= most, `${what}: ${handedOver} chunks came from there`)
      assertRekeyed(ledger, was)
    }
  })

  test("leaves sealed files open, also after the next time and a rotation of the master key", async (t) => {
    const ledger = template.copy(t)
    const path = join(dirname(ledger.directory), "notes.sealed")
    const keysNow = () => ({ storeId: ledger.keys().store.storeId, keys: ledger.keys().filesKeys })
    const file = EncryptedFile.create(path, { ledger: keysNow() })
    file.append(Buffer.from("kept"))
    file.close()
    for (let count = 1; count <= 2; count++) {
      await sealAnew(ledger)
      assert.equal(ledger.keys().filesKeys.length, count + 1)
    }
    await rotateMaster(ledger.files, ledger.places, {
      ask: (line) => Promise.resolve(takeMasterStep(ledger.open(), line, startMs, (events) => void ledger.record(...events))),
    })
    ledger.handOver()
    ledger.close()
    const opened = EncryptedFile.open(path, { ledger: keysNow })
    assert.equal(opened.read(0, 4).toString(), "kept")
    opened.close()
    assert.equal(ledger.verify().verdict, "valid with erasures")
  })

  test("while entries are added, scopes are made and contents erased: what came meanwhile is there, and what went is gone", async (t) => {
    const ledger = template.copy(t)
    const size = ledger.read().reader.size()
    const erasedIn = (access: ReturnType<TestLedger["read"]>) =>
      [...access.reader.entries(0, size - 1)].filter((entry) => contentOf(access, entry).state === "erased").length
    const erasedBefore = erasedIn(ledger.read())
    let pieces = 0
    const events = ["copying", "copied"]
    const steps: string[] = []
    await sealAnew(ledger, {
      reached: (step) => {
        steps.push(step)
        if (!events.includes(step)) return
        ledger.record({
          type: "tool.returned",
          id: `tool.returned:late-${++pieces}`,
          scope: { session: `agent:late:s${pieces}` },
          facts: { tool: "exec", call: `late${pieces}`, failed: false, resultBytes: 12 },
          content: { result: `late words ${pieces}` },
        })
        if (step === "copied") {
          eraseContent(ledger.open().scopes, { who: { by: "session", value: "agent:main:main" }, enter: (entries) => void ledger.record(...entries) })
          ledger.close()
        }
      },
    })
    assert.deepEqual(steps.slice(0, 3), ["made", "copying", "copied"])
    const access = ledger.read()
    const late = [...access.reader.entries(size, Infinity)].map((entry) => contentOf(access, entry).text ?? entry.header.type)
    assert.deepEqual(late, ['{"result":"late words 1"}', '{"result":"late words 2"}', "content.erased", "vault.rekeyed"])
    assert.ok(erasedIn(access) > erasedBefore + 300, `${erasedIn(access)} contents are erased, ${erasedBefore} were before`)
    const report = ledger.verify()
    assert.deepEqual([report.verdict, report.problems], ["valid with erasures", []])
  })

  test("is refused while a key is replaced, and keeps keys from being replaced; given up, the ledger is what it was", async (t) => {
    const ledger = template.copy(t)
    const was = before(ledger)
    assert.throws(() => cancelRekey(ledger.files, ledger.places), refusedAs("rekey.not-now"))
    const stop = new Error("cut off here")
    const reached: RekeyOptions["reached"] = (step) => {
      if (step === "copied") throw stop
    }
    await assert.rejects(sealAnew(ledger, { reached }), stop)
    assert.ok(existsSync(`${ledger.files.journal}.next`))
    const rotating = rotateMaster(ledger.files, ledger.places, { ask: (line) => Promise.resolve(takeMasterStep(ledger.open(), line, startMs, () => {})) })
    await assert.rejects(rotating, refusedAs("key.not-next"))
    assert.throws(() => ledger.handOver(), refusedAs("key.not-successor"))
    ledger.close()
    assert.deepEqual(told(ledger, was.size), was.told)
    cancelRekey(ledger.files, ledger.places)
    assert.deepEqual(
      readdirSync(ledger.directory).filter((name) => /\.next|rekey\.json/.test(name)),
      [],
    )
    assert.equal(ledger.verify().verdict, "valid with erasures")
    ledger.handOver()
  })
})

describe("sealing all data anew, cut off by kill -9", () => {
  const steps = ["made", "copying", "copied", "let go", "finished", "switching", "journal.db", "scopes.db", "views.db", "adopted", "entered"]
  for (const step of steps) {
    test(`${step}: nothing is lost, and the next one goes on`, async (t) => {
      const ledger = template.copy(t)
      const was = before(ledger)
      const script = join(import.meta.dirname, "../dying-rekey.ts")
      const { signal, stderr } = spawnSync(process.execPath, ["--no-warnings", script, dirname(ledger.directory), step], { encoding: "utf8" })
      assert.deepEqual([signal, stderr], ["SIGKILL", ""])
      const isForwards = steps.indexOf(step) >= steps.indexOf("switching")
      writeFileSync(join(ledger.directory, "rekey.json.4711.tmp"), "left by another one")
      ledger.open() // as a writer does
      ledger.close()
      assert.equal(isRekeying(ledger.directory), !isForwards)
      assert.deepEqual(told(ledger, was.size), was.told)
      assert.match(ledger.verify().verdict, /^valid/)
      if (isForwards) {
        assert.notDeepEqual(ledger.keys().journalKey, was.keys.journalKey)
        return
      }
      assert.deepEqual(ledger.keys().journalKey, was.keys.journalKey)
      const done = await sealAnew(ledger)
      assert.equal(done.resumed, true)
      assertRekeyed(ledger, was)
    })
  }
})
