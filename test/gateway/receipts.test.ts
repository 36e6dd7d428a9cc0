/** What an agent of a real gateway did becomes receipts, and a stranger with a bundle, the keys and one file that checks them needs nothing else. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "node:test"
import { guardSettings, lastToolTexts } from "./ledger-fixture.ts"
import { eventually, ofType } from "./ledger.ts"
import { suiteLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const asked = (id: string, args: object = {}) => `TOOL tool_call ${JSON.stringify({ id, args })}`
const inner = (name: string, args: object = {}) => `TOOL tool_call ${JSON.stringify({ id: `peac_receipts.${name}`, args })}`

describe("receipts", () => {
  it("are given for each call and each refusal, and checked in an empty directory", async () => {
    const { client, home, ledger, model } = await suiteLedger("receipts", { guard: guardSettings, receipts: true }, { host: { tools: { toolSearch: false } } })
    const message = `TOOL exec {"command":"echo receipts"}\nTOOL write {"path":"no.txt","content":"x"}\nSAY receipts are given`
    const { status } = await runTurn(client, message, { sessionKey: "agent:main:receipts" })
    assert.equal(status, "ok")
    const { offeredTools = [] } = model.requests.findLast(({ userText }) => userText.includes("SAY receipts are given")) ?? {}
    const ours = ["peac_receipts_export_bundle", "peac_receipts_query", "peac_receipts_status", "peac_receipts_verify"]
    assert.deepEqual(offeredTools.filter((name) => name.includes("peac")).toSorted(), ours, "names that every provider takes")
    const asking = ["ledger_anchors", "ledger_chain", "ledger_proof", "ledger_root", "ledger_spend", "ledger_status", "ledger_trees", "ledger_verify"]
    assert.deepEqual(offeredTools.filter((name) => name.startsWith("ledger")).toSorted(), asking)
    const marker = "SAY the ledger was asked"
    await runTurn(client, `TOOL ledger_status {}\nTOOL ledger_spend {}\n${marker}`, { sessionKey: "agent:main:receipts" })
    const [standing = "", spent = ""] = lastToolTexts(model.requests, marker).slice(-2)
    assert.match(standing, /This session is on record/)
    assert.match(spent, /cost_nanos\\?": ?\\?"[1-9]/)
    const events = await eventually(
      "a receipt for each of four calls",
      () => ledger.events(),
      (told) => ofType(told, "receipt.issued").length >= 4,
    )
    const calls = [...ofType(events, "tool.returned"), ...ofType(events, "tool.denied")].filter(({ facts }) => facts["wrapper"] !== true)
    assert.equal(ofType(events, "receipt.issued").length, calls.length)
    const empty = join(home.directory, "a-stranger")
    mkdirSync(empty)
    await ledger.json("receipts", "export", join(empty, "all.peacbundle"))
    const published = await fetch(`http://127.0.0.1:${home.port}/.well-known/jwks.json`) // as a stranger: without the gateway's token
    assert.equal(published.status, 200)
    writeFileSync(join(empty, "jwks.json"), await published.text())
    await ledger.json("verifier", "--mjs", "--out", join(empty, "verify.mjs"))
    const said = execFileSync(process.execPath, ["verify.mjs", "all.peacbundle", "--keys", "jwks.json"], { cwd: empty, encoding: "utf8", env: {} })
    assert.match(said, /VALID/)
    assert.match(said, new RegExp(`complete: receipts 1 to ${calls.length} of sovereign-ledger/`))
    assert.deepEqual(readdirSync(empty).sort(), ["all.peacbundle", "jwks.json", "verify.mjs"])
  })

  it("are what an agent is told of by its tools: those of its own session, which it hands out and checks", async () => {
    const { client, home, ledger, model } = await suiteLedger("own-receipts", { guard: guardSettings, receipts: true })
    const [mine, theirs] = ["agent:main:shows-receipts", "agent:main:keeps-to-itself"]
    for (const [sessionKey, word] of [
      [mine, "mine"],
      [theirs, "theirs"],
    ] as const)
      assert.equal((await runTurn(client, `TOOL exec {"command":"echo ${word}"}\nSAY ${word} is done`, { sessionKey })).status, "ok")
    const issued = () => ledger.json("receipts", "list", "--session", mine)
    await eventually(
      "a receipt of each",
      async () => ofType(await ledger.events(), "receipt.issued"),
      (told) => told.length >= 2,
    )
    const { receipts: own } = (await issued()) as unknown as { readonly receipts: readonly { readonly jti: string; readonly tool: string }[] }
    assert.deepEqual(
      own.map(({ tool }) => tool),
      ["exec"],
    )
    const steps = [
      inner("query", { tool_name: "exec" }),
      inner("export_bundle", { output_path: "handed-out", workflow_id: "of no run" }),
      inner("export_bundle", { output_path: "handed-out" }),
      inner("verify", { path: "handed-out" }),
      inner("verify", { path: "../state/openclaw.json" }),
      inner("status"),
      asked("ledger.chain", { limit: 2 }),
      asked("ledger.anchors"),
    ]
    const marker = "SAY they are shown"
    assert.equal((await runTurn(client, [...steps, marker].join("\n"), { sessionKey: mine })).status, "ok")
    const texts = lastToolTexts(model.requests, marker)
    const [query = "", none = "", written = "", checked = "", outside = "", status = "", chain = "", anchors = ""] = texts.slice(-steps.length)
    assert.match(query, /total\\?": ?1,/)
    assert.ok(query.includes(own[0]?.jti ?? "none"), query)
    assert.match(none, /No receipt of this session is of what was asked for/)
    assert.match(written, /handed-out/)
    assert.match(checked, /valid\\?": ?true/)
    assert.match(outside, /has \.\. in it/)
    assert.match(status, /is_running\\?": ?true/)
    assert.match(chain, /leaf_hash/)
    assert.match(anchors, /not configured/)
    const place = join(home.directory, "workspace", "handed-out")
    assert.deepEqual(readdirSync(place).sort(), ["manifest.json", "receipts.peacbundle"])
    const { receipts } = JSON.parse(readFileSync(join(place, "manifest.json"), "utf8")) as { readonly receipts: readonly { readonly receipt_id: string }[] }
    const { receipts: other } = (await ledger.json("receipts", "list", "--session", theirs)) as unknown as {
      readonly receipts: readonly { readonly jti: string }[]
    }
    const all = [query, none, written, checked, outside, status, chain, anchors, readFileSync(join(place, "receipts.peacbundle"), "latin1")].join()
    assert.ok(receipts.length >= 1 && other.length === 1)
    assert.ok(!all.includes(other[0]?.jti ?? "?") && !all.includes(theirs))
    const calls = ofType(await ledger.events(), "tool.returned").filter(({ facts }) => String(facts["tool"]).startsWith("peac_receipts."))
    assert.deepEqual(
      calls.map(({ facts }) => facts["failed"] === true),
      [false, true, false, false, true, false],
    )
  })
})
