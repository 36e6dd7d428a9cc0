/** What is put back is whole, checked before anything changes, frozen, and never over something that is there. */
import assert from "node:assert/strict"
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { ledgerFiles, type LedgerFiles } from "../../../src/journal/files.ts"
import { parseBudget } from "../../../src/ledger/budget-rule.ts"
import type { RestoredBackup } from "../../../src/operations/backup/restore-backup.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { loadBook } from "../../../src/operations/spend/ledger-book.ts"
import { parseKeyStore } from "../../../src/vault/key-store.ts"
import { tryLock } from "../../../src/vault/lock.ts"
import { openForReading } from "../../../src/views/ledger-access.ts"
import { startMs, verifyFiles, type TestLedger } from "../../ledger-fixture.ts"
import { backupRig, destroyKeys, faultOf, filesBelow, placesWith, type BackupRig } from "./backup-rig.ts"
import { flip, makeNewer, replaceRow, rewrap } from "./changed-backup.ts"

/** Something that limits spending, and what was spent. */
function limit(ledger: TestLedger): void {
  const opened = ledger.open()
  const book = loadBook(opened)
  const given = [
    book.give({ do: "set-budget", rule: parseBudget({ name: "cap", limits: ["5usd"], per: "lifetime" }), atMs: startMs }),
    book.give({ do: "spend", id: "s1", account: "agent:main", amounts: { moneyNanos: 3_000_000_000n }, spend: {}, atMs: startMs }),
  ]
  const events = given.flatMap(({ events: each }) => each)
  opened.journal.append(
    events.map((event) => entryOf(event, opened.scopes, startMs)),
    startMs,
  )
}

const restored = (rig: BackupRig, ...given: Parameters<BackupRig["restore"]>): RestoredBackup => {
  const done = rig.restore(...given)
  return "completed" in done ? assert.fail("it was to be restored, not completed") : done
}

const typesFrom = (files: LedgerFiles, ledger: TestLedger, from: number): readonly string[] => {
  const access = openForReading(files, ledger.places)
  try {
    return [...access.reader.entries(from, Number.MAX_SAFE_INTEGER)].map(({ header }) => header.type)
  } finally {
    access.close()
  }
}

const bytesBelow = (directory: string) => [...filesBelow(directory)].map(([path, bytes]) => [path, bytes.toString("base64")])

