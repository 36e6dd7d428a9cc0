/** Every projection. */
import { activity } from "./activity.ts"
import { anchors } from "./anchors.ts"
import { alerts } from "./alerts.ts"
import { counters } from "./counters.ts"
import { denials } from "./denials.ts"
import { executions } from "./executions.ts"
import { happened } from "./happened.ts"
import { knownEvents } from "./known-events.ts"
import { orchestrator } from "./orchestrator.ts"
import { outbound } from "./outbound.ts"
import { postings } from "./postings.ts"
import type { Projection } from "./projection.ts"
import { quotas } from "./quotas.ts"
import { receipts } from "./receipts.ts"
import { sends } from "./sends.ts"
import { timeline } from "./timeline.ts"
import { usage } from "./usage.ts"
import { watchedFiles } from "./watched-files.ts"

export const projections: readonly Projection[] = [
  timeline,
  activity,
  alerts,
  postings,
  usage,
  knownEvents,
  receipts,
  anchors,
  outbound,
  orchestrator,
  counters,
  quotas,
  watchedFiles,
  happened,
  sends,
  executions,
  denials,
]
