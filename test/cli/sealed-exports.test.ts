/** Exports that are sealed as they are written. */
import assert from "node:assert/strict"
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, makeHome } from "./home.ts"

test("an export that is sealed as it is written: never plain on the disk, and what a plain one says", async (t) => {
  const home = makeHome(t)
  const ledger = flagsOf(temporaryLedger(t))
  const place = (name: string) => join(home.directory, name)
  const run = (...args: readonly string[]) => home.run([...args, ...ledger])
  for (const command of ["export json --include-content", "export csv", "statement --month 2026-11 --format json"]) {
    const words = command.split(" ")
    holds(await run(...words, "--out", place("sealed"), "--seal"), { exit: 0, stderr: /ritten to / })
    const sealed = readFileSync(place("sealed"))
    assert.deepEqual([sealed.includes("journal.opened"), sealed.includes('"month"'), statSync(place("sealed")).mode & 0o777], [false, false, 0o600])
    holds(await run("vault", "unseal", place("sealed"), "--output", place("opened")), { exit: 0, stdout: /opened into/ })
    holds(await run(...words, "--out", place("plain")), { exit: 0, stderr: /ritten to / })
    const [opened, plain] = [readFileSync(place("opened"), "utf8"), readFileSync(place("plain"), "utf8")]
    // A statement says when it was made.
    const timeless = (text: string) => text.replace(/"generatedAt":"[^"]+"/g, "").replace(/"note":.*/, "")
    assert.equal(timeless(opened), timeless(plain), command)
    holds(await run(...words, "--out", place("plain"), "--seal"), { exit: 2, stderr: /exists already/ })
    for (const name of ["sealed", "opened", "plain"]) rmSync(place(name))
  }
  holds(await run("export", "json", "--seal"), { exit: 2, stderr: /--seal goes with --out FILE/ })
  assert.deepEqual(
    readdirSync(home.directory).filter((name) => name.startsWith(".sealing")),
    [],
  )
})
