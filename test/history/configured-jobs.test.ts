/** The jobs that the host has: from the first of its stores that has them, and what is broken, too large or a link passed over. */
import assert from "node:assert/strict"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, test } from "node:test"
import { DatabaseSync } from "node:sqlite"
import { configuredJobs, scheduleText } from "../../src/history/stores/configured-jobs.ts"
import { temporaryDirectory, type Ending } from "../ledger-fixture.ts"

const nightly = { id: "1", name: "nightly", enabled: true, schedule: { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin" } }
const told = { id: "1", name: "nightly", enabled: true, schedule: "cron 0 3 * * * (Europe/Berlin)" }

function home(t: Ending): string {
  const directory = temporaryDirectory(t)
  for (const name of ["state", "cron"]) mkdirSync(join(directory, name))
  return directory
}

function store(directory: string, rows: readonly (readonly [id: string, json: string])[], version = 18): void {
  const database = new DatabaseSync(join(directory, "state", "openclaw.sqlite"))
  database.exec(`CREATE TABLE cron_jobs(store_key TEXT, job_id TEXT, job_json TEXT); PRAGMA user_version = ${version}`)
  for (const [id, json] of rows) database.prepare("INSERT INTO cron_jobs VALUES ('main', ?, ?)").run(id, json)
  database.close()
}

describe("configured jobs", () => {
  test("nothing there", (t) => {
    assert.deepEqual(configuredJobs("/nonexistent"), { source: null, jobs: [] })
    assert.deepEqual(configuredJobs(home(t)), { source: null, jobs: [] })
  })

  test("the host's shared store comes first, in the order of names; a broken row has its id", (t) => {
    const directory = home(t)
    store(directory, [
      ["2", JSON.stringify({ ...nightly, id: "2", name: "weekly", enabled: false, schedule: { kind: "every", everyMs: 604_800_000 } })],
      ["1", JSON.stringify(nightly)],
      ["3", "{not json"],
    ])
    writeFileSync(join(directory, "cron", "jobs.json"), JSON.stringify([{ ...nightly, name: "older" }]))
    assert.deepEqual(configuredJobs(directory), {
      source: "state/openclaw.sqlite",
      jobs: [{ id: "3", name: "3", enabled: true, schedule: "unknown (none)" }, told, { id: "2", name: "weekly", enabled: false, schedule: "every 604800000" }],
    })
  })

  test("a store of a version nobody knows gives its place to the list, and that to the files", (t) => {
    const directory = home(t)
    store(directory, [["1", JSON.stringify(nightly)]], 999)
    writeFileSync(join(directory, "cron", "morning.cron.main.json"), JSON.stringify({ schedule: "7 o'clock" }))
    writeFileSync(join(directory, "cron", "large.cron.json"), JSON.stringify({ schedule: "x".repeat(70_000) }))
    writeFileSync(join(directory, "cron", "broken.cron.json"), "{")
    symlinkSync(join(directory, "cron", "morning.cron.main.json"), join(directory, "cron", "link.cron.json"))
    assert.deepEqual(configuredJobs(directory), {
      source: "cron/*.cron.*.json",
      jobs: [{ id: "morning", name: "morning", enabled: true, schedule: "unknown (7 o'clock)" }],
    })
    writeFileSync(join(directory, "cron", "jobs.json"), JSON.stringify({ version: 1, jobs: [nightly, "no job", {}] }))
    assert.deepEqual(configuredJobs(directory), { source: "cron/jobs.json", jobs: [told] })
    writeFileSync(join(directory, "cron", "jobs.json"), `${JSON.stringify([nightly])}${" ".repeat(1 << 20)}`)
    assert.equal(configuredJobs(directory).source, "cron/*.cron.*.json")
  })

  test("schedules are words", () => {
    const words: readonly (readonly [unknown, string])[] = [
      [{ kind: "cron", expr: "0 3 * * *" }, "cron 0 3 * * * (the host's zone)"],
      [{ kind: "every", everyMs: 60_000, anchorMs: 5 }, "every 60000"],
      [{ kind: "at", at: "2026-12-01T08:00:00+01:00" }, "at 2026-12-01T07:00:00.000Z"],
      [{ kind: "at", atMs: 0 }, "at 1970-01-01T00:00:00.000Z"],
      [{ kind: "at", atMs: 1e300 }, 'unknown ({"kind":"at","atMs":1e+300})'],
      [{ kind: "on-exit" }, 'unknown ({"kind":"on-exit"})'],
      [undefined, "unknown (none)"],
    ]
    for (const [schedule, text] of words) assert.equal(scheduleText(schedule), text)
  })
})
