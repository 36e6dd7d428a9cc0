/**
 * Two ledgers that witness each other, four processes over loopback: what each has seen of the other, also after all of them were started anew; then a fork
 * and a roll-back of a whole directory, which nothing in it shows, and which the witness tells.
 */
import assert from "node:assert/strict"
import { cpSync, readFileSync, rmSync } from "node:fs"
import { createServer as createHttpServer } from "node:http"
import { createServer, type Server } from "node:net"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { parseSignedCheckpoint } from "../../src/format/checkpoint.ts"
import { readWitnessKey } from "../../src/vault/witness-key.ts"
import { makeWitnessHome } from "../witness/served.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"
import { type Side, keyOf, named, idOf, flagsOf, makeSide, watch, record, checkpoint, witnessedUpTo, stateOf, stopped } from "./witnessed.ts"

describe("two ledgers that witness each other", () => {
  test("see each other grow, by a flag and by settings, across a new start of all four", async (t) => {
    const [a, b] = [await makeSide(t), await makeSide(t)]
    await watch(a, b.rig)
    await watch(b, a.rig)
    const bySettings = (side: Side, other: Side) => {
      const link = side.rig.link()
      return side.rig.client({}, () => Promise.resolve({ ...link, config: { ...(link.config ?? assert.fail()), witnesses: [named(other)] } }))
    }
    await a.rig.writer(["--witness", named(b), "--service"])
    const client = bySettings(b, a)
    await gateCall(client, "one")
    await record(a.rig, "one")
    const sizes = [await checkpoint(a.rig), await checkpoint(b.rig)] as const
    await Promise.all([witnessedUpTo(a.rig, sizes[0]), witnessedUpTo(b.rig, sizes[1])])
    assert.equal(b.rig.entries("config.loaded")[0]?.facts["witnesses"], 1, "the settings are on record")

    const note = readFileSync(a.rig.files.headNote, "utf8")
    assert.equal(parseSignedCheckpoint(note)?.signatures[1]?.name, idOf(b.served).split("+")[0], "the note outside carries its line")
    const verify = await a.rig.run(["verify", ...flagsOf(a.rig), "--witness", b.served.verifierKey])
    assert.equal(verify.status, 0, verify.stdout)
    assert.match(verify.stdout, new RegExp(`witness \\S+ has seen ${sizes[0]} entries, the last on \\d{4}-\\S+Z \\(\\d cosignatures?\\)\\n`))
    const status = await a.rig.run(["status", ...flagsOf(a.rig)])
    assert.match(status.stdout, new RegExp(`Witness +\\S+ has seen ${sizes[0]} entries, \\d+ s ago\\n`))
    const check = await b.rig.run(["witness", "check", ...flagsOf(b.rig), "--witness", named(a)])
    assert.deepEqual([check.status, check.stderr], [0, ""])
    assert.match(
      check.stdout,
      /^✓ AGREES {2}\S+ at http:\/\/127\.0\.0\.1:\d+\n {2}it has seen \d+ entries of this ledger, and nothing that contradicts them\n$/,
    )

    client.close()
    await Promise.all([a.rig.stopWriter(), b.rig.stopWriter(), stopped(a.served), stopped(b.served)])
    a.served = await a.home.serve()
    b.served = await b.home.serve()
    await a.rig.writer(["--witness", named(b)])
    await b.rig.writer(["--witness", named(a)])
    await Promise.all([record(a.rig, "two"), record(b.rig, "two")])
    const grown = [await checkpoint(a.rig), await checkpoint(b.rig)] as const
    assert.ok(grown[0] > sizes[0] && grown[1] > sizes[1])
    await Promise.all([witnessedUpTo(a.rig, grown[0]), witnessedUpTo(b.rig, grown[1])])
    for (const [side, other] of [
      [a, b],
      [b, a],
    ] as const) {
      assert.deepEqual([side.rig.verify().verdict, side.rig.verify().witnesses.map(({ witness }) => witness)], ["valid", [idOf(other.served)]])
      const list = await side.home.run(["witness", "list", "--state", side.home.state, "--json"])
      const { logs } = JSON.parse(list.stdout) as {
        readonly logs: readonly { readonly origin: string; readonly size: number; readonly contradictions: unknown }[]
      }
      assert.deepEqual(
        [list.exit, logs.map(({ origin }) => origin), logs.map(({ contradictions }) => contradictions)],
        [0, [keyOf(other.rig).split("+")[0]], [[]]],
      )
    }
  })
})

