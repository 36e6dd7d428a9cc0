/** The commands of a witness and of who is witnessed, as people type them. */
import assert from "node:assert/strict"
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { parseSignedCheckpoint, parseVerifierKey } from "../../src/format/checkpoint.ts"
import { witnessId } from "../../src/format/witness.ts"
import { WitnessKey } from "../../src/vault/witness-key.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { makeLog } from "../witness-log.ts"
import { makeWitnessHome, offerTo, type Served } from "../witness/served.ts"
import { holds, jsonOf, makeHome } from "./home.ts"

const log = makeLog()

async function stopped({ session }: Served) {
  session.child.kill("SIGTERM")
  const said = await session.ended
  assert.deepEqual([said.exit, said.stderr], [0, ""])
}

describe("a witness", { concurrency: 2 }, () => {
  test("makes its key once, keeps it to itself, and is not started anew without it", async (t) => {
    const home = makeWitnessHome(t)
    const first = await home.serve(["--name", "example.org/w"])
    assert.match(first.verifierKey, /^example\.org\/w\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}$/)
    const said = jsonOf<{ keyFile: string; keyCreated: boolean; logs: number }>({ exit: 0, signal: null, stderr: "", stdout: first.session.stdout() })
    assert.deepEqual([said.keyFile, said.keyCreated, said.logs], [join(home.state, "witness.key"), true, 0])
    if (process.platform !== "win32") {
      assert.equal(statSync(said.keyFile).mode & 0o777, 0o600)
      assert.equal(statSync(home.state).mode & 0o777, 0o700)
    }
    const secret = readFileSync(said.keyFile, "utf8")
    assert.ok(!first.session.stdout().includes(secret.trim().split("+").slice(4).join("+")), "the secret is not printed")
    await stopped(first)

    const again = await home.serve()
    assert.deepEqual([again.verifierKey, readFileSync(said.keyFile, "utf8")], [first.verifierKey, secret])
    const port = new URL(again.url).port
    const words = await home.run(["witness", "serve", "--state", home.state, "--listen", `127.0.0.1:${port}`])
    holds(words, { exit: 2, stderr: /^The witness cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\.\nChoose another address/ })
    await stopped(again)
    holds(await home.run(["witness", "serve", "--state", home.state, "--name", "example.org/other"]), {
      exit: 2,
      stderr: /^The key in \S+ is that of example\.org\/w; a witness keeps its name\. Leave --name out\.\n/,
    })

    holds(await home.run(["witness", "add", "--state", home.state, "--key", log.key]), {
      exit: 0,
      stdout: /^example\.com\/log is watched, by the key example\.com\/log\+\S+\.\n$/,
    })
    rmSync(said.keyFile)
    holds(await home.run(["witness", "serve", "--state", home.state, "--listen", "127.0.0.1:0"]), {
      exit: 2,
      stderr: /has logs, but its key \S+witness\.key is missing\.\nPut the key back/,
    })
    assert.ok(!existsSync(said.keyFile))
  })

  test("says in words where it listens, and keeps its key where it is told", async (t) => {
    const home = makeHome(t)
    const session = home.start(["witness", "serve", "--state", "w", "--listen", "127.0.0.1:0", "--key", "elsewhere.key", "--name", "example.org/w"])
    t.after(() => void session.child.kill("SIGKILL"))
    while (!session.stdout().includes("key file")) await new Promise((resolve) => setTimeout(resolve, 20))
    session.child.kill("SIGINT")
    const said = await session.ended
    holds(said, {
      exit: 0,
      stdout:
        /^The witness example\.org\/w listens on http:\/\/127\.0\.0\.1:\d+ and knows 0 logs\.\n {2}verifier key {2}(\S+)\n {16}for the setting witnesses of the ledgers it watches: "\1 http:\S+"\n {2}key file {6}\S+elsewhere\.key {3}made just now; keep a copy\n$/,
    })
    assert.ok(existsSync(join(home.directory, "elsewhere.key")) && !existsSync(join(home.directory, "w", "witness.key")))
    writeFileSync(join(home.directory, "elsewhere.key"), "nonsense")
    holds(await home.run("witness serve --state w --key elsewhere.key"), {
      exit: 2,
      stderr: /elsewhere\.key is not the key file of a witness: it does not hold one signer key/,
    })
  })

  test("takes logs up while it runs, lists them, and shows who contradicted themselves", async (t) => {
    const home = makeWitnessHome(t)
    const served = await home.serve()
    const add = (...args: readonly string[]) => home.run(["witness", "add", "--state", home.state, ...args])
    const list = (...args: readonly string[]) => home.run(["witness", "list", "--state", home.state, ...args])
    holds(await list(), { exit: 0, stdout: /^No log is watched yet: sovereign-ledger witness add\n$/ })
    assert.equal((await offerTo(served.url, log.offer(0, 5)))?.status, 404)
    holds(await add("--key", served.verifierKey), { exit: 2, stderr: /^That is not a verifier key/ })
    holds(await add("--key", log.key), { exit: 0, stdout: /^example\.com\/log is watched, by the key example\.com\/log\+\S+\.\n$/ })
    holds(await add("--key", log.key), { exit: 0, stdout: /^example\.com\/log was watched by this key already\.\n$/ })
    assert.equal((await offerTo(served.url, log.offer(0, 5)))?.status, 200)

    const successor = makeLog(log.origin, 9)
    assert.equal((await offerTo(served.url, successor.offer(5, 9)))?.status, 403)
    holds(await add("--key", successor.key), {
      exit: 2,
      stderr: /^example\.com\/log is watched already, by another key: example\.com\/log\+\S+\.\nIf it handed over/,
    })
    assert.equal((await offerTo(served.url, successor.offer(5, 9)))?.status, 403)
    holds(await add("--replace", "--key", successor.key), { exit: 0, stdout: /^example\.com\/log is watched, by the key \S+\.\n$/ })
    assert.equal((await offerTo(served.url, log.offer(5, 9)))?.status, 403, "the key it handed over from signs no more")
    assert.equal((await offerTo(served.url, successor.offer(5, 9)))?.status, 200)
    holds(await add("--replace", "--key", successor.key, "--origin", "never.example/log"), {
      exit: 2,
      stderr: /^never\.example\/log is not watched yet: leave --replace out/,
    })
    const other = jsonOf(await add("--key", successor.key, "--origin", "another.example/log", "--json"))
    assert.deepEqual([other["added"], other["origin"], other["size"], other["cosignedAt"]], [true, "another.example/log", 0, null])
    holds(await list(), { exit: 0, stdout: /^another\.example\/log {2}nothing cosigned yet\nexample\.com\/log {2}9 entries cosigned, \d+ s ago\n$/ })

    const fork = successor.forkAt(3)
    assert.equal((await offerTo(served.url, fork.offer(9, 12)))?.status, 422, "the new key has to continue what was cosigned")
    assert.equal((await offerTo(served.url, fork.offer(9, 9)))?.status, 409)
    holds(await list(), {
      exit: 1,
      stdout:
        /\n {2}✗ FORKED \d+ s ago: this witness cosigned another tree of the same size; kept in \S+\.proven\.json\n {2}\? REFUSED \d+ s ago: the consistency proof does not lead from the tree of size 9 that this witness cosigned; kept in \S+\.unproven\.json\n$/,
    })
    const said = await list("--json")
    const { logs } = jsonOf<{
      logs: readonly { readonly size: number; readonly checkpoint: string; readonly contradictions: readonly { readonly file: string }[] }[]
    }>(said)
    assert.equal(said.exit, 1)
    assert.deepEqual([logs[1]?.size, logs[1]?.checkpoint, logs[0]?.contradictions], [9, successor.note(9), []])
    const evidence = logs[1]?.contradictions.map(({ file }) => JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>)
    assert.deepEqual(
      evidence?.map(({ request, cosigned }) => [request, cosigned]),
      [fork.offer(9, 9), fork.offer(9, 12)].map((request) => [request, successor.note(9)]),
    )
    await stopped({ ...served, session: { ...served.session, ended: served.session.ended.then((all) => ({ ...all, stderr: "" })) } })
    assert.match((await served.session.ended).stderr, /^refused, and kept as evidence: the consistency proof does not lead from the tree of size 9/)
  })
})

