/** Receipts by hand: one an action, linked, good by the package's own schema and crypto, whatever a store does. */
import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { verify } from "@peac/crypto"
import { Wire02ClaimsSchema } from "@peac/schema"
import { Fault } from "../../src/base/fault.ts"
import { objectOf } from "../../src/base/json.ts"
import { parseRecord } from "../../src/format/peac/record.ts"
import {
  carriersIn,
  carry,
  fileStore,
  memoryStore,
  openReceipts,
  type Action,
  type CaptureOptions,
  type PublicJwk,
  type ReceiptStore,
} from "../../src/receipts.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { vectors } from "../verify/peac/made-records.ts"

const key = generateKeyPairSync("ed25519").privateKey
const action = (id: string, changes: Partial<Action> = {}): Action => ({
  ...{ id, kind: "tool.call", platform: "my-agent", tool_name: "read", status: "ok" },
  ...{ started_at: "2026-01-02T03:04:05.000Z", completed_at: "2026-01-02T03:04:05.250Z", ...changes },
})
const faultOf = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Fault && error.code === code, String(error))
  return error.message.endsWith(".") && error.remedy !== ""
}
const claimsIn = (jws: string) => {
  const parsed = parseRecord(jws)
  assert.ok("value" in parsed)
  return parsed.value.claims
}