describe("a ledger whose past was exchanged", () => {
  /** A ledger whose witness has seen it, stopped, and a copy of everything of it: directory, key and note. */
  const witnessed = async (t: TestContext) => {
    const home = makeWitnessHome(t)
    const side: Side = { rig: makeRig(t), home, served: await home.serve() }
    await watch(side, side.rig)
    await side.rig.writer(["--witness", named(side)])
    await record(side.rig, "before")
    await side.rig.run(["budget", "set", "cap", "--limit", "5usd", "--per", "lifetime", ...flagsOf(side.rig)])
    await witnessedUpTo(side.rig, await checkpoint(side.rig))
    await side.rig.stopWriter()
    const copy = makeRig(t, { bare: true })
    for (const name of ["ledger", "keys", "head.note"]) cpSync(join(side.rig.root, name), join(copy.root, name), { recursive: true })
    return { ...side, copy }
  }
  const goOn = async (rig: Rig, side: Side, calls: number): Promise<number> => {
    await rig.writer(["--witness", named(side)])
    for (let i = 0; i < calls; i++) await record(rig, `${rig === side.rig ? "here" : "there"}-${i}`)
    return checkpoint(rig)
  }

  test("a copy that goes on by itself is a fork: refused by the witness, told to the copy, and kept as evidence", async (t) => {
    const { copy, ...side } = await witnessed(t)
    const seen = await goOn(side.rig, side, 2)
    await witnessedUpTo(side.rig, seen)
    const size = await goOn(copy, side, 9)
    assert.ok(size > seen)
    await stateOf(copy, "saw another history")
    await until(() => copy.entries("witness.disagreed").length === 2, "it is on record")
    assert.deepEqual(
      copy.entries("witness.disagreed").map(({ facts }) => [facts["witness"], facts["finding"]]),
      [
        [idOf(side.served), "ahead"], // of where it was copied
        [idOf(side.served), "other history"],
      ],
    )
    assert.ok(
      copy.verify().witnesses.every(({ upTo }) => upTo < seen),
      "nothing of the fork was cosigned",
    )

    const status = await copy.run(["status", ...flagsOf(copy)])
    assert.equal(status.status, 1)
    assert.match(status.stdout, /it saw another history \(at \d+ entries\): this ledger was rolled back or forked; sovereign-ledger witness check says more/)
    const check = await copy.run(["witness", "check", ...flagsOf(copy), "--witness", named(side)])
    assert.equal(check.status, 1)
    assert.match(
      check.stdout,
      /^✗ FORKED {2}.*\n {2}what it cosigned of the first \d+ entries is not what stands here: a copy of this ledger went on elsewhere, or its past was rewritten\n$/,
    )
    const list = await side.home.run(["witness", "list", "--state", side.home.state])
    assert.equal(list.exit, 1)
    assert.match(
      list.stdout,
      /\n {2}\? REFUSED \d+ s ago: the consistency proof does not lead from the tree of size \d+ that this witness cosigned; kept in \S+\.unproven\.json\n/,
    )
    assert.equal(copy.verify().verdict, "valid", "the copy agrees with itself: only the witness knows")
    await record(side.rig, "after")
    await witnessedUpTo(side.rig, await checkpoint(side.rig))
  })

  test("a directory that was put back with its note agrees with itself, and the witness tells", async (t) => {
    const { copy, ...side } = await witnessed(t)
    const seen = await goOn(side.rig, side, 5)
    await witnessedUpTo(side.rig, seen)
    await side.rig.stopWriter()
    rmSync(side.rig.directory, { recursive: true })
    for (const name of ["ledger", "head.note"]) cpSync(join(copy.root, name), join(side.rig.root, name), { recursive: true })

    const verify = await side.rig.run(["verify", ...flagsOf(side.rig), "--witness", side.served.verifierKey])
    assert.equal(verify.status, 0, "nothing in the directory or beside it shows it")
    const check = await side.rig.run(["witness", "check", ...flagsOf(side.rig), "--witness", named(side), "--json"])
    assert.equal(check.status, 1)
    const { witnesses } = JSON.parse(check.stdout) as { readonly witnesses: readonly Readonly<Record<string, unknown>>[] }
    assert.deepEqual([witnesses[0]?.["state"], witnesses[0]?.["heading"]], ["is ahead", "ROLLED BACK"])
    const [told, size] = [Number(witnesses[0]?.["seenSize"]), Number(witnesses[0]?.["size"])]
    assert.ok(told >= seen && told > size)
    assert.equal(
      witnesses[0]?.["sentence"],
      `it knows a longer ledger: it has cosigned ${told} entries, and the last checkpoint here covers ${size} entries; the directory was put back from an older copy, or cut`,
    )

    await side.rig.writer(["--witness", named(side)])
    await stateOf(side.rig, "is ahead")
    await until(() => side.rig.entries("witness.disagreed").length === 1, "it is on record")
    const status = await side.rig.run(["status", ...flagsOf(side.rig)])
    assert.equal(status.status, 1)
    assert.match(status.stdout, /Alerts of [^]*knows a longer ledger: \d+ entries; \d+ stand here/)

    const frozen = () => side.rig.entries("ledger.frozen").map(({ facts }) => String(facts["reason"]))
    await until(() => frozen().length === 1, "everything is frozen")
    assert.match(frozen()[0] ?? "", /a witness knows \d+ entries, \d+ stood here/)
    assert.equal((await side.rig.run(["unfreeze", "all", ...flagsOf(side.rig)])).status, 0)
    await side.rig.stopWriter()
    await side.rig.writer(["--witness", named(side)])
    await stateOf(side.rig, "is ahead")
    for (let calls = 0; (await checkpoint(side.rig)) <= told; calls++) await record(side.rig, `grown-${calls}`)
    await stateOf(side.rig, "saw another history")
    assert.deepEqual([frozen().length, side.rig.entries("ledger.restored").length], [1, 1], "the same evidence, accepted once")
  })
})

