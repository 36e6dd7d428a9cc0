/** A plugin that a real gateway installs, and a file that says who its agent is: asked for, there, on record, and gone again. */
import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, it } from "node:test"
import { eventually, ofType, type LedgerEvent } from "./ledger.ts"
import { installPlugin, uninstallPlugin } from "./plugin.ts"
import { suiteLedger } from "./shared-ledger.ts"

const id = "told-sample"
const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: id, version: "1.2.3", type: "module", openclaw: { extensions: ["./dist/index.js"] } }),
  "openclaw.plugin.json": JSON.stringify({
    id,
    name: "Sample",
    configSchema: { type: "object", additionalProperties: false, properties: {} },
    contracts: { tools: ["told_echo"] },
  }),
  "dist/index.js": `export default { id: "${id}", name: "Sample", register() {} }\n`,
}

function packed(directory: string): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, "package", name)), { recursive: true })
    writeFileSync(join(directory, "package", name), text)
  }
  execFileSync("tar", ["-czf", `${id}-1.2.3.tgz`, "package"], { cwd: directory })
  return join(directory, `${id}-1.2.3.tgz`)
}

type Row = { readonly id: string; readonly version: string | null; readonly recorded: string; readonly state: string; readonly firstSeen: string | null }

describe("what agents are made of", () => {
  it("is on record: a plugin that is installed and removed, and a file of the workspace", async () => {
    const { client, home, ledger } = await suiteLedger("inventory", { fileWatchIntervalMs: 100 })
    const until = (what: string, done: (events: readonly LedgerEvent[]) => boolean) => eventually(what, () => ledger.events(), done)
    const rowsOf = async (kind: string) => ((await ledger.json("inventory", kind)) as unknown as { readonly rows: readonly Row[] }).rows
    const row = async (kind: string, named: string) => (await rowsOf(kind)).find((one) => one.id === named)
    await until("what is there", (events) => ofType(events, "files.found").length > 0)
    const own = await row("plugins", "sovereign-ledger")
    assert.deepEqual([own?.recorded, own?.state], ["yes", "present"], "the plugin itself")

    await installPlugin(home, packed(join(home.directory, "packed")))
    const installed = await until("the install", (events) => ofType(events, "install.requested").length > 0 && pluginFiles(events, "added").length === 3)
    const [asked] = ofType(installed, "install.requested")
    assert.deepEqual([asked?.facts["kind"], asked?.facts["plugin"], asked?.facts["version"]], ["plugin", id, "1.2.3"])
    const listed = await row("plugins", id)
    assert.deepEqual([listed?.version, listed?.recorded, listed?.state], ["1.2.3", "yes", "present"])

    const soul = join(home.directory, "workspace", "SOUL.md")
    writeFileSync(soul, "kind\n")
    await until("the new file", (events) => ofType(events, "workspace-file.changed").some(({ facts }) => facts["change"] === "added"))
    assert.equal((await row("workspace", "SOUL.md"))?.recorded, "yes")
    rmSync(soul)
    await uninstallPlugin(client, 60_000, id)
    await until("that both are gone", (events) => pluginFiles(events, "removed").length >= 3 && ofType(events, "workspace-file.changed").length >= 2)
    const gone = await row("plugins", id)
    assert.deepEqual([gone?.recorded, gone?.state], ["yes", "gone"])
    assert.equal((await row("workspace", "SOUL.md"))?.state, "gone")
  })
})

function pluginFiles(events: readonly LedgerEvent[], change: string): readonly LedgerEvent[] {
  return ofType(events, "plugin-file.changed").filter(({ facts }) => facts["change"] === change && facts["name"] === id)
}
