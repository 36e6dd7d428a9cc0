/** The commands of a witness, as people type them. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
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
