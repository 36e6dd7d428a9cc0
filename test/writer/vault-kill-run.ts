/**
 * Rotations, erasures, removals and re-sealings that are killed: the command or the writer, at a random moment. Whatever stands on the disk then opens, verifies and has all
 * that it had; the same command comes to its end; what was erased is gone.
 */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { existsSync, readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { NewEvent } from "../../src/format/event.ts"
import { closingOf } from "../../src/journal/closing.ts"
import { createKey } from "../../src/operations/create-key.ts"
import { entryOf } from "../../src/operations/entry-of.ts"
import { openLedger } from "../../src/operations/open-ledger.ts"
import { contentOf } from "../../src/views/event-list.ts"
import { filesWith, openedFiles } from "../opened-pages.ts"
import { eventAt } from "../ledger-fixture.ts"
import { chance } from "../history/jsonl-corpus.ts"
import type { Rig } from "./rig.ts"

export type VaultKills = { readonly rig: Rig; readonly trials: number; readonly seed: number; readonly log?: (line: string) => void }

const operations = ["rotate", "rekey", "erase", "prune"] as const
type Operation = (typeof operations)[number]

const recorded = 2_000
/** Entries of each day that may be removed. */
const aDay = 300
const dayMs = 86_400_000
/** Kills fall between the first quarter of what a command takes and a little after its end. */
const [earliest, latest] = [0.25, 1.1]

/** Answers how many of the kills met a command that was not over. */
export async function killVault({ rig, trials, seed, log = () => {} }: VaultKills): Promise<number> {
  const random = chance(seed)
  fill(rig, trials)
  const before = contents(rig, trials)
  const lastsMs = await measured(rig, trials)
  let met = 0
  for (let trial = 0; trial < trials; trial++) {
    const operation = operations[Math.floor(random() * operations.length)] ?? "rotate"
    const isWriter = random() < 0.4
    await ready(rig)
    const running = rig.start([...wordsOf(operation, trial, trials), ...placesOf(rig)])
    await sleep(lastsMs[operation] * (earliest + random() * (latest - earliest)))
    if (isWriter) for (const pid of rig.writerPids()) kill(pid)
    else running.child.kill("SIGKILL")
    const { status, signal } = await running.ended
    if (status !== 0) met++
    log(`${trial}: ${operation}, ${isWriter ? "writer" : "command"} killed, ended ${status ?? signal}`)
    await holds(rig, before, trials, `trial ${trial} of seed ${seed}, ${operation}`, operation === "rekey")
    const again = await rig.run([...wordsOf(operation, trial, trials), ...placesOf(rig)])
    assert.equal(again.status, 0, `trial ${trial} of seed ${seed}, ${operation} again: ${again.stderr}`)
    await settled(rig, before, operation, { trial, trials })
  }
  return met
}

/** What each takes on this machine, its start with it. */
async function measured(rig: Rig, trials: number): Promise<Readonly<Record<Operation, number>>> {
  const lasts = { rotate: 0, rekey: 0, erase: 0, prune: 0 }
  for (const operation of operations) {
    await ready(rig)
    const beganMs = performance.now()
    // Of what may be removed the oldest goes, and of what may be erased the last.
    const { status, stderr } = await rig.start([...wordsOf(operation, operation === "prune" ? -1 : trials, trials), ...placesOf(rig)]).ended
    assert.equal(status, 0, stderr)
    lasts[operation] = performance.now() - beganMs
  }
  return lasts
}

/** A session for each trial that may be erased, and others. */
function fill(rig: Rig, trials: number): void {
  const nowMs = Date.now()
  const places = { keyFile: rig.keyFile, environment: {} }
  const umask = process.umask(0o077)
  createKey(rig.files, () => rig.keyFile, { nowMs: nowMs - (trials + 9) * dayMs, version: "test" })
  process.umask(umask)
  const ledger = openLedger(rig.files, places, { nowMs, version: "test" })
  const append = (events: readonly NewEvent[], atMs: number) => {
    for (let done = 0; done < events.length; done += 100)
      ledger.journal.append(
        events.slice(done, done + 100).map((event) => entryOf(event, ledger.scopes, atMs)),
        atMs,
      )
  }
  for (let trial = -1; trial < trials; trial++) {
    append(
      Array.from({ length: aDay }, (_, n) => ({ ...eventAt(n), id: `old-${trial}-${n}` })),
      nowMs - (trials + 4 - trial) * dayMs,
    )
  }
  const gone = Array.from({ length: trials + 1 }, (_, trial) => ({
    ...eventAt(0),
    id: `tool.invoked:gone-${trial}`,
    scope: { session: sessionOf(trial) },
    content: { command: secretOf(trial) },
  }))
  const events = [...Array.from({ length: recorded }, (_, n) => eventAt(n)), ...gone]
  append(events, nowMs)
  ledger.close()
}

const sessionOf = (trial: number) => `agent:gone:session-${trial}-`
const secretOf = (trial: number) => `words of session ${trial} that are to be erased`
const placesOf = (rig: Rig) => ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]

