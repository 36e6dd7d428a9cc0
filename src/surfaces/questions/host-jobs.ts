/** The jobs of the host in whose state directory a ledger lies, else of that of the environment. */
import { configuredJobs, type ConfiguredJobs } from "../../history/stores/configured-jobs.ts"
import { stateDirectoryOf } from "./host-places.ts"
import type { LedgerPlace } from "./question.ts"

export function jobsOfHost(place: LedgerPlace): ConfiguredJobs {
  return configuredJobs(stateDirectoryOf(place))
}