describe("a ledger that hands its signing key over", () => {
  test("its witness takes the checkpoint both keys signed, and what the new key signs when its operator says so", async (t) => {
    const side = await makeSide(t)
    await watch(side, side.rig)
    await side.rig.writer(["--witness", named(side), "--service"])
    await record(side.rig, "before")
    await witnessedUpTo(side.rig, await checkpoint(side.rig))
    const before = keyOf(side.rig)
    const handed = await side.rig.run(["key", "hand-over", ...flagsOf(side.rig), "--json"])
    assert.equal(handed.status, 0, handed.stderr)
    const over = side.rig.entries().find(({ type }) => type === "signer.replaced")?.sequence ?? assert.fail("it was not handed over")
    await witnessedUpTo(side.rig, over + 1)
    await record(side.rig, "after")
    await checkpoint(side.rig)
    await stateOf(side.rig, "does not trust its key")
    const check = await side.rig.run(["witness", "check", ...flagsOf(side.rig), "--witness", named(side)])
    assert.equal(check.status, 2)
    assert.match(
      check.stdout,
      /^\? KEY NOT TRUSTED THERE .*\n {2}it watches this ledger under another key: sovereign-ledger witness add --replace on its machine/,
    )

    const add = (...words: readonly string[]) => side.home.run(["witness", "add", "--state", side.home.state, ...words])
    assert.equal((await add("--key", keyOf(side.rig))).exit, 2)
    assert.notEqual(keyOf(side.rig), before)
    assert.equal((await add("--replace", "--key", keyOf(side.rig))).exit, 0)
    const again = await side.rig.run(["witness", "check", ...flagsOf(side.rig), "--witness", named(side)])
    assert.equal(again.status, 0, again.stdout)
    await side.rig.stopWriter()
    const verify = await side.rig.run(["verify", ...flagsOf(side.rig), "--witness", side.served.verifierKey])
    assert.equal(verify.status, 0, verify.stdout)
  })
})

