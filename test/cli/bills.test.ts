/** `reconcile --bill` as an operator types it: the file as the provider gives it, the credential where it gives back, and the ledger sound afterwards. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { makeRig, type Rig } from "../writer/rig.ts"

const dayMs = 86_400_000
const places = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
const header = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed"

/** Three calls for 40 cents each, three days ago. */
function spent(rig: Rig): string {
  const nowMs = Date.now()
  const atMs = Math.floor(nowMs / dayMs) * dayMs - 3 * dayMs + dayMs / 2
  const book = new LedgerBook()
  const ledger = openLedger(rig.files, { keyFile: rig.keyFile, environment: {} }, { nowMs, version: "test" })
  const spend = { agent: "main", model: "claude-haiku-4-5-20251001", provider: "anthropic" }
  for (let n = 0; n < 3; n++) {
    const posted = book.give({
      do: "spend",
      id: `s${n}`,
      atMs,
      spend,
      account: "agent:main",
      against: "spent:model/anthropic/claude-haiku-4-5-20251001",
      amounts: { moneyNanos: 400_000_000n },
    })
    const facts = { role: "assistant", row: `r${n}`, atMs, inputTokens: 5, outputTokens: 1, computedNanos: "400000000", ...spend } as const
    const entries = [...posted.events, { type: "usage.reported", id: `u${n}`, facts } as const].map((event) => entryOf(event, ledger.scopes, nowMs))
    ledger.journal.append(entries, nowMs)
  }
  ledger.close()
  return new Date(atMs).toISOString().slice(0, 10)
}

function billOf(rig: Rig, day: string, dollars: string): string {
  const file = join(rig.root, `bill-${dollars}.csv`)
  writeFileSync(file, `${header}\n${day},Claude Haiku 4.5,Default,k,message,≤ 200k,output,${dollars},${dollars},token,global,\n`)
  return file
}

describe("reconcile --bill", { concurrency: 2 }, () => {
  test("tells what agrees and what differs, posts once, and gives back only to who has the credential", async (t) => {
    const rig = makeRig(t)
    const day = spent(rig)
    const credential = join(rig.root, "credential")
    writeFileSync(credential, "correct horse\n")
    const run = (...words: readonly string[]) => rig.run([...words, ...places(rig)])
    const bill = (file: string, ...words: readonly string[]) => run("reconcile", "--bill", file, ...words)

    const agrees = await bill(billOf(rig, day, "1.20"))
    assert.equal(agrees.status, 0, agrees.stdout + agrees.stderr)
    assert.match(agrees.stdout, /^Bill {3}AGREES {3}Anthropic cost of anthropic, \S+ up to \S+\n {2}billed \$1\.20, here \$1\.20, /)

    const more = await bill(billOf(rig, day, "1.50"), "--json")
    const told = JSON.parse(more.stdout) as { verdict: string; corrections: readonly object[]; rows: readonly { state: string; differenceNanos: string }[] }
    assert.deepEqual(
      [more.status, told.verdict, told.corrections.length, told.rows[0]?.state, told.rows[0]?.differenceNanos],
      [1, "differs", 1, "differs", "300000000"],
    )

    assert.equal((await run("operator", "set-credential", "--new-file", credential)).status, 0)
    const posted = await bill(billOf(rig, day, "1.50"), "--post")
    assert.equal(posted.status, 0, posted.stdout + posted.stderr)
    assert.match(posted.stdout, /1 correction posted\.\n$/, "what takes more needs no credential")
    assert.match((await bill(billOf(rig, day, "1.50"), "--post")).stdout, /0 corrections posted\.\n$/)

    const refused = await bill(billOf(rig, day, "0.90"), "--post")
    assert.deepEqual([refused.status, /0 corrections posted/.test(refused.stdout)], [1, true])
    assert.match(refused.stderr, /Refused: giving back to agent:main needs the operator's credential\./)
    const given = await bill(billOf(rig, day, "0.90"), "--post", "--credential-file", credential)
    assert.deepEqual([given.status, given.stderr], [0, ""])
    const recount = await run("reconcile")
    assert.equal(recount.status, 0, recount.stdout)
    assert.equal(rig.verify().verdict, "valid")
  })

  test("what is no bill, and flags that need one, are told in a sentence", async (t) => {
    const rig = makeRig(t)
    const run = (...words: readonly string[]) => rig.run([...words, ...places(rig)])
    const file = join(rig.root, "other.csv")
    writeFileSync(file, "a,b\n1,2\n")
    const unknown = await run("reconcile", "--bill", file)
    assert.deepEqual([unknown.status, unknown.stdout], [2, ""])
    assert.match(unknown.stderr, /other\.csv is no bill that can be read: its columns \(a, b\) are those of no export that is known\.\nExport it again/)
    assert.match((await run("reconcile", "--bill", join(rig.root, "nowhere"))).stderr, /nowhere cannot be read/)
    assert.match((await run("reconcile", "--post")).stderr, /^--post goes with --bill FILE\./)
    assert.match((await run("reconcile", "--bill", file, "--rate", "euro")).stderr, /^--rate takes a currency and what one of it is worth/)
    assert.match((await run("reconcile", "--bill", file, "--zone", "Mars")).stderr, /^--zone takes a time zone/)
  })
})