describe("receipts by hand", () => {
  test("carry the digests of known payloads, byte for byte", async () => {
    const [known = ""] = readFileSync(join(vectors, "spool-entries.ndjson"), "utf8").split("\n")
    const receipts = openReceipts({ store: memoryStore(), key })
    await receipts.capture(action("a"), { input: { query: "PEAC protocol", n: 3 } })
    const [first = ""] = await receipts.records()
    const evidence = objectOf(objectOf(claimsIn(first)["extensions"])["org.peacprotocol/interaction"])
    assert.deepEqual(objectOf(evidence["input"])["digest"], objectOf(JSON.parse(known))["input_digest"])
  })

  test("are one an action, linked, and good by the keys they name", async () => {
    const receipts = openReceipts({ store: memoryStore(), key, issuer: "https://agents.example.com", nowMs: () => 1_800_000_000_000 })
    const all = await Promise.all(
      Array.from({ length: 600 }, (_, at) => receipts.capture(action(`call-${at}`), { input: { at }, output: null, workflow: "run" })),
    )
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      Array.from({ length: 600 }, (_, at) => at + 1),
    )
    const records = await receipts.records()
    const { keys } = receipts.keys()
    for (const [at, jws] of records.entries()) {
      const checked = await verify(jws, Buffer.from(keys[0]?.x ?? "", "base64url"))
      assert.ok(checked.valid)
      const claims = claimsIn(jws)
      assert.ok(Wire02ClaimsSchema.safeParse(claims).success)
      assert.deepEqual([claims["iss"], claims["iat"], claims["sub"]], ["https://agents.example.com", 1_800_000_000, `call-${at}`])
    }
    assert.equal(new Set(records.map((jws) => claimsIn(jws)["jti"])).size, 600)
  })

  test("the same actions give the same chain, whoever signs it and whenever", async () => {
    const digests = async (nowMs: number) => {
      const receipts = openReceipts({ store: memoryStore(), key: generateKeyPairSync("ed25519").privateKey, nowMs: () => nowMs })
      return Promise.all(["a", "b", "c"].map(async (id) => (await receipts.capture(action(id), { input: id })).entryDigest))
    }
    assert.deepEqual(await digests(1), await digests(2e12))
  })

  test("an action that comes again keeps its receipt, another one of its id is refused, also after a restart", async () => {
    const store = memoryStore()
    const first = openReceipts({ store, key })
    const [one, again] = await Promise.all([first.capture(action("a"), { input: 1 }), first.capture(action("a"), { input: 1 })])
    assert.deepEqual([one?.repeated, again], [false, { ...one, repeated: true }])
    for (const receipts of [first, openReceipts({ store, key })]) {
      assert.deepEqual(await receipts.capture(action("a"), { input: 1 }), { ...one, repeated: true })
      await assert.rejects(receipts.capture(action("a"), { input: 2 }), faultOf("library.repeated"))
      await assert.rejects(receipts.capture(action("a", { status: "error", error_code: "x" }), { input: 1 }), faultOf("library.repeated"))
    }
    assert.equal((await first.records()).length, 1)
  })

  test("close flushes what was captured, and after it nothing is", async () => {
    const store = memoryStore()
    const receipts = openReceipts({ store, key })
    const captured = ["a", "b", "c"].map((id) => receipts.capture(action(id)))
    await receipts.close()
    assert.equal((await store.read()).length, 3)
    await Promise.all(captured)
    await assert.rejects(receipts.capture(action("d")), faultOf("library.closed"))
  })

  test("what is changed after the call is not in the receipt", async () => {
    const receipts = openReceipts({ store: memoryStore(), key })
    const input = { path: "a" }
    const captured = receipts.capture(action("a"), { input })
    input.path = "b"
    await captured
    assert.equal((await receipts.capture(action("a"), { input: { path: "a" } })).repeated, true)
  })

  test("what no record can say is refused in words, and nothing is written", async () => {
    const store = memoryStore()
    const receipts = openReceipts({ store, key })
    const cyclic: Record<string, unknown> = {}
    cyclic["me"] = cyclic
    const wrong: readonly (readonly [unknown, CaptureOptions?])[] = [
      ...[[undefined], [{}], [action("")], [action("x".repeat(300))], [{ ...action("a"), extra: 1 }], [action("a", { platform: "" })]].map(
        ([told]) => [told] as const,
      ),
      [action("a", { started_at: "2026-01-02T03:04:06.000Z" })],
      [action("a", { completed_at: "yesterday" })],
      [action("a", { completed_at: "2026-01-02T04:04:05.250+01:00" })],
      [{ ...action("a"), completed_at: 5 }],
      [{ ...action("a"), status: "good" }],
      [{ ...action("a"), policy: { decision: "maybe" } }],
      [action("a"), { observed: "refused" as "denied" }],
      [action("a"), { input: cyclic }],
      [action("a"), { input: 1n }],
      [action("a"), { output: () => 1 }],
    ]
    for (const [told, options] of wrong) await assert.rejects(receipts.capture(told as Action, options), faultOf("library.action"), JSON.stringify(told))
    assert.deepEqual(await store.read(), [])
    for (const value of [null, "x", -1, 1.5, {}, [], true, "\ud800"]) {
      for (const name of Object.keys({ ...action("a"), duration_ms: 1, error_code: "", policy: {} })) {
        const told = { ...action(`${name} ${JSON.stringify(value)}`), [name]: value } as Action
        await receipts.capture(told).catch((error: unknown) => assert.ok(faultOf("library.action")(error) || faultOf("library.repeated")(error)))
      }
    }
    for (const jws of await receipts.records()) assert.ok(Wire02ClaimsSchema.safeParse(claimsIn(jws)).success, JSON.stringify(claimsIn(jws)))
  })

  test("other keys and issuers than there can be are refused", () => {
    const store = memoryStore()
    const wrong = [
      { key: generateKeyPairSync("ed25519").publicKey },
      { key: generateKeyPairSync("x25519").privateKey },
      { key, issuer: "http://a.example" },
      { key, earlierKeys: [{ kty: "OKP", crv: "Ed25519", x: "AA", kid: "a", alg: "EdDSA", use: "sig" } satisfies PublicJwk] },
    ]
    for (const options of wrong) assert.throws(() => openReceipts({ store, ...options }), faultOf("library.key"))
  })
})

describe("receipts by hand, carried", () => {
  test("come out of messages and headers as they went in, or are refused in words", async () => {
    const receipts = openReceipts({ store: memoryStore(), key })
    await receipts.capture(action("a"))
    const [record = ""] = await receipts.records()
    const url = "https://agents.example.com/1.jws"
    const [mcp, a2a, http] = [carry(record, "mcp", { url }), carry(record, "a2a"), carry(record, "http", { url })]
    const found = [carriersIn({ message: mcp }), carriersIn({ message: { result: { status: a2a } } }), carriersIn({ headers: new Headers(http) })]
    for (const carriers of found)
      assert.deepEqual(
        carriers.map(({ receipt_jws: jws }) => jws),
        [record],
      )
    assert.deepEqual(carriersIn({ message: {} }), [])
    assert.throws(() => carry("a.b.c", "mcp"), faultOf("library.carrier"))
    assert.throws(() => carry(record, "smtp" as "mcp"), faultOf("library.carrier"))
    assert.throws(() => carry(record, "http", { url: "http://a.example" }), faultOf("library.carrier"))
    const twice: [string, string][] = Object.entries(http).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ])
    assert.throws(() => carriersIn({ headers: twice }), faultOf("library.carrier"))
    assert.throws(() => carriersIn({ message: { _meta: { ...mcp._meta, "org.peacprotocol/receipt_ref": "x" } } }), faultOf("library.carrier"))
  })
})

