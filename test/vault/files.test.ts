/** Small durable files, and sealed database files. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { databaseFault, fileSaltBytes, openDatabase, readFileSalt } from "../../src/vault/database.ts"
import { makePrivateDirectory, writeDurably } from "../../src/vault/durable-file.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""
const posix = process.platform === "win32" ? { skip: "Windows has no modes" } : {}

describe("durable files", () => {
  test("are written whole, and leave nothing beside them", (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, "note")
    for (const bytes of ["first", Buffer.from("second, longer"), "3"]) {
      writeDurably(path, bytes)
      assert.equal(readFileSync(path, "utf8"), bytes.toString())
    }
    assert.deepEqual(readdirSync(directory), ["note"])
  })

  test("only their owner may read them", posix, (t) => {
    const directory = join(temporaryDirectory(t), "a", "b")
    makePrivateDirectory(directory)
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    writeDurably(join(directory, "secret"), "x")
    writeDurably(join(directory, "shared"), "x", { mode: 0o644 })
    assert.equal(statSync(join(directory, "secret")).mode & 0o777, 0o600)
    makePrivateDirectory(directory)
  })

  test("an exclusive one never replaces, and the one that is there keeps its bytes", (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, "key")
    writeDurably(path, "mine", { exclusive: true })
    assert.throws(() => writeDurably(path, "yours", { exclusive: true }), refusedAs("key.exists"))
    assert.equal(readFileSync(path, "utf8"), "mine")
    assert.deepEqual(readdirSync(directory), ["key"])
  })

  test("where nothing can be written there is a fault, and nothing half", (t) => {
    const directory = temporaryDirectory(t)
    const inTheWay = join(directory, "file")
    writeFileSync(inTheWay, "x")
    assert.throws(() => writeDurably(join(inTheWay, "note"), "x"), refusedAs("store.write-failed"))
    assert.throws(() => writeDurably(join(directory, "missing", "note"), "x"), refusedAs("store.write-failed"))
    assert.throws(() => makePrivateDirectory(join(inTheWay, "a")), refusedAs("store.write-failed"))
    mkdirSync(join(directory, "taken"))
    assert.throws(() => writeDurably(join(directory, "taken"), "x"), refusedAs("store.write-failed"))
    assert.deepEqual(readdirSync(directory).sort(), ["file", "taken"])
  })

  test("a disk that takes only part of it is a fault, and the old file stands", posix, (t) => {
    const directory = temporaryDirectory(t)
    const path = join(directory, "keys.json")
    writeDurably(path, "old")
    const source = new URL("../../src/vault/durable-file.ts", import.meta.url).href
    const program = `import("${source}").then(({ writeDurably }) => { try { writeDurably(${JSON.stringify(path)}, "x".repeat(5000)); console.log("written") } catch (error) { console.log(error.code) } })`
    const limited = spawnSync("sh", ["-c", `ulimit -f 4; exec "$0" -e '${program}'`, process.execPath], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "" },
    })
    assert.equal(limited.stdout.trim(), "store.write-failed", limited.stderr)
    assert.equal(readFileSync(path, "utf8"), "old")
    assert.deepEqual(readdirSync(directory), ["keys.json"])
  })
})

describe("sealed database files", () => {
  const key = Buffer.alloc(32, 3)

  test("show nothing of what is in them, and open under their key alone", (t) => {
    const path = join(temporaryDirectory(t), "x.db")
    const database = openDatabase(path, { key })
    database.exec("CREATE TABLE canary(a TEXT); INSERT INTO canary VALUES ('canary words')")
    database.close()
    assert.doesNotMatch(readFileSync(path, "latin1"), /canary|SQLite format/)
    assert.throws(() => openDatabase(path, { key: Buffer.alloc(32, 4) }), refusedAs("store.damaged"))
    const again = openDatabase(path, { key, readonly: true })
    assert.equal(again.prepare("SELECT a FROM canary").pluck().get(), "canary words")
    assert.throws(() => again.exec("INSERT INTO canary VALUES ('x')"))
    again.close()
  })

  test("a reader makes no file", (t) => {
    const path = join(temporaryDirectory(t), "x.db")
    assert.throws(() => openDatabase(path, { key, readonly: true }), refusedAs("store.unreadable"))
    assert.equal(existsSync(path), false)
  })

  test("their first bytes are read as they are, and short files do not break that", (t) => {
    const path = join(temporaryDirectory(t), "x.db")
    writeFileSync(path, Buffer.from("0123456789"))
    assert.deepEqual(readFileSalt(path), Buffer.concat([Buffer.from("0123456789"), Buffer.alloc(fileSaltBytes - 10)]))
  })

  test("what the driver says becomes a fault that fits", () => {
    const error = (code: string) => Object.assign(new Error("words of the driver"), { code })
    const rows = [
      ["SQLITE_NOTADB", "store.damaged"],
      ["SQLITE_CORRUPT", "store.damaged"],
      ["SQLITE_CORRUPT_VTAB", "store.damaged"],
      ["SQLITE_FULL", "store.write-failed"],
      ["SQLITE_IOERR_WRITE", "store.write-failed"],
      ["SQLITE_READONLY", "store.write-failed"],
      ["SQLITE_CANTOPEN", "store.unreadable"],
      ["SQLITE_BUSY", "store.unreadable"],
    ] as const
    for (const [code, fault] of rows) assert.equal(databaseFault("f", error(code)).code, fault, code)
    const already = new Fault("key.absent", { directory: "d", looked: "l" })
    assert.equal(databaseFault("f", already), already)
  })
})
