/** `receipts list|show|keys|export|verify`, from a writer that issued some to a stranger who has a bundle and a key. */
import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { called, clientOf } from "../writer/receipt-calls.ts"
import { makeRig, until, type Ended } from "../writer/rig.ts"
import { zipFiles } from "../../src/verify/peac/zip.ts"
import { storedZip } from "../../src/surfaces/cli/stored-zip.ts"

describe("receipts, handed out", () => {
  const rig = makeRig({ after })
  let place: string
  const run = (...words: readonly string[]): Promise<Ended> =>
    rig.run(["receipts", ...words, "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
  const check = (file: string, ...words: readonly string[]) => rig.run(["receipts", "verify", join(place, file), "--keys", join(place, "jwks.json"), ...words])

  before(async () => {
    place = mkdtempSync(join(tmpdir(), "sl-receipts-"))
    const client = clientOf(rig, { directory: join(place, "files") })
    for (let call = 0; call < 12; call++)
      called(client, `c${call}`, call === 5 ? { error: "no such file" } : {}, { runId: `run-${call % 2}`, sessionKey: `agent:main:${call % 3}` })
    await client.flush(10_000)
    await until(() => rig.entries("receipt.issued").length === 12, "all are issued")
    const status = await rig.run(["status", "--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote])
    assert.match(status.stdout, /Receipts +on, 12 receipts issued/)
    await client.close()
    await rig.stopWriter()
    assert.equal((await run("keys", "--out", join(place, "jwks.json"))).status, 0)
  })
  after(() => rmSync(place, { recursive: true, force: true }))

  test("list: filtered, counted, newest last", async () => {
    const all = await run("list")
    assert.equal(all.stderr, "")
    assert.match(all.stdout, /^ {5}1 [^]*\n {4}12 {2}\S+ \S+ {2}invoked read \(ok\) {2}of #\d+, run run-1, [0-9a-f-]{36}\n$/)
    const total = async (...words: readonly string[]) => (JSON.parse((await run("list", "--json", ...words)).stdout) as { total: number }).total
    assert.deepEqual(
      [await total("--run", "run-0"), await total("--session", "agent:main:1"), await total("--status", "error"), await total("--tool", "exec")],
      [6, 4, 1, 0],
    )
    assert.equal(await total("--since", "1h"), 12)
    const beyond = await run("list", "--offset", "12")
    assert.deepEqual([beyond.status, beyond.stdout], [0, "There are 12 receipts, and --offset leaves out all of them.\n"])
    assert.match((await run("list", "--offset", "10")).stdout, /\n2 receipts of 12; --offset and --last show others\n$/)
    assert.match((await run("list", "--tool", "exec")).stdout, /^No receipts\. They are issued/)
    const wrong = await run("list", "--status", "good")
    assert.deepEqual([wrong.status, /There is no status "good"/.test(wrong.stderr)], [2, true])
  })

  test("show: by number or id, and the record alone for other tools", async () => {
    const { receipt, jws } = JSON.parse((await run("show", "6", "--json")).stdout) as { receipt: { jti: string; status: string }; jws: string }
    assert.equal(receipt.status, "error")
    const alone = await run("show", receipt.jti, "--jws")
    assert.equal(alone.stdout, `${jws}\n`)
    assert.equal(readFileSync(join(place, "files", `${receipt.jti}.jws`), "utf8"), `${jws}\n`)
    assert.equal(statSync(join(place, "files", `${receipt.jti}.jws`)).mode & 0o777, 0o600)
    writeFileSync(join(place, "one.jws"), alone.stdout)
    assert.equal((await check("one.jws")).status, 0)
    const unknown = await run("show", "99")
    assert.deepEqual([unknown.status, unknown.stderr.startsWith("There is no receipt 99 in this ledger")], [2, true])
  })

  test("export: a bundle that is complete by its signature; one that lacks a record is found", async () => {
    const written = await run("export", join(place, "all.peacbundle"))
    assert.match(written.stdout, /all\.peacbundle: 12 receipts, number 1 to 12, [\d,]+ bytes\n$/)
    const good = await check("all.peacbundle")
    assert.deepEqual([good.status, /complete: receipts 1 to 12 of sovereign-ledger\//.test(good.stdout)], [0, true], good.stdout)
    assert.doesNotMatch(good.stdout, /left out/, "complete is said in one place")
    assert.equal((await run("export", join(place, "all.peacbundle"))).status, 2, "it replaces nothing")
    const archive = zipFiles(readFileSync(join(place, "all.peacbundle")))
    assert.ok("files" in archive)
    assert.deepEqual(
      archive.files.map(({ name }) => name),
      ["manifest.json", "receipts.ndjson", "keys/keys.json", "completeness.json", "bundle.sig"],
    )
    const without = archive.files.map((file) => (file.name === "receipts.ndjson" ? { ...file, bytes: file.bytes.subarray(file.bytes.indexOf(10) + 1) } : file))
    writeFileSync(join(place, "less.peacbundle"), storedZip(without, Date.now()))
    const less = await check("less.peacbundle", "--json")
    assert.equal(less.status, 1)
    assert.match(less.stdout, /it says that it has 12 records, and has 11/)
    const some = await run("export", join(place, "some.peacbundle"), "--run", "run-0")
    assert.equal(some.status, 0)
    const selection = await check("some.peacbundle")
    assert.deepEqual([selection.status, /is a selection \(run run-0\): others may have been left out/.test(selection.stdout)], [0, true], selection.stdout)
    const recent = await run("export", join(place, "recent.peacbundle"), "--since", "1h")
    assert.equal(recent.status, 0, recent.stderr)
    assert.match((await check("recent.peacbundle")).stdout, /is a selection \(since \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z\)/)
    const piped = await run("export", "-")
    assert.deepEqual([piped.status, piped.stderr.startsWith("A bundle is written to a file")], [2, true], piped.stderr)
    assert.equal((await run("export", join(place, "session.peacbundle"), "--session", "agent:main:1")).status, 0)
    assert.ok(!readFileSync(join(place, "session.peacbundle")).includes("agent:main:1"), "a session's key stays here")
    const none = await run("export", join(place, "none.peacbundle"), "--tool", "nothing")
    assert.deepEqual([none.status, none.stderr.startsWith("No receipt is of what was asked for")], [2, true])
  })

  test("carry: in a message or in headers, from a pipe into who checks it", async () => {
    for (const transport of ["mcp", "a2a", "http"]) {
      const printed = await run("carry", "6", "--as", transport, "--url", "https://agents.example.com/6.jws")
      const read = await rig.run(["receipts", "verify", "-", "--keys", join(place, "jwks.json")], { input: printed.stdout })
      assert.deepEqual([read.status, /1 of 1 record good[^]*6\.jws\. Nothing was fetched/.test(read.stdout)], [0, true], read.stdout)
    }
    const reference = await run("carry", "6", "--as", "mcp", "--reference")
    writeFileSync(join(place, "reference.json"), reference.stdout)
    assert.equal((await check("reference.json")).status, 2)
    const told = JSON.parse((await run("carry", "6", "--as", "a2a", "--json")).stdout) as { carrier: { receipt_ref: string } }
    writeFileSync(
      join(place, "other.json"),
      JSON.stringify({ _meta: { "org.peacprotocol/receipt_ref": told.carrier.receipt_ref, "org.peacprotocol/receipt_jws": "a.b.c" } }),
    )
    assert.equal((await check("other.json")).status, 1)
    for (const [words, problem] of [
      [["6"], /Say what carries it with --as: mcp, a2a, http/],
      [["6", "--as", "smtp"], /There is no transport "smtp"/],
      [["6", "--as", "http", "--reference"], /headers carry the receipt itself/],
      [["6", "--as", "mcp", "--url", "http://agents.example.com"], /no https address/],
      [["99", "--as", "mcp"], /There is no receipt 99/],
    ] as const) {
      const { status, stderr } = await run("carry", ...words)
      assert.deepEqual([status, problem.test(stderr)], [2, true], stderr)
    }
  })

  test("keys: one set for all, and where an issuer publishes it", async () => {
    const { keys } = JSON.parse((await run("keys")).stdout) as { keys: { kty: string; crv: string; alg: string }[] }
    assert.deepEqual(
      keys.map(({ kty, crv, alg }) => [kty, crv, alg]),
      [["OKP", "Ed25519", "EdDSA"]],
    )
    const issuer = JSON.parse((await run("keys", "--issuer", "https://agents.example.com")).stdout) as { jwks_uri: string }
    assert.equal(issuer.jwks_uri, "https://agents.example.com/.well-known/jwks.json")
    assert.equal((await run("keys", "--issuer", "http://agents.example.com/x")).status, 2)
  })
})
