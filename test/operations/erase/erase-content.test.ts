/** Erasing: what was erased cannot be read by who has every key, what was not can, and proofs and balances are what they were. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../../src/base/fault.ts"
import type { NewEvent } from "../../../src/format/event.ts"
import { parseSignedCheckpoint } from "../../../src/format/checkpoint.ts"
import { factsOf } from "../../../src/journal/reader.ts"
import { entryOf } from "../../../src/operations/entry-of.ts"
import { eraseContent, type EraseOptions } from "../../../src/operations/erase/erase-content.ts"
import { liftHold, placeHold } from "../../../src/operations/erase/legal-holds.ts"
import { begunErasures, legalHolds, type ErasureWho } from "../../../src/vault/erasures.ts"
import { proveEntry } from "../../../src/views/proof.ts"
import { chance } from "../../history/jsonl-corpus.ts"
import { filesWith, openedFiles } from "../../opened-pages.ts"
import { startMs, temporaryLedger, type TestLedger } from "../../ledger-fixture.ts"

const day = 86_400_000
const [jane, john] = ["4915123456789", "4917600000000"]
const chat = `agent:main:whatsapp:direct:${jane}`
const group = "agent:main:whatsapp:group:120363@g.us"
const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code && error.remedy !== ""

type Said = { readonly session: string; readonly sender?: string; readonly text: string }

const said: readonly Said[] = [
  { session: chat, sender: jane, text: "jane asks in the chat" },
  { session: chat, text: "what the agent answers jane" },
  { session: group, sender: jane, text: "jane speaks in the group" },
  { session: group, sender: john, text: "john speaks in the group" },
  { session: group, text: "what the agent says in the group" },
  { session: "agent:research:main", text: "research of another agent" },
]

function recordAt(ledger: TestLedger, nowMs: number, mark: string): void {
  const { journal, scopes } = ledger.open()
  const events = said.map(({ session, sender = "", text }, i): NewEvent => ({
    type: "tool.invoked",
    id: `tool.invoked:${mark}-${i}`,
    scope: { session, sender },
    facts: { tool: "exec", call: `c${mark}${i}`, guarded: false, verdict: "allow" },
    content: { command: `${text} ${mark}` },
  }))
  journal.append(
    events.map((event) => entryOf(event, scopes, nowMs)),
    nowMs,
  )
}

const template = temporaryLedger({ after })
for (const [i, mark] of ["monday", "tuesday", "friday"].entries()) recordAt(template, startMs + i * day, mark)
template.checkpoint()
template.close()

function enterOf(ledger: TestLedger): EraseOptions["enter"] {
  return (events) => {
    const { journal, scopes } = ledger.open()
    journal.append(
      events.map((event) => entryOf(event, scopes, startMs + 3 * day)),
      startMs + 3 * day,
    )
  }
}

const erase = (ledger: TestLedger, who: ErasureWho, more: Partial<EraseOptions> = {}) =>
  eraseContent(ledger.open().scopes, { who, enter: enterOf(ledger), ...more })

/** The texts that can still be read, each without its mark, of one mark. */
function readable(ledger: TestLedger, mark: string): readonly string[] {
  const { reader, scopes } = ledger.read()
  return [...reader.entries(0, Infinity)].flatMap((entry) => {
    const content = reader.content(entry, scopes ?? assert.fail("there are scopes"))
    const text = Buffer.isBuffer(content) ? content.toString("utf8") : ""
    const [, found] = new RegExp(`"command":"(.*) ${mark}"`).exec(text) ?? []
    return found === undefined ? [] : [found]
  })
}

const texts = (...indexes: readonly number[]) => indexes.map((index) => said[index]?.text)

