/** The copy that crimes are committed on: one moment of the ledger, also while somebody writes to it, and put back to the byte. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { copyLedger } from "../../src/journal/consistent-copy.ts"
import { drill } from "../../src/drill/drill.ts"
import { rollBack } from "../../src/drill/forgery.ts"
import { verifyCopy } from "../../src/drill/judgement.ts"
import { StoreCopy } from "../../src/drill/store-copy.ts"
import type { Journal } from "../../src/journal/journal.ts"
import { verifyStore } from "../../src/journal/verify-store.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { emptyPlaces, temporaryDirectory, temporaryLedger, verifyFiles, type TestLedger } from "../ledger-fixture.ts"

const secretOf = ({ places }: TestLedger) => findMasterSecret(places) ?? assert.fail("the fixture has no key")

async function whileWriting(ledger: TestLedger, run: () => Promise<void> | void): Promise<void> {
  ledger.close()
  const script = join(import.meta.dirname, "busy-writer.ts")
  const child = spawn(process.execPath, ["--no-warnings", script, dirname(ledger.directory)], { stdio: ["pipe", "pipe", "inherit"] })
  const forget = onProcessEnd(() => child.kill("SIGKILL"))
  const ended = once(child, "exit")
  try {
    await once(child.stdout, "data")
    await run()
  } finally {
    child.stdin.end()
    assert.deepEqual(await ended, [0, null])
    forget()
  }
}

describe("a copy", () => {
  test("of a ledger that is written to all the time is one moment of it, every time", async (t) => {
    const ledger = temporaryLedger(t)
    ledger.append(300)
    ledger.checkpoint()
    const parent = temporaryDirectory(t)
    const sizes: number[] = []
    await whileWriting(ledger, async () => {
      for (let i = 0; i < 15; i++) {
        const access = ledger.read()
        const copy = new StoreCopy(access, parent)
        const report = verifyCopy(copy, { verify: verifyStore, keys: access.keys, secret: secretOf(ledger) })
        assert.deepEqual([report.verdict, report.problems], ["valid", []], `copy ${i}`)
        sizes.push(report.entries)
        copy.remove()
        access.close()
      }
      const report = await drill(ledger.read(), { secret: secretOf(ledger), seed: 3, keep: false, parent })
      assert.equal(report.state, "all found", JSON.stringify(report.crimes.filter(({ outcome }) => outcome === "not found")))
    })
    assert.ok(new Set(sizes).size > 10, `somebody wrote meanwhile: ${sizes.join(" ")}`)
    assert.equal(ledger.verify().verdict, "valid")
    assert.deepEqual(readdirSync(parent), [])
  })

  for (const [state, prepare] of [
    ["not copied into the file", () => {}],
    ["copied into the file", (journal: Journal) => journal.checkpointLog("PASSIVE")],
    ["emptied", (journal: Journal) => journal.checkpointLog("TRUNCATE")],
  ] as const) {
    for (const moment of ["journal.db", "half of journal.db-wal", "journal.db-wal"]) {
      test(`is one moment of a ledger whose log is ${state}, and which goes on twice after ${moment} was copied`, (t) => {
        const ledger = temporaryLedger(t)
        ledger.append(600)
        ledger.checkpoint()
        const { journal } = ledger.open()
        prepare(journal)
        const access = ledger.read()
        const target = emptyPlaces(t).files
        let disturbances = 2
        copyLedger(ledger.files, access.reader, target, (from, to) => {
          const half = readFileSync(from).subarray(0, statSync(from).size / 2)
          copyFileSync(from, to)
          if (basename(from) !== moment.replace("half of ", "") || disturbances-- <= 0) return
          for (let i = 0; i < 3; i++) {
            ledger.append(150)
            ledger.checkpoint()
            journal.checkpointLog("PASSIVE")
          }
          if (moment.startsWith("half")) writeFileSync(to, Buffer.concat([half, readFileSync(from).subarray(half.length)]))
        })
        const { verdict, problems, entries } = verifyFiles(target, access.keys)
        assert.deepEqual([verdict, problems], ["valid", []])
        assert.ok(entries >= 601)
      })
    }
  }

  describe("that is put back", () => {
    const ledger = temporaryLedger({ after })
    ledger.append(400)
    ledger.checkpoint()
    ledger.close()
    const copy = new StoreCopy(ledger.read(), temporaryDirectory({ after }))
    const bytes = () => [copy.files.journal, copy.files.keys, copy.files.headNote].map((path) => readFileSync(path, "base64"))
    const whole = bytes()

    for (const [what, change] of [
      ["nothing", () => {}],
      ["bytes overwritten twice at one place", () => [1, 2].forEach((byte) => copy.overwrite({ offset: 5_000, bytes: Buffer.alloc(9_000, byte) }))],
      ["the end cut off, and cut again", () => [90_000, 20_000].forEach((size) => copy.cut(size))],
      ["rows deleted", () => copy.edit((journal) => rollBack(journal, 100))],
      ["rows added, more than before", () => copy.edit((journal) => journal.exec("CREATE TABLE more AS SELECT * FROM entries, (SELECT 1 UNION SELECT 2)"))],
      ["pages of another time", () => copy.pagesAfter((journal) => journal.exec("DELETE FROM chunks")).forEach((page) => copy.overwrite(page))],
      ["keys and note replaced", () => (["keys", "headNote"] as const).forEach((which) => copy.write(which, "nothing"))],
    ] as const) {
      test(`${what}: is what it was, to the byte`, () => {
        change()
        if (what !== "nothing") assert.ok(readdirSync(copy.files.directory).includes("journal.db-wal") || bytes().some((text, i) => text !== whole[i]))
        copy.putBack()
        assert.deepEqual(bytes(), whole)
        assert.ok(!readdirSync(copy.files.directory).some((name) => /-(?:wal|journal)$/.test(name)))
        assert.equal(verifyCopy(copy, { verify: verifyStore, keys: ledger.keys(), secret: secretOf(ledger) }).verdict, "valid")
      })
    }

    test("stands in a directory of its owner's alone", () => {
      assert.equal(statSync(copy.root).mode & 0o777, 0o700)
    })
  })
})