describe("a backup that is put back", () => {
  test("is the ledger of its time; it says so itself, and stands still where anything ever limited spending", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(600)
    limit(rig.ledger)
    rig.ledger.close()
    const { backup, entries } = await rig.create()
    rig.ledger.append(50)
    rig.ledger.checkpoint()
    rig.ledger.close()
    const done = restored(rig, backup)
    assert.deepEqual(readdirSync(rig.target.directory).sort(), ["doors.json", "journal.db", "keys.json", "scopes.db", "writer.lock.sqlite"])
    assert.deepEqual([done.entries, done.report.verdict, done.report.entries, done.frozen, done.note], [entries, "valid", entries, true, "missing"])
    assert.deepEqual(typesFrom(rig.target, rig.ledger, entries), ["ledger.restored", "ledger.frozen", "clock.anchored"])
    const { verdict, notes } = verifyFiles(rig.target, rig.ledger.keys())
    assert.equal(verdict, "valid")
    assert.ok(notes.some((words) => words.includes(`#${entries} says that this ledger was put back`)))
    assert.deepEqual(JSON.parse(readFileSync(rig.target.doors, "utf8")).frozen !== undefined, true, "also for a gateway that does not reach a writer")
    assert.ok(existsSync(rig.target.headNote), "there was no note, and now there is")
  })

  test("in which nothing ever limited spending says that it was put back, and stops nobody", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(30)
    rig.ledger.close()
    const { backup, entries } = await rig.create()
    assert.equal(restored(rig, backup).frozen, false)
    assert.deepEqual(typesFrom(rig.target, rig.ledger, entries), ["ledger.restored", "clock.anchored"])
  })

  test("tells how far it is behind the note outside, and leaves that note as it is", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    rig.ledger.close()
    const { backup, entries } = await rig.create()
    rig.ledger.append(41)
    rig.ledger.checkpoint()
    rig.ledger.close()
    const note = readFileSync(rig.ledger.files.headNote, "utf8")
    assert.deepEqual([rig.check(backup).note, rig.check(backup).behind], ["ahead of the journal", 41])
    rmSync(rig.ledger.directory, { recursive: true })
    const done = restored(rig, backup, { files: rig.ledger.files })
    assert.deepEqual([done.note, done.noteSize, done.behind], ["ahead of the journal", entries + 41, 41])
    assert.equal(readFileSync(rig.ledger.files.headNote, "utf8"), note)
    const { verdict, problems } = rig.ledger.verify()
    assert.equal(verdict, "invalid")
    assert.match(problems.map(({ what }) => what).join("\n"), /covers 342 entries, but the journal ends at 303: it was cut or rolled back/)
  })

  test("goes nowhere where a ledger is, or a part of one, or a writer; with --set-aside what is there is moved, and nothing of it is lost", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    rig.ledger.close()
    const { backup } = await rig.create()
    rig.ledger.append(9)
    rig.ledger.checkpoint()
    rig.ledger.close()
    const { files } = rig.ledger
    const before = bytesBelow(files.directory)
    assert.equal(faultOf(() => rig.restore(backup, { files })).code, "backup.occupied")
    const lock = tryLock(files.lock) ?? assert.fail()
    assert.equal(faultOf(() => rig.restore(backup, { files, setAside: true })).code, "store.locked")
    lock.release()
    assert.deepEqual(bytesBelow(files.directory), before)
    for (const name of ["journal.db-wal", "keys.json", "scopes.db-journal", "views.db"]) {
      const other = ledgerFiles(join(rig.root, `with-${name}`), join(rig.root, "x.note"))
      mkdirSync(other.directory)
      writeFileSync(join(other.directory, name), "of another time")
      assert.equal(faultOf(() => rig.restore(backup, { files: other })).message, `There is a ledger in ${other.directory} already: ${name}.`)
    }
    const { setAside } = restored(rig, backup, { files, setAside: true })
    assert.match(setAside ?? "", /ledger\.set-aside-\d{8}T\d{9}Z$/)
    const moved = bytesBelow(setAside ?? "").map(([path = "", bytes]) => [join(files.directory, path.slice((setAside ?? "").length)), bytes])
    assert.deepEqual(
      moved,
      before.filter(([path]) => !/lock/.test(path ?? "")),
    )
    assert.equal(verifyFiles({ ...ledgerFiles(setAside ?? "", files.headNote) }, rig.ledger.keys()).verdict, "valid")
    assert.ok(!existsSync(join(files.directory, ".restoring")))
  })

  for (const [what, change, code] of [
    ["a byte of its journal", (backup: string) => flip(join(backup, "journal.db"), 50_000), "backup.damaged"],
    ["its journal cut", (backup: string) => truncateSync(join(backup, "journal.db"), 40_960), "backup.damaged"],
    ["its checkpoint", (backup: string) => flip(join(backup, "head.note"), 60), "backup.damaged"],
    ["its keys.json", (backup: string) => flip(join(backup, "keys.json"), 300), "backup.damaged"],
    ["its manifest", (backup: string) => writeFileSync(join(backup, "manifest.json"), "{}"), "backup.damaged"],
    ["its manifest of a newer format", (backup: string) => makeNewer(join(backup, "manifest.json")), "store.newer-format"],
    ["its manifest gone", (backup: string) => rmSync(join(backup, "manifest.json")), "backup.absent"],
    ["its journal gone", (backup: string) => rmSync(join(backup, "journal.db")), "store.unreadable"],
    ["the keys gone", (_: string, keys: string) => rmSync(keys, { recursive: true }), "backup.keys-absent"],
    ["a byte of the keys", (_: string, keys: string) => flip(join(keys, "scopes.db"), 9_000), "store.damaged"],
    [
      "a row of its journal, by who has the key",
      (backup: string, _: string, rig: BackupRig) => replaceRow(backup, rig.ledger.keys().journalKey),
      "backup.not-valid",
    ],
  ] as const) {
    test(`is refused with ${what} changed, and nothing is left of it`, async (t) => {
      const rig = backupRig(t)
      rig.ledger.append(400)
      rig.ledger.close()
      const { backup, keys } = await rig.create()
      change(backup, keys.directory, rig)
      if (code !== "backup.not-valid") assert.equal(faultOf(() => rig.check(backup)).code, code)
      else assert.equal(rig.check(backup).report.verdict, "invalid")
      assert.equal(faultOf(() => rig.restore(backup)).code, code)
      assert.ok(!existsSync(rig.target.directory))
      rig.ledger.close()
      const before = bytesBelow(rig.ledger.directory)
      assert.equal(faultOf(() => rig.restore(backup, { files: rig.ledger.files, setAside: true })).code, code)
      assert.deepEqual(bytesBelow(rig.ledger.directory), before)
    })
  }

  test("is refused with keys of an earlier time, which lack those of newer sessions", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(5)
    rig.ledger.close()
    const { keys } = await rig.create()
    cpSync(keys.directory, join(rig.root, "old"), { recursive: true })
    rig.ledger.append(200)
    rig.ledger.close()
    const { backup } = await rig.create()
    for (const refused of [() => rig.check(backup, { keysFrom: join(rig.root, "old") }), () => rig.restore(backup, { keysFrom: join(rig.root, "old") })]) {
      const { code, message } = faultOf(refused)
      assert.deepEqual([code, /there were 10 by then, and here are \d$/.test(message.slice(0, -1))], ["backup.keys-older", true], message)
    }
    assert.ok(!existsSync(rig.target.directory))
  })

  test("of a time before a hand-over goes on with its own keys.json, and the newest keys of scopes; a note of the new key is believed", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    limit(rig.ledger)
    rig.ledger.close()
    const first = await rig.create()
    rig.ledger.handOver()
    rig.ledger.append(20)
    rig.ledger.checkpoint()
    rig.ledger.close()
    destroyKeys(rig.ledger.files, rig.ledger.keys().scopesKey, "agent:research:cron")
    const second = await rig.create()
    const checked = rig.check(first.backup)
    assert.deepEqual([checked.keysFrom, checked.report.verdict, checked.note], ["backup", "valid with erasures", "ahead of the journal"])
    assert.equal(rig.check(second.backup).keysFrom, "keys place")
    const done = restored(rig, first.backup)
    assert.deepEqual([done.keysFrom, done.frozen], ["backup", true])
    const own = parseKeyStore(readFileSync(join(first.backup, "keys.json"), "utf8"), "own")
    assert.equal(parseKeyStore(readFileSync(rig.target.keys, "utf8"), "restored").verifierKey, own.verifierKey)
  })

  test("needs the master key that the keys.json it goes on with is wrapped under, and names it", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(300)
    rig.ledger.close()
    const { backup, keys } = await rig.create()
    const old = rig.ledger.keys().store.masterFingerprint
    const fresh = rewrap(join(keys.directory, "keys.json"), rig.ledger.keys())
    const wrong = faultOf(() => rig.restore(backup))
    assert.deepEqual([wrong.code, wrong.message.includes(`sealed under ${fresh.fingerprint}`)], ["key.wrong", true], wrong.message)
    const keyFile = join(rig.root, "new.key")
    writeFileSync(keyFile, fresh.text, { mode: 0o600 })
    const done = restored(rig, backup, { placesFor: () => placesWith(keyFile) })
    assert.deepEqual([done.keysFrom, done.report.verdict], ["keys place", "valid"])
    // After a hand-over only the backup's own keys.json is in step, and it is wrapped under the old one.
    rig.ledger.handOver()
    rig.ledger.close()
    await rig.create()
    rewrap(join(keys.directory, "keys.json"), rig.ledger.keys(), fresh.master)
    const target = ledgerFiles(join(rig.root, "second"), join(rig.root, "second.note"))
    const older = faultOf(() => rig.restore(backup, { files: target, placesFor: () => placesWith(keyFile) }))
    assert.deepEqual([older.code, older.message.includes(`sealed under ${old}`)], ["key.wrong", true], older.message)
    assert.equal(restored(rig, backup, { files: target }).keysFrom, "backup")
  })

  test("that was cut short at any step is completed by the next one, or begun anew", async (t) => {
    const rig = backupRig(t)
    rig.ledger.append(60)
    limit(rig.ledger)
    rig.ledger.close()
    const { backup } = await rig.create()
    rig.ledger.append(5)
    rig.ledger.checkpoint()
    rig.ledger.close()
    const manifest = JSON.parse(readFileSync(join(backup, "manifest.json"), "utf8")) as Record<string, string>
    const identity = [manifest["storeId"], manifest["createdAt"], manifest["entries"], manifest["root"]].join(" ")
    const made = ledgerFiles(join(rig.root, "made"), join(rig.root, "made.note"))
    restored(rig, backup, { files: made })
    /** As a process leaves it that dies after so many files were moved. */
    const cutShort = (directory: string, setAside: string | null, arrived: number) => {
      const restoring = join(directory, ".restoring")
      mkdirSync(restoring, { recursive: true })
      for (const [index, name] of ["journal.db", "scopes.db", "doors.json", "keys.json"].entries()) {
        copyFileSync(join(made.directory, name), join(index < arrived ? directory : restoring, name))
      }
      const { size, mtimeNs } = statSync(join(arrived > 0 ? directory : restoring, "journal.db"), { bigint: true })
      writeFileSync(join(restoring, "restoring.json"), JSON.stringify({ backup: identity, setAside, journal: `${size} ${mtimeNs}` }))
    }
    for (let arrived = 0; arrived <= 4; arrived++) {
      const files = ledgerFiles(join(rig.root, `cut-${arrived}`), join(rig.root, `cut-${arrived}.note`))
      cutShort(files.directory, null, arrived)
      assert.ok("completed" in rig.restore(backup, { files }), `after ${arrived} files`)
      assert.equal(verifyFiles(files, rig.ledger.keys()).verdict, "valid")
      assert.ok(!existsSync(join(files.directory, ".restoring")))
    }
    const half = rig.ledger.copy(t)
    const aside = `${half.directory}.set-aside-x`
    cutShort(half.directory, aside, 0)
    mkdirSync(aside)
    cpSync(half.files.keys, join(aside, "keys.json"))
    rmSync(half.files.keys)
    assert.ok("completed" in rig.restore(backup, { files: half.files }), "what was there was being moved")
    assert.deepEqual([half.verify().entries, verifyFiles(ledgerFiles(aside, half.files.headNote), rig.ledger.keys()).verdict], [66, "valid"])

    for (const [name, arrived, aside] of [
      ["went-on", 4, null],
      ["put-together-again", 0, `${half.directory}.set-aside-x`],
    ] as const) {
      const other = rig.ledger.copy(t)
      if (arrived > 0) for (const file of readdirSync(other.directory)) rmSync(join(other.directory, file))
      cutShort(other.directory, aside, arrived)
      if (arrived > 0) other.append(3)
      other.close()
      assert.equal(faultOf(() => rig.restore(backup, { files: other.files })).code, "backup.occupied", name)
      assert.ok(!existsSync(join(other.directory, ".restoring")))
      assert.equal(other.verify().entries, arrived > 0 ? 69 : rig.ledger.verify().entries, name)
    }

    const unclear = ledgerFiles(join(rig.root, "unclear"), join(rig.root, "unclear.note"))
    cutShort(unclear.directory, null, 1)
    writeFileSync(join(unclear.directory, ".restoring", "restoring.json"), "{")
    assert.match(faultOf(() => rig.restore(backup, { files: unclear })).message, /restoring\.json is damaged: it is not JSON/)
    assert.ok(existsSync(join(unclear.directory, ".restoring", "scopes.db")))

    const begun = rig.ledger.copy(t)
    cutShort(begun.directory, null, 0)
    assert.equal(faultOf(() => rig.restore(backup, { files: begun.files })).code, "backup.occupied", "a ledger that was begun since is not written over")
    assert.ok(!existsSync(join(begun.directory, ".restoring")))
    assert.equal(begun.verify().verdict, "valid")
  })
})
