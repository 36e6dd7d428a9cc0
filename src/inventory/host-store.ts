/** What the host's shared store says of installed plugins and of jobs; kept until the store changes, and while it cannot be read. */
import { lstatSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { objectOf, stringOf } from "../base/json.ts"
import { readStore, rowsOf } from "../history/stores/open-store.ts"
import { stateStoreVersions } from "../history/stores/state-store.ts"
import { tablesOf } from "../history/stores/tables.ts"
import { emptyIndex, pluginIndex, type PluginIndex } from "./plugins.ts"

/** A job as the host stores it. */
export type StoredJob = { readonly id: string; readonly name: string; readonly enabled: boolean; readonly job: Readonly<Record<string, unknown>> }

export type HostRecords = { readonly plugins: PluginIndex; readonly jobs: readonly StoredJob[] }

export const noRecords: HostRecords = { plugins: emptyIndex, jobs: [] }
const mostJobs = 10_000

export class HostStore {
  readonly #path: string
  #stamp = ""
  #records: HostRecords = noRecords
  /** Why it could not be read, when it could not. */
  problem: string | undefined
  #wasRead = false

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, "state", "openclaw.sqlite")
  }

  read(): HostRecords {
    const stamp = stampOf(this.#path)
    if (stamp === this.#stamp) return this.#records
    const reading = readStore(this.#path, stateStoreVersions, recordsIn)
    this.problem = "problem" in reading ? reading.problem : undefined
    // What cannot be read just now is as it was; what is not there is nothing.
    if (reading.state === "read") this.#records = reading.value
    else if (reading.state === "absent") this.#records = noRecords
    if (this.problem === undefined) [this.#stamp, this.#wasRead] = [stamp, true]
    return this.#records
  }

  /** It is there, and nothing of it could ever be read. */
  get isUnknown(): boolean {
    return !this.#wasRead
  }
}

function recordsIn(database: DatabaseSync): HostRecords {
  const tables = tablesOf(database)
  return {
    plugins: tables.has("config_machine_state") ? pluginIndex(stateValue(database, "plugins.installedIndex")) : emptyIndex,
    jobs: tables.has("cron_jobs") ? jobsIn(database) : [],
  }
}

function stateValue(database: DatabaseSync, key: string): unknown {
  for (const row of rowsOf(database, "SELECT value_json FROM config_machine_state WHERE state_key = ?", key)) return parsed(row["value_json"])
  return undefined
}

function jobsIn(database: DatabaseSync): readonly StoredJob[] {
  const rows = rowsOf(database, "SELECT job_id, name, enabled, job_json FROM cron_jobs ORDER BY store_key, sort_order, job_id LIMIT ?", mostJobs)
  return [...rows].flatMap((row) => {
    const id = stringOf(row["job_id"])
    return id === undefined ? [] : [{ id, name: stringOf(row["name"]) ?? "", enabled: row["enabled"] !== 0, job: objectOf(parsed(row["job_json"])) }]
  })
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function stampOf(path: string): string {
  return ["", "-wal"]
    .map((suffix) => {
      const stat = lstatSync(path + suffix, { bigint: true, throwIfNoEntry: false })
      return stat === undefined ? "-" : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
    })
    .join(" ")
}
