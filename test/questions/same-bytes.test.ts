/** A question has one answer: what its command prints with --json is what its route answers, for one instant, and what was asked wrongly is refused in both. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { Fault } from "../../src/base/fault.ts"
import { commands } from "../../src/surfaces/cli/command-list.ts"
import { flagOf, valuesOf } from "../../src/surfaces/questions/parameter.ts"
import { questions } from "../../src/surfaces/questions/question-list.ts"
import type { Question } from "../../src/surfaces/questions/question.ts"
import { statusQuestion } from "../../src/surfaces/questions/status.ts"
import { startMs } from "../ledger-fixture.ts"
import { busyDays } from "../views/reported-ledger.ts"
import { command, contextOf, http } from "./asked.ts"
import { askings } from "./askings.ts"
import { seeds } from "./seeds.ts"

const nowMs = startMs + 3_600_000
const published = new Map<string, ValidateFunction>()
/** Facts and contents are an event's own, keys what was asked for, the value of a setting what it is. */
const ofAnyShape = /\.(?:facts|metadata|content|keys|settings\.\d+\.value)\b/

describe("questions", () => {
  const ledger = busyDays({ after })
  ledger.append(120)
  for (const seed of seeds) seed(ledger, { after })
  ledger.close()
  // Held open: the sizes of files, which status tells, then stay as they are.
  ledger.read().ask(() => undefined)

  test("every question is asked here", () => {
    assert.deepEqual(Object.keys(askings).toSorted(), questions.map(({ path }) => path).toSorted())
  })

  for (const question of questions) {
    test(`${question.path}: the command and the route answer the same bytes`, async () => {
      for (const { flags = {}, argument, has = [] } of askings[question.path] ?? []) {
        const said = await command(question, contextOf(ledger, nowMs, { json: true }), flags, argument)
        const answered = await http(ledger, nowMs, addressOf(question, flags, argument))
        assert.deepEqual([answered.status, answered.type], [200, "application/json; charset=utf-8"], answered.text)
        assert.equal(said.text, `${answered.text}\n`)
        const body = JSON.parse(answered.text) as Record<string, unknown>
        assert.equal(problemIn(question, body), null)
        for (const member of has) assert.ok(isThere(body, member), `${member} is empty`)
        assert.deepEqual([body["schemaVersion"], body["generatedAt"]], [1, new Date(nowMs).toISOString()])
        for (const format of question.formats) {
          const other = await http(ledger, nowMs, `${addressOf(question, flags, argument)}&format=${format}`)
          assert.equal((await command(question, contextOf(ledger, nowMs), { ...flags, [format]: true }, argument)).text, other.text)
          assert.ok(other.text.length > 0)
        }
      }
    })
  }

  for (const question of questions) {
    test(`${question.path}: its schema refuses a member more, and something else than a member is`, async () => {
      const { flags = {}, argument } = askings[question.path]?.[0] ?? {}
      const { text } = await http(ledger, nowMs, addressOf(question, flags, argument))
      const open = question === statusQuestion ? /^\.(?!standing)|\.watched$/ : ofAnyShape
      const passed = [...spoilings(JSON.parse(text))].filter(({ place, spoilt }) => !open.test(place) && problemIn(question, spoilt) === null)
      assert.deepEqual(
        passed.map(({ place }) => place),
        [],
      )
    })
  }

  test("a command shows its text, and is in the list", async () => {
    for (const question of questions) {
      const { flags = {}, argument } = askings[question.path]?.[0] ?? {}
      assert.match((await command(question, contextOf(ledger, nowMs), flags, argument)).text, /\w.*\n$/s)
      assert.ok(commands.some(({ path }) => path === question.path))
    }
  })

  const wrongly: readonly (readonly [address: string, status: number, error: RegExp])[] = [
    ["spend?by=colour", 400, /^by takes provider, model/],
    ["spend?limit=0", 400, /^limit takes a whole number from 1 to 100,000, not "0"/],
    ["spend?limit=1e3", 400, /^limit takes/],
    ["spend?limit=3&limit=4", 400, /^limit is given twice/],
    ["spend?tz=Mars/Base", 400, /^tz takes utc, local or an IANA zone/],
    ["spend?since=yesterday", 400, /^since takes 30m, 24h/],
    ["spend?since=2h&until=3h", 400, /must be after/],
    ["spend?colour=red", 400, /^There is no parameter "colour" here; there are by, since, until, tz, limit, format\.$/],
    ["spend?format=html", 400, /^format is json or csv/],
    ["report?period=yearly", 400, /^There is no period "yearly"/],
    ["report?date=2026-02-30", 400, /^date takes a day of the calendar/],
    ["report?period=weekly&week=2026-W54", 400, /^week takes an ISO week/],
    ["report?period=daily&week=2026-W47", 400, /^There is no parameter "week"/],
    ["report?dupWindowSec=3601", 400, /^dupWindowSec takes a whole number from 1 to 3,600/],
    ["report?lookbackDays=366", 400, /^lookbackDays takes/],
    ["report?topTools=1001", 400, /^topTools takes/],
    ["report/cron/nightly?last=1001", 400, /^last takes/],
    ["report/session/x?limit=50001", 400, /^limit takes/],
    ["report/session/x?raw=yes", 400, /^raw is true or false/],
    ["events?limit=101", 400, /^limit is at most 100 here/],
    ["events?last=3", 400, /^There is no parameter "last"/],
    ["events?session=", 400, /^session was given an empty text/],
    [`events?session=${"x".repeat(1_025)}`, 400, /^session takes at most 1,024 characters/],
    ["events/999999", 404, /^There is no entry 999999/],
  ]
  for (const [address, status, error] of wrongly) {
    test(`refused: ${address.slice(0, 60)}`, async () => {
      const answer = await http(ledger, nowMs, address)
      const told = JSON.parse(answer.text) as { readonly error: string; readonly remedy: string }
      assert.equal(answer.status, status)
      assert.match(told.error, error)
      assert.ok(told.remedy.length > 10)
      assert.deepEqual(Object.keys(told), ["error", "remedy"])
    })
  }

  test("a flag is refused by its own name, and over HTTP fewer events are given at once", async () => {
    const spend = questions.find(({ path }) => path === "spend")
    const typed = (name: string, text: string) => () =>
      valuesOf(spend?.parameters ?? [], (parameter) => (parameter.name === name ? text : undefined), { nameOf: flagOf, nowMs, overHttp: false })
    assert.throws(typed("limit", "ten"), (error) => error instanceof Fault && error.message.startsWith("--limit takes a whole number"))
    const { text } = await http(ledger, nowMs, "events")
    assert.equal((JSON.parse(text) as { readonly events: readonly unknown[] }).events.length, 10)
  })

  test("what lies nowhere is no question", async () => {
    for (const address of ["", "nothing", "events/", "events/%ff", "spend/more"]) assert.equal((await http(ledger, nowMs, address)).status, 404)
  })

  test("a ledger that is not there, or cannot be read, is told of", async () => {
    const files = { ...ledger.files, directory: "/nonexistent" }
    const answer = await http({ files, places: ledger.places }, nowMs, "spend")
    assert.equal(answer.status, 503)
    assert.match(answer.problem ?? "", /keys\.json is missing/)
  })
})