describe("a ledger whose checkpoint was cosigned", { concurrency: 2 }, () => {
  const witness = new WitnessKey("example.org/w", Buffer.alloc(32, 5))
  const made = (t: TestContext) => {
    const home = makeHome(t)
    const ledger = temporaryLedger(t)
    ledger.append(20)
    const size = ledger.checkpoint()
    const text = parseSignedCheckpoint(ledger.read().reader.checkpoint(size)?.note ?? "")?.text ?? ""
    const line = witness.cosign(text, 1_795_000_000).trimEnd()
    ledger.open().journal.storeCosignature({ witness: witnessId(parseVerifierKey(witness.verifierKey, "witness")), size, line })
    ledger.append(5)
    ledger.checkpoint()
    ledger.close()
    const flags = ["--data-dir", ledger.directory, "--key-file", ledger.places.keyFile, "--head-note", ledger.files.headNote]
    const run = (...words: readonly string[]) => home.run([...words, ...flags])
    return { home, run, size, line, key: ledger.keys().store.verifierKey }
  }

  test("shows it: show, list and export carry the witness's line, and others read it as a signed note", async (t) => {
    const { home, run, size, line } = made(t)
    const shown = await run("checkpoint", "show", "--cosigned")
    assert.equal(shown.exit, 0, shown.stderr)
    assert.ok(shown.stdout.endsWith(`\n${line}\n`))
    const signed = parseSignedCheckpoint(shown.stdout)
    assert.deepEqual([signed?.size, signed?.signatures.length], [size, 2])
    assert.equal((await run("checkpoint", "show", "--checkpoint", String(size))).stdout, shown.stdout)
    assert.ok(!(await run("checkpoint", "show")).stdout.includes(line), "the head is newer")
    const json = jsonOf<{ readonly checkpoint: Readonly<Record<string, unknown>> }>(await run("checkpoint", "show", "--cosigned", "--json"))
    const cosignature = { witness: witnessId(parseVerifierKey(witness.verifierKey, "witness")), at: new Date(1_795_000_000_000).toISOString() }
    assert.deepEqual([json.checkpoint["cosigners"], json.checkpoint["cosignatures"]], [["example.org/w"], [cosignature]])
    holds(await run("checkpoint", "list"), { exit: 0, stdout: new RegExp(` ${size}  \\S{44}  sovereign-ledger/\\S+, cosigned by example\\.org/w\\n`) })
    holds(await run("checkpoint", "export", "--cosigned", "seen.note"), { exit: 0, stderr: /^Checkpoint over \d+ entries written to seen\.note\./ })
    assert.equal(readFileSync(join(home.directory, "seen.note"), "utf8"), shown.stdout)
    holds(await run("verify", "--against", "seen.note"), { exit: 0, stdout: /^\u2713 VALID/ })
  })

  test("exports say so to who has nothing but the file, the ledger's key and the witness's", async (t) => {
    const { run, size, key } = made(t)
    holds(await run("export", "json", "--out", "all.ndjson"), { exit: 0, stderr: /^\d+ rows/ })
    const verify = (...more: readonly string[]) => run("verify", "--offline", "all.ndjson", "--key", key, ...more)
    const seen = `witness example\\.org/w has seen ${size} entries, the last on \\S+Z \\(1 cosignature`
    holds(await verify("--witness", witness.verifierKey), { exit: 0, stdout: new RegExp(`^\u2713 VALID [^]*${seen}\\)\\n`) })
    holds(await verify(), { exit: 0, stdout: new RegExp(`^\u2713 VALID [^]*${seen}; not checked, its key is not pinned`) })
    const stranger = new WitnessKey("example.org/x", Buffer.alloc(32, 6)).verifierKey
    holds(await verify("--witness", stranger), { exit: 2, stdout: /^\? UNVERIFIABLE [^]*witness example\.org\/x has seen nothing of this ledger\n/ })
    holds(await run("verify", "--from", "3", "--witness", stranger), { exit: 2, stderr: /^--from and --witness do not go together/ })
  })
})

