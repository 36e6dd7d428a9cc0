import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseConfig } from "../../src/config.ts"
import { scanCategories } from "../../src/scanner/row.ts"
import { isUsualScan, scanRuleOf, usualScan } from "../../src/scanner/scan-rule.ts"
import { parseClientConfig } from "../../src/surfaces/socket/parse-lines.ts"

describe("the settings of the scanner", () => {
  test("are advice by default, and refuse by category", () => {
    assert.deepEqual(parseConfig({}).scan, usualScan)
    assert.deepEqual(parseConfig({ scan: { block: ["shell", "exfiltration"] } }).scan, { toolArgs: true, block: ["shell", "exfiltration"] })
    assert.deepEqual(parseConfig({ scanToolArgs: false }).scan, { toolArgs: false, block: [] })
    assert.deepEqual([isUsualScan(usualScan), isUsualScan({ toolArgs: false, block: [] })], [true, false])
  })

  for (const [written, problem] of [
    [{ scan: { block: ["shells"] } }, /scan\.block is not usable.*"shells" is no category; they are shell, exfiltration/],
    [{ scan: { block: "shell" } }, /scan\.block is not usable.*must be a list/],
    [{ scan: { blocks: [] } }, /scan\.blocks is not usable.*no setting of that name/],
    [{ scanToolArgs: false, scan: { block: ["shell"] } }, /scan\.block is not usable.*scanToolArgs is false/],
  ] as const) {
    test(`refuse ${JSON.stringify(written)}`, () => assert.throws(() => parseConfig(written), problem))
  }

  test("reach the writer, which refuses everything where it cannot read them", () => {
    const client = { guard: {}, scan: { toolArgs: true, block: ["shell"] } }
    assert.deepEqual(parseClientConfig(client)?.scan, client.scan)
    assert.equal(parseClientConfig({ guard: {} })?.scan, undefined)
    assert.deepEqual(scanRuleOf({ block: "?" }), { toolArgs: true, block: scanCategories })
  })
})