/** By the schema that is published for it. */
function problemIn({ schema }: Question, body: unknown): unknown {
  const fits = published.get(schema) ?? new Ajv2020({ strict: false, validateFormats: false }).compile(schemaIn(schema))
  published.set(schema, fits)
  return fits(body) ? null : fits.errors
}

function schemaIn(file: string): object {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/spec", file), "utf8")) as object
}

/** A body with one thing wrong in it, for every place in it: another thing stands there, or a member too many. */
function* spoilings(value: unknown, place = ""): Generator<{ readonly spoilt: unknown; readonly place: string }> {
  yield { spoilt: { unlike: "anything" }, place }
  if (typeof value !== "object" || value === null) return
  if (!Array.isArray(value)) yield { spoilt: { ...value, planted: 1 }, place }
  for (const [name, one] of Object.entries(value)) {
    for (const { spoilt, ...at } of spoilings(one, `${place}.${name}`)) {
      yield { spoilt: Array.isArray(value) ? value.with(Number(name), spoilt) : { ...value, [name]: spoilt }, ...at }
    }
  }
}

function isThere(body: unknown, member: string): boolean {
  const found = member.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], body)
  return Array.isArray(found) ? found.length > 0 : found !== undefined && found !== null
}

function addressOf(question: Question, flags: Readonly<Record<string, string>>, argument = ""): string {
  const chosen = question.chosenBy ? { [question.chosenBy.name]: question.chosenBy.value } : {}
  return `${question.route.replace(/:\w+/, encodeURIComponent(argument))}?${new URLSearchParams({ ...chosen, ...flags }).toString()}`
}