describe("erasing", () => {
  for (const [who, kept] of [
    [{ by: "sender", value: jane }, [3, 4, 5]],
    [{ by: "sender", value: john }, [0, 1, 2, 4, 5]],
    [{ by: "sender", value: jane, channel: "telegram" }, [0, 1, 2, 3, 4, 5]],
    [{ by: "session", value: group }, [0, 1, 5]],
    [{ by: "session", value: group.toUpperCase() }, [0, 1, 5]],
    [{ by: "agent", value: "main" }, [5]],
    [{ by: "agent", value: "nobody" }, [0, 1, 2, 3, 4, 5]],
  ] as const) {
    test(`${who.by} ${who.value}${"channel" in who ? ` on ${who.channel}` : ""} leaves what is of others`, (t) => {
      const ledger = template.copy(t)
      const before = ledger.read().reader.size()
      const done = erase(ledger, who)
      for (const mark of ["monday", "tuesday", "friday"]) assert.deepEqual(readable(ledger, mark), texts(...kept))
      const isAll = kept.length === said.length
      assert.deepEqual([done.erasure === null, done.scopes], [isAll, said.length - kept.length])
      assert.equal(ledger.read().reader.size(), before + (isAll ? 0 : 1))
      const report = ledger.verify()
      assert.deepEqual([report.verdict, report.problems], [isAll ? "valid" : "valid with erasures", []])
      assert.equal(report.contentsErased, 3 * (said.length - kept.length))
    })
  }

  test("what was erased stands in no page that any key of the ledger opens, nor do the keys and names it stood under", (t) => {
    const ledger = template.copy(t)
    const keys = ledger
      .open()
      .scopes.ask((database) =>
        database.prepare("SELECT key FROM scope_keys WHERE scope_id IN (SELECT scope_id FROM scopes WHERE session = ? OR sender = ?)").pluck().all(chat, jane),
      ) as Buffer[]
    const wanted = [...keys, jane, ...texts(0, 1, 2).map((text) => text ?? "")]
    assert.equal(keys.length, 9)
    ledger.read().ask(() => {}) // the projections are there, too
    ledger.close()
    const before = filesWith(openedFiles(ledger.directory, ledger.keys()), wanted)
    assert.equal(before.filter((found) => found === "scopes.db: a key").length, 9, "the search finds what is there")
    assert.ok(before.includes(`scopes.db: ${jane}`))
    const [proof] = proofs(ledger)

    erase(ledger, { by: "sender", value: jane }, { reason: "request of 2026-11-20" })
    ledger.read().ask(() => {})
    ledger.close()
    assert.deepEqual(filesWith(openedFiles(ledger.directory, ledger.keys()), wanted), [])
    assert.deepEqual(proofs(ledger)[0], proof, "a proof made before is the proof made after")

    const entry = ledger.read().reader.entry(ledger.read().reader.size() - 1) ?? assert.fail("it is on record")
    const { erasure: _, scopeIds, ...facts } = factsOf(entry)
    const { scopes } = ledger.open()
    assert.deepEqual([facts.id.startsWith("content.erased:"), facts["by"], facts["who"], facts["scopes"]], [true, "sender", scopes.pseudonym(jane), 3])
    assert.equal(
      (scopeIds as string[]).every((id) => scopes.byId(Buffer.from(id, "hex")) === "erased"),
      true,
    )
  })

  test("nor between other rows of the pages it stood in, however they were split", (t) => {
    const ledger = template.copy(t)
    const { scopes } = ledger.open()
    const random = chance(11)
    const names = Array.from(
      { length: 500 },
      (_, i) => `agent:x${Math.floor(random() * 1e9).toString(36)}:session-${i}-${"long ".repeat(Math.floor(random() * 9))}`,
    )
    for (const [i, name] of names.entries()) scopes.resolve({ session: name, sender: i % 3 === 0 ? `sender-${i}@example.org` : "" }, startMs)
    const gone = names.filter(() => random() < 0.1)
    const keys = gone.flatMap((name) =>
      scopes.ask((database) =>
        database.prepare("SELECT key FROM scope_keys WHERE scope_id IN (SELECT scope_id FROM scopes WHERE session = ?)").pluck().all(name),
      ),
    ) as Buffer[]
    for (const name of gone) erase(ledger, { by: "session", value: name })
    ledger.close()
    assert.ok(gone.length > 30 && keys.length === gone.length)
    assert.deepEqual(filesWith(openedFiles(ledger.directory, ledger.keys()), [...gone, ...keys]), [])
  })

  test("before a day: what was recorded on it and later stays, under the same ids; sessions go on", (t) => {
    const ledger = template.copy(t)
    const { scopes } = ledger.open()
    const id = scopes.resolve({ session: chat }, startMs).id
    const done = erase(ledger, { by: "session", value: chat }, { beforeMs: startMs + day + 1 })
    assert.deepEqual([done.scopes, done.beforeMs], [2, Math.floor((startMs + day) / day) * day])
    assert.deepEqual(
      ["monday", "tuesday", "friday"].map((mark) => readable(ledger, mark).length),
      [4, 6, 6],
    )
    recordAt(ledger, startMs + 4 * day, "saturday")
    assert.equal(readable(ledger, "saturday").length, 6)
    assert.deepEqual(ledger.open().scopes.resolve({ session: chat }, startMs).id, id)
    assert.equal(erase(ledger, { by: "session", value: chat }, { beforeMs: startMs + day + 1 }).erasure, null, "there is nothing left of then")
    erase(ledger, { by: "session", value: chat }, { beforeMs: startMs + 4 * day })
    assert.deepEqual(
      ["monday", "tuesday", "friday", "saturday"].map((mark) => readable(ledger, mark).length),
      [4, 4, 4, 6],
    )
    assert.equal(ledger.verify().verdict, "valid with erasures")
  })

  test("a session that goes on after it was erased is another one, and can be read", (t) => {
    const ledger = template.copy(t)
    const before = ledger.open().scopes.resolve({ session: group }, startMs).name
    erase(ledger, { by: "session", value: group })
    recordAt(ledger, startMs + 4 * day, "later")
    assert.deepEqual([readable(ledger, "later").length, readable(ledger, "friday").length], [6, 3])
    assert.notEqual(ledger.open().scopes.resolve({ session: group }, startMs).name, before)
  })

  test("of more conversations than one entry names is on record whole", (t) => {
    const ledger = template.copy(t)
    ledger.open().scopes.resolveAll(
      Array.from({ length: 1_200 }, (_, i) => `agent:busy:s${i}`),
      startMs,
    )
    assert.equal(erase(ledger, { by: "agent", value: "busy" }).scopes, 1_200)
    const entries = [...ledger.read().reader.entries(0, Infinity)].filter(({ header }) => header.type === "content.erased").map(factsOf)
    assert.deepEqual(
      entries.map(({ scopes, scopeIds }) => [scopes, (scopeIds as string[]).length]),
      [
        [1_200, 500],
        [1_200, 500],
        [1_200, 200],
      ],
    )
    assert.deepEqual(ledger.open().scopes.count(), { open: 7, erased: 1_200, keys: 19, destroyed: 1_200 })
  })
})

