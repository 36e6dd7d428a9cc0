/** A scopes.db of before an erasure, put back: nothing calls that well, and whoever opens the ledger for writing erases again what was erased, and nothing else. */
import assert from "node:assert/strict"
import { copyFileSync } from "node:fs"
import { join, dirname } from "node:path"
import { after, describe, test } from "node:test"
import type { NewEvent } from "../../../src/format/event.ts"
import { Journal } from "../../../src/journal/journal.ts"
import { factsOf } from "../../../src/journal/reader.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { eraseContent } from "../../../src/operations/erase/erase-content.ts"
import { repeatErasures } from "../../../src/operations/erase/repeat-erasures.ts"
import { ScopeStore } from "../../../src/vault/scopes.ts"
import { statusExit, statusReport } from "../../../src/views/status.ts"
import { vaultStatus } from "../../../src/views/vault-status.ts"
import { inspectStore } from "../../../src/journal/inspect-store.ts"
import { startMs, temporaryLedger, type TestLedger } from "../../ledger-fixture.ts"
import { filesWith, openedFiles } from "../../opened-pages.ts"

const day = 86_400_000
const [jane, john] = ["agent:main:whatsapp:direct:4915123456789", "agent:main:telegram:direct:4242"]

/** Of a time when the ledger may have other keys than these. */
function say(ledger: TestLedger, mark: string, nowMs: number, to: { journal: Journal; scopes: ScopeStore } = ledger.open()): void {
  const events = [jane, john].map((session, i): NewEvent => ({
    type: "tool.invoked",
    id: `tool.invoked:${mark} ${i}`,
    scope: { session, sender: "" },
    facts: { tool: "exec", call: `${mark} ${i}`, guarded: false, verdict: "allow" },
    content: { command: `what ${session} says on ${mark}.` },
  }))
  to.journal.append(
    events.map((event) => entryOf(event, to.scopes, nowMs)),
    nowMs,
  )
}

const before = (ledger: TestLedger): string => join(dirname(ledger.directory), "keys", "scopes-before.db")
const putBack = (ledger: TestLedger): void => {
  ledger.close()
  copyFileSync(before(ledger), ledger.files.scopes)
}

/** Two days of two sessions; then one of them is erased, or the first day of both. */
function erased(how: { readonly agent?: true }): TestLedger {
  const ledger = temporaryLedger({ after })
  say(ledger, "monday", startMs)
  say(ledger, "tuesday", startMs + day)
  ledger.close()
  copyFileSync(ledger.files.scopes, before(ledger))
  const who = how.agent ? ({ by: "agent", value: "main" } as const) : ({ by: "session", value: jane } as const)
  eraseContent(ledger.open().scopes, { who, ...(how.agent ? { beforeMs: startMs + day } : {}), enter: (events) => void ledger.record(...events) })
  ledger.checkpoint()
  ledger.close()
  return ledger
}

const whole = erased({})
const byDay = erased({ agent: true })

function readable(ledger: TestLedger): readonly string[] {
  const { reader, scopes } = ledger.read()
  return [...reader.entries(0, Infinity)].flatMap((entry) => {
    const content = reader.content(entry, scopes ?? assert.fail("there are scopes"))
    const [, channel, on] = /what agent:main:(\w+):\S+ says on (\w+)/.exec(Buffer.isBuffer(content) ? content.toString("utf8") : "") ?? []
    return channel === undefined ? [] : [`${channel} ${on}`]
  })
}

const repeated = (ledger: TestLedger) =>
  [...ledger.read().reader.entries(0, Infinity)].filter(({ header }) => header.type === "erasure.repeated").map((entry) => factsOf(entry))

const statusOf = ({ files, places }: TestLedger) => statusReport({ files, places, version: "test", host: null, nowMs: startMs, writer: null } as never)

function told(ledger: TestLedger): readonly unknown[] {
  const status = statusOf(ledger)
  const vault = vaultStatus(ledger.files, ledger.places).due.map(({ what }) => what)
  const parts = inspectStore(ledger.files, () => ledger.places).parts.filter(({ state }) => state === "damaged")
  return [status.problem?.code ?? null, statusExit(status), vault, parts.map(({ part }) => part)]
}