describe("a ledger that names its witnesses", { concurrency: 2 }, () => {
  const key = "example.org/w+47580226+BFhZSmQj9+SoL+p/nN0Hh76xXmF7QcHfytUrI1XfSClk"

  test("in its settings: verify shows them, check asks them, nonsense is refused", async (t) => {
    const home = makeHome(t)
    const settings = (witnesses: readonly string[]) => {
      mkdirSync(join(home.directory, ".openclaw"), { recursive: true })
      writeFileSync(
        join(home.directory, ".openclaw", "openclaw.json"),
        JSON.stringify({ plugins: { entries: { "sovereign-ledger": { config: { witnesses } } } } }),
      )
    }
    await home.run("key create")
    holds(await home.run("witness check"), { exit: 2, stderr: /^No witness is known for this ledger\.\nName one with --witness "KEY URL"/ })
    settings([`${key} http://127.0.0.1:1`])
    holds(await home.run("verify"), { exit: 0, stdout: /\n {2}witness example\.org\/w has seen nothing of this ledger\n/ })
    holds(await home.run("witness check"), {
      exit: 2,
      stdout: /^\? NOT ASKED {2}example\.org\/w at http:\/\/127\.0\.0\.1:1\n {2}connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    })
    const json = await home.run("witness check --json")
    const { witnesses } = jsonOf<{ readonly witnesses: readonly Readonly<Record<string, unknown>>[] }>(json)
    assert.deepEqual([json.exit, witnesses[0]?.["state"], witnesses[0]?.["seenSize"]], [2, "could not be asked", null])
    settings(["nonsense"])
    holds(await home.run("verify"), { exit: 2, stderr: /^That is not the verifier key of a witness/ })
  })

  test("by a flag: what it has not seen is not called valid", async (t) => {
    const home = makeHome(t)
    await home.run("key create")
    holds(await home.run(["verify", "--witness", key]), { exit: 2, stdout: /^\? UNVERIFIABLE [^]*witness example\.org\/w has seen nothing of this ledger\n/ })
    holds(await home.run(["witness", "check", "--witness", key]), { exit: 2, stderr: /^No witness is known/ })
  })
})
