/** docs/spec/store.md is enough to open a ledger: here with node:crypto and the SQLite library alone, every key unwrapped and every content found. */
import assert from "node:assert/strict"
import { argon2Sync, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import Database from "better-sqlite3-multiple-ciphers"
import { backUpKeys } from "../../src/operations/back-up-keys.ts"
import { takeMasterStep } from "../../src/operations/replace-master.ts"
import { rotateMaster } from "../../src/operations/rotate-master.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { ledgerFiles } from "../../src/journal/files.ts"
import { temporaryDirectory, temporaryLedger, startMs } from "../ledger-fixture.ts"

type KeysJson = {
  readonly storeId: string
  readonly verifierKey: string
  readonly masterFingerprint: string
  readonly stretching?: Stretching
  readonly wrapped: { readonly page: string; readonly signing: string; readonly scopes: string }
  readonly fileSalts: Readonly<Record<string, string>>
  readonly pending?: { readonly verifierKey: string; readonly signing: string }
  readonly handOvers?: readonly string[]
  readonly mac: string
}
type Stretching = { readonly memoryKib: number; readonly passes: number; readonly parallelism: number; readonly salt: string }

const derive = (key: Buffer, purpose: string) => Buffer.from(hkdfSync("sha256", key, "", `sovereign-ledger/${purpose}/1`, 32))
const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest()
const u64 = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function unseal(key: Buffer, sealed: Buffer, label: Buffer | string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
  decipher.setAAD(Buffer.from(label))
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
}

function stretch(passphrase: string, { memoryKib, passes, parallelism, salt }: Stretching): Buffer {
  const message = Buffer.from(passphrase.normalize("NFKC"))
  return argon2Sync("argon2id", { message, nonce: Buffer.from(salt, "base64"), parallelism, tagLength: 32, memory: memoryKib, passes })
}

function unwrapped(keys: KeysJson, master: Buffer, name: keyof KeysJson["wrapped"]): Buffer {
  const label = `sovereign-ledger/keys/2\n${keys.storeId}\n${keys.verifierKey}\n${name}\n`
  return unseal(derive(master, "wrap"), Buffer.from(keys.wrapped[name], "base64"), label)
}

/** RFC 8785, of what has no numbers but small whole ones. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const members = value as Readonly<Record<string, unknown>>
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join()}}`
}

function opened(file: string, key: Buffer): Database.Database {
  const database = new Database(file, { readonly: true })
  database.pragma("cipher = 'aegis'")
  database.pragma(`key = 'raw:${key.toString("hex")}'`)
  return database
}

describe("the store, by its specification alone", () => {
  const ledger = temporaryLedger({ after })
  ledger.append(900)
  ledger.checkpoint()
  ledger.close()
  const keys = JSON.parse(readFileSync(ledger.files.keys, "utf8")) as KeysJson
  const master = Buffer.from(readFileSync(ledger.places.keyFile, "utf8").trim(), "base64url")
  const journal = opened(ledger.files.journal, derive(unwrapped(keys, master, "page"), "pages/journal.db"))
  const scopes = opened(ledger.files.scopes, unwrapped(keys, master, "scopes"))
  after(() => {
    journal.close()
    scopes.close()
  })

  test("keys.json", () => {
    assert.equal(createHmac("sha256", master).update("sovereign-ledger/key-fingerprint/1").digest("hex").slice(0, 16), keys.masterFingerprint)
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), unwrapped(keys, master, "signing")])
    const signing = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }))
    const inKey = Buffer.from(keys.verifierKey.split("+").slice(2).join("+"), "base64").subarray(1)
    assert.deepEqual(signing.export({ format: "der", type: "spki" }).subarray(12), inKey)
    assert.equal(readFileSync(ledger.files.journal).subarray(0, 24).toString("base64"), keys.fileSalts["journal.db"])
  })

  test("the authenticator of keys.json, and of one that two master keys open", async () => {
    const macOf = (whole: Readonly<Record<string, unknown>>, key: Buffer) => {
      const { mac: _, next, ...rest } = whole
      const { mac: __, ...shared } = (next ?? {}) as Record<string, unknown>
      return createHmac("sha256", derive(derive(key, "wrap"), "keys.json"))
        .update(canonical(next ? { ...rest, next: shared } : rest))
        .digest("base64")
    }
    const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>
    assert.equal(macOf(read(ledger.files.keys), master), keys.mac)

    const two = ledger.copy({ after })
    const next = Buffer.alloc(32, 7)
    const text = `${next.toString("base64url")}=`
    const ask = (line: Parameters<typeof takeMasterStep>[1]) => {
      if (line["step"] === "add") return Promise.resolve(takeMasterStep(two.open(), line, startMs, () => {}))
      return Promise.reject(new Error("cut off here"))
    }
    await assert.rejects(rotateMaster(two.files, two.places, { newKey: { text, where: "words" }, ask }), /cut off here/)
    two.close()
    const both = read(two.files.keys)
    assert.deepEqual([macOf(both, master), macOf(both, next)], [both["mac"], (both["next"] as { mac: string }).mac])
  })

  test("journal.db: format, every content through its chunk, every id hash", () => {
    assert.equal(journal.pragma("application_id", { simple: true }), 0x534c6a31)
    assert.equal(journal.pragma("user_version", { simple: true }), 1)
    const idSalt = journal.prepare("SELECT value FROM meta WHERE name = 'id salt'").pluck().get() as Buffer
    let contents = 0
    for (const row of journal.prepare("SELECT sequence, header, facts, place FROM entries ORDER BY sequence").raw().all()) {
      const [, header, facts, place] = row as [number, Buffer, Buffer, number | null]
      assert.deepEqual(sha256(Buffer.of(0x10), facts), header.subarray(68, 100))
      const { id } = JSON.parse(facts.toString("utf8", 16)) as { id: string }
      assert.deepEqual(sha256(Buffer.of(0x12), idSalt, Buffer.from(id)), header.subarray(20, 52))
      assert.equal(place === null, header.subarray(100, 132).equals(Buffer.alloc(32)))
      if (place === null) continue
      assert.deepEqual(sha256(Buffer.of(0x11), recordAt(place, header.subarray(52, 68))), header.subarray(100, 132))
      contents++
    }
    assert.ok(contents > 300, `${contents} contents`)
  })

  function recordAt(place: number, scopeId: Buffer): Buffer {
    const number = Math.floor(place / 1024)
    const chunk = journal.prepare("SELECT scope_id, sealed FROM chunks WHERE number = ?").raw().get(number) as [Buffer, Buffer]
    assert.deepEqual(chunk[0], scopeId)
    const key = scopes
      .prepare("SELECT key FROM scope_keys WHERE scope_id = ? AND from_chunk <= ? ORDER BY from_chunk DESC LIMIT 1")
      .pluck()
      .get(scopeId, number) as Buffer
    const plain = unseal(key, chunk[1], Buffer.concat([Buffer.from("sovereign-ledger/chunk/1"), u64(number), scopeId]))
    let at = 0
    for (let index = place % 1024; index > 0; index--) at += 4 + plain.readUInt32BE(at)
    return plain.subarray(at + 4, at + 4 + plain.readUInt32BE(at))
  }

  test("tiles", () => {
    const tiles = journal.prepare("SELECT tile, hashes FROM tiles ORDER BY tile").raw().all() as [number, Buffer][]
    assert.deepEqual(
      tiles.map(([tile]) => tile),
      [0, 1, 2, 2 ** 44],
    )
    const leaves = (journal.prepare("SELECT header FROM entries ORDER BY sequence").pluck().all() as Buffer[]).map((header) => sha256(Buffer.of(0), header))
    const roots = [0, 1, 2].map((index) => {
      const of = leaves.slice(index * 256, index * 256 + 256)
      assert.deepEqual(tiles[index]?.[1], Buffer.concat(of))
      let level = of
      while (level.length > 1) level = level.flatMap((hash, i) => (i % 2 === 0 ? [sha256(Buffer.of(1), hash, level[i + 1] ?? hash)] : []))
      return level[0] ?? Buffer.alloc(0)
    })
    assert.deepEqual(tiles[3]?.[1], Buffer.concat([...roots, Buffer.alloc(253 * 32)]))
  })

  test("scopes.db and pseudonyms", () => {
    assert.equal(scopes.pragma("user_version", { simple: true }), 2)
    const key = scopes.prepare("SELECT value FROM meta WHERE name = 'pseudonym key'").pluck().get() as Buffer
    const expected = `~${createHmac("sha256", key).update("user:jane").digest("base64url").slice(0, 19)}`
    assert.equal(ledger.read().scopes?.pseudonym("user:jane"), expected)
  })

  test("the note outside is the last stored checkpoint", () => {
    const note = journal.prepare("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").pluck().get()
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), note)
  })

  test("a hand-over that is under way, and one that is done", () => {
    const handed = ledger.copy({ after })
    const read = () => JSON.parse(readFileSync(handed.files.keys, "utf8")) as KeysJson
    assert.throws(() => handed.handOver((step) => assert.notEqual(step, "pending")))
    const { pending, verifierKey, storeId } = read()
    assert.ok(pending)
    const label = `sovereign-ledger/keys/2\n${storeId}\n${pending.verifierKey}\npending\n${verifierKey}\n`
    const seed = unseal(derive(master, "wrap"), Buffer.from(pending.signing, "base64"), label)
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed])
    const next = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }))
      .export({ format: "der", type: "spki" })
      .subarray(12)
    assert.equal(pending.verifierKey.split("+").slice(2).join("+"), Buffer.concat([Buffer.of(1), next]).toString("base64"))
    handed.close()

    const { sequence, nextKey, handOver } = handed.handOver()
    handed.close()
    const done = read()
    assert.deepEqual([done.pending, done.verifierKey, done.handOvers], [undefined, nextKey, [handOver]])
    for (const name of ["page", "signing", "scopes"] as const) assert.equal(unwrapped(done, master, name).length, 32)
    const database = opened(handed.files.journal, derive(unwrapped(done, master, "page"), "pages/journal.db"))
    assert.deepEqual(database.prepare("SELECT name, length(value) FROM meta WHERE name LIKE 'hand-over %'").raw().all(), [[`hand-over ${sequence}`, 0]])
    database.close()
  })

  test("key backups, plain and sealed", () => {
    const folder = temporaryDirectory({ after })
    const passphrase = "\u212bngstr\u00f6m and more"
    backUpKeys(ledger.files, ledger.places, join(folder, "plain"), undefined, startMs)
    backUpKeys(ledger.files, ledger.places, join(folder, "sealed"), passphrase, startMs)
    const whole = { masterKey: readFileSync(ledger.places.keyFile, "utf8").trim(), keys }
    const read = (name: string) =>
      JSON.parse(readFileSync(join(folder, name), "utf8")) as { backup: number; plain: unknown; sealed: string; stretching: Stretching }
    assert.deepEqual([read("plain").backup, read("plain").plain], [1, whole])
    const { sealed, stretching } = read("sealed")
    const plain = unseal(stretch(passphrase, stretching), Buffer.from(sealed, "base64"), "sovereign-ledger/key-backup/1")
    assert.deepEqual(JSON.parse(plain.toString("utf8")), whole)
  })

  test("a passphrase is stretched with the parameters beside it", () => {
    const folder = temporaryDirectory({ after })
    const files = ledgerFiles(join(folder, "ledger"), join(folder, "head.note"))
    const passphrase = "correct horse battery"
    openLedger(files, { keyFile: join(folder, "none"), environment: { OPENCLAW_MASTER_KEY: passphrase } }, { nowMs: startMs, version: "test" }).close()
    const other = JSON.parse(readFileSync(files.keys, "utf8")) as KeysJson
    assert.ok(other.stretching)
    assert.equal(unwrapped(other, stretch(passphrase, other.stretching), "page").length, 32)
  })
})
