/** What is recorded and what is not, in the three lines that status and the gateway's log begin with. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { coverageLines } from "../../src/surfaces/render/coverage-lines.ts"
import { coverageOf, grantCommand, type CoverageQuestion, type HostStanding } from "../../src/views/coverage.ts"

const granted: HostStanding = { off: null, remedy: null, mayReadConversations: true, recapsOff: false }
const asked = (changes: Partial<CoverageQuestion> = {}) => coverageOf({ recording: "yes", first: null, host: granted, conversations: "unknown", ...changes })
const recaps = 'openclaw config set agents.defaults.utilityModel ""'

describe("coverage", () => {
  test("what no plugin sees is always said", () => {
    const words = asked({ host: { ...granted, recapsOff: true } }).notCovered.map(({ what }) => what)
    for (const spot of [/agent exec/, /web chat/, /message poll/, /harnesses/])
      assert.ok(
        words.some((what) => spot.test(what)),
        String(spot),
      )
    assert.equal(words.length, 4)
  })

  test("the permission is asked of the configuration, before any call; where that is not known, of the record", () => {
    const missing = (changes: Partial<CoverageQuestion>) => asked(changes).notCovered.some(({ remedy }) => remedy === grantCommand)
    const recorded = (changes: Partial<CoverageQuestion>) => asked(changes).recorded.endsWith("prompts and answers")
    const withheld = { ...granted, mayReadConversations: false }
    assert.deepEqual([missing({ host: withheld }), recorded({ host: withheld })], [true, false])
    assert.deepEqual([missing({ host: withheld, conversations: "seen" }), recorded({ host: granted, conversations: "not seen" })], [true, true])
    assert.deepEqual([missing({ host: null, conversations: "not seen" }), missing({ host: null, conversations: "seen" })], [true, false])
    assert.deepEqual([missing({ host: null }), recorded({ host: null })], [false, false])
  })

  test("one command is next: what loads the plugin, then the permission, then the recaps, then none", () => {
    const off = { ...granted, off: "not in plugins.allow", remedy: "openclaw config set plugins.allow ...", mayReadConversations: false }
    const next = (changes: Partial<CoverageQuestion>) => asked(changes).next?.command
    assert.equal(next({ host: off }), off.remedy)
    assert.equal(next({ host: { ...off, off: null } }), grantCommand)
    assert.equal(next({}), recaps)
    assert.equal(next({ host: { ...granted, recapsOff: true } }), undefined)
    assert.equal(next({ host: off, first: { command: "key create", gives: "sets it up" } }), "key create")
  })

  test("three lines, whatever is so", () => {
    const lines = coverageLines(asked({ host: { ...granted, mayReadConversations: false } }))
    assert.deepEqual(
      lines.map((line) => line.split(":")[0]),
      ["Recorded", "Not covered", "Next"],
    )
    assert.match(lines[1], /^Not covered: prompts and answers, for which the host has not given the permission; openclaw agent exec, /)
    assert.equal(lines[2], `Next: ${grantCommand} (records prompts and answers, too)`)
    const bare = coverageLines(asked({ recording: "not set up", first: { command: "openclaw ledger key create", gives: "sets the ledger up" } }))
    assert.deepEqual([bare[0], bare[2]], ["Recorded: nothing, until the ledger is set up.", "Next: openclaw ledger key create (sets the ledger up)"])
    assert.match(coverageLines(asked({ recording: "no" }))[0], /^Recorded: nothing at present\.$/)
    assert.match(coverageLines(asked({ host: { ...granted, recapsOff: true } }))[2], /nothing is left/)
  })
})