/** Where what stays begins. */
const firstKept = (trials: number) => 1 + (trials + 1) * aDay

function wordsOf(operation: Operation, trial: number, trials: number): readonly string[] {
  if (operation === "prune") return ["prune", "--days", String(trials + 3 - trial), "--yes"]
  if (operation === "erase") return ["erase", "--session", sessionOf(trial), "--yes"]
  return ["vault", operation]
}

/** A writer is at work, with a disk so slow that what it does lasts. */
async function ready(rig: Rig): Promise<void> {
  await rig.stopWriter().catch(() => {})
  await rig.writer(["--commit-delay-ms", "150"])
}

/** The contents of what was recorded first, as one hash. */
function contents(rig: Rig, trials: number): string {
  return rig.reading((access) => {
    const hash = createHash("sha256")
    for (const entry of access.reader.entries(firstKept(trials), firstKept(trials) + recorded - 1))
      hash.update(entry.headerBytes).update(contentOf(access, entry).text ?? contentOf(access, entry).state)
    return hash.digest("hex")
  })
}

async function holds(rig: Rig, before: string, trials: number, what: string, mayBeSwitching = false): Promise<void> {
  const verified = await rig.run(["verify", "--json", ...placesOf(rig)])
  const { verdict, problems, error } = JSON.parse(verified.stdout) as { verdict: string; problems: unknown; error?: { code: string } }
  // Between the first file that was replaced and the last nobody reads, and is told so; the same command, or the next writer, completes it.
  if (mayBeSwitching && error?.code === "rekey.switching") return
  assert.match(String(verdict), /^valid/, `${what}: ${JSON.stringify(problems)} ${verified.stdout}`)
  assert.equal(contents(rig, trials), before, what)
}

async function settled(rig: Rig, before: string, operation: Operation, { trial, trials }: { readonly trial: number; readonly trials: number }): Promise<void> {
  const what = `trial ${trial}, ${operation}`
  await holds(rig, before, trials, what)
  assert.deepEqual(
    [existsSync(`${rig.keyFile}.next`), readdirSync(rig.directory).filter((name) => /\.next|(rekey|prune)\.json|\.tmp$/.test(name))],
    [false, []],
    what,
  )
  const status = await rig.run(["vault", "status", "--json", ...placesOf(rig)])
  assert.deepEqual((JSON.parse(status.stdout) as { due: unknown[] }).due, [], what)
  if (operation === "prune") {
    const gone = rig.reading(({ reader }) => closingOf(reader)?.upTo ?? 0)
    assert.ok(gone > (trial + 2) * aDay - 256 && gone <= firstKept(trials), `${what}: ${gone} entries are gone`)
  }
  if (operation !== "erase") return
  const isGone = rig.reading((access) =>
    [...access.reader.entries(firstKept(trials) + recorded, Infinity)].every((entry) => !(contentOf(access, entry).text ?? "").includes(secretOf(trial))),
  )
  assert.ok(isGone, what)
  await rig.stopWriter()
  const opened = rig.reading(({ keys }) => openedFiles(rig.directory, keys))
  assert.deepEqual(filesWith(opened, [sessionOf(trial), secretOf(trial)]), [], what)
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has left already.
  }
}
