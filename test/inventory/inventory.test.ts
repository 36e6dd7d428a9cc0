/** The inventory as an operator asks for it, on a host's home: as the host resolves it, held against the record, and what is gone stays listed. */
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { test } from "node:test"
import type { NewEvent } from "../../src/format/event.ts"
import { readHostConfig } from "../../src/inventory/host-places.ts"
import { HostStore } from "../../src/inventory/host-store.ts"
import { listingOf } from "../../src/inventory/watch/listing.ts"
import { Looker } from "../../src/inventory/watch/looker.ts"
import { watchedOf } from "../../src/inventory/watch/watched-places.ts"
import { artefactsOf } from "../../src/inventory/artefacts.ts"
import { inventoryCounts, inventoryOf, type InventoryRow } from "../../src/views/inventory.ts"
import { flagsOf, holds, jsonOf, makeHome } from "../cli/home.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { hostHome, type HostHome } from "./host-home.ts"

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

/** Looks as the thread does, one look after the other, into a ledger. */
function recording(home: HostHome, pseudonym: (text: string) => string, record: (...events: readonly NewEvent[]) => unknown) {
  const looker = new Looker({ pseudonym, onRecord: { groups: [], files: [] } })
  let atMs = 1_795_000_000_000
  return () => {
    const records = new HostStore(home.stateDirectory).read()
    const watched = watchedOf(home, readHostConfig(home.configFile) ?? {}, records, { patterns: [], ignore: [] }, [])
    const { events } = looker.look(listingOf(watched, 1_000), (atMs += 1_000))
    if (events.length > 0) record(...events)
  }
}

test("skills are resolved as the host does: the first root of a name wins, for each agent", (t) => {
  const home = hostHome(t)
  home.configure({
    agents: { defaults: {}, entries: { main: { workspace: home.workspace }, other: { workspace: join(home.home, "other") } } },
    skills: { load: { extraDirs: ["~/extra"] } },
  })
  const roots = {
    workspace: join(home.workspace, "skills"),
    project: join(home.workspace, ".agents", "skills"),
    personal: join(home.home, ".agents", "skills"),
    shared: join(home.stateDirectory, "skills"),
    workshop: join(home.stateDirectory, "agents", "main", "agent", "workshop-skills"),
    extra: join(home.home, "extra"),
  }
  for (const root of Object.values(roots)) home.skill(root, "everywhere")
  home.skill(join(home.home, "other", "skills"), "everywhere")
  home.skill(roots.shared, "here", "---\nname: There\nversion: 2.0.1\ndescription: x\n---\n")
  home.skill(roots.extra, "there", "---\nname: There\n---\n")
  const { artefacts } = artefactsOf(home)
  const skills = artefacts.filter(({ kind }) => kind === "skill").map(({ name, id, version, source, agent }) => [name, id, version, source, agent])
  assert.deepEqual(skills, [
    ["everywhere", "everywhere", null, "workspace", "main"],
    ["There", "here", "2.0.1", "shared", null],
    ["everywhere", "everywhere", null, "workspace", "other"],
  ])
})

test("without a host and without a ledger there is an answer, and what is wrong is refused by name", async (t) => {
  const home = makeHome(t)
  holds(await home.run("inventory"), { exit: 0, stdout: /skills +0 +0 +0/ })
  holds(await home.run("inventory skills"), { exit: 0, stdout: /No skills here, and none on record\./ })
  holds(await home.run("inventory --csv"), { exit: 0, stdout: /^kind,present,recorded,gone\r\nplugin,0,0,0\r\n/ })
  holds(await home.run("inventory shoes"), { exit: 2, stderr: /kind is plugins, skills, tools, workspace, crons, not "shoes"/ })
  holds(await home.run("inventory skills --limit 0"), { exit: 2, stderr: /--limit takes a whole number/ })
})

test("what is there is held against the record, and what is gone stays listed", async (t) => {
  const home = hostHome(t, { mcp: { servers: { docs: { command: "uvx" } } } })
  const ledger = temporaryLedger(t)
  const pseudonym = (text: string) => ledger.open().scopes.pseudonym(text)
  const look = recording(home, pseudonym, ledger.record)
  const soul = home.write(join(home.workspace, "SOUL.md"), "kind\n")
  const skill = home.skill(join(home.workspace, "skills"), "weather")
  home.write(join(skill, "run.sh"), "echo\n")
  const old = home.skill(join(home.workspace, "skills"), "old")
  home.plugin("sample")
  home.plugin("shipped", { origin: "bundled" })
  home.job("nightly", { schedule: { kind: "every", everyMs: 60_000 } })
  look()
  home.remove(old)
  home.uninstall("sample")
  home.removeJob("nightly")
  home.configure({})
  look()
  look()
  ledger.close()
  home.write(soul, "changed since\n")
  const rows = inventoryOf(artefactsOf(home).artefacts, ledger.read())
  const shown = ({ kind, id, recorded, state }: InventoryRow) => `${kind} ${id} ${recorded} ${state}`
  assert.deepEqual(rows.map(shown).toSorted(), [
    "cron nightly yes gone",
    "plugin sample yes gone",
    "plugin shipped not watched present",
    "skill old yes gone",
    "skill weather yes present",
    "tool docs yes gone",
    "tool shipped_echo not watched present",
    "workspace SOUL.md no present",
  ])
  const [weather, gone] = ["weather", "old"].map((id) => rows.find((row) => row.id === id))
  const lines = ["SKILL.md", "run.sh"].map(
    (name) => `${sha256(name === "run.sh" ? "echo\n" : "---\nname: weather\ndescription: does it\n---\nDo it.\n")}  ./${name}\n`,
  )
  assert.equal(weather?.sha256, sha256(lines.join("")), "as sha256sum says it")
  assert.equal(gone?.path, old)
  assert.match(gone?.firstSeen ?? "", /^2026-/)
  assert.deepEqual(
    inventoryCounts(rows).map(({ kind, present, recorded, gone: count }) => [kind, present, recorded, count]),
    [
      ["plugin", 1, 0, 1],
      ["skill", 1, 1, 1],
      ["tool", 1, 0, 1],
      ["workspace", 1, 0, 0],
      ["cron", 0, 0, 1],
    ],
  )
  const people = makeHome(t)
  const flags = flagsOf(ledger)
  const environment = await people.run(["inventory", "skills", "--json", ...flags])
  const body = jsonOf<{ readonly rows: readonly InventoryRow[] }>(environment)
  assert.deepEqual(
    body.rows.map(({ id, state }) => [id, state]),
    [["old", "gone"]],
    "what is on record as there, and is not looked at here, is no word of what is gone",
  )
})
