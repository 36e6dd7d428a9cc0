/** `sovereign-ledger completeness` as its operator runs it. */
import assert from "node:assert/strict"
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { runCommand } from "../commands/command-process.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { editStore, hostStoreVector, makeHost, recordEvents } from "../vectors/host-store/host-store.ts"

const beforeUnseen = "2026-11-20T14:07:40Z"

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

describe("the command completeness", () => {
  const ledger = temporaryLedger({ after })
  const host = makeHost(dirname(ledger.files.directory))
  recordEvents(ledger, hostStoreVector().events)
  const { verifierKey } = ledger.keys().store
  ledger.close()

  const run = (...args: readonly string[]): Promise<Ran> => {
    const places = ["--data-dir", ledger.files.directory, "--key-file", ledger.places.keyFile, "--head-note", ledger.files.headNote]
    return runCommand(["completeness", ...args, ...places], { OPENCLAW_STATE_DIR: "/nonexistent" })
  }
  const json = (ran: Ran) => JSON.parse(ran.stdout) as Record<string, unknown>

  test("one screen: the verdict, totals, days, what is missing; exit status 1", async () => {
    const { status, stdout, stderr } = await run()
    assert.deepEqual([status, stderr], [1, ""])
    assert.match(stdout, /^Completeness {3}INCOMPLETE {3}everything to 20/)
    assert.match(stdout, /\nModel calls +28 +2 +2 +0 +2\n/)
    assert.match(stdout, /\n {2}2026-11-20 {2}model calls 28 of 32 \(2 missing, 2 before, 2 extra\)/)
    assert.match(stdout, /\nMissing: .*\n {2}2026-11-20 14:07:53\.\d+ {2}run .*\n(?:.*\n){3}\n/)
    assert.match(stdout, /\n {2}1 model call: compaction, which the host does not store\n/)
    assert.ok(stdout.split("\n").length < 45, "one screen")
  })

  test("a window with nothing missing is complete; the body says what it was asked", async () => {
    const ran = await run("--until", beforeUnseen, "--json")
    assert.equal(ran.status, 0, ran.stderr)
    const { schemaVersion, generatedAt, settings, verdict, missing } = json(ran)
    assert.deepEqual([schemaVersion, verdict, missing], [1, "complete", []])
    assert.ok(!Number.isNaN(Date.parse(String(generatedAt))))
    const until = "2026-11-20T14:07:40.000Z"
    assert.deepEqual(settings, { since: null, until, run: null, limit: 1_000, hostDirectory: host.stateDirectory, timeZone: "utc" })
  })

  test("one run, a shorter list, a host named by hand", async () => {
    const whole = json(await run("--run", "3aa2b704-7f13-4bcb-8f99-8b30ede832db", "--host-dir", host.stateDirectory, "--limit", "2", "--json"))
    const { totals, missing, missingTruncated, days } = whole as {
      totals: Record<string, { matched: number; missing: number }>
      missing: unknown[]
      missingTruncated: boolean
      days: unknown[]
    }
    assert.deepEqual(
      Object.values(totals).map(({ matched, missing }) => [matched, missing]),
      [
        [0, 2],
        [0, 1],
        [0, 1],
      ],
    )
    assert.deepEqual([missing.length, missingTruncated, days.length], [2, true, 1])
  })

  test("a host that is not there, or of another version, is not compared; exit status 2", async () => {
    const absent = await run("--host-dir", "/nonexistent", "--json")
    assert.deepEqual([absent.status, json(absent)["verdict"]], [2, "not compared"])
    editStore(host.stateStore, (database) => database.exec("PRAGMA user_version = 19"))
    const newer = await run("--until", beforeUnseen)
    editStore(host.stateStore, (database) => database.exec("PRAGMA user_version = 18"))
    assert.equal(newer.status, 2)
    assert.match(newer.stdout, /NOT COMPARED[\s\S]*the state store was not read: its schema is version 19/)
    assert.match(newer.stdout, /Model calls +28 /, "the other store is read all the same")
  })

  test("flags that make no sense are refused by name", async () => {
    for (const args of [
      ["--since", "yesterday"],
      ["--since", "2026-11-20T14:00:00"],
      ["--since", "1h", "--until", "2h"],
      ["--limit", "0"],
      ["--check", "/nonexistent"],
      ["--key", "x"],
    ]) {
      const { status, stderr } = await run(...args)
      assert.equal(status, 2, args.join(" "))
      assert.match(
        stderr,
        new RegExp(
          args.includes("/nonexistent") ? "/nonexistent" : args.includes("--until") ? "--until" : args[0] === "--key" ? "verifier key" : (args[0] ?? ""),
        ),
      )
    }
  })

  test("a statement is written once, checked without ledger and host, and exits as it says", async () => {
    const [bad, good] = ["incomplete.note", "complete.note"].map((name) => join(host.stateDirectory, name)) as [string, string]
    assert.equal((await run("--statement", bad)).status, 1)
    assert.equal((await run("--statement", good, "--until", beforeUnseen)).status, 0)
    assert.equal(statSync(good).mode & 0o777, 0o600)
    assert.match((await run("--statement", good)).stderr, /exists already/)
    const elsewhere = (...args: readonly string[]): Promise<Ran> => runCommand(["completeness", "--check", ...args])
    assert.equal((await elsewhere(good)).status, 2, "no key, no check")
    const checked = await elsewhere(good, "--key", verifierKey, "--json")
    const { ok, verdict, size } = json(checked)
    assert.deepEqual([checked.status, ok, verdict, size], [0, true, "complete", ledger.read().reader.size()])
    assert.equal((await elsewhere(bad, "--key", verifierKey)).status, 1)
    assert.equal((await run("--check", good)).status, 0, "the ledger's own key is taken where none is given")
    writeFileSync(bad, readFileSync(bad, "utf8").replace('"incomplete"', '"complete"'))
    const changed = await elsewhere(bad, "--key", verifierKey)
    assert.deepEqual([changed.status, /signature is wrong/.test(changed.stdout)], [1, true])
    writeFileSync(bad, "something else\n")
    assert.equal((await elsewhere(bad, "--key", verifierKey)).status, 2)
  })

  test("statements before and after a hand-over of the signing key are checked under either key", async (t) => {
    const copy = ledger.copy(t)
    const [before, later] = ["before.note", "later.note"].map((name) => join(host.stateDirectory, name)) as [string, string]
    const command = (...args: readonly string[]) => {
      const places = ["--data-dir", copy.files.directory, "--key-file", copy.places.keyFile, "--host-dir", host.stateDirectory]
      return runCommand(["completeness", ...args, ...places])
    }
    assert.equal((await command("--until", beforeUnseen, "--statement", before)).status, 0)
    const { nextKey } = copy.handOver()
    copy.close()
    assert.equal((await command("--until", beforeUnseen, "--statement", later)).status, 0)
    for (const args of [[before], [later], [later, "--key", verifierKey], [later, "--key", nextKey]])
      assert.equal((await command("--check", ...args)).status, 0, args.join(" "))
  })

  test("without scopes.db ids cannot be compared, and that is a sentence", async (t) => {
    const copy = ledger.copy(t)
    rmSync(copy.files.scopes)
    const places = ["--data-dir", copy.files.directory, "--key-file", copy.places.keyFile, "--host-dir", host.stateDirectory]
    const { status, stderr } = await runCommand(["completeness", ...places])
    assert.deepEqual([status, /scopes\.db is missing/.test(stderr)], [2, true], stderr)
  })
})