describe("a store of receipts by hand", () => {
  const filled = async (store: ReceiptStore, ids: readonly string[], by = key) => {
    const receipts = openReceipts({ store, key: by })
    for (const id of ids) await receipts.capture(action(id))
    await receipts.close()
  }

  test("that was changed is not signed after: edited, dropped, exchanged, doubled, of a stranger's key", async () => {
    const made = memoryStore()
    await filled(made, ["a", "b", "c"])
    const [a = "", b = "", c = ""] = await made.read()
    const stranger = memoryStore()
    await filled(stranger, ["a"], generateKeyPairSync("ed25519").privateKey)
    const edited = `${a.slice(0, -4)}${a.endsWith("AAAA") ? "BBBB" : "AAAA"}`
    for (const lines of [[edited, b, c], [b, c], [a, c], [a, c, b], [a, a, b], [a, b, c, c], ["", a], await stranger.read()]) {
      const appended: string[] = []
      const store: ReceiptStore = { read: () => Promise.resolve(lines), append: (records) => Promise.resolve(void appended.push(...records)) }
      await assert.rejects(openReceipts({ store, key }).capture(action("d")), faultOf("library.chain"))
      assert.deepEqual(appended, [])
    }
  })

  test("goes on under another key, with the earlier one named", async () => {
    const store = memoryStore()
    await filled(store, ["a"])
    const next = generateKeyPairSync("ed25519").privateKey
    const earlierKeys = openReceipts({ store, key }).keys().keys
    const receipts = openReceipts({ store, key: next, earlierKeys })
    assert.equal((await receipts.capture(action("b"))).sequence, 2)
    assert.deepEqual([receipts.keys().keys.length, receipts.keys().keys[0]], [2, earlierKeys[0]])
  })

  for (const kept of [0, 1, 2]) {
    test(`that fails with ${kept} of two records kept: whoever captures again has one receipt each`, async () => {
      const under = memoryStore()
      let fails = true
      const store: ReceiptStore = {
        read: under.read,
        append: async (records) => {
          await under.append(fails ? records.slice(0, kept) : records)
          if (fails) throw new Error("no space left on device")
        },
      }
      const receipts = openReceipts({ store, key })
      const both = () => Promise.allSettled([receipts.capture(action("a")), receipts.capture(action("b"))])
      for (const { status, ...told } of await both()) {
        assert.equal(status, "rejected")
        assert.ok(faultOf("library.not-stored")((told as { reason: unknown }).reason))
      }
      fails = false
      assert.deepEqual(
        (await both()).map((told) => told.status === "fulfilled" && [told.value.sequence, told.value.repeated]),
        [
          [1, kept > 0],
          [2, kept > 1],
        ],
      )
      assert.equal((await receipts.records()).length, 2)
    })
  }

  test("in a file is private, survives a crash in the middle of a line, and is nobody else's to write", async (t) => {
    const path = join(temporaryDirectory(t), "receipts.jws")
    await filled(fileStore(path), ["a", "b"])
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const whole = readFileSync(path, "latin1")
    const [, second = ""] = whole.split("\n")
    writeFileSync(path, `${whole}${second.slice(0, 100)}`)
    await filled(fileStore(path), ["b", "c"])
    assert.equal((await fileStore(path).read()).length, 3)
    assert.ok(readFileSync(path, "latin1").startsWith(whole))
    const receipts = openReceipts({ store: fileStore(path), key })
    await receipts.capture(action("d"))
    appendFileSync(path, "x")
    await assert.rejects(receipts.capture(action("e")), faultOf("library.not-stored"))
    assert.ok(readFileSync(path, "latin1").endsWith("\nx"), "what somebody else wrote is left")
  })
})
