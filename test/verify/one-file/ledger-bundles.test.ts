/** verify.mjs and a ledger's own bundles: several at once, and who may sign one. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { receiptKeys } from "../../../src/views/receipt-keys.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { asking } from "../../map-ledger.ts"
import { forkedLedger, ledgerBundle } from "../peac/ledger-bundles.ts"
import { newKey, resigned, zipOf } from "../peac/made-records.ts"
import { builtVerifiers } from "./built.ts"

test("bundles of one ledger are held against each other, and by the hand-overs in them against their keys", async (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, "verify.mjs"), (await builtVerifiers()).mjs)
  const run = (...args: readonly string[]) => spawnSync(process.execPath, ["verify.mjs", ...args], { cwd: directory, encoding: "utf8", env: {} })
  const verdictOf = (...args: readonly string[]) => {
    const { status, stdout } = run("--json", ...args)
    const { files } = JSON.parse(stdout) as { files: readonly { verdict: string }[] }
    return [status, ...files.map(({ verdict }) => verdict)]
  }
  const thief = newKey()
  const { one, other, keys } = forkedLedger(t, 4)
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(directory, name), content)
  put("one.peacbundle", zipOf(ledgerBundle(one)))
  put("other.peacbundle", zipOf(ledgerBundle(other, 2)))
  put("fork.json", keys)
  for (const file of ["one.peacbundle", "other.peacbundle"]) assert.deepEqual(verdictOf(file, "--keys", "fork.json"), [0, "valid"])
  assert.deepEqual(verdictOf("one.peacbundle", "other.peacbundle", "--keys", "fork.json"), [1, "invalid", "invalid"])
  assert.match(
    run("one.peacbundle", "other.peacbundle", "--keys", "fork.json").stdout,
    /receipt 2 of sovereign-ledger\/\S+ is another one in other\.peacbundle/,
  )
  assert.match(run("one.peacbundle", "one.peacbundle", "--keys", "fork.json").stdout, /4 receipts of it, from number 1 to 4, are in one\.peacbundle, too/)
  assert.doesNotMatch(run("--json", "one.peacbundle", "--keys", "fork.json").stdout, /numbered|hashes/)
  one.close()
  one.handOver()
  put("handed.peacbundle", zipOf(ledgerBundle(one)))
  assert.deepEqual(verdictOf("handed.peacbundle", "--key", JSON.stringify(asking(one, receiptKeys))), [0, "valid"])
  put("stolen.peacbundle", zipOf(resigned(ledgerBundle(other), thief)))
  assert.deepEqual(verdictOf("stolen.peacbundle", "--keys", "fork.json", "--key", JSON.stringify(thief.jwk)), [2, "unverifiable"])
})