/** Of the first and the last entry with content. */
function proofs(ledger: TestLedger): readonly unknown[] {
  const access = ledger.read()
  const text = access.reader.latestCheckpoint()?.note ?? assert.fail("there is a checkpoint")
  const checkpoint = parseSignedCheckpoint(text) ?? assert.fail("it is one")
  return [1, 18].map((sequence) => {
    const entry = access.reader.entry(sequence) ?? assert.fail("there is an entry")
    return proveEntry(access, entry, { text, checkpoint }, { id: false, facts: true, content: false })
  })
}

describe("an erasure cut off by kill -9", () => {
  for (const beforeMs of [undefined, startMs + day]) {
    for (const step of ["begun", "entered", "destroyed"]) {
      test(`${step}${beforeMs === undefined ? "" : ", of days before one"}: is completed by who opens the ledger next, and nothing else is lost`, (t) => {
        const ledger = template.copy(t)
        const size = ledger.read().reader.size()
        const script = join(import.meta.dirname, "../dying-erasure.ts")
        const asked = JSON.stringify({ who: { by: "sender", value: jane }, beforeMs })
        const { signal, stderr } = spawnSync(process.execPath, ["--no-warnings", script, dirname(ledger.directory), step, asked], { encoding: "utf8" })
        assert.deepEqual([signal, stderr], ["SIGKILL", ""])
        assert.match(ledger.verify().verdict, step === "entered" ? /^unverifiable$/ : /^valid/)
        ledger.open()
        assert.deepEqual(begunErasures(ledger.open().scopes), [])
        assert.deepEqual(readable(ledger, "monday"), texts(3, 4, 5))
        assert.equal(readable(ledger, "friday").length, beforeMs === undefined ? 3 : 6)
        const entered = ledger.read().reader.size() - size
        assert.equal(entered, step === "entered" ? 2 : 1)
        ledger.close()
        ledger.open()
        assert.equal(ledger.read().reader.size(), size + entered, "once")
        const report = ledger.verify()
        assert.deepEqual([report.verdict, report.problems], ["valid with erasures", []])
      })
    }
  }
})

describe("a legal hold", () => {
  test("keeps everything that touches it from being erased, until it is lifted; both are on record", (t) => {
    const ledger = template.copy(t)
    const { scopes } = ledger.open()
    const hold = placeHold(scopes, { who: { by: "sender", value: john }, reason: "lawsuit", nowMs: startMs }, enterOf(ledger))
    for (const who of [
      { by: "sender", value: john },
      { by: "session", value: group },
      { by: "agent", value: "main" },
    ] as const) {
      assert.throws(() => erase(ledger, who), refusedAs("erase.held"))
      assert.throws(() => erase(ledger, who, { beforeMs: startMs + day }), refusedAs("erase.held"))
    }
    erase(ledger, { by: "sender", value: jane })
    assert.deepEqual(readable(ledger, "monday"), texts(3, 4, 5))
    assert.throws(() => liftHold(scopes, "00000000", enterOf(ledger)), refusedAs("erase.no-hold"))
    liftHold(scopes, hold.id, enterOf(ledger))
    erase(ledger, { by: "agent", value: "main" })
    assert.deepEqual(readable(ledger, "monday"), texts(5))
    const types = [...ledger.read().reader.entries(19, Infinity)].map(({ header }) => header.type)
    assert.deepEqual(types, ["legal-hold.placed", "content.erased", "legal-hold.lifted", "content.erased"])
  })

  test("that a crash kept from being recorded is recorded by who opens the ledger next", (t) => {
    const ledger = template.copy(t)
    const stop = new Error("killed here")
    const dies = () => {
      throw stop
    }
    assert.throws(() => placeHold(ledger.open().scopes, { who: { by: "agent", value: "main" }, reason: "", nowMs: startMs }, dies), stop)
    ledger.close()
    const [hold] = legalHolds(ledger.open().scopes)
    assert.equal(hold?.state, "standing")
    assert.throws(() => liftHold(ledger.open().scopes, hold?.id ?? "", dies), stop)
    ledger.close()
    assert.deepEqual(legalHolds(ledger.open().scopes), [])
    const types = [...ledger.read().reader.entries(19, Infinity)].map(({ header }) => header.type)
    assert.deepEqual(types, ["legal-hold.placed", "legal-hold.lifted"])
  })
})
