/** Watch: in every state a ledger and its host can be in, what is wrong is named with what mends it, and the exit status says so. */
import assert from "node:assert/strict"
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import type { NewEvent } from "../../src/format/event.ts"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { tryLock } from "../../src/vault/lock.ts"
import { writeKey } from "../../src/vault/master-key.ts"
import type { HostStanding } from "../../src/views/coverage.ts"
import { watchExit, watchReport, type Check, type WatchQuestion } from "../../src/views/watch.ts"
import { emptyPlaces, startMs, temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"

const wellHost: HostStanding = { off: null, remedy: null, mayReadConversations: true, recapsOff: false }
const unreadable = new Fault("host.config-unreadable", { file: "openclaw.json", problem: "EACCES" })
const hourMs = 3_600_000

const template = temporaryLedger({ after })
template.record({ type: "gateway.started", id: "gateway.started:1", facts: { port: 1 } })
template.checkpoint()
template.close()
const well = (t: Ending): TestLedger => template.copy(t)

function look({ files, places }: Pick<TestLedger, "files" | "places">, changes: Partial<WatchQuestion> = {}) {
  const question = {
    files,
    places,
    nowMs: startMs + hourMs,
    sinceMs: startMs - hourMs,
    host: wellHost,
    writer: null,
    isService: false,
    except: new Set<string>(),
  }
  const report = watchReport({ ...question, ...changes })
  const bad = report.checks.filter(({ state }) => state !== "good")
  return {
    report,
    exit: watchExit(report),
    bad: bad.map(({ name, state }) => `${state} ${name}`),
    check: (name: string) => report.checks.find((one) => one.name === name),
  }
}

const touched: NewEvent = { type: "guard.touched", id: "t", facts: { tool: "exec", call: "c", what: "data directory", access: "change" } }
const disabled: NewEvent = { type: "guard.disabled", id: "d", facts: { reason: "entry disabled", atMs: startMs + 5 } }
const began: NewEvent = { type: "gateway.started", id: "g", facts: { port: 1, atMs: startMs + 9 } }
const gap: NewEvent = {
  type: "capture.gap",
  id: "p",
  facts: { reason: "the queue was full", count: 3, byType: { llm_input: 3 }, fromMs: startMs, toMs: startMs },
}

const disagreed: NewEvent = {
  type: "witness.disagreed",
  id: "w",
  facts: { witness: "example.org/w+00000000", finding: "ahead", seenSize: 9, size: 5 },
}
const hears = (state: string) => ({ writer: { pid: 7, witnesses: [{ witness: "example.org/w+00000000", state, problem: null, toldSize: null }] } })

/** A budget of so many calls, of which four are made in the hour before the look. */
function burning(calls: number): readonly NewEvent[] {
  const book = new LedgerBook()
  const rule = parseBudget({ name: "daily", limits: [`${calls} calls`], per: "lifetime" })
  const spends = [5, 20, 35, 50].map(
    (minute) => ({ id: `s${minute}`, atMs: startMs + minute * 60_000, amounts: { calls: 3n }, account: "agent:main", spend: {} }) as const,
  )
  return [book.give({ do: "set-budget", atMs: startMs, rule }), ...spends.map((spend) => book.give({ do: "spend", ...spend }))].flatMap(({ events }) => events)
}

type Harm = (ledger: TestLedger) => Partial<WatchQuestion> | undefined

const doing =
  (harm: (ledger: TestLedger) => unknown): Harm =>
  (ledger) => {
    harm(ledger)
    return undefined
  }

describe("watch", () => {
  test("all is well: every check is good, with a writer and without", (t) => {
    const ledger = well(t)
    for (const writer of [null, { pid: 7 }, hears("agrees").writer, hears("not asked yet").writer]) {
      const { report, exit, bad } = look(ledger, { writer })
      assert.deepEqual([exit, bad], [0, []])
      assert.deepEqual(
        report.checks.map(({ name }) => name),
        [
          "set-up",
          "key",
          "plugin",
          "permission",
          "switched-off",
          "touched",
          "breakers",
          "gaps",
          "budgets",
          "recount",
          "head-note",
          "witness",
          "anchors",
          "restored",
          "clock",
          "writer",
        ],
      )
      assert.ok(report.checks.every(({ words, remedy }) => /\w/.test(words) && remedy === null))
    }
  })

  test("a budget that lasts longer than an hour is well", (t) => {
    const ledger = well(t)
    ledger.record(...burning(30))
    assert.deepEqual(look(ledger).bad, [])
  })

  test("asking changes nothing", (t) => {
    const ledger = well(t)
    const { report } = look(ledger)
    assert.deepEqual(look(ledger).report, report)
    assert.equal(ledger.verify().verdict, "valid")
  })

  const wrongs: readonly (readonly [what: string, bad: string, remedy: RegExp | null, harm: Harm])[] = [
    [
      "the plugin is switched off in the configuration",
      "wrong plugin",
      /plugins enable/,
      () => ({ host: { ...wellHost, off: "entry disabled", remedy: "openclaw plugins enable sovereign-ledger" } }),
    ],
    ["the permission is missing", "wrong permission", /allowConversationAccess true/, () => ({ host: { ...wellHost, mayReadConversations: false } })],
    ["the plugin was switched off", "wrong switched-off", /gateway restart/, doing((ledger) => ledger.record(disabled))],
    ["a call reached for the ledger", "wrong touched", /events list --type guard\.touched/, doing((ledger) => ledger.record(touched))],
    ["something is missing", "wrong gaps", /events list --type capture\.gap/, doing((ledger) => ledger.record(gap))],
    ["a budget is gone within the hour", "wrong budgets", /budget forecast daily$/, doing((ledger) => ledger.record(...burning(15)))],
    ["a budget is gone", "wrong budgets", /budget forecast daily$/, doing((ledger) => ledger.record(...burning(4)))],
    ["the note is gone", "wrong head-note", /verify/, doing((ledger) => rmSync(ledger.files.headNote))],
    ["the note is another one's", "wrong head-note", /verify/, doing((ledger) => writeFileSync(ledger.files.headNote, "scribble"))],
    ["a witness contradicted", "wrong witness", /witness check/, doing((ledger) => ledger.record(disagreed))],
    ["a witness contradicts now", "wrong witness", /witness check/, () => hears("is ahead")],
    ["a witness contradicts otherwise", "wrong witness", /witness check/, () => hears("saw another history")],
    ["a witness cannot be asked", "unknown witness", /witness check/, () => hears("could not be asked")],
    ["a witness does not trust the key", "unknown witness", /witness check/, () => hears("does not trust its key")],
    ["the key file is gone", "wrong key", /key restore/, doing((ledger) => rmSync(ledger.places.keyFile))],
    ["another key", "wrong key", /key/, doing((ledger) => writeFileSync(ledger.places.keyFile, writeKey(Buffer.alloc(32, 4))))],
    ["the journal is damaged", "wrong key", /fsck/, doing((ledger) => writeFileSync(ledger.files.journal, "x".repeat(9_000)))],
    ["the writer's service is silent", "wrong writer", /systemctl/, () => ({ isService: true })],
    ["a writer hangs", "wrong writer", /status/, doing((ledger) => holdLock(ledger))],
    ["the configuration cannot be read", "unknown plugin", /openclaw doctor/, () => ({ host: unreadable })],
    ["the directory cannot be written", "unknown writer", null, doing((ledger) => chmodSync(ledger.directory, 0o500))],
  ]
  const locks = new Map<TestLedger, { readonly release: () => void }>()
  const holdLock = (ledger: TestLedger) => locks.set(ledger, tryLock(ledger.files.lock) ?? assert.fail())

  for (const [what, expected, remedy, harm] of wrongs) {
    const isRoot = process.getuid?.() === 0
    test(what, { skip: isRoot && what.includes("cannot be written") ? "root may write everywhere" : false }, (t) => {
      const ledger = well(t)
      const changes = harm(ledger)
      const { exit, bad, report } = look(ledger, changes)
      locks.get(ledger)?.release()
      assert.deepEqual([bad, exit], [[expected], expected.startsWith("wrong") ? 1 : 2])
      const check = report.checks.find(({ state }) => state !== "good") as Check
      if (remedy) assert.match(check.remedy ?? "", remedy)
      const left = look(ledger, { ...changes, except: new Set([check.name]) })
      assert.ok(!left.bad.includes(expected), "what is left out is not looked at")
    })
  }

  test("not set up: named, whatever else is so", (t) => {
    const { bad, exit, check } = look(emptyPlaces(t))
    assert.deepEqual([bad, exit], [["wrong set-up"], 1])
    assert.equal(check("set-up")?.remedy, "sovereign-ledger key create")
  })

  test("what is wrong outweighs what is not known", (t) => {
    const ledger = well(t)
    ledger.record(gap)
    assert.deepEqual([look(ledger, { host: unreadable }).bad, look(ledger, { host: unreadable }).exit], [["unknown plugin", "wrong gaps"], 1])
  })

  test("switched off and on again is well; gaps and touches of earlier than asked for are not told", (t) => {
    const ledger = well(t)
    ledger.record(touched, gap, disabled, began)
    assert.deepEqual(look(ledger).bad, ["wrong touched", "wrong gaps"])
    assert.deepEqual(look(ledger, { sinceMs: startMs + hourMs }).bad, [])
    ledger.record(disabled)
    assert.deepEqual(look(ledger, { sinceMs: startMs + hourMs }).bad, ["wrong switched-off"])
  })

  test("the words name the last of several, and how many", (t) => {
    const ledger = well(t)
    ledger.record(touched, { ...touched, facts: { ...touched.facts, what: "master key", access: "read" } } as NewEvent)
    assert.match(
      look(ledger).check("touched")?.words ?? "",
      /^2 tool calls reached for the ledger since .*; the last: exec reached for the master key, to read it \(#3, /,
    )
  })

  test("what a witness said is told in words", (t) => {
    const ledger = well(t)
    ledger.record(disagreed)
    assert.match(
      look(ledger).check("witness")?.words ?? "",
      /^a witness contradicted 1 time since .*Z; the last: witness example\.org\/w\+00000000 knows a longer ledger: 9 entries; 5 stand here \(#2, /,
    )
  })

  test("a note that cannot be read is wrong, too", (t) => {
    const ledger = well(t)
    rmSync(ledger.files.headNote)
    mkdirSync(ledger.files.headNote)
    assert.deepEqual(look(ledger).bad, ["wrong head-note"])
  })
})
