/** Commands about backups, as operators meet them. */
import assert from "node:assert/strict"
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { test } from "node:test"
import { flagsOf, jsonOf, makeHome } from "./home.ts"
import { temporaryLedger } from "../ledger-fixture.ts"

test("a backup from the first command to the last", async (t) => {
  const home = makeHome(t)
  const ledger = temporaryLedger(t)
  ledger.append(300)
  ledger.close()
  const flags = flagsOf(ledger)
  const run = (words: string) => home.run([...words.split(" "), ...flags])
  const check = async (words: string, row: Omit<Parameters<typeof home.check>[0], "command">) => home.check({ command: [words, ...flags].join(" "), ...row })
  const [to, keys] = [join(home.directory, "backups"), join(home.directory, "keys")]

  await check("backup create", { exit: 2, stderr: /^--to DIR is needed\.\n/ })
  await check(`backup create --to ${to}`, { exit: 2, stderr: /backups is no place for backups: .*no such file.*\n.*mount the disk/ })
  mkdirSync(to)
  mkdirSync(keys)
  await check(`backup list --to ${to}`, { exit: 0, stdout: /^There is no backup in \S+\.\n$/ })
  await check(`backup create --to ${to}`, {
    exit: 0,
    stdout: /^Backed up 301 entries, \d+ kB: \S+-301\n {2}checkpoint {2}over 301 entries\n {2}keys {8}\S+\/backups\/keys-\w+: of 10 sessions and senders\n$/,
    stderr: /^The keys stand beside the backup\. Apart from it they protect more: --keys-to DIR, on another disk or machine\.\n$/,
  })
  rmSync(join(to, readdirSync(to).find((name) => name.startsWith("keys-")) ?? ""), { recursive: true })
  await check(`backup create --to ${to} --keys-to ${keys} --keep 0`, { exit: 2, stderr: /--keep/ })
  const made = jsonOf<{ backup: string; removed: string[]; storeId: string; entries: number }>(
    await run(`backup create --to ${to} --keys-to ${keys} --keep 1 --json`),
  )
  assert.deepEqual([made.removed.length, made.entries, readdirSync(to)], [1, 301, [basename(made.backup)]])

  const listed = jsonOf<{ backups: { backup: string; entries: number }[]; notWhole: unknown[]; keySets: unknown[] }>(await run(`backup list --to ${to} --json`))
  assert.deepEqual([listed.backups.map(({ backup, entries }) => [backup, entries]), listed.notWhole, listed.keySets], [[[made.backup, 301]], [], []])
  await check(`backup list --to ${keys}`, { exit: 0, stdout: /^\S+Z {2}keys\n {2}\S+\/keys-\w+\n$/ })

  await check(`backup check ${made.backup}`, { exit: 2, stderr: /^The keys of the ledger \w+ were not found\. Looked in: \S+\n.*--keys DIR/ })
  await check(`backup check ${made.backup} --keys ${keys}`, {
    exit: 0,
    stdout:
      /^✓ VALID .*\n(?:.*\n)* {2}made \S+Z by version .*\n {2}keys of contents from .*\n {2}it has all that the checkpoint note of the ledger covers, 301 entries\n$/,
  })
  const checked = jsonOf(await run(`backup check ${made.backup} --keys ${keys} --json`))
  assert.deepEqual([checked["verdict"], checked["behind"], checked["keysFrom"]], ["valid", 0, "keys place"])
  await check(`backup check ${to}`, { exit: 2, stderr: /is not a whole backup: manifest\.json is not there/ })

  await check(`backup restore ${made.backup} --keys ${keys}`, {
    exit: 2,
    stderr: /^There is a ledger in \S+ already: keys\.json, journal\.db.*\n.*--set-aside/,
  })
  // What is damaged may be all that is there.
  writeFileSync(ledger.files.keys, "{")
  await check(`backup restore ${made.backup} --keys ${keys} --set-aside`, {
    exit: 0,
    stdout:
      /^Restored 301 entries, as of \S+, into \S+\. They are valid\.\n {2}what was there is in \S+\n.*no later erasure reaches: delete it.*\n.*\nIt records that it was put back\. Nothing ever limited/,
  })
  await check("verify", { exit: 0, stdout: /^✓ VALID/ })
  const other = ["--data-dir", join(home.directory, "trial"), "--head-note", join(home.directory, "trial.note"), "--key-file", ledger.places.keyFile]
  const trial = jsonOf(await home.run(["backup", "restore", made.backup, "--keys", join(keys, `keys-${made.storeId}`), "--json", ...other]))
  assert.deepEqual([trial["entries"], trial["setAside"], trial["frozen"], trial["note"]], [301, null, false, "missing"])
  const fault = jsonOf<{ error: { code: string } }>(await home.run(["backup", "restore", made.backup, "--keys", keys, "--json", ...other]))
  assert.equal(fault.error.code, "backup.occupied")
  writeFileSync(join(made.backup, "head.note"), "another")
  await check(`backup check ${made.backup} --keys ${keys}`, { exit: 1, stderr: /^The backup \S+ is not as it was made: head\.note has 7 bytes, and had \d+\./ })
})
