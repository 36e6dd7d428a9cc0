/**
 * Stores and keys that are not what they should be: every program says so in a sentence with a remedy, changes nothing on disk, and records
 * again as soon as somebody has mended it.
 */
import assert from "node:assert/strict"
import { createHash, randomBytes } from "node:crypto"
import { chmodSync, cpSync, globSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { describe, test } from "node:test"
import { faultCatalogue, type FaultCode } from "../../src/base/fault-catalogue.ts"
import { Fault } from "../../src/base/fault.ts"
import { storeCheckpoint } from "../../src/operations/checkpoint.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { openDatabase } from "../../src/vault/database.ts"
import { openKeyStore } from "../../src/vault/key-store.ts"
import { findMasterSecret } from "../../src/vault/master-key.ts"
import { gateCall } from "./load.ts"
import { makeRig, until, type Rig } from "./rig.ts"

type Refusal = {
  readonly spoil: (rig: Rig) => void
  readonly writer: FaultCode
  /** What commands that read say: the same, another fault, or nothing when they work all the same. */
  readonly readers?: FaultCode | "work"
  /** Also through a client in the gateway, until it is mended. */
  readonly client?: true
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  writeFileSync(path, bytes)
}

/** As a later version of the product would leave it. */
function setFormat(rig: Rig, format: number): void {
  const secret = findMasterSecret({ keyFile: rig.keyFile, environment: {} })
  assert.ok(secret)
  const database = openDatabase(rig.files.journal, { key: openKeyStore(rig.directory, secret).journalKey })
  database.pragma(`user_version = ${format}`)
  database.pragma("wal_checkpoint(TRUNCATE)")
  database.close()
}

const refusals: Readonly<Record<string, Refusal>> = {
  "another master key": { spoil: (rig) => writeFileSync(rig.keyFile, randomBytes(32).toString("hex")), writer: "key.wrong", client: true },
  "a key file with nonsense in it": { spoil: (rig) => writeFileSync(rig.keyFile, "short"), writer: "key.malformed" },
  "a key file that is gone": { spoil: (rig) => rmSync(rig.keyFile), writer: "key.absent", client: true },
  "a key file others can read": { spoil: (rig) => chmodSync(rig.keyFile, 0o644), writer: "key.exposed" },
  "a damaged header": { spoil: (rig) => flip(rig.files.journal, 60), writer: "store.damaged", client: true },
  "a journal cut in the middle": {
    spoil: (rig) => truncateSync(rig.files.journal, Math.floor(statSync(rig.files.journal).size / 8192) * 4096),
    writer: "store.damaged",
  },
  "a journal cut to nothing": { spoil: (rig) => truncateSync(rig.files.journal, 0), writer: "store.damaged" },
  "a journal that is gone": { spoil: (rig) => rmSync(rig.files.journal), writer: "store.incomplete" },
  "keys.json gone": { spoil: (rig) => rmSync(rig.files.keys), writer: "store.incomplete" },
  "keys.json that is no JSON": { spoil: (rig) => writeFileSync(rig.files.keys, "{"), writer: "store.damaged" },
  "keys.json of a newer format": {
    spoil: (rig) => writeFileSync(rig.files.keys, readFileSync(rig.files.keys, "utf8").replace('"format": 2', '"format": 3')),
    writer: "store.newer-format",
  },
  "scopes.db gone": { spoil: (rig) => rmSync(rig.files.scopes), writer: "store.incomplete", readers: "work", client: true },
  "scopes.db cut to nothing": { spoil: (rig) => truncateSync(rig.files.scopes, 0), writer: "store.damaged" },
  "a journal of a newer format": { spoil: (rig) => setFormat(rig, 7), writer: "store.newer-format" },
  "the journal of another store": {
    spoil: (rig) => {
      const other = makeRig(undefined)
      renameSync(other.files.journal, rig.files.journal)
      void other.end()
    },
    writer: "key.out-of-step",
  },
}

describe("a store or a key that is not what it should be", { concurrency: 3 }, () => {
  for (const [name, refusal] of Object.entries(refusals)) {
    test(`${name}: ${refusal.writer}, a sentence and a remedy, nothing changed, and it records again when mended`, async (t) => {
      const rig = makeRig(t)
      seed(rig, 40)
      const good = [rig.directory, rig.keyFile].map((path) => {
        cpSync(path, join(rig.root, `good-${basename(path)}`), { recursive: true, preserveTimestamps: true })
        return path
      })
      refusal.spoil(rig)
      const spoiled = contents(rig)

      const client = rig.client({ retryOffMs: 250 })
      const places = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
      const [answer, writer, events, status] = await Promise.all([
        refusal.client && gateCall(client, "refused"),
        rig.run(["writer", ...places, "--lock-within-ms", "5000"]),
        rig.run(["events", "list", ...places]),
        rig.run(["status", "--json", ...places]),
      ])
      assertSaid(writer, refusal.writer)
      const readers = refusal.readers ?? refusal.writer
      if (readers === "work") assert.equal(events.status, 0, events.stderr)
      else {
        assertSaid(events, readers)
        const { recording, problem } = JSON.parse(status.stdout) as { recording?: string; problem?: { code: string } }
        assert.deepEqual([recording, problem?.code, status.status], ["off", readers, 1])
      }
      assert.deepEqual(contents(rig), spoiled, "something was changed")
      if (!refusal.client) return

      assert.ok(answer instanceof Fault, "a gate was answered although nothing can be recorded")
      assert.equal(answer.code, refusal.writer, answer.message)
      assert.equal(rig.logged.length, 1)
      assert.match(rig.logged[0] ?? "", /^NOT RECORDING\. [A-Z/].*\. [A-Z]/)

      for (const path of good) {
        rmSync(path, { recursive: true, force: true, maxRetries: 10 }) // a writer may be trying at this very moment
        cpSync(join(rig.root, `good-${basename(path)}`), path, { recursive: true, preserveTimestamps: true })
      }
      chmodSync(rig.keyFile, 0o600)
      await until(() => client.fault === undefined, "it records again by itself")
      assert.ok(!((await gateCall(client, "mended")) instanceof Fault))
      assert.deepEqual([rig.verify().verdict, rig.entries("gateway.stopped").length], ["valid", 40])
    })
  }
})

/** Events as a writer leaves them that stopped in order. */
function seed(rig: Rig, count: number): void {
  const nowMs = Date.now()
  const ledger = openLedger(rig.files, { keyFile: rig.keyFile, environment: {} }, { nowMs, version: "test" })
  const events = Array.from({ length: count }, (_, i) => ({ type: "gateway.stopped", id: `seed:${i}`, facts: { reason: "x".repeat(500) } }) as const)
  ledger.journal.append(
    events.map((event) => entryOf(event, ledger.scopes, nowMs)),
    nowMs,
  )
  storeCheckpoint(ledger.journal, 0, nowMs)
  ledger.journal.checkpointLog("TRUNCATE")
  ledger.close()
}

function assertSaid(ended: { readonly status: number | null; readonly stdout: string; readonly stderr: string }, code: FaultCode): void {
  const [sentence = "", remedy = "", ...more] = ended.stderr.trimEnd().split("\n")
  const row = faultCatalogue[code]
  const shape = new RegExp(
    `^${row.sentence
      .split(/\{\w+\}/)
      .map(escaped)
      .join(".+")}$`,
  )
  assert.match(sentence, shape)
  assert.match(
    remedy,
    new RegExp(
      `^${row.remedy
        .split(/\{\w+\}/)
        .map(escaped)
        .join(".+")}$`,
    ),
  )
  assert.deepEqual([more, ended.stdout, ended.status], [[], "", row.exit])
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}

/** Every file by its name with a hash of what is in it. The lock, views and what SQLite puts beside them prove nothing. */
function contents(rig: Rig): Record<string, string> {
  const files = globSync("**/*", { cwd: rig.directory })
    .filter((name) => statSync(join(rig.directory, name)).isFile() && !/^writer\.lock|-shm$|-wal$|^views\.db$/.test(name))
    .sort()
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(rig.directory, name)))
        .digest("hex"),
    ]),
  )
}
