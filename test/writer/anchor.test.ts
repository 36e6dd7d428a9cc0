/**
 * A ledger whose checkpoints a time-stamp authority anchors, over loopback: journaled in a chain, shown, checked by us and by openssl, carried by exports; and an
 * authority that is away, slow, too talkative or lying, which holds up nothing and is told of.
 */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test, type TestContext } from "node:test"
import { apiKey, serveEvidence } from "../anchor/evidence-network.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"
import { flagsOf, keyOf } from "./witnessed.ts"
import {
  forgedToken,
  granted,
  honestAnswer,
  makeIdentities,
  needsOpenssl,
  openssl,
  requestParts,
  serve,
  type Answering,
  type Authority,
  type Identity,
} from "../anchor/authority.ts"

type Anchored = {
  readonly rig: Rig
  readonly directory: string
  readonly ca: Identity
  readonly stamper: Identity
  readonly authority: Authority
  readonly named: string
}

async function makeAnchored(
  t: TestContext,
  answering?: (identities: { readonly directory: string; readonly stamper: Identity }) => Answering,
): Promise<Anchored> {
  const rig = makeRig(t)
  const directory = join(rig.root, "authority")
  const { ca, stamper } = makeIdentities(directory)
  const authority = await serve(answering?.({ directory, stamper }) ?? ((request) => honestAnswer(directory, stamper, request)))
  t.after(() => authority.close())
  return { rig, directory, ca, stamper, authority, named: `${authority.url} ${ca.certificate}` }
}

/** A client whose settings name the authority, and let it be asked after every entry and every second. */
function clientOf({ rig, named }: Pick<Anchored, "rig" | "named">, rules = {}, other = {}) {
  const link = rig.link({ program: undefined })
  const anchors = { timestampAuthorities: [named], rules: { afterEvents: 1, mostADay: 86_400, ...rules }, ...other }
  return rig.client({}, () => Promise.resolve({ ...link, config: { ...(link.config ?? assert.fail()), anchors } }))
}

const standing = async (rig: Rig) => (await rig.status()).anchors[0] ?? assert.fail("nobody is asked")
const anchorsIn = (rig: Rig) =>
  rig.entries("checkpoint.anchored").map(({ sequence, facts }) => ({ sequence, ...facts }) as Readonly<Record<string, unknown>> & { readonly sequence: number })
const allAnchored = (rig: Rig, number: number) =>
  until(async () => anchorsIn(rig).length >= number && (await standing(rig)).pending === 0, `${number} anchors, and nothing pending`)

