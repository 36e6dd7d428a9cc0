/**
 * Every accident with keys, through every command that has to do with them: a sentence that says what is wrong and what to do, no byte of the ledger changed
 * by what is refused, and with the right files back everything is as it was.
 */
import assert from "node:assert/strict"
import { cpSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { fillDirectory, asRootOnLinux } from "../writer/full-disk.ts"
import type { TestLedger } from "../ledger-fixture.ts"
import type { Answer } from "./accident.ts"
import { accidents } from "./accident-list.ts"
import {
  bytesOf,
  changed,
  copyOf,
  commandNames,
  ledgerWithPast,
  mayWrite,
  onDiskOfItsOwn,
  remount,
  resetTo,
  rootOf,
  run,
  settle,
  type CommandName,
  type Told,
} from "./accident-rig.ts"

const template = await ledgerWithPast({ after })

/** A sentence and what to do: the two lines of a fault, or the line of a report and the one below it. */
function assertTold(name: CommandName, told: Told, answer: Exclude<Answer, "left out">): void {
  const all = `${name} ended with ${told.status}\n${told.stdout}${told.stderr}`
  assert.doesNotMatch(told.stdout + told.stderr, /^\s+at .+:\d+|\bundefined\b|\bNaN\b|\[object |is a bug in/m, all)
  if (answer === "works") {
    assert.deepEqual([told.status, told.stderr.replace(/^The keys stand beside the backup\..*\n/, "")], [0, ""], all)
    return
  }
  const [exit, says] = answer
  assert.equal(told.status, exit, all)
  const isReport = told.stderr === ""
  const text = isReport ? told.stdout : told.stderr
  assert.match(text, says, all)
  if (isReport) return assert.match(text, /\n *\S.*\n/, all)
  assert.equal(told.stdout, "", all)
  assert.match(text, /^[^\n]+\.\n[^\n]{20,}\n$/, all)
}

/** `status` has the sentence in its report, with the remedy below it, and ends with 1. */
function answerOf(name: CommandName, says: Answer, but: Partial<Readonly<Record<CommandName, Answer>>> = {}): Answer {
  const own = but[name]
  if (own !== undefined) return own
  return name === "status" && typeof says !== "string" ? [1, new RegExp(says[1].source.replace(/\$$/, "\\n  \\S.{20,}$"), "m")] : says
}

async function walk(ledger: TestLedger, answers: (name: CommandName) => Answer): Promise<void> {
  const broken = join(rootOf(ledger), "broken")
  mkdirSync(broken)
  for (const name of ["ledger", "keys", "sovereign-ledger.head.note"]) cpSync(join(rootOf(ledger), name), join(broken, name), { recursive: true })
  const before = bytesOf(ledger)
  for (const name of commandNames) {
    const answer = answers(name)
    if (answer === "left out") continue
    assertTold(name, await run(ledger, name, answer === "works"), answer)
    if (mayWrite.has(name)) await settle(ledger)
    const touched = changed(before, bytesOf(ledger))
    if (!mayWrite.has(name) || answer !== "works") assert.deepEqual(touched, [], `${name} changed files`)
    else {
      if (answers("verify") === "works") assert.match(ledger.verify().verdict, /^valid/, `after ${name}`)
      resetTo(broken, ledger)
    }
  }
}

/** In CI each accident meets half of the commands, the next one the others. */
function isItsTurn(command: CommandName, accident: number): boolean {
  return process.env["CI"] !== "true" || command === "verify" || (commandNames.indexOf(command) + accident) % 2 === 0
}

describe("an accident with keys", { concurrency: false }, () => {
  for (const [i, { name, happens, says, but }] of accidents.entries()) {
    test(name, async (t) => {
      const ledger = copyOf(template, t)
      await happens(ledger)
      await walk(ledger, (command) => (isItsTurn(command, i) ? answerOf(command, says, but) : "left out"))
      if (says === "works" && but?.verify === undefined) return
      resetTo(dirname(template.directory), ledger)
      ledger.append(3)
      ledger.close()
      assert.equal(ledger.verify().verdict, "valid with erasures")
    })
  }
})

describe("a disk that takes nothing", { ...asRootOnLinux, concurrency: false }, () => {
  for (const place of ["data", "keys"] as const) {
    const directoryOf = (ledger: TestLedger) => (place === "data" ? ledger.directory : join(rootOf(ledger), "keys"))
    // Nothing is written beside the key but by a rotation: erasures, backups and the writer go on where only that is not possible.
    const refused = (name: CommandName) => (place === "data" ? mayWrite.has(name) : name === "vault rotate")
    const isFull: Answer = [2, /^(?:Writing to \S+ failed: .+|The disk of \S+ is full: \d+ bytes are left)\.$/m]
    const isReadOnly: Answer = [2, /^\/\S+ cannot be written: its disk is read-only\.\nMount the disk so that it can be written .+\.$/m]

    test(`read-only, with the ${place}`, async (t) => {
      const ledger = copyOf(template, t)
      const end = onDiskOfItsOwn(directoryOf(ledger), 8_000_000)
      try {
        remount(directoryOf(ledger), "ro")
        await sound(ledger, (name) => (refused(name) ? isReadOnly : "works"))
        remount(directoryOf(ledger), "rw")
        await sound(ledger, () => "works")
      } finally {
        end()
      }
    })

    test(`full, with the ${place}`, async (t) => {
      const ledger = copyOf(template, t)
      const end = onDiskOfItsOwn(directoryOf(ledger), 2_000_000)
      const inData: Partial<Record<CommandName, Answer>> =
        place === "keys" ? {} : { status: [1, /^The disk of \S+ is full: \d+ bytes are left\.\n {2}\S.{20,}$/m], "vault check": [1, /✗ \S+filler/] }
      try {
        const free = fillDirectory(directoryOf(ledger))
        await sound(ledger, (name) => inData[name] ?? (refused(name) ? isFull : "works"))
        free()
        await sound(ledger, () => "works")
      } finally {
        end()
      }
    })
  }
})

/** As `walk`, where files cannot be put aside: what writes and works, comes last and stays. */
async function sound(ledger: TestLedger, answers: (name: CommandName) => Answer): Promise<void> {
  for (const name of commandNames) {
    const before = bytesOf(ledger)
    const answer = answers(name)
    if (answer === "left out") continue
    assertTold(name, await run(ledger, name, answer === "works"), answer)
    if (mayWrite.has(name)) await settle(ledger)
    if (!mayWrite.has(name) || answer !== "works") assert.deepEqual(changed(before, bytesOf(ledger)), [], `${name} changed files`)
  }
  assert.match(ledger.verify().verdict, /^valid/)
}