describe("a witness that is no help", () => {
  test("an old cosignature that is sent again does not pass for an answer", async (t) => {
    const { rig, home } = await makeSide(t)
    await rig.writer()
    await checkpoint(rig)
    await rig.stopWriter()
    const key = readWitnessKey(join(home.state, "witness.key")) ?? assert.fail("no key")
    const replay = createHttpServer((request, response) => {
      let body = ""
      request.setEncoding("utf8").on("data", (part: string) => (body += part))
      request.on("end", () => response.end(key.cosign(`${body.slice(body.indexOf("\n\n") + 2).split("\n\n")[0]}\n`, Math.floor(Date.now() / 1000) - 3_600)))
    })
    const url = `http://127.0.0.1:${await portOf(t, replay)}`
    const check = await rig.run(["witness", "check", ...flagsOf(rig), "--witness", `${key.verifierKey} ${url}`])
    assert.equal(check.status, 2)
    assert.match(check.stdout, /^\? NO GOOD ANSWER {2}.*\n {2}its cosignature is of \d{4}-\S+Z: an old one that was sent again, or its clock is wrong\n$/)
  })

  test("one that never answers holds up no gate and no end", async (t) => {
    const { rig, home, served } = await makeSide(t)
    const held: string[] = []
    const silent = createServer((socket) => void socket.on("data", (bytes) => held.push(String(bytes))).on("error", () => {}))
    const url = `http://127.0.0.1:${await portOf(t, silent)}`
    assert.ok(home.state)
    const writer = await rig.writer(["--witness", `${served.verifierKey} ${url}`])
    await until(() => held.length > 0, "it is asked")
    for (let i = 0; i < 5; i++) await record(rig, `gate-${i}`)
    await checkpoint(rig)
    assert.equal((await rig.status()).witnesses[0]?.state, "not asked yet")
    writer.child.kill("SIGTERM")
    assert.equal((await writer.ended).status, 0)
    assert.equal(rig.entries("tool.invoked").length, 5)
  })

  test("a writer that is told to stop shows its witness everything first", async (t) => {
    const side = await makeSide(t)
    await watch(side, side.rig)
    const writer = await side.rig.writer(["--witness", named(side), "--service"])
    await witnessedUpTo(side.rig, 1)
    await record(side.rig, "last")
    writer.child.kill("SIGTERM")
    assert.equal((await writer.ended).status, 0)
    const { entries, witnesses } = side.rig.verify()
    assert.deepEqual([witnesses[0]?.upTo, side.rig.entries().at(-1)?.type], [entries - 1, "writer.stopped"], "all but the word that it ended")
  })

  test("a writer that leaves for want of clients shows its witness everything first", async (t) => {
    const side = await makeSide(t)
    await watch(side, side.rig)
    const writer = await side.rig.writer(["--witness", named(side), "--leave-after-ms", "300"])
    await record(side.rig, "last")
    const { status, stderr } = await writer.ended
    assert.equal(status, 0, stderr)
    const { entries, witnesses } = side.rig.verify()
    assert.deepEqual([witnesses[0]?.upTo, side.rig.entries().at(-1)?.type], [entries - 1, "writer.stopped"], "all but the word that it ended")
  })
})

function portOf(t: TestContext, server: Server): Promise<number> {
  t.after(() => void server.close())
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { readonly port: number }).port)))
}
