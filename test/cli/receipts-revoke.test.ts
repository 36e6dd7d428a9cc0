/** `receipts revoke`: a key that gave its place away and is revoked, in the published keys, on record, and for who checks receipts. */
import assert from "node:assert/strict"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import type { KeySet } from "../../src/format/peac/key-set.ts"
import { askWriter } from "../../src/surfaces/socket/writer-link.ts"
import { receiptKeys } from "../../src/views/receipt-keys.ts"
import { called, clientOf } from "../writer/receipt-calls.ts"
import { makeRig, until, type Ended } from "../writer/rig.ts"

const issuer = "https://agents.example.com"

describe("a key of receipts, revoked", () => {
  const rig = makeRig({ after })
  const ledger = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const run = (...words: readonly string[]): Promise<Ended> => rig.run([...words, ...ledger])
  const path = (name: string) => join(rig.root, name)
  const [pinned, published, told, loose, bundle] = ["before.json", "jwks.json", "issuer.json", "one.jws", "all.peacbundle"].map(path) as [
    ...[string, string, string, string, string],
  ]
  const check = (file: string, keys: string, ...words: readonly string[]) => rig.run(["receipts", "verify", file, "--keys", keys, ...words])
  let [old, next] = ["", ""]

  before(async () => {
    const client = clientOf(rig, { issuer })
    for (const call of ["a", "b", "c"]) called(client, call)
    await client.flush(10_000)
    await until(() => rig.entries("receipt.issued").length === 3, "they are issued")
    await run("receipts", "keys", "--out", pinned)
    const [first] = rig.reading(receiptKeys).keys
    old = first?.kid ?? ""
    const signing = await run("receipts", "revoke", old, "--reason", "superseded", "--yes")
    assert.deepEqual([signing.status, /signs receipts now, and cannot be revoked[^]*key hand-over/.test(signing.stderr)], [2, true], signing.stderr)
    assert.equal((await run("key", "hand-over")).status, 0)
    called(client, "d")
    await client.flush(10_000)
    await until(() => rig.entries("receipt.issued").length === 4, "the new key signs")
    next = rig.reading(receiptKeys).keys.at(-1)?.kid ?? ""
    writeFileSync(loose, (await run("receipts", "show", "1", "--jws")).stdout)
    await client.close()
  })

  test("is refused where it is unknown, without a reason, or for one that there is not", async () => {
    const wrong = [
      [["nobody", "--reason", "superseded"], /No key of this ledger's receipts is called nobody/],
      [[old], /Say why with --reason: key_compromise, superseded/],
      [[old, "--reason", "lost", "--yes"], /There is no reason "lost"/],
      [[next, "--reason", "superseded", "--yes"], /signs receipts now/],
    ] as const
    for (const [words, problem] of wrong) {
      const { status, stderr } = await run("receipts", "revoke", ...words)
      assert.deepEqual([status, problem.test(stderr)], [2, true], stderr)
    }
    const asked = askWriter(rig.link({ program: undefined }), "revoke-key", 10_000, { kid: next, reason: "superseded", under: [] })
    await assert.rejects(asked, /signs receipts now/, "the writer itself refuses, whoever asks")
    assert.equal(rig.entries("receipt-key.revoked").length, 0)
  })

  test("is only shown without --yes, and then stands in what is published, and on record", async () => {
    const shown = await run("receipts", "revoke", old, "--reason", "superseded")
    assert.deepEqual([shown.status, /It signed 3 receipts, the last at .*\nNothing was changed/.test(shown.stdout)], [0, true], shown.stdout)
    assert.equal(rig.entries("receipt-key.revoked").length, 0)
    const done = JSON.parse((await run("receipts", "revoke", old, "--reason", "superseded", "--yes", "--json")).stdout) as Record<string, unknown>
    assert.deepEqual([done["revoked"], done["kid"], done["receipts"], done["repeated"]], [true, old, 3, false])
    const again = JSON.parse((await run("receipts", "revoke", old, "--reason", "superseded", "--yes", "--json")).stdout) as Record<string, unknown>
    assert.deepEqual([again["repeated"], again["revoked_at"]], [true, done["revoked_at"]])
    const [entry, ...others] = rig.entries("receipt-key.revoked")
    assert.deepEqual([entry?.facts["kid"], entry?.facts["reason"], others], [old, "superseded", []])
    const list = [{ kid: old, revoked_at: done["revoked_at"], reason: "superseded" }]
    assert.deepEqual(((await askWriter(rig.link({ program: undefined }), "receipt-keys")) as KeySet).revoked_keys, list)
    await rig.stopWriter()
    rmSync(rig.files.views)
    await run("receipts", "keys", "--out", published)
    await run("receipts", "keys", "--issuer", issuer, "--out", told)
    assert.deepEqual(rig.reading(receiptKeys).revoked_keys, list, "by the journal alone")
    assert.equal(rig.verify().verdict, "valid")
  })

  test("leaves what it signed before good, and says that it was revoked", async () => {
    const good = await check(loose, published)
    assert.deepEqual([good.status, good.stdout.includes(`The key ${old} was revoked, at `)], [0, true], good.stdout)
    const byDocument = await check(loose, pinned, "--issuer", told)
    const withoutName = good.stdout.replace(/^ {2}Issued by https:\/\/agents\.example\.com: so says whoever has the key.*\n/m, "")
    assert.notEqual(withoutName, good.stdout, "keys alone are nobody's by name")
    assert.deepEqual([byDocument.status, byDocument.stdout], [good.status, withoutName], "also where only peac-issuer.json says so")
    writeFileSync(
      path("other.json"),
      JSON.stringify({ version: "peac-issuer/0.1", issuer: "https://else.example", jwks_uri: "https://else.example/jwks.json" }),
    )
    assert.equal((await check(loose, pinned, "--issuer", path("other.json"))).status, 2, "by the keys of another issuer")
    assert.equal((await check(loose, pinned, "--issuer", pinned)).status, 2)
  })

  test("as stolen, a receipt alone proves nothing, and a bundle by the next key does", async () => {
    const { revoked_at: since } = rig.reading(receiptKeys).revoked_keys?.[0] ?? {}
    assert.equal((await run("receipts", "revoke", old, "--reason", "key_compromise", "--yes")).status, 0)
    assert.deepEqual(rig.reading(receiptKeys).revoked_keys, [{ kid: old, revoked_at: since, reason: "key_compromise" }], "from the first time on")
    await run("receipts", "export", bundle)
    rmSync(published)
    await run("receipts", "keys", "--out", published)
    const alone = await check(loose, published)
    assert.deepEqual([alone.status, /others may have it: whoever does can write an earlier time/.test(alone.stdout)], [2, true], alone.stdout)
    const onRecord = await check(loose, published, "--on-record", ...ledger)
    assert.deepEqual([onRecord.status, onRecord.stdout.includes(`The key ${old} was revoked`)], [0, true], onRecord.stdout + onRecord.stderr)
    const other = ["--data-dir", path("other"), "--key-file", path("other.key"), "--head-note", path("other.note")]
    await rig.run(["key", "create", ...other])
    assert.equal((await rig.run(["checkpoint", "show", ...other])).status, 0)
    assert.equal((await check(loose, published, "--on-record", ...other)).status, 2, "a journal that does not have it vouches for nothing")
    const vouched = await check(bundle, published)
    assert.deepEqual([vouched.status, /complete: receipts 1 to 4/.test(vouched.stdout)], [0, true], vouched.stdout)
    const text = (await run("events", "list", "--type", "receipt-key.revoked")).stdout
    assert.match(text, new RegExp(`key of receipts ${old} revoked: superseded[^]*revoked: key_compromise`))
  })

  test("is the operator's to revoke, where a credential is set", async () => {
    writeFileSync(path("credential"), "a long enough credential for tests\n")
    assert.equal((await run("operator", "set-credential", "--new-file", path("credential"))).status, 0)
    const refused = await run("receipts", "revoke", old, "--reason", "superseded", "--yes")
    assert.deepEqual([refused.status, /revoking a key of receipts/.test(refused.stderr)], [1, true], refused.stderr)
    assert.equal((await run("receipts", "revoke", old, "--reason", "superseded", "--yes", "--credential-file", path("credential"))).status, 0)
    await rig.stopWriter()
  })
})
