/**
 * Jobs of the host's scheduler, from its own store; where that has none, from `cron/jobs.json`, which older hosts kept: https://docs.openclaw.ai/automation/cron-jobs.
 * The definition of a job is what counts as the job: when it ran last and runs next is its state.
 */
import { lstatSync } from "node:fs"
import { join } from "node:path"
import { canonicalJson, objectOf, stringOf } from "../base/json.ts"
import { readSmallFile } from "../history/read-small-file.ts"
import type { StoredJob } from "./host-store.ts"

const mostFileBytes = 2 ** 20
const moving = new Set(["state", "updatedAtMs", "updatedAt", "createdAtMs", "lastRunAtMs", "nextRunAtMs"])

export function jobsOf(stateDirectory: string, stored: readonly StoredJob[]): readonly StoredJob[] {
  return stored.length > 0 ? stored : jobsInFile(join(stateDirectory, "cron", "jobs.json"))
}

/** The text whose change is a change of the job. */
export function definitionOf({ job, enabled, name }: StoredJob): string {
  return canonicalJson({ ...Object.fromEntries(Object.entries(job).filter(([key]) => !moving.has(key))), enabled, name })
}

function jobsInFile(path: string): readonly StoredJob[] {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return []
    const { jobs } = objectOf(JSON.parse(readSmallFile(path, mostFileBytes).toString("utf8")))
    return (Array.isArray(jobs) ? (jobs as unknown[]) : []).map(objectOf).flatMap((job) => {
      const id = stringOf(job["id"])
      return id === undefined ? [] : [{ id, name: stringOf(job["name"]) ?? "", enabled: job["enabled"] !== false, job }]
    })
  } catch {
    return [] // no jobs can be told from what cannot be read
  }
}
