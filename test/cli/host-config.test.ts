/** The host's configuration as people write it: what the plugin's settings say is found in it, and what cannot be read is said. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { hostConfigFile, readStanding } from "../../src/surfaces/cli/host-config.ts"
import { locateLedger } from "../../src/surfaces/cli/places.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

function written(t: Ending, text: string) {
  const directory = temporaryDirectory(t)
  const file = join(directory, "openclaw.json")
  writeFileSync(file, text)
  return { file, environment: { HOME: directory, OPENCLAW_CONFIG_PATH: file } }
}

describe("the host's configuration file", () => {
  test("stands where the host looks for it", () => {
    assert.equal(hostConfigFile({ HOME: "/home/jane" }), "/home/jane/.openclaw/openclaw.json")
    assert.equal(hostConfigFile({ HOME: "/home/jane", OPENCLAW_STATE_DIR: "/srv/oc" }), "/srv/oc/openclaw.json")
    assert.equal(hostConfigFile({ HOME: "/home/jane", OPENCLAW_PROFILE: "work" }), "/home/jane/.openclaw-work/openclaw.json")
    assert.equal(hostConfigFile({ OPENCLAW_CONFIG_PATH: "/etc/oc.json5", OPENCLAW_STATE_DIR: "/srv/oc" }), "/etc/oc.json5")
  })

  test("may have comments and commas, as the host allows", (t) => {
    const { file, environment } = written(
      t,
      "{ // mine\n  plugins: { allow: ['sovereign-ledger',], entries: { 'sovereign-ledger': { config: { dataDir: '/data/l' } } } } }",
    )
    assert.equal(locateLedger({}, environment).files.directory, "/data/l")
    assert.deepEqual(readStanding(file), { off: null, remedy: null, mayReadConversations: false, recapsOff: false })
  })

  for (const [what, text, words] of [
    ["damaged", "{ plugins: ", /openclaw\.json cannot be read: /],
    ["with the plugins in another file", '{ "plugins": { "$include": "./plugins.json5" } }', /stands in another file \(\$include\)/],
    ["as a whole in other files", '{ "$include": ["./a.json5", "./b.json5"] }', /stands in another file/],
  ] as const) {
    test(`${what}: what it says of the plugin is not known`, (t) => {
      const standing = readStanding(written(t, text).file)
      assert.ok(standing instanceof Fault && standing.code === "host.config-unreadable")
      assert.match(standing.message, words)
    })
  }

  test("that is not there says nothing", (t) => {
    const standing = readStanding(join(temporaryDirectory(t), "openclaw.json"))
    assert.ok(standing instanceof Fault)
    assert.match(standing.message, /there is no such file/)
  })
})
