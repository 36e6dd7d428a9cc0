/** Every projection. */
import { activity } from "./activity.ts"
import type { Projection } from "./projection.ts"
import { timeline } from "./timeline.ts"

export const projections: readonly Projection[] = [timeline, activity]
