/** From nothing to a ledger whose keys are made, backed up, lost and restored, one command after the other. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { jsonOf, makeHome, type Row } from "./home.ts"

test("a ledger is set up, backed up and restored", async (t) => {
  const home = makeHome(t)
  const here = (name: string) => join(home.directory, name)
  writeFileSync(here("phrase.txt"), "correct horse battery staple\nand a second line\n")
  writeFileSync(here("wrong.txt"), "another phrase altogether\n")
  writeFileSync(here("empty.txt"), "\n")
  const play = async (rows: readonly Row[]) => {
    for (const row of rows) await home.check(row)
  }
  await play([
    {
      command: "status",
      exit: 0,
      stdout: /NOT SET UP, nothing is recorded[^]*Recorded: nothing, until[^]*Not covered: [^]*Next: sovereign-ledger key create /,
    },
    { command: "key create", exit: 0, stdout: /^The ledger [0-9a-f]{16} is set up in [^]*master key[^]*verifier key {2}sovereign-ledger\/[0-9a-f]{16}\+/ },
  ])
  const state = join(home.directory, ".openclaw", "sovereign-ledger")
  const keysBefore = readFileSync(join(state, "keys.json"), "utf8")
  await play([
    { command: "key create", exit: 2, stderr: /keys\.json exists already; it was left as it is\.\nUse the key that is there/ },
    { command: "status", exit: 0, stdout: /READY \(the next event starts the writer\)[^]*Storage +1 entry/ },
    { command: "key backup plain.json", exit: 0, stdout: /^Backup of ledger \w+ written to .*plain\.json\. It is not sealed/ },
    { command: "key backup plain.json", exit: 2, stderr: /plain\.json exists already; it was left as it is/ },
    { command: "key backup sealed.json --passphrase-file phrase.txt", exit: 0, stdout: /^Sealed backup of ledger/ },
    { command: "key backup none.json --passphrase-file empty.txt", exit: 2, stderr: /^empty\.txt has no passphrase on its first line\./ },
    { command: "key backup none.json --passphrase-file absent.txt", exit: 2, stderr: /^absent\.txt cannot be read: ENOENT/ },
  ])
  assert.equal(readFileSync(join(state, "keys.json"), "utf8"), keysBefore)
  assert.ok(!existsSync(here("none.json")))
  const { plain } = JSON.parse(readFileSync(here("plain.json"), "utf8")) as { plain: { masterKey: string } }
  assert.ok(plain.masterKey.length > 20 && !readFileSync(here("sealed.json"), "utf8").includes(plain.masterKey))
  for (const name of ["plain.json", "sealed.json"]) assert.equal(statSync(here(name)).mode & 0o777, 0o600)

  const { where: keyFile, verifierKey } = jsonOf<{ where: string; verifierKey: string }>(await home.run("key status --json"))
  rmSync(keyFile)
  await play([
    { command: "status", exit: 1, stdout: /NOT RECORDING[^]*No master key was found/ },
    { command: "events list", exit: 2, stderr: /^No master key was found .*\n.*key restore FILE\n$/ },
    { command: "key restore sealed.json", exit: 2, stderr: /sealed under a passphrase, and none was given \(--passphrase-file\)/ },
    { command: "key restore sealed.json --passphrase-file wrong.txt", exit: 2, stderr: /the passphrase does not open it/ },
  ])
  assert.ok(!existsSync(keyFile), "nothing is written by a restore that is refused")
  await play([
    {
      command: "key restore sealed.json --passphrase-file phrase.txt",
      exit: 0,
      stdout: /^restored {2}.*\.key\nkept {6}.*keys\.json\nThe key opens|^kept {6}.*keys\.json\nrestored {2}.*\.key\nThe key opens/,
    },
    { command: "key restore plain.json", exit: 0, stdout: /^kept .*\nkept .*\nThe key opens ledger/ },
  ])
  assert.equal(jsonOf(await home.run("key status --json"))["verifierKey"], verifierKey)

  rmSync(keyFile)
  rmSync(join(state, "keys.json"))
  await play([
    { command: "events list", exit: 2, stderr: /keys\.json is missing, but .* is there\.\n.*key restore FILE/ },
    { command: `key restore plain.json --key-file ${keyFile}`, exit: 0, stdout: /^restored .*\nrestored .*\nThe key opens ledger/ },
    { command: "verify", exit: 0, stdout: /VALID/ },
  ])
  assert.equal(statSync(keyFile).mode & 0o777, 0o600)
})
