/**
 * Backups and restores that are killed at any moment. Whatever a kill leaves, the ledger and every backup that has its name are whole; the same order given
 * again comes to its end; and of a key that was destroyed nothing is left where a backup came to its end after it.
 */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync } from "node:fs"
import { basename, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { ledgerFiles, type LedgerFiles } from "../../../src/journal/files.ts"
import { backupsIn } from "../../../src/operations/backup/backup-names.ts"
import { verdictExit } from "../../../src/verify/verdict.ts"
import { onProcessEnd } from "../../gateway/cleanup.ts"
import { chance } from "../../history/jsonl-corpus.ts"
import { verifyFiles, type Ending } from "../../ledger-fixture.ts"
import { backupRig, destroyKeys, filesWith, type BackupRig } from "./backup-rig.ts"
import type { Order, Outcome } from "./dying-backup.ts"

/** How many of the kills met a process that was not at its end, and how many of those a restore whose files were changing their places. */
export type BackupKills = { readonly kills: number; readonly midway: number; readonly completed: number }
type Met = "at its end" | "midway" | "completed"
export type BackupKillOptions = { readonly kills: number; readonly seed: number; readonly say?: (line: string) => void }

const keep = 3
const script = join(import.meta.dirname, "dying-backup.ts")

export async function killBackups(t: Ending, { kills, seed, say = () => {} }: BackupKillOptions): Promise<BackupKills> {
  const rig = backupRig(t)
  const random = chance(seed)
  const destroyed: Buffer[] = []
  rig.ledger.append(4_000)
  const create: Order = { do: "create", root: join(rig.ledger.directory, ".."), to: rig.to, keysTo: rig.keysTo, keep }
  const tookMs = { create: await timed(rig, create), restore: 0 }
  tookMs.restore = await timed(rig, restoreOrder(rig, lastBackup(rig), ledgerFiles(join(rig.root, "first"), join(rig.root, "first.note"))))
  const met: Met[] = []
  for (let kill = 1; kill <= kills; kill++) {
    const what = kill % 2 === 1 ? "create" : "restore"
    const one = { afterMs: random() * tookMs[what] * 1.1, kill, destroyed }
    const how = await (what === "create" ? killCreate(rig, create, one) : killRestore(rig, one))
    met.push(how)
    say(`${kill}: ${what} killed ${how === "completed" ? "while files changed their places" : how}, seed ${seed}`)
  }
  return { kills, midway: met.filter((how) => how !== "at its end").length, completed: met.filter((how) => how === "completed").length }
}

type Kill = { readonly afterMs: number; readonly kill: number; readonly destroyed: Buffer[] }

async function killCreate(rig: BackupRig, create: Order, { afterMs, kill, destroyed }: Kill): Promise<Met> {
  const { ledger } = rig
  const before = backupsIn(rig.to).map(({ name }) => name)
  const session = `agent:main:erased-${kill}`
  ledger.append(300)
  ledger.record({ type: "session.started", id: `erased-${kill}`, scope: { session, sender: "" }, facts: { resumed: false }, content: { words: "x" } } as never)
  ledger.close()
  await rig.create({ nowMs: Date.now() }) // the key is in the keys place
  destroyed.push(...destroyKeys(ledger.files, ledger.keys().scopesKey, session))
  const met = await killed(create, afterMs)
  assert.equal(ledger.verify().verdict, "valid with erasures")
  assertWhole(rig)
  const { done } = (await ran(create)) as { done: { backup: string } }
  assert.deepEqual(backupsIn(rig.to).length <= keep, true)
  assert.ok(existsSync(done.backup) && !before.includes(basename(done.backup)))
  assert.deepEqual(
    readdirSync(rig.to).filter((name) => name.startsWith(".")),
    [],
    "nothing half-done is left",
  )
  assertWhole(rig)
  for (const place of [rig.to, rig.keysTo]) assert.deepEqual(filesWith(place, ledger.keys(), destroyed), [], "a destroyed key is back")
  return met ? "midway" : "at its end"
}

async function killRestore(rig: BackupRig, { afterMs, kill, destroyed }: Kill): Promise<Met> {
  const { ledger } = rig
  // Half of them where a ledger is already: one that was restored before.
  const files = ledgerFiles(join(rig.root, `restored-${kill}`), join(rig.root, `restored-${kill}.note`))
  const isOver = kill % 4 === 0
  if (isOver) await ran(restoreOrder(rig, lastBackup(rig), files))
  const entries = isOver ? verifyFiles(files, ledger.keys()).entries : 0
  const first = backupsIn(rig.to)[0] ?? assert.fail()
  const order = restoreOrder(rig, join(rig.to, first.name), files)
  // Every second one while files change their places, which is over in a moment.
  const isMarked = () => existsSync(join(files.directory, ".restoring", "restoring.json"))
  const met = await (kill % 8 < 5 ? killed(order, (afterMs % 4) / 2, isMarked) : killed(order, afterMs))
  const again = await ran(order)
  assert.ok("done" in again, JSON.stringify(again))
  // Where a newer one was put back before, its note knows more, and verify would say so.
  const { verdict, notes } = verifyFiles({ ...files, headNote: join(rig.root, "none") }, ledger.keys())
  assert.equal(verdictExit[verdict], 0, verdict)
  assert.ok(notes.some((words) => /says that this ledger was put back/.test(words)))
  assert.ok(!existsSync(join(files.directory, ".restoring")))
  assert.deepEqual(filesWith(files.directory, ledger.keys(), destroyed), [], "a destroyed key is back")
  const aside = readdirSync(rig.root).filter((name) => name.startsWith(`restored-${kill}.set-aside-`))
  assert.ok(aside.length >= (isOver ? 1 : 0))
  const sizes = aside.map((name) => verifyFiles(ledgerFiles(join(rig.root, name), files.headNote), ledger.keys(), false).entries)
  assert.ok(!isOver || sizes.includes(entries), "what was there is whole, beside it")
  return "completed" in again.done ? "completed" : met ? "midway" : "at its end"
}

/** Every backup that has its name opens, is whole, and is valid with the keys that are there. */
function assertWhole(rig: BackupRig): void {
  for (const { name } of backupsIn(rig.to)) {
    const { report } = rig.check(join(rig.to, name), { note: join(rig.root, "none") })
    assert.deepEqual([verdictExit[report.verdict], report.problems], [0, []], name)
  }
}

function lastBackup(rig: BackupRig): string {
  return join(rig.to, backupsIn(rig.to).at(-1)?.name ?? assert.fail("there is no backup"))
}

function restoreOrder(rig: BackupRig, backup: string, { directory, headNote }: LedgerFiles): Order {
  return { do: "restore", root: join(rig.ledger.directory, ".."), keysTo: rig.keysTo, backup, directory, note: headNote }
}

function begun(order: Order) {
  const child = spawn(process.execPath, ["--no-warnings", script, JSON.stringify(order)], { stdio: ["ignore", "pipe", "inherit"] })
  const forget = onProcessEnd(() => child.kill("SIGKILL"))
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (part: string) => (printed += part))
  const ended = once(child, "close").finally(forget) as Promise<[number | null, string | null]>
  return { child, ended, begins: once(child.stdout, "data"), outcome: () => JSON.parse(printed.split("\n")[1] ?? "") as Outcome }
}

async function ran(order: Order): Promise<Outcome> {
  const { ended, outcome } = begun(order)
  assert.deepEqual(await ended, [0, null])
  return outcome()
}

/** Once it has come so far, if that is told, and a while later. Answers whether it was not at its end. */
async function killed(order: Order, afterMs: number, cameSoFar: () => boolean = () => true): Promise<boolean> {
  const { child, ended, begins } = begun(order)
  await begins
  while (!cameSoFar() && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve))
  if (afterMs >= 1) await sleep(afterMs)
  child.kill("SIGKILL")
  return (await ended)[1] === "SIGKILL"
}

async function timed(rig: BackupRig, order: Order): Promise<number> {
  rig.ledger.close()
  const { ended, begins } = begun(order)
  await begins
  const startedMs = performance.now()
  assert.deepEqual(await ended, [0, null])
  return performance.now() - startedMs
}
