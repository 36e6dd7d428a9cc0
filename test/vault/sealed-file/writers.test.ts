/** One writer of a sealed file at a time, in this process and in others, until it closes the file or dies. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import { tryPassingLock } from "../../../src/vault/lock.ts"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { onProcessEnd } from "../../gateway/cleanup.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { everything, ledgerKey, opening } from "./plain-file.ts"

const busy = (error: unknown) =>
  error instanceof Fault && error.code === "sealed.busy" && /^Another process writes \/\S+\.$/.test(error.message) && error.remedy !== ""

describe("a sealed file that somebody writes", () => {
  test("is opened for writing by nobody else, also in one process; it can be read; once it is closed the next one writes, and nothing is left beside it", (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, "sealed")
    const first = EncryptedFile.create(path, ledgerKey, { slotBytes: 4_096 })
    first.append(Buffer.from("one"))
    first.flush()
    assert.throws(() => EncryptedFile.open(path, opening, { writing: true }), busy)
    const reader = EncryptedFile.open(path, opening)
    assert.equal(everything(reader).toString(), "one")
    reader.close()
    assert.throws(() => EncryptedFile.open(path, opening, { writing: true }), busy, "closing a reader frees nothing")
    first.append(Buffer.from(" two"))
    first.close()
    for (const end of ["close", "abandon"] as const) {
      const next = EncryptedFile.open(path, opening, { writing: true })
      assert.throws(() => EncryptedFile.open(path, opening, { writing: true }), busy)
      next[end]()
    }
    assert.equal(everything(EncryptedFile.open(path, opening)).toString(), "one two")
    assert.deepEqual(readdirSync(directory), ["sealed"])
  })

  test("in another process, until that is killed", async (t) => {
    const path = join(temporaryDirectory(t), "sealed")
    EncryptedFile.create(path, ledgerKey, { slotBytes: 4_096 }).close()
    const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "killed.ts"), path, "1"], { stdio: ["ignore", "pipe", "inherit"] })
    const forget = onProcessEnd(() => child.kill("SIGKILL"))
    await once(child.stdout, "data")
    assert.throws(() => EncryptedFile.open(path, opening, { writing: true }), busy)
    child.kill("SIGKILL")
    await once(child, "close")
    forget()
    const file = EncryptedFile.open(path, opening, { writing: true })
    file.append(Buffer.from("x"))
    file.close()
  })

  test("a name that cannot be opened leaves no lock behind", (t) => {
    const directory = temporaryDirectory(t)
    assert.throws(
      () => EncryptedFile.open(join(directory, "none"), opening, { writing: true }),
      (error) => error instanceof Fault,
    )
    assert.deepEqual(readdirSync(directory), [])
  })
})

test("a lock that passes is held by one, whoever comes and goes, and its file goes with it", async (t) => {
  const path = join(temporaryDirectory(t), "lock")
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "../passing-lock.ts"), path, "250"], { stdio: ["ignore", "pipe", "inherit"] }),
  )
  const said = await Promise.all(
    children.map(async (child) => {
      let text = ""
      child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part))
      await once(child, "close")
      return text
    }),
  )
  assert.deepEqual(said, ["alone\n", "alone\n", "alone\n", "alone\n"])
  assert.equal(existsSync(path), false)
  const own = tryPassingLock(path) ?? assert.fail("it is free")
  assert.equal(tryPassingLock(path), undefined)
  own.release()
})
