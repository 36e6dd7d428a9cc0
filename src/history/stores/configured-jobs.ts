/**
 * The jobs that the host's scheduler has, from the first of these that has any:
 *
 *   state/openclaw.sqlite   the host's shared store, of every version that is known
 *   cron/jobs.json          of the versions before that
 *   cron/JOB.cron.*.json    of the first ones, a file each
 *
 * What is broken, larger than it may be or a symbolic link is passed over: a report says what it found, and from where.
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { numberOf, objectOf, stringOf } from "../../base/json.ts"
import { readSmallFile } from "../read-small-file.ts"
import { parsedOrNothing } from "./archived-transcripts.ts"
import { readStore, rowsOf, type ReadingLimits } from "./open-store.ts"
import { stateStoreVersions } from "./state-store.ts"
import { tablesOf } from "./tables.ts"

export type ConfiguredJob = { readonly id: string; readonly name: string; readonly schedule: string; readonly enabled: boolean }
export type ConfiguredJobs = { readonly source: string | null; readonly jobs: readonly ConfiguredJob[] }

const mostListBytes = 1 << 20
const mostFileBytes = 64 * 1024
const mostJobs = 10_000
/** A report does not wait for a store that is written to all the time. */
const limits: ReadingLimits = { busyMs: 200, tries: 2, mostCopyBytes: 1 << 30 }

export function configuredJobs(stateDirectory: string): ConfiguredJobs {
  const shared = readStore(join(stateDirectory, "state", "openclaw.sqlite"), stateStoreVersions, jobsInStore, limits)
  if (shared.state === "read" && shared.value !== undefined) return { source: "state/openclaw.sqlite", jobs: ordered(shared.value) }
  const listed = jobsInList(join(stateDirectory, "cron", "jobs.json"))
  if (listed) return { source: "cron/jobs.json", jobs: ordered(listed) }
  const files = jobsInFiles(join(stateDirectory, "cron"))
  return files.length > 0 ? { source: "cron/*.cron.*.json", jobs: ordered(files) } : { source: null, jobs: [] }
}

/** As people read it: `cron 0 3 * * * (Europe/Berlin)`, `every 60000`, `at 2026-12-01T08:00:00.000Z`. */
export function scheduleText(schedule: unknown): string {
  const { kind, expr, tz, everyMs, at, atMs } = objectOf(schedule)
  if (kind === "cron" && stringOf(expr) !== undefined) return `cron ${String(expr)} (${stringOf(tz) ?? "the host's zone"})`
  if (kind === "every" && numberOf(everyMs) !== undefined) return `every ${String(everyMs)}`
  const instant = numberOf(atMs) ?? Date.parse(stringOf(at) ?? "")
  if (kind === "at" && Math.abs(instant) <= 8.64e15) return `at ${new Date(instant).toISOString()}`
  return `unknown (${typeof schedule === "string" ? schedule : (JSON.stringify(schedule) ?? "none")})`
}

/** Undefined where the store is of a time before jobs stood in it. */
function jobsInStore(database: DatabaseSync): readonly ConfiguredJob[] | undefined {
  if (!tablesOf(database).has("cron_jobs")) return undefined
  return [...rowsOf(database, "SELECT job_id, job_json FROM cron_jobs LIMIT ?", mostJobs)].flatMap(({ job_id: id, job_json: json }) =>
    jobOf(parsedOrNothing(String(json)), stringOf(id)),
  )
}

function jobsInList(path: string): readonly ConfiguredJob[] | undefined {
  const list = parsedIn(path, mostListBytes)
  const jobs = Array.isArray(list) ? list : objectOf(list)["jobs"]
  return Array.isArray(jobs) ? jobs.slice(0, mostJobs).flatMap((job) => jobOf(job, undefined)) : undefined
}

const oldFile = /^(.+?)\.cron\.(?:.+\.)?json$/

function jobsInFiles(directory: string): readonly ConfiguredJob[] {
  return namesIn(directory).flatMap((name) => {
    const [, id] = oldFile.exec(name) ?? []
    const job = id === undefined ? undefined : parsedIn(join(directory, name), mostFileBytes)
    return job === undefined ? [] : jobOf(job, id)
  })
}

function jobOf(told: unknown, key: string | undefined): readonly ConfiguredJob[] {
  const job = objectOf(told)
  const id = stringOf(job["id"]) ?? key
  if (id === undefined) return []
  const name = stringOf(job["name"]) ?? stringOf(job["displayName"]) ?? id
  return [{ id, name, schedule: scheduleText(job["schedule"]), enabled: job["enabled"] !== false }]
}

function parsedIn(path: string, mostBytes: number): unknown {
  try {
    return JSON.parse(readSmallFile(path, mostBytes).toString("utf8"))
  } catch {
    return undefined // absent, a link, too large or broken: passed over, as said above
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort().slice(0, mostJobs)
  } catch {
    return [] // there is none
  }
}

function ordered(jobs: readonly ConfiguredJob[]): readonly ConfiguredJob[] {
  return jobs.toSorted((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1))
}
