/** What the host's configuration says of the plugin, as a table. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { pluginStanding, type OffReason } from "../../src/policy/plugin-standing.ts"

const id = "sovereign-ledger"
const on = { enabled: true, hooks: { allowConversationAccess: true }, config: { userId: "x" } }

const table: readonly (readonly [plugins: object | undefined, off: OffReason | null])[] = [
  [undefined, null],
  [{}, null],
  [{ allow: [] }, null],
  [{ allow: [id] }, null],
  [{ allow: ["telegram", " Sovereign-Ledger "], entries: { [id]: on } }, null],
  [{ allow: ["telegram"] }, "not in plugins.allow"],
  [{ allow: ["telegram"], entries: { [id]: {}, telegram: on } }, "not in plugins.allow"],
  [{ allow: ["telegram"], entries: { [id]: on } }, null],
  [{ allow: ["telegram"], entries: { [id]: { enabled: true } } }, null],
  [{ allow: ["telegram"], entries: { [id]: { config: {} } } }, null],
  [{ allow: [id], entries: { [id]: { ...on, enabled: false } } }, "entry disabled"],
  [{ allow: [id], entries: { [id]: { enabled: false } } }, "entry disabled"],
  [{ entries: { [id]: { enabled: false } } }, "uninstalled"],
  [{ allow: ["telegram"], entries: { [id]: { enabled: false } } }, "uninstalled"],
  [{ allow: [id], deny: [id], entries: { [id]: on } }, "denied in plugins.deny"],
  [{ enabled: false, allow: [id], entries: { [id]: on } }, "plugins disabled"],
  [{ enabled: "false", allow: id, deny: id, entries: { [id]: "off" } }, null],
]

describe("the plugin in the host's configuration", () => {
  const before = { plugins: { allow: [id], entries: { [id]: on } } }
  for (const [plugins, off] of table) {
    test(`${JSON.stringify(plugins)}: ${off ?? "on"}`, () => assert.equal(pluginStanding({ plugins }, before).off, off))
  }

  test("what is left of an entry is a mark of the uninstalling only where more stood there before", () => {
    const left = { plugins: { entries: { [id]: { enabled: false } } } }
    assert.equal(pluginStanding(left).off, "entry disabled")
    assert.equal(pluginStanding(left, { plugins: { entries: { [id]: { enabled: true } } } }).off, "entry disabled")
  })

  for (const [plugins, remedy] of [
    [{ enabled: false }, "openclaw config set plugins.enabled true --strict-json"],
    [{ deny: ["a", id] }, "openclaw config set plugins.deny '[\"a\"]' --strict-json"],
    [{ allow: ["telegram", "it's"] }, `openclaw config set plugins.allow '["telegram","it'\\''s","${id}"]' --strict-json`],
    [{ entries: { [id]: { ...on, enabled: false } } }, `openclaw plugins enable ${id}`],
    [{ entries: { [id]: { enabled: false } } }, "openclaw plugins install npm-pack:FILE --force --accept-capabilities"],
    [{ allow: [id] }, null],
  ] as const) {
    test(`what has it loaded again: ${remedy ?? "nothing"}`, () => assert.equal(pluginStanding({ plugins }, before).remedy, remedy))
  }

  test("what it may see, and what the host does beside it", () => {
    assert.equal(pluginStanding(before).mayReadConversations, true)
    assert.equal(pluginStanding({ plugins: { entries: { [id]: { hooks: { allowConversationAccess: "true" } } } } }).mayReadConversations, false)
    assert.equal(pluginStanding({ agents: { defaults: { utilityModel: "" } } }).recapsOff, true)
    assert.equal(pluginStanding({ agents: { defaults: {} } }).recapsOff, false)
  })

  test("nothing of any shape throws", () => {
    for (const config of [null, 7, "x", [], { plugins: [] }, { plugins: { entries: [] } }]) assert.equal(pluginStanding(config).off, null)
  })
})
