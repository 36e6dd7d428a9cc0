/** Which tool calls wait and which are refused, as a table. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { refusalWords, toolGuard, unrecordableWords } from "../../src/policy/tools.ts"

// guard.tools · guard.deny · tool · what is answered
const table = `
  -           -              exec        allow
  exec        -              exec        guarded allow  guard.tools exec
  exec        -              exec2       allow
  exec        -              Exec        allow
  *           -              anything    guarded allow  guard.tools *
  -           exec           exec        guarded deny   guard.deny exec
  exec        exec           exec        guarded deny   guard.deny exec
  *           mcp__*         mcp__write  guarded deny   guard.deny mcp__*
  *           mcp__*         read        guarded allow  guard.tools *
  read,ex*    -              exec        guarded allow  guard.tools ex*
  -           a*,ab*         abc         guarded deny   guard.deny a*
  write       *              read        guarded deny   guard.deny *
`

const list = (text: string) => (text === "-" ? [] : text.split(","))

describe("tool guard", () => {
  for (const line of table.trim().split("\n")) {
    const [tools = "", deny = "", tool = "", ...words] = line.trim().split(/\s+/)
    test(line.trim().replace(/\s+/g, " "), () => {
      const verdict = toolGuard({ tools: list(tools), deny: list(deny) })(tool)
      const said = [...(verdict.guarded ? ["guarded"] : []), verdict.verdict, ...(verdict.rule === undefined ? [] : [verdict.rule])]
      assert.equal(said.join(" "), words.join(" "))
    })
  }

  test("a refusal names the tool and the rule, and says that it is on record", () => {
    assert.match(refusalWords("exec", { guarded: true, verdict: "deny", rule: "guard.deny ex*" }), /exec.*guard\.deny ex\*.*on record/)
    assert.match(unrecordableWords("exec", "the disk is full"), /exec.*the disk is full/)
  })
})
