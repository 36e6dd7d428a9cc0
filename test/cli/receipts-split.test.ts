/** Ten thousand receipts fill a bundle; what is more stands in the next one, and each says from which number to which it is complete. */
import assert from "node:assert/strict"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { asking, ownDirectory } from "../agent-tools/session-ledger.ts"
import { appended, issueMany } from "../many-receipts.ts"
import { makeRig } from "../writer/rig.ts"

test("more receipts than a bundle holds", async (t) => {
  const rig = makeRig(t)
  const ledger = openLedger(rig.files, { keyFile: rig.keyFile, environment: {} }, { nowMs: Date.now(), version: "test" })
  issueMany(ledger, rig.files, { total: 10_003, sessions: 1, append: (events) => void appended(ledger, events) })
  ledger.close()
  const run = (...words: readonly string[]) => rig.run(["receipts", ...words])
  const own = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const at = (name: string) => join(rig.root, name)

  writeFileSync(at("taken-2.peacbundle"), "somebody's")
  const refused = await run("export", at("taken.peacbundle"), ...own)
  assert.deepEqual([refused.status, existsSync(at("taken-1.peacbundle"))], [2, false], "a part that cannot be written is found before the first is")
  assert.match(refused.stderr, /taken-2\.peacbundle/)

  const { bundles } = JSON.parse((await run("export", at("all.peacbundle"), "--json", ...own)).stdout) as { bundles: readonly object[] }
  assert.deepEqual(
    bundles.map((one) => ({ ...one, bytes: undefined })),
    [
      { file: at("all-1.peacbundle"), receipts: 10_000, first: 1, last: 10_000, bytes: undefined },
      { file: at("all-2.peacbundle"), receipts: 3, first: 10_001, last: 10_003, bytes: undefined },
    ],
  )
  assert.equal((await run("keys", "--out", at("jwks.json"), ...own)).status, 0)
  for (const [name, words] of [
    ["all-1.peacbundle", /complete: receipts 1 to 10,?000 of /],
    ["all-2.peacbundle", /complete: receipts 10,?001 to 10,?003 of /],
  ] as const) {
    const checked = await run("verify", at(name), "--keys", at("jwks.json"))
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
    assert.match(checked.stdout, words)
  }

  const ask = asking(rig, ownDirectory(t))
  const tool = (parameters: object) => ask("peac_receipts.export_bundle", parameters, { session: "agent:main:0" })
  const [, until] = /10,003 receipts .* at most 10,000\. .* the first with until (\S+), the next with since that\./.exec(String(tool({})["error"])) ?? []
  const parts = [tool({ until, output_path: "first" }), tool({ since: until, output_path: "second" })]
  assert.deepEqual([parts.map(({ status }) => status), parts.reduce((sum, part) => sum + Number(part["receipt_count"]), 0)], [["ok", "ok"], 10_003])

  const most = ask("peac_receipts.query", { limit: 500 }, { session: "agent:main:0" })
  const results = most["results"] as readonly object[]
  assert.ok(most["truncated"] === true && results.length > 100 && results.length < 500 && JSON.stringify(most).length < 70_000, "an answer has a bound")
  assert.equal(most["message"], `There are more: offset ${results.length} goes on from here.`)
})