describe("a ledger that a time-stamp authority anchors", needsOpenssl, () => {
  test("is stamped again and again, across a new start; verify, status, exports and openssl say so", async (t) => {
    const anchored = await makeAnchored(t)
    const { rig, ca } = anchored
    await rig.writer(["--service"])
    const client = clientOf(anchored)
    for (const [index, call] of ["one", "two"].entries()) {
      await gateCall(client, call)
      await allAnchored(rig, index + 1)
    }
    client.close()
    await rig.stopWriter()
    await rig.writer(["--service"])
    const again = clientOf(anchored)
    await gateCall(again, "three")
    again.close()
    await allAnchored(rig, 3)
    // What a client's leaving brought with it may be anchored, too, while somebody looks.
    let [anchors, status] = [anchorsIn(rig), await rig.run(["status", ...flagsOf(rig)])]
    while (anchorsIn(rig).length > anchors.length) [anchors, status] = [anchorsIn(rig), await rig.run(["status", ...flagsOf(rig)])]
    assert.deepEqual(
      anchors.map(({ number, kind, authority }) => [number, kind, authority]),
      anchors.map((_, index) => [index + 1, "rfc3161", anchored.authority.url]),
    )
    const count = anchors.length
    assert.equal(rig.entries("config.loaded")[0]?.facts["anchors"], 1, "the settings are on record")

    assert.equal(status.status, 0, status.stdout)
    assert.match(status.stdout, new RegExp(`Anchor +${anchored.authority.url} has anchored ${String(anchors.at(-1)?.["size"])} entries, \\d+ s ago\\n`))
    const list = await rig.run(["anchors", "list", ...flagsOf(rig), "--json"])
    const listed = JSON.parse(list.stdout) as { readonly total: number; readonly anchors: readonly { readonly number: number }[] }
    assert.deepEqual([list.status, listed.total, listed.anchors.map(({ number }) => number)], [0, count, anchors.map(({ number }) => number).toReversed()])
    for (const command of [["verify"], ["anchors", "check"]]) {
      const unpinned = await rig.run([...command, ...flagsOf(rig)])
      assert.match(
        unpinned.stdout,
        new RegExp(`has anchored \\d+ entries, the last on \\S+Z \\(${count} anchors; not checked, no certificate it leads to is pinned`),
      )
      const pinned = await rig.run([...command, ...flagsOf(rig), "--timestamp-ca", ca.certificate])
      assert.equal(pinned.status, 0, pinned.stdout)
      assert.match(pinned.stdout, new RegExp(`has anchored \\d+ entries, the last on \\S+Z \\(${count} anchors\\)\n`))
    }

    const file = join(rig.root, "anchored.note")
    const written = await rig.run(["anchors", "export", file, "--number", "2", ...flagsOf(rig)])
    assert.equal(written.status, 0, written.stderr)
    assert.match(
      openssl(rig.root, ["ts", "-verify", "-data", file, "-in", `${file}.tst`, "-token_in", "-CAfile", ca.certificate]).toString(),
      /Verification: OK/,
    )
    assert.equal((await rig.run(["verify", "--against", file, ...flagsOf(rig)])).status, 0)
    assert.equal((await rig.run(["anchors", "export", file, ...flagsOf(rig)])).status, 2, "nothing is replaced")

    const foreign = makeIdentities(join(rig.root, "foreign")).ca
    for (const [name, filter] of [
      ["whole", []],
      ["part", ["--from", "2", "--to", "4"]],
    ] as const) {
      const out = join(rig.root, `${name}.ndjson`)
      assert.equal((await rig.run(["export", "json", ...filter, "--out", out, ...flagsOf(rig)])).status, 0)
      const offline = (...more: readonly string[]) => rig.run(["verify", "--offline", out, "--key", keyOf(rig), ...more])
      const checked = await offline("--timestamp-ca", ca.certificate)
      assert.equal(checked.status, 0, checked.stdout)
      assert.match(checked.stdout, name === "whole" ? new RegExp(`\\(${count} anchors\\)\n`) : /\(1 anchor\)\n/)
      const other = await offline("--timestamp-ca", foreign.certificate)
      assert.equal(other.status, 2, other.stdout)
      assert.match(other.stdout, /No time-stamp here leads to a certificate of /)
      const lines = readFileSync(out, "utf8").trimEnd().split("\n")
      const end = JSON.parse(lines.at(-1) ?? "") as { readonly anchored: readonly { readonly proof: string }[] }
      const bent = end.anchored.map((one) => ({ ...one, proof: bend(one.proof) }))
      writeFileSync(out, [...lines.slice(0, -1), JSON.stringify({ ...end, anchored: bent })].join("\n"))
      assert.equal((await offline("--timestamp-ca", ca.certificate)).status, 1, "a token that was changed")
    }
  })

  test("shows it everything before its writer stops", async (t) => {
    const anchored = await makeAnchored(t)
    const { rig } = anchored
    const writer = await rig.writer(["--service", "--timestamp-authority", anchored.named])
    await until(() => anchorsIn(rig).length === 1, "it is anchored")
    const client = clientOf({ rig, named: anchored.named }, { afterEvents: 1_000, everyMs: 86_400_000, mostADay: 86_400 })
    await gateCall(client, "late")
    client.close()
    assert.equal(anchorsIn(rig).length, 1)
    await until(async () => (await standing(rig)).waitsMs === 0, "it may be asked again")
    writer.child.kill("SIGTERM")
    assert.equal((await writer.ended).status, 0)
    const last = anchorsIn(rig).at(-1)
    assert.deepEqual([last?.["number"], last?.sequence], [2, rig.entries().length - 2], "all but the word that it ended")
    assert.equal(rig.verify().verdict, "valid")
  })
})

