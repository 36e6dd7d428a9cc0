/** Scopes: their keys are on disk before anything is sealed with them, and a destroyed key is gone for good. */
import assert from "node:assert/strict"
import { createHmac } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { openDatabase } from "../../src/vault/database.ts"
import { ScopeStore } from "../../src/vault/scopes.ts"
import { day, key, keyIn, storeIn } from "./scope-store.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

describe("scopes", () => {
  test("a session and a sender make one scope, the same in every process", (t) => {
    const { open } = storeIn(t)
    const writer = open()
    const scope = writer.resolve({ session: "s", sender: "p" }, 1)
    assert.deepEqual([scope.id.length, scope.name, scope.session, scope.sender], [16, scope.id.toString("hex"), "s", "p"])
    assert.equal(writer.resolve({ session: "s", sender: "p" }, 2), scope)
    const again = open().resolve({ session: "s", sender: "p" }, 3)
    assert.deepEqual([again.id, keyIn(again)], [scope.id, keyIn(scope)])
  })

  test("labels that look alike when joined are scopes of their own", (t) => {
    const store = storeIn(t).open()
    const labels = [
      ["a", "b"],
      ["ab", ""],
      ["", "ab"],
      ["a\u0000", "b"],
      ["a", "\u0000b"],
      ["a\u0000b", ""],
      ["a\u0000b", "c"],
      ["a", "b\u0000c"],
      ["1 a", "b"],
      ["", ""],
    ]
    const names = labels.map(([session = "", sender = ""]) => store.resolve({ session, sender }, 1).name)
    assert.equal(new Set(names).size, labels.length)
    assert.equal(store.resolve({}, 1).name, names.at(-1))
  })

  test("a new one is on disk before it is handed out", (t) => {
    const { open, path } = storeIn(t)
    const scope = open().resolve({ session: "s" }, 1)
    const other = open(true).byId(scope.id)
    assert.ok(typeof other === "object")
    assert.deepEqual(keyIn(other), keyIn(scope))
    assert.equal(existsSync(`${path}-wal`), false, "a write-ahead log could be lost apart from the file")
  })

  test("an id that was never here is unknown, and asking makes nothing", (t) => {
    const { open } = storeIn(t)
    const store = open()
    assert.equal(store.byId(Buffer.alloc(16, 1)), undefined)
    assert.equal(store.byId(Buffer.alloc(0)), undefined)
    assert.deepEqual(store.idsOfSession("s"), [])
  })

  test("an erased scope reads as erased, and what comes later gets a new one", (t) => {
    const { open, edit } = storeIn(t)
    const before = open().resolve({ session: "s", sender: "p" }, 1)
    edit("UPDATE scope_keys SET key = NULL; UPDATE scopes SET session = '', sender = '', salt = NULL")
    const store = open()
    assert.equal(store.byId(before.id), "erased")
    const after = store.resolve({ session: "s", sender: "p" }, 2)
    assert.notDeepEqual(after.id, before.id)
    assert.notDeepEqual(keyIn(after), keyIn(before))
    assert.notDeepEqual(after.redactionSalt, before.redactionSalt)
    assert.equal(store.byId(before.id), "erased")
    assert.equal(store.byId(after.id) === "erased", false)
    assert.equal(store.idsOfSession("s").length, 1)
    assert.deepEqual(store.count(), { open: 1, erased: 1, keys: 1, destroyed: 1 })
  })

  test("the scopes of a session", (t) => {
    const store = storeIn(t).open()
    const ids = ["p", "q"].map((sender) => store.resolve({ session: "s", sender }, 1).name)
    store.resolve({ session: "other", sender: "p" }, 1)
    assert.deepEqual(
      store
        .idsOfSession("s")
        .map((id) => id.toString("hex"))
        .sort(),
      ids.sort(),
    )
  })

  test("pseudonyms stand for their text in this ledger, and in no other", (t) => {
    const { open } = storeIn(t)
    const store = open()
    const [jane, again, john, foreign] = [store.pseudonym("jane"), open(true).pseudonym("jane"), store.pseudonym("john"), storeIn(t).open().pseudonym("jane")]
    assert.match(jane, /^~[A-Za-z0-9_-]{19}$/)
    assert.equal(again, jane)
    assert.equal(new Set([jane, john, foreign]).size, 3)
  })

  test("more scopes than are kept in memory are all still there", (t) => {
    const { open, path, edit } = storeIn(t)
    open()
    const ids = Array.from({ length: 4_200 }, (_, i) => `x'${i.toString(16).padStart(32, "0")}'`)
    const secret = `x'${"ab".repeat(32)}'`
    edit(`INSERT INTO scopes(scope_id, session, sender, salt, created_ms) VALUES ${ids.map((id, i) => `(${id}, 's${i}', '', ${secret}, 1)`).join(",")}`)
    edit(`INSERT INTO scope_keys(scope_id, from_chunk, day, key) VALUES ${ids.map((id) => `(${id}, 0, 0, ${secret})`).join(",")}`)
    const store = open(true)
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 4_200; i++) {
        const id = Buffer.from(i.toString(16).padStart(32, "0"), "hex")
        const scope = store.byId(id)
        assert.ok(typeof scope === "object" && scope.session === `s${i}`)
        assert.deepEqual(store.resolve({ session: `s${i}` }, 1).id, id)
      }
    }
    assert.ok(statSync(path).size > 0)
  })
})

