/** verify.mjs as a program among others: pipes, directories, readers that go away, full disks. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { makeHome } from "../../cli/home.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "../peac/made-records.ts"
import { builtVerifiers } from "./built.ts"

describe("verify.mjs as a program", () => {
  const directory = temporaryDirectory({ after })
  const receipts = "jwks.json"
  before(async () => {
    const key = newKey()
    const records = [1, 2].map((n) => ({ claims: claimsOf(n), jws: jwsOf(claimsOf(n), key) }))
    writeFileSync(join(directory, "verify.mjs"), (await builtVerifiers()).mjs)
    writeFileSync(join(directory, "month.peacbundle"), zipOf(bundleFiles(records, key)))
    writeFileSync(join(directory, receipts), JSON.stringify({ keys: [key.jwk] }))
  })

  test("a pipe is read once, and what cannot be read or written is told in a sentence, with status 2", () => {
    const shell = (line: string) => {
      const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", `set -o pipefail; ${line}`], {
        cwd: directory,
        encoding: "utf8",
        env: { NODE: process.execPath },
      })
      assert.doesNotMatch(stdout + stderr, /^\s+at .+:\d+:\d+|node:internal/m, line)
      return { status, stdout, stderr }
    }
    const program = `"$NODE" verify.mjs`
    const cat = (file: string) => `<("$NODE" -e 'process.stdout.write(require("fs").readFileSync("${file}"))')`
    assert.deepEqual(shell(`${program} ${cat("month.peacbundle")} --keys ${cat(receipts)} > /dev/null`).status, 0)
    const ofDirectory = shell(`${program} - < .`)
    assert.deepEqual([ofDirectory.status, /could not be checked to its end/.test(ofDirectory.stdout)], [2, true])
    const early = shell(
      `${program} ${"month.peacbundle ".repeat(60)} --json --keys ${receipts} | "$NODE" -e 'process.stdin.once("data", () => process.exit(0))'`,
    )
    assert.deepEqual([early.status, early.stderr], [2, ""])
    const full = shell(`${program} month.peacbundle --keys ${receipts} > /dev/full`)
    assert.deepEqual([full.status, /could not be written/.test(full.stderr)], [2, true])
    const command = shell(`"$NODE" --no-warnings ${join(import.meta.dirname, "../../cli.mjs")} receipts verify month.peacbundle --keys ${receipts} > /dev/full`)
    assert.deepEqual([command.status, /could not be written/.test(command.stderr)], [2, true])
  })

  test("nothing at all is unverifiable, as on the command line", async () => {
    assert.equal(spawnSync(process.execPath, ["verify.mjs", "/dev/null"], { cwd: directory }).status, 2)
    assert.equal((await makeHome({ after }).run(["receipts", "verify", "/dev/null"])).exit, 2)
  })
})
