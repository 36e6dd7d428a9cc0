/** Whatever an agent or a sender named or wrote is text: no markup of a page, no command of a terminal, no formula of a spreadsheet. */
import assert from "node:assert/strict"
import { after, describe, test } from "node:test"
import { questions } from "../../src/surfaces/questions/question-list.ts"
import { startMs } from "../ledger-fixture.ts"
import { reportedLedger } from "../views/reported-ledger.ts"
import { command, contextOf } from "./asked.ts"

const markup = `"><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&#x3c;i`
const terminal = "\u001b]0;owned\u0007\u001b[2J\u202e\r\nroot# "
const formula = '=HYPERLINK("http://evil.example","x")'
const session = `agent:main:${markup}`
const job = `${formula}${markup}`

describe("reports of what is hostile", () => {
  const ledger = reportedLedger({ after })
  const day = "2026-11-17T10:00:0"
  ledger.tool(`${day}0Z`, markup, { session, outcome: "failed" })
  ledger.tool(`${day}0Z`, terminal, { session, outcome: "denied" })
  ledger.call(`${day}1Z`, markup, 5, { session, job })
  for (const second of [2, 3]) ledger.send(`${day}${second}Z`, `${markup}${terminal}`, `${formula} ${markup} ${terminal}`, { session, channel: markup })
  ledger.event(`${day}4Z`, { type: "cron.executed", id: "1", scope: { session }, facts: { job, agent: markup } })
  ledger.event(`${day}5Z`, { type: "cron.failed", id: "2", scope: { session }, facts: { job, durationMs: 5 }, content: { error: `${formula}${terminal}` } })
  ledger.checkpoint()
  ledger.close()

  const asked = { "report daily": [{ date: "2026-11-17" }, undefined], "report weekly": [{ week: "2026-W47" }, undefined] } as const
  const named = { "report cron": [{}, job], "report session": [{ raw: true }, session] } as const
  for (const [path, [flags, argument]] of Object.entries({ ...asked, ...named })) {
    const question = questions.find((one) => one.path === path)
    assert.ok(question)
    const said = async (more: object) => (await command(question, contextOf(ledger, startMs), { ...flags, ...more }, argument)).text

    test(`${path}: a page`, async () => {
      const page = await said({ html: true })
      assert.ok(page.includes("&#60;script&#62;alert(1)"), "it is shown as text")
      assert.doesNotMatch(page.replace(/<style>[^]*<\/style>/, ""), /<(?:script|img|b|i)\b|[^\P{Cc}\n]|\u202e/iu)
    })

    test(`${path}: a terminal`, async () => {
      assert.doesNotMatch(await said({}), /[^\P{Cc}\n]|\u202e|^root# /mu)
    })

    if (question.formats.includes("csv"))
      test(`${path}: a spreadsheet`, async () => {
        const cells = (await said({ csv: true })).split(/\r\n/).flatMap((line) => line.split(","))
        assert.ok(
          cells.some((cell) => /^"?'=HYPERLINK/.test(cell)),
          "it is shown as text",
        )
        assert.deepEqual(
          cells.filter((cell) => /^"?[=+@\t]/.test(cell)),
          [],
        )
      })
  }
})