describe("scopes.db", () => {
  test("of format 1 is carried over: the same ids, keys and redaction salts, and nothing that was erased", (t) => {
    const { open, path, edit } = storeIn(t)
    const [kept, erased, own] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2), Buffer.alloc(32, 3)]
    edit(`
      CREATE TABLE scopes(scope_id BLOB PRIMARY KEY, session TEXT NOT NULL, sender TEXT NOT NULL, key BLOB, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX open_scopes ON scopes(session, sender) WHERE key IS NOT NULL;
      CREATE INDEX scopes_by_session ON scopes(session);
      CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO meta VALUES ('pseudonym key', x'${"07".repeat(32)}');
      INSERT INTO scopes VALUES (x'${kept.toString("hex")}', 's', 'p', x'${own.toString("hex")}', ${5 * day}), (x'${erased.toString("hex")}', 'gone', 'q', NULL, 1);
      PRAGMA user_version = 1`)
    const pseudonym = "~" + createHmac("sha256", Buffer.alloc(32, 7)).update("jane").digest("base64url").slice(0, 19)
    for (let round = 0; round < 2; round++) {
      const store = open()
      const scope = store.resolve({ session: "s", sender: "p" }, 6 * day)
      assert.deepEqual([scope.id, keyIn(scope), store.byId(erased)], [kept, own.toString("hex"), "erased"])
      assert.deepEqual(scope.redactionSalt, createHmac("sha256", own).update("sovereign-ledger/redaction-salt/1").digest())
      assert.deepEqual([store.pseudonym("jane"), store.count()], [pseudonym, { open: 1, erased: 1, keys: 1, destroyed: 1 }])
      store.close()
    }
    const database = openDatabase(path, { key })
    assert.deepEqual(database.prepare("SELECT session, sender FROM scopes WHERE salt IS NULL").all(), [{ session: "", sender: "" }])
    database.close()
  })

  test("holds no label in the clear", (t) => {
    const { open, path } = storeIn(t)
    open().resolve({ session: "agent:main:canary-label", sender: "canary-person" }, 1)
    assert.doesNotMatch(readFileSync(path, "latin1"), /canary|SQLite|scopes/)
  })

  test("a reader takes back what a writer was killed in, and nobody has to come and write first", (t) => {
    const { open, path } = storeIn(t)
    const scope = open().resolve({ session: "s" }, 1)
    const crashed = join(dirname(path), "crashed")
    mkdirSync(crashed)
    const writer = openDatabase(path, { key })
    writer.pragma("cache_size = 1") // what does not fit is in the file before the commit, and the journal that takes it back beside it
    writer.exec("BEGIN IMMEDIATE; UPDATE scopes SET salt = NULL; UPDATE scope_keys SET key = NULL")
    const insert = writer.prepare("INSERT INTO scopes(scope_id, session, sender, salt, created_ms) VALUES (randomblob(16), ?, '', randomblob(32), 1)")
    for (let n = 0; n < 2_000; n++) insert.run(`half ${n}`)
    for (const suffix of ["", "-journal"]) copyFileSync(path + suffix, join(crashed, `scopes.db${suffix}`))
    writer.close()

    const left = join(crashed, "scopes.db")
    assert.throws(() => openDatabase(left, { key, readonly: true }), refusedAs("store.cut-off"), "who may only read says what to do")
    const reader = ScopeStore.open(left, key, { readonly: true })
    assert.deepEqual([reader.count(), keyIn(reader.byId(scope.id) as typeof scope)], [{ open: 1, erased: 0, keys: 1, destroyed: 0 }, keyIn(scope)])
    assert.throws(() => reader.change((database) => database.exec("DELETE FROM scopes")), /readonly/)
    reader.close()
    assert.equal(existsSync(`${left}-journal`), false)
  })

  test("under another key it is refused and left as it is", (t) => {
    const { open, path } = storeIn(t)
    open().close()
    const before = readFileSync(path)
    for (const readonly of [true, false]) assert.throws(() => ScopeStore.open(path, Buffer.alloc(32, 9), { readonly }), refusedAs("store.damaged"))
    assert.deepEqual(readFileSync(path), before)
  })

  test("of a newer format it is refused and left as it is", (t) => {
    const { open, path, edit } = storeIn(t)
    open().close()
    edit("PRAGMA user_version = 3")
    const before = readFileSync(path)
    for (const readonly of [true, false]) assert.throws(() => open(readonly), refusedAs("store.newer-format"))
    assert.deepEqual(readFileSync(path), before)
  })

  test("a file that was begun and never finished is made whole", (t) => {
    const { open, path } = storeIn(t)
    openDatabase(path, { key }).close()
    const scope = open().resolve({ session: "s" }, 1)
    assert.deepEqual(open().resolve({ session: "s" }, 1).id, scope.id)
  })

  test("a reader neither makes nor changes one", (t) => {
    const { open, path } = storeIn(t)
    assert.throws(() => open(true), Fault)
    assert.equal(existsSync(path), false)
  })
})