describe("a ledger that Digital Evidence anchors", () => {
  test("is submitted by key, and what it shows stands in the journal; its key does not", async (t) => {
    const rig = makeRig(t)
    const network = await serveEvidence()
    t.after(() => network.close())
    await rig.writer(["--service"], { env: { DE_TEST_URL: network.url } })
    const ids = { orgId: "550e8400-e29b-41d4-a716-446655440000", tenantId: "123e4567-e89b-12d3-a456-426614174000" }
    const evidence = { place: "test" as const, apiKey, ...ids, payees: [], mostMicros: 0, mostADayMicros: 0 }
    const client = clientOf({ rig, named: "" }, {}, { timestampAuthorities: [], evidence })
    await gateCall(client, "one")
    await allAnchored(rig, 1)
    client.close()
    await rig.stopWriter()
    assert.deepEqual([anchorsIn(rig)[0]?.["kind"], anchorsIn(rig)[0]?.["authority"]], ["digital-evidence", network.url])
    assert.deepEqual(
      anchorsIn(rig).map(({ reference }) => reference),
      network.lookedUp,
    )
    const { verdict, anchors } = rig.verify()
    assert.deepEqual([verdict, anchors.map(({ kind }) => kind)], ["valid", ["digital-evidence"]])
    const exported = await rig.run(["export", "json", "--include-content", ...flagsOf(rig)])
    assert.match(exported.stdout, /550e8400-e29b-41d4-a716-446655440000/)
    assert.ok(!exported.stdout.includes(apiKey), "the settings are on record without their secrets")
  })
})

