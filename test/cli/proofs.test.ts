/** Sessions with proofs and checkpoints: made beside a ledger, checked where there is none. */
import assert from "node:assert/strict"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { temporaryLedger } from "../ledger-fixture.ts"
import { flagsOf, holds, jsonOf, makeHome, type Row } from "./home.ts"

describe("proofs and checkpoints", { concurrency: 4 }, () => {
  const home = makeHome({ after })
  const ledger = temporaryLedger({ after })
  for (const count of [99, 200]) {
    ledger.append(count)
    ledger.checkpoint()
  }
  ledger.append(50)
  ledger.close()
  const key = ledger.keys().store.verifierKey
  const run = (command: string) => home.run([...command.split(" "), ...flagsOf(ledger)])
  const path = (name: string) => join(home.directory, name)
  /** On a machine without any ledger. */
  const stranger = makeHome({ after })
  const check = (name: string, ...flags: readonly string[]) => stranger.run(["verify", "--proof", path(name), ...flags])

  const rows: readonly Row[] = [
    {
      command: "prove 41",
      exit: 0,
      stdout: /^\{"proofFormat":1,"proves":"inclusion","entry":"[^"]+","inclusion":\[("[^"]{43}",?)+\],"checkpoint":"[^\n]+\}\n$/,
    },
    { command: "prove tool.invoked:42 --facts", exit: 0, stdout: /^\{[^\n]*"facts":"\{\\"id\\":\\"tool\.invoked:42/ },
    { command: "prove 41 --checkpoint 100", exit: 0, stdout: /\\n100\\n/ },
    { command: "prove 41 --checkpoint 99", exit: 2, stderr: /^There is no stored checkpoint of size 99/ },
    { command: "prove 120 --checkpoint 100", exit: 2, stderr: /^Entry #120 is not among the first 100 entries/ },
    { command: "prove 320", exit: 2, stderr: /^Entry #320 is not among the first 300 entries/ },
    { command: "prove 4711", exit: 2, stderr: /^There is no entry 4711/ },
    { command: "prove 3 --content", exit: 2, stderr: /^The content of entry #3 cannot be disclosed: it has none/ },
    { command: "prove", exit: 2, stderr: /^Say what to prove: an event, or --from-checkpoint/ },
    { command: "prove 1 --from-checkpoint 100", exit: 2, stderr: /not both/ },
    { command: "prove 1 --to-checkpoint 100", exit: 2, stderr: /--to-checkpoint goes with --from-checkpoint/ },
    { command: "prove --from-checkpoint 100 --facts", exit: 2, stderr: /--facts goes with an event/ },
    { command: "prove --from-checkpoint 300 --to-checkpoint 100", exit: 2, stderr: /swap them/ },
    { command: "prove --from-checkpoint none.note", exit: 2, stderr: /^none\.note cannot be read: ENOENT/ },
    {
      command: "prove --from-checkpoint 100",
      exit: 0,
      stdout: /^\{"proofFormat":1,"proves":"consistency","older":"[^\n]*\\n100\\n[^\n]*"newer":"[^\n]*\\n300\\n[^\n]+\}\n$/,
    },
    { command: "checkpoint show", exit: 0, stdout: /^sovereign-ledger\/[0-9a-f]{16}\n300\n\S{44}\n\n— sovereign-ledger\/\S+ \S+\n$/ },
    { command: "checkpoint show --checkpoint 100", exit: 0, stdout: /\n100\n/ },
    { command: "checkpoint show --cosigned", exit: 2, stderr: /^No checkpoint of this ledger has been cosigned by a witness yet\./ },
    { command: "checkpoint show --cosigned --checkpoint 100", exit: 2, stderr: /^--checkpoint and --cosigned do not go together/ },
    { command: "checkpoint list", exit: 0, stdout: /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2} *\d+ {2}\S{44} {2}sovereign-ledger\/[0-9a-f]{16}\n){3}$/ },
    { command: "checkpoint list --last 1", exit: 0, stdout: /^[^\n]+ 300 [^\n]+\n1 checkpoint of 3; --last shows more\n$/ },
    {
      command: "verify --from 100 --to 149",
      exit: 0,
      stdout: /VALID[^]*50 entries \(#100 to #149\)[^]*the last over 300 entries[^]*Not looked at: #0 to #99 and #150 to #349/,
    },
    { command: "verify --from 9 --to 8", exit: 2, stderr: /--from 9 is after --to 8/ },
    { command: "verify --from 310", exit: 2, stdout: /UNVERIFIABLE[^]*No checkpoint covers any of these entries/ },
    { command: "verify --from 1 --offline x", exit: 2, stderr: /^--offline and --from do not go together/ },
    {
      command: "verify --from 1 --witness example.org/w+47580226+BFhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk",
      exit: 2,
      stderr: /^--from and --witness do not go together/,
    },
    { command: "verify --proof x --offline y", exit: 2, stderr: /^--offline and --proof do not go together/ },
    { command: "fsck", exit: 0, stdout: /^✓ SOUND {2}\S+\n {2}✓ keys\.json +of ledger [^]*journal\.db: entries +350 of 350 can be read\n/ },
    { command: "verify --against none.note", exit: 2, stderr: /^none\.note cannot be read/ },
  ]
  for (const { command, ...wanted } of rows) test(command, async () => holds(await run(command), wanted))

  test("a proof is its owner's file, never replaced, and a stranger checks it with the key alone", async () => {
    holds(await run("prove 44 --facts --content --id --out event.proof"), { exit: 0, stderr: /^Proof written to event\.proof \(\d+ B\)\. To check it: / })
    assert.equal(statSync(path("event.proof")).mode & 0o777, 0o600)
    holds(await run("prove 44 --out event.proof"), { exit: 2, stderr: /^event\.proof exists already/ })
    const said =
      /✓ VALID {2}\S+\n {2}Entry #44, message\.received, recorded \S+, is one of the first 300 entries of [^]*id message\.received:44[^]*words of event 44/
    holds(await check("event.proof", "--key", key), { exit: 0, stdout: said })
    holds(await check("event.proof"), { exit: 2, stdout: /UNVERIFIABLE[^]*Nobody vouched for this key/ })
    holds(await check("event.proof", "--key", key.replace(/\+.*/, "+00000000+AAAA")), { exit: 2, stderr: /not a verifier key/ })
    const text = readFileSync(path("event.proof"), "utf8")
    writeFileSync(path("edited.proof"), text.replace("words of event 44", "words of event 45"))
    holds(await check("edited.proof", "--key", key), { exit: 1, stdout: /✗ INVALID[^]*the content is not the one that was recorded/ })
    writeFileSync(path("no.proof"), "hello\n")
    holds(await check("no.proof", "--key", key), { exit: 2, stdout: /UNVERIFIABLE[^]*no proof that can be checked: it is not JSON/ })
    writeFileSync(path("latin.proof"), Buffer.from([0x7b, 0xff, 0x7d]))
    holds(await check("latin.proof", "--key", key), { exit: 2, stderr: /cannot be read: it is not UTF-8/ })
    const body = jsonOf<Record<string, unknown>>(await check("event.proof", "--key", key, "--json"))
    assert.deepEqual([body["schemaVersion"], body["verdict"], body["proves"]], [1, "valid", "inclusion"])
  })

  test("a checkpoint that was exported is compared with, and consistency to it is proven", async () => {
    holds(await run("checkpoint export kept.note --checkpoint 100"), { exit: 0, stderr: /^Checkpoint over 100 entries written to kept\.note/ })
    holds(await run("checkpoint export kept.note"), { exit: 2, stderr: /^kept\.note exists already/ })
    holds(await run("verify --against kept.note"), { exit: 0, stdout: /VALID[^]*5 checkpoints checked, the last over 300 entries/ })
    holds(await run("prove --from-checkpoint kept.note --out grown.proof"), { exit: 0, stderr: /written/ })
    holds(await check("grown.proof", "--key", key), { exit: 0, stdout: /VALID[^]*The first 100 of the 300 entries of [^]*nothing of them was changed/ })
    const { signer, store } = ledger.keys()
    writeFileSync(path("fork.note"), signer.note({ origin: store.origin, size: 100, root: Buffer.alloc(32) }))
    holds(await run("verify --against fork.note"), {
      exit: 1,
      stdout: /INVALID[^]*the note fork\.note was signed over other entries: the journal was rewritten, or is a fork/,
    })
    holds(await run("prove --from-checkpoint fork.note"), {
      exit: 1,
      stderr: /^fork\.note is not one of this ledger as it stands: it was signed over other entries/,
    })
    writeFileSync(path("later.note"), signer.note({ origin: store.origin, size: 900, root: Buffer.alloc(32) }))
    holds(await run("verify --from 1 --to 2 --against later.note"), {
      exit: 1,
      stdout: /later\.note covers 900 entries, but the journal ends at 350: it was cut or rolled back/,
    })
    holds(await run("prove --from-checkpoint later.note"), { exit: 1, stderr: /it covers 900 entries, and the journal ends at 350/ })
  })

  test("fsck explains damage that stops other commands, and where there is nothing", async (t) => {
    const copy = ledger.copy(t)
    copy.edit((journal) => journal.exec("DELETE FROM entries WHERE sequence = 8"))
    writeFileSync(copy.files.scopes, "no database")
    holds(await home.run(["events", "list", ...flagsOf(copy)]), { exit: 1, stderr: /scopes\.db is damaged/ })
    const said = /^✗ DAMAGED[^]*✗ scopes\.db [^]*journal\.db: entries +349 of 350 can be read\n +#8 missing\n[^]*\nWhat to do:\n {2}- Restore scopes\.db/
    holds(await home.run(["fsck", ...flagsOf(copy)]), { exit: 1, stdout: said })
    assert.equal(jsonOf<{ state: string }>(await home.run(["fsck", "--json", ...flagsOf(copy)])).state, "damaged")
    holds(await stranger.run("fsck"), { exit: 2, stdout: /NOT ALL OF IT COULD BE LOOKED AT[^]*keys\.json +not there[^]*sovereign-ledger key create/ })
  })

  test("--json of the checkpoint commands is one line", async () => {
    type Listed = { total: number; truncated: boolean; checkpoints: { size: number; storedAt: string; cosigners: string[] }[] }
    const listed = jsonOf<Listed>(await run("checkpoint list --last 2 --json"))
    assert.deepEqual([listed.total, listed.truncated, listed.checkpoints.map(({ size }) => size)], [3, true, [300, 100]])
    const { checkpoint } = jsonOf<{ checkpoint: { size: number; storedAt: string | null; note: string } }>(await run("checkpoint show --json"))
    assert.equal(checkpoint.size, 300)
    assert.match(checkpoint.storedAt ?? "", /Z$/)
    assert.equal(checkpoint.note, (await run("checkpoint show")).stdout)
    assert.equal(jsonOf<{ size: number }>(await run("checkpoint export other.note --json")).size, 300)
  })
})
