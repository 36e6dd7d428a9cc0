/** The jobs of the host in whose state directory a ledger lies, else of that of the environment. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { configuredJobs, type ConfiguredJobs } from "../../history/stores/configured-jobs.ts"
import { stateDirectory } from "../cli/state-directory.ts"
import type { LedgerPlace } from "./question.ts"

const partsOfHost = [join("state", "openclaw.sqlite"), "cron", "openclaw.json"]

export function jobsOfHost({ files }: LedgerPlace): ConfiguredJobs {
  const around = dirname(files.directory)
  return configuredJobs(partsOfHost.some((name) => existsSync(join(around, name))) ? around : stateDirectory(process.env))
}
