/** Sessions with the map of event ids: proofs made beside a ledger, checked where there is none, and every way to ask for what is not there. */
import assert from "node:assert/strict"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { temporaryLedger } from "../ledger-fixture.ts"
import { asking, commitMap, mapProofOf } from "../map-ledger.ts"
import { treeKey } from "../../src/views/event-map.ts"
import { flagsOf, holds, jsonOf, makeHome, type Row } from "./home.ts"

describe("smt", { concurrency: 4 }, () => {
  const home = makeHome({ after })
  const ledger = temporaryLedger({ after })
  ledger.append(99)
  commitMap(ledger)
  ledger.append(20)
  ledger.checkpoint()
  ledger.close()
  const bare = temporaryLedger({ after })
  bare.append(3)
  bare.close()
  const key = ledger.keys().store.verifierKey
  const tree = asking(ledger, treeKey)
  const run = (command: string, of = ledger) => home.run([...command.split(" "), ...flagsOf(of)])
  const path = (name: string) => join(home.directory, name)
  /** On a machine without any ledger. */
  const stranger = makeHome({ after })

  const rows: readonly Row[] = [
    {
      command: "smt root",
      exit: 0,
      stdout:
        /^[0-9a-f]{16} of sovereign-ledger\/[0-9a-f]{16}\n {2}121 ids of 121 entries, root \S{44}\n {2}on record over 100 entries, by #100: root \S{44}\n$/,
    },
    { command: "smt trees", exit: 0, stdout: /^[0-9a-f]{16} of sovereign-ledger/ },
    { command: `smt root --tree ${tree.slice(0, 4)}`, exit: 0, stdout: new RegExp(`^${tree} of `) },
    { command: "smt root --tree 0g", exit: 1, stderr: /^There is no map 0g in [^]*smt trees/ },
    { command: "smt proof tool.invoked:none --tree 0g", exit: 1, stderr: /^There is no map 0g/ },
    { command: "smt chain agent:main:main --tree 0g", exit: 1, stderr: /^There is no map 0g/ },
    { command: "smt proof", exit: 2, stderr: /event id/ },
    { command: "smt proof 42", exit: 2, stderr: /^"42" is no event id: sovereign-ledger prove proves an entry by its number/ },
    {
      command: "smt proof tool.invoked:7",
      exit: 0,
      stdout:
        /^\{"proofFormat":1,"proves":"recorded","id":"tool\.invoked:7","idSalt":"[^"]{43}","leaf":"[^"]{43}","depth":18,[^\n]*"size":100,"root":"[^"]{43}","committed":\{"proofFormat":1,"proves":"inclusion",[^\n]+\}\}\n$/,
    },
    {
      command: "smt proof tool.invoked:none --short",
      exit: 0,
      stdout:
        /^\{"proofFormat":1,"proves":"not-recorded","id":"tool\.invoked:none","depth":\d+,"levels":"[^"]+","siblings":"[^"]+","size":100,"root":"[^"]{43}"\}\n$/,
    },
    { command: "smt verify", exit: 0, stdout: /^✓ VALID {2}the map of event ids\n {2}1 root on record, the last over 100 entries\n$/ },
    { command: "smt verify none.proof", exit: 2, stderr: /^none\.proof cannot be read/ },
    { command: "smt verify {}", exit: 1, stdout: /INVALID[^]*it is no proof from a map of event ids/ },
    { command: 'smt verify --proof {"proofFormat":1,"proves":"recorded"}', exit: 1, stdout: /INVALID[^]*a member is missing/ },
    { command: "smt verify {} --proof {}", exit: 2, stderr: /^Name a proof once/ },
    { command: "smt chain agent:main:main", exit: 0, stdout: /^#3 {2}\S+Z {2}\S+ {2}\S+ {2}[0-9a-f]{64}\n#9 {2}[^]*#117 / },
    { command: "smt chain nobody", exit: 0, stdout: /^No entries of nobody\.\n$/ },
  ]
  for (const { command, ...wanted } of rows) test(command, async () => holds(await run(command), wanted))

  test("a ledger without a root on record says how one comes there, and has one after it", async (t) => {
    const one = bare.copy(t)
    holds(await run("smt proof x:y", one), { exit: 2, stderr: /^No root of the map of event ids is on record[^]*smt root --commit/ })
    holds(await run("smt verify", one), { exit: 2, stdout: /UNVERIFIABLE[^]*No root of the map is on record: sovereign-ledger smt root --commit/ })
    holds(await run("smt root", one), { exit: 0, stdout: /no root is on record/ })
  })

  test("a proof is its owner's file, and a stranger checks it with the key alone", async () => {
    const made = await run("smt proof tool.invoked:none --out absent.proof")
    holds(made, { exit: 0, stderr: /^By the map of the first 100 entries the event is NOT recorded\. Proof written to absent\.proof\. To check it: / })
    assert.equal(statSync(path("absent.proof")).mode & 0o777, 0o600)
    holds(await run("smt proof tool.invoked:none --out absent.proof"), { exit: 2, stderr: /^absent\.proof exists already/ })
    const valid = /✓ VALID[^]*tool\.invoked:none was NOT recorded: none of the first 100 entries of sovereign-ledger\/[^]*checkpoint over 121 entries/
    for (const command of [
      ["smt", "verify"],
      ["verify", "--proof"],
    ]) {
      holds(await stranger.run([...command, path("absent.proof"), "--key", key]), { exit: 0, stdout: valid })
      holds(await stranger.run([...command, path("absent.proof")]), { exit: 2, stdout: /UNVERIFIABLE[^]*Nobody vouched for this key/ })
      holds(await stranger.run([...command, path("absent.proof"), "--key", bare.keys().store.verifierKey]), { exit: 1, stdout: /INVALID/ })
    }
    const text = readFileSync(path("absent.proof"), "utf8").trimEnd()
    holds(await stranger.run(["smt", "verify", text, "--key", key]), { exit: 0, stdout: valid })
    holds(await stranger.run(["smt", "verify", text.replace("none", "nine"), "--key", key]), { exit: 1, stdout: /INVALID/ })
    const said = await stranger.run(["smt", "verify", path("absent.proof"), "--key", key, "--json"])
    const { verdict, proves, entry } = jsonOf(said) as { verdict: unknown; proves: unknown; entry: unknown }
    assert.deepEqual([verdict, proves, entry], ["valid", "not-recorded", null])
  })

  test("a short proof is as good as its root, which the ledger knows, another does not, and nobody else can tell", async () => {
    holds(await run("smt proof tool.invoked:none --short --out short.proof"), { exit: 0, stderr: /^By the map/ })
    const file = path("short.proof")
    holds(await run(`smt verify ${file}`), { exit: 0, stdout: /VALID[^]*tool\.invoked:none was NOT recorded[^]*by a root that is on record in this ledger/ })
    holds(await run(`smt verify ${file}`, bare), { exit: 2, stdout: /UNVERIFIABLE[^]*No root is on record in this ledger/ })
    holds(await stranger.run(["smt", "verify", file, "--key", key]), { exit: 2, stdout: /UNVERIFIABLE[^]*It is a short proof/ })
    const text = readFileSync(file, "utf8")
    writeFileSync(path("bent.proof"), text.replace(/"root":".{4}/, '"root":"AAAA'))
    holds(await run(`smt verify ${path("bent.proof")}`), { exit: 1, stdout: /INVALID[^]*no such root is on record in this ledger/ })
    writeFileSync(path("other.proof"), text.replace("tool.invoked:none", "tool.invoked:7"))
    holds(await run(`smt verify ${path("other.proof")}`), { exit: 1, stdout: /INVALID[^]*does not lead to its root/ })
  })

  test("a call whose id stands on record as a pseudonym is never proven absent by the host's own id", async (t) => {
    const one = bare.copy(t)
    const pseudonym = asking(one, ({ scopes }) => scopes?.pseudonym("call_abc|fc_123") ?? "")
    one.record({ type: "tool.persisted", id: `tool.persisted:run-1/${pseudonym}`, facts: { tool: "exec", call: pseudonym, synthetic: false, resultLength: 1 } })
    commitMap(one)
    one.close()
    const told = `"?tool\\.persisted:run-1/call_abc\\|fc_123"? stands on record, if it does, as tool\\.persisted:run-1/${pseudonym}: parts`
    const prove = (id: string, ...more: readonly string[]) => home.run(["smt", "proof", id, ...more, ...flagsOf(one)])
    const made = await prove("tool.persisted:run-1/call_abc|fc_123")
    holds(made, { exit: 0, stdout: /"proves":"recorded"/, stderr: new RegExp(`^${told}`) })
    const absent = await prove("tool.persisted:run-1/call_abc|fc_124")
    holds(absent, {
      exit: 0,
      stdout: /"proves":"not-recorded","id":"tool\.persisted:run-1\/~/,
      stderr: /fc_124 stands on record, if it does, as tool\.persisted:run-1\/~/,
    })
    const json = jsonOf(await prove("tool.persisted:run-1/call_abc|fc_123", "--json", "--out", "p.proof")) as { asked: unknown; id: unknown; proves: unknown }
    assert.deepEqual([json.asked, json.id, json.proves], ["tool.persisted:run-1/call_abc|fc_123", `tool.persisted:run-1/${pseudonym}`, "recorded"])
    // Somebody who makes the proof of the host's own spelling all the same proves nothing, and whoever checks it is told.
    writeFileSync(path("raw.proof"), mapProofOf(one, "tool.persisted:run-1/call_abc|fc_123"))
    const key = one.keys().store.verifierKey
    holds(await stranger.run(["smt", "verify", path("raw.proof"), "--key", key]), { exit: 0, stdout: /It says NOTHING of whether the call was recorded/ })
  })

  test("in JSON", async () => {
    const root = jsonOf(await run("smt root --json")) as { tree: unknown; size: unknown; committed: { size: unknown } }
    assert.deepEqual([root.tree, root.size, root.committed.size], [tree, 121, 100])
    const { trees } = jsonOf(await run("smt trees --json")) as { trees: readonly { tree: unknown }[] }
    assert.deepEqual(
      trees.map((one) => one.tree),
      [tree],
    )
    const { roots } = jsonOf(await run("smt verify --json")) as { roots: unknown }
    assert.deepEqual(
      (roots as readonly { problem: unknown }[]).map(({ problem }) => problem),
      [null],
    )
    const { entries } = jsonOf(await run("smt chain agent:main:main --json")) as { entries: readonly { sequence: number; isFirst: boolean }[] }
    assert.equal(entries.length, 29)
    assert.ok(entries.every(({ isFirst }) => isFirst))
  })
})