describe("scopes.db of before an erasure", () => {
  test("is called well by nothing, while all else is as it was recorded", (t) => {
    const ledger = whole.copy(t)
    assert.deepEqual([ledger.verify().verdict, ledger.verify().erasuresUndone, told(ledger)], ["valid with erasures", [], [null, 0, [], []]])
    putBack(ledger)
    for (const payloads of [true, false]) {
      const report = ledger.verify(payloads)
      assert.deepEqual([report.verdict, report.problems, report.erasuresUndone], ["unverifiable", [], [5]])
      assert.match(
        report.notes.join("\n"),
        /^#5 says that contents were erased, and scopes\.db still has keys of them: .+ The next writer erases them again, at once: /m,
      )
    }
    const sentence = "Contents that were erased can be read again: scopes.db has keys of them (erased at #5), so it was put back from a copy of before."
    assert.deepEqual(told(ledger), ["erase.undone", 1, [sentence], ["scopes.db: time"]])
    assert.ok(readable(ledger).includes("whatsapp monday"))
  })

  for (const [what, template, stays] of [
    ["all of a session", whole, ["telegram monday", "telegram tuesday"]],
    ["the days of before one", byDay, ["whatsapp tuesday", "telegram tuesday"]],
  ] as const) {
    test(`${what}: erased again, once, by who opens the ledger for writing; the rest can be read`, (t) => {
      const ledger = template.copy(t)
      const keys = ledger.keys()
      putBack(ledger)
      const wanted = template === whole ? [jane, "what agent:main:whatsapp:direct:4915123456789 says on monday."] : ["says on monday."]
      const found = filesWith(openedFiles(ledger.directory, keys), [jane])
      assert.ok(found.includes(`scopes.db: ${jane}`), "the search finds the name that is back")
      ledger.open()
      ledger.close()
      assert.deepEqual(filesWith(openedFiles(ledger.directory, keys), wanted), [])
      assert.deepEqual(readable(ledger), stays)
      const [facts] = repeated(ledger)
      assert.deepEqual([facts?.["erasures"], facts?.["scopes"]], [[5], template === whole ? 1 : 2])
      ledger.open()
      ledger.close()
      assert.equal(repeated(ledger).length, 1)
      const { verdict, problems, erasuresUndone } = ledger.verify()
      assert.deepEqual([verdict, problems, erasuresUndone], ["valid with erasures", [], []])
      assert.deepEqual(told(ledger), [null, 0, [], []])
    })
  }

  test("is found without the journal's notes, too, once a writer has made them", (t) => {
    const ledger = whole.copy(t)
    putBack(ledger)
    ledger.edit((journal) => journal.exec("DELETE FROM meta WHERE name <> 'id salt'"))
    assert.deepEqual(ledger.verify().erasuresUndone, [5])
    ledger.open()
    ledger.close()
    assert.equal(repeated(ledger).length, 1)
    assert.deepEqual(ledger.verify().erasuresUndone, [])
  })

  test("cut off between the entry and the keys: done by the next one, and on record twice", (t) => {
    const ledger = whole.copy(t)
    const { files } = ledger
    ledger.open()
    ledger.close()
    putBack(ledger)
    const keys = ledger.keys()
    const scopes = ScopeStore.open(files.scopes, keys.scopesKey, { readonly: false })
    const journal = new Journal(files, keys)
    const stop = new Error("killed here")
    assert.throws(
      () =>
        repeatErasures(files, keys, scopes, (events) => {
          journal.append(
            events.map((event) => entryOf(event, scopes, startMs + 3 * day)),
            startMs + 3 * day,
          )
          throw stop
        }),
      stop,
    )
    journal.close()
    scopes.close()
    assert.deepEqual(ledger.verify().erasuresUndone, [5])
    ledger.open()
    ledger.close()
    assert.deepEqual([repeated(ledger).length, ledger.verify().erasuresUndone], [2, []])
  })

  test("what was recorded in the session since, by who did not know, has keys of its own and stays", (t) => {
    const ledger = whole.copy(t)
    const { files } = ledger
    putBack(ledger)
    const keys = ledger.keys()
    const to = { scopes: ScopeStore.open(files.scopes, keys.scopesKey, { readonly: false }), journal: new Journal(files, keys) }
    say(ledger, "friday", startMs + 4 * day, to)
    to.journal.close()
    to.scopes.close()
    assert.ok(readable(ledger).includes("whatsapp friday") && readable(ledger).includes("whatsapp monday"))
    ledger.open()
    ledger.close()
    assert.deepEqual(
      readable(ledger).filter((one) => one.startsWith("whatsapp")),
      ["whatsapp friday"],
    )
    const size = ledger.read().reader.size()
    assert.deepEqual([ledger.verify().erasuresUndone, told(ledger)], [[], [null, 0, [], []]])
    ledger.open()
    ledger.close()
    assert.equal(ledger.read().reader.size(), size, "and is not erased later")
  })

  test("an erasure that is noted and not there, or there and not noted, is invalid", (t) => {
    for (const [sql, words] of [
      ["INSERT INTO meta VALUES ('erasure 3', x'')", /the journal notes an erasure where there is none/],
      ["DELETE FROM meta WHERE name = 'erasure 5'", /an erasure is not in the journal's notes of them/],
    ] as const) {
      const ledger = whole.copy(t)
      ledger.edit((journal) => journal.exec(sql))
      const report = ledger.verify()
      assert.equal(report.verdict, "invalid")
      assert.match(JSON.stringify(report.problems), words)
    }
  })
})