describe("a time-stamp authority that is no help", needsOpenssl, () => {
  const lies: Readonly<Record<string, readonly [why: string, answering: (parts: { readonly directory: string; readonly stamper: Identity }) => Answering]>> = {
    "a certificate of another authority": [
      "not chained",
      ({ directory }) => {
        const { stamper } = makeIdentities(join(directory, "foreign"))
        return (request) => honestAnswer(directory, stamper, request)
      },
    ],
    "another imprint": ["other imprint", forging(({ nonce }) => ({ digest: Buffer.alloc(32, 1), nonce, at: new Date() }))],
    "another nonce": ["other nonce", forging(({ digest }) => ({ digest, nonce: Buffer.alloc(8, 1), at: new Date() }))],
    "a time of an hour ago": ["other time", forging(({ digest, nonce }) => ({ digest, nonce, at: new Date(Date.now() - 3_600_000) }))],
    "what is no answer": ["malformed", () => () => Buffer.from("<html>welcome</html>")],
  }
  for (const [name, [why, answering]] of Object.entries(lies)) {
    test(`${name}: an alert, once, and nothing is held up`, async (t) => {
      const { rig, named } = await makeAnchored(t, answering)
      await rig.writer(["--service", "--timestamp-authority", named])
      await until(async () => (await standing(rig)).failures > 1, "it was asked twice")
      await gateCall(clientOf({ rig, named }), "goes on")
      assert.equal((await standing(rig)).state, "answers falsely")
      await rig.stopWriter()
      assert.deepEqual(
        rig.entries("anchor.rejected").map(({ facts }) => facts["why"]),
        [why],
      )
      assert.deepEqual([anchorsIn(rig), rig.entries("tool.invoked").length, rig.verify().verdict], [[], 1, "valid"])
      const status = await rig.run(["status", ...flagsOf(rig)])
      assert.match(status.stdout, new RegExp(`Alerts of [^]*gave a false anchor for \\d+ entries: ${why}`))
    })
  }

  test("is told in status as long as it lies", async (t) => {
    const { rig, named } = await makeAnchored(
      t,
      forging(({ nonce }) => ({ digest: Buffer.alloc(32, 1), nonce, at: new Date() })),
    )
    await rig.writer(["--service", "--timestamp-authority", named])
    await until(async () => (await standing(rig)).state === "answers falsely", "it was heard")
    const status = await rig.run(["status", ...flagsOf(rig)])
    assert.equal(status.status, 1)
    assert.match(status.stdout, /Anchor +\S+ has anchored nothing yet, \d+ entr\w+ pending; answers falsely: it stamps something else/)
    assert.equal((await rig.run(["anchors", "list", ...flagsOf(rig)])).status, 1)
    const watched = await rig.run(["watch", "--once", "--json", ...flagsOf(rig)])
    assert.match(watched.stdout, /"name":"anchors","state":"wrong"/)
  })

  const silences: Readonly<Record<string, readonly [problem: RegExp, answering: Answering]>> = {
    "that is closed": [/ECONNRESET|socket hang up/, (_, response) => void response.destroy()],
    "that says no": [/status 2: it does not know the hash/, () => Buffer.from("3009300702010203020780", "hex")],
    "that sends elsewhere": [/status 302/, (_, response) => void response.writeHead(302, { Location: "http://127.0.0.1:1/" }).end()],
    "that fails": [/status 500/, (_, response) => void response.writeHead(500).end()],
    "that says too much": [/longer than 65536 bytes/, () => Buffer.alloc(1 << 20)],
  }
  for (const [name, [problem, answering]] of Object.entries(silences)) {
    test(`one ${name} is no alert, and stands in status`, async (t) => {
      const { rig, named } = await makeAnchored(t, () => answering)
      await rig.writer(["--service", "--timestamp-authority", named])
      await until(async () => (await standing(rig)).failures > 0, "it was asked")
      await gateCall(clientOf({ rig, named }), "goes on")
      assert.match((await standing(rig)).problem ?? "", problem)
      const status = await rig.run(["status", ...flagsOf(rig)])
      assert.equal(status.status, 0, status.stdout)
      await rig.stopWriter()
      assert.deepEqual([rig.entries("anchor.rejected"), rig.entries("tool.invoked").length], [[], 1])
    })
  }

  test("one that never answers holds up no gate and no end", async (t) => {
    const { rig, named, authority } = await makeAnchored(t, () => () => undefined)
    const writer = await rig.writer(["--service", "--timestamp-authority", named])
    await until(() => authority.asked.length > 0, "it is asked")
    await gateCall(clientOf({ rig, named }), "goes on")
    assert.equal((await standing(rig)).state, "not asked yet")
    writer.child.kill("SIGTERM")
    assert.equal((await writer.ended).status, 0)
    assert.equal(rig.entries("tool.invoked").length, 1)
  })

  test("one whose certificate cannot be read is not asked, until it can", async (t) => {
    const { rig, named, ca, authority } = await makeAnchored(t)
    const pem = readFileSync(ca.certificate)
    writeFileSync(ca.certificate, "nothing")
    await rig.writer(["--service", "--timestamp-authority", named])
    await until(async () => /is no file of PEM certificates/.test((await standing(rig)).problem ?? ""), "it is told")
    assert.equal(authority.asked.length, 0)
    writeFileSync(ca.certificate, pem)
    await until(() => anchorsIn(rig).length === 1, "it is anchored")
  })
})

type Asked = ReturnType<typeof requestParts>

function forging(made: (asked: Asked) => Parameters<typeof forgedToken>[2]) {
  return ({ directory, stamper }: { readonly directory: string; readonly stamper: Identity }): Answering =>
    (request) =>
      granted(forgedToken(directory, stamper, made(requestParts(request))))
}

function bend(proof: string): string {
  const bytes = Buffer.from(proof, "base64")
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
  return bytes.toString("base64")
}
