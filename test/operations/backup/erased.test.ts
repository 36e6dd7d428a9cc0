/** What was erased stays erased whichever backup is put back: no file of the backups' places gives it to somebody with the master key. */
import assert from "node:assert/strict"
import { cpSync, existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { contentCanary, erasable } from "./erasable.ts"
import { backupRig, destroyKeys, faultOf, filesBelow, filesWith } from "./backup-rig.ts"
import { openedPages } from "../../opened-pages.ts"
import { Fault } from "../../../src/base/fault.ts"
import { openDatabase } from "../../../src/vault/database.ts"
import { copyScopes } from "../../../src/vault/scope-copy.ts"
import { verifyFiles } from "../../ledger-fixture.ts"

const bytesOf = (directory: string) => [...filesBelow(directory)].map(([path, bytes]) => [path, bytes.toString("base64")])

/** The tables as format 1 had them: one key a scope. */
function asFormat1(file: string, key: Uint8Array, change: string): void {
  const database = openDatabase(file, { key, existing: true })
  database.exec(`
    CREATE TABLE before AS SELECT s.scope_id, session, sender, key, created_ms FROM scopes s JOIN scope_keys k ON k.scope_id = s.scope_id AND from_chunk = 0;
    DROP TABLE scope_keys;
    DROP TABLE scopes;
    ALTER TABLE before RENAME TO scopes;
    ${change};
    PRAGMA user_version = 1`)
  database.close()
}

describe("an erasure", () => {
  test("reaches the backups that were made before it, with the next one", async (t) => {
    const rig = backupRig(t)
    const { ledger } = rig
    const { session } = erasable(ledger)
    const first = await rig.create()
    const keys = ledger.keys()
    const scopeKeys = destroyKeys(ledger.files, keys.scopesKey, session)
    assert.equal(scopeKeys.length, 2, "of the session, and of somebody in it")
    assert.deepEqual(filesWith(rig.keysTo, keys, scopeKeys), [join(first.keys.directory, "scopes.db")], "until then the key is where it was")
    const second = await rig.create()
    assert.equal(second.keys.erased, 2)
    const wanted = [...scopeKeys, Buffer.from(contentCanary)]
    for (const place of [rig.to, rig.keysTo]) assert.deepEqual(filesWith(place, keys, wanted), [], place)
    assert.ok([...filesBelow(rig.to).keys()].filter((path) => path.endsWith("journal.db")).length === 2)

    const done = rig.restore(first.backup)
    assert.ok("report" in done)
    assert.deepEqual([done.report.verdict, done.report.contentsErased], ["valid with erasures", 2])
    const { verdict, contentsErased } = verifyFiles(rig.target, keys)
    assert.deepEqual([verdict, contentsErased], ["valid with erasures", 2])
    assert.deepEqual(filesWith(rig.target.directory, keys, wanted), [])
    assert.ok(existsSync(rig.target.scopes))
  })

  test("is not undone by keys of a time before it, neither in a restore nor in the keys place", async (t) => {
    const rig = backupRig(t)
    const { ledger } = rig
    const { session } = erasable(ledger)
    const first = await rig.create()
    const keys = ledger.keys()
    const old = join(rig.root, "kept-too-long")
    cpSync(first.keys.directory, old, { recursive: true })
    const destroyed = destroyKeys(ledger.files, keys.scopesKey, session)
    await rig.create()
    const older = faultOf(() => rig.restore(first.backup, { keysFrom: old }))
    assert.deepEqual([older.code, /2 were destroyed by then, and here 0 are/.test(older.message)], ["backup.keys-older", true], older.message)
    assert.equal(faultOf(() => rig.check(first.backup, { keysFrom: old })).code, "backup.keys-older")

    // Somebody puts it into the ledger by hand, and the next backup would carry it on.
    const set = bytesOf(first.keys.directory)
    cpSync(join(old, "scopes.db"), ledger.files.scopes)
    await assert.rejects(rig.create(), (error) => error instanceof Fault && /2 that were destroyed are there again/.test(error.message))
    assert.deepEqual(bytesOf(first.keys.directory), set)
    assert.deepEqual(filesWith(rig.keysTo, keys, destroyed), [])
    assert.equal(readdirSync(rig.to).length, 2, "and no backup is made that the set is not of")
  })

  for (const { what, change, said } of [
    { what: "erased one that is there again", change: "UPDATE scopes SET key = NULL WHERE sender = ''", said: /: \d+ that were destroyed are there again\.$/ },
    {
      what: "knew one that is missing",
      change: "INSERT INTO scopes VALUES (randomblob(16), 'agent:main:gone', '', randomblob(32), 0)",
      said: /: 1 of its keys are missing here\.$/,
    },
    { what: "knew nothing else", change: "SELECT 1", said: undefined },
  ]) {
    test(`a set of before keys had days that ${what} ${said ? "is kept" : "is replaced"}`, async (t) => {
      const rig = backupRig(t)
      rig.ledger.append(30)
      const { keys } = await rig.create()
      const file = join(keys.directory, "scopes.db")
      asFormat1(file, rig.ledger.keys().scopesKey, change)
      const set = bytesOf(keys.directory)
      if (!said) return assert.equal((await rig.create()).keys.open, keys.open)
      await assert.rejects(rig.create(), (error) => error instanceof Fault && error.code === "backup.keys-newer" && said.test(error.message))
      assert.deepEqual(bytesOf(keys.directory), set)
    })
  }

  test("and keys of newer sessions are not replaced by a copy of the ledger that went on without them", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(5)
    const fork = backupRig(t, rig.ledger.copy(t))
    rig.ledger.append(200)
    rig.ledger.close()
    const { keys, backup } = await rig.create()
    const set = bytesOf(keys.directory)
    const replaced = fork.create({ to: rig.to, keysTo: rig.keysTo })
    await assert.rejects(
      replaced,
      (error) => error instanceof Fault && /^The keys in \S+ are newer than .*: \d of its keys are missing here\.$/.test(error.message),
    )
    assert.deepEqual(bytesOf(keys.directory), set)
    assert.equal(rig.check(backup).report.verdict, "valid")
    assert.ok((await fork.create()).entries > 0, "in a place of its own")
  })

  test("would not, if a copy of the bytes were taken: what is left in a page of the ledger's own file is not in the copy", async (t) => {
    const rig = backupRig(t)
    const { ledger } = rig
    erasable(ledger)
    const { scopesKey } = ledger.keys()
    const planted = Buffer.from("a key of 32 bytes that was let go")
    const database = openDatabase(ledger.files.scopes, { key: scopesKey, existing: true })
    database.pragma("secure_delete = OFF")
    database.exec("BEGIN")
    database.exec("CREATE TABLE gone(key BLOB)")
    for (let i = 0; i < 300; i++) database.prepare("INSERT INTO gone VALUES (?)").run(planted)
    database.exec("COMMIT")
    database.exec("DROP TABLE gone")
    assert.ok(Number(database.pragma("freelist_count", { simple: true })) > 0)
    database.close()
    assert.ok(openedPages(ledger.files.scopes, scopesKey).includes(planted), "the search finds it in a free page")
    const copy = join(rig.root, "scopes.db")
    copyScopes(ledger.files.scopes, scopesKey, copy)
    assert.ok(!openedPages(copy, scopesKey).includes(planted))
    const keys = ledger.keys()
    await rig.create()
    assert.deepEqual(filesWith(rig.keysTo, keys, [planted]), [])
    assert.deepEqual(filesWith(ledger.directory, keys, [planted]), [ledger.files.scopes])
  })
})
