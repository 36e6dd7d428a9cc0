/** Every projection. */
import { activity } from "./activity.ts"
import { alerts } from "./alerts.ts"
import { knownEvents } from "./known-events.ts"
import { postings } from "./postings.ts"
import type { Projection } from "./projection.ts"
import { timeline } from "./timeline.ts"
import { usage } from "./usage.ts"

export const projections: readonly Projection[] = [timeline, activity, alerts, postings, usage, knownEvents]
