/** What is looked for in every day and week, by the name its findings have in a body. */
import type { LedgerAccess } from "../ledger-access.ts"
import type { Detector, Watched } from "./detector.ts"
import { denialSpikesFound } from "./denial-spikes.ts"
import { duplicates } from "./duplicates.ts"
import { firstSeenTools } from "./first-seen-tools.ts"
import { gapsFound } from "./gaps.ts"
import { idleBurnFound } from "./idle-burn.ts"
import { installs } from "./installs.ts"
import { integrityFound } from "./integrity.ts"
import { loops } from "./loops.ts"
import { sequenceHoles } from "./sequence-holes.ts"
import { spendSpikesFound } from "./spend-spikes.ts"

export const detectors = {
  integrity: integrityFound,
  sequenceHoles,
  gaps: gapsFound,
  duplicates,
  denialSpikes: denialSpikesFound,
  firstSeenTools,
  installs,
  spendSpikes: spendSpikesFound,
  idleBurn: idleBurnFound,
  loops,
} as const

type Detectors = typeof detectors
type FoundBy<D> = D extends Detector<infer F> ? readonly F[] : never

/** `truncated`: something was left out by a limit. */
export type Anomalies = { readonly [N in keyof Detectors]: FoundBy<Detectors[N]> } & { readonly truncated: boolean }

export function anomaliesIn(access: LedgerAccess, watched: Watched): Anomalies {
  const rows = Object.entries(detectors).map(([name, find]) => [name, find(access, watched)] as const)
  const found = Object.fromEntries(rows.map(([name, one]) => [name, one.found])) as unknown as Anomalies
  return { ...found, truncated: rows.some(([, { truncated }]) => truncated) }
}
