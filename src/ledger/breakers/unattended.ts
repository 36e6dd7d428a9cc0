/** What heartbeats of an agent and each job spend in a day of which nobody was told anything. */
import { boundsAt } from "../periods.ts"
import { keepLatest, mostUnattended, type BreakerState } from "./breaker-state.ts"
import { thresholdReached, type Spent } from "./silence.ts"
import type { Trip } from "./trip.ts"

export type UnattendedName = `heartbeat:${string}` | `cron:${string}`

/** What runs by itself, and whose it is; undefined of everything else. */
export function unattendedName(kind: string | undefined, job: string | undefined, agent: string | undefined): UnattendedName | undefined {
  if (kind === "heartbeat") return agent === undefined ? undefined : `heartbeat:${agent}`
  return kind === "cron" && job !== undefined ? `cron:${job}` : undefined
}

/** Offsets of all zones are multiples of it. */
const quarterMs = 900_000
/** The longest day has 25 hours. */
const keptMs = 26 * 3_600_000

export function spentUnattended(state: BreakerState, name: UnattendedName, { nanos, calls }: Spent, atMs: number): void {
  const before = state.unattended.get(name) ?? { sinceMs: atMs, quarters: [] }
  const startMs = atMs - (atMs % quarterMs)
  const quarters = before.quarters.filter((quarter) => quarter.startMs > atMs - keptMs)
  const current = quarters.find((quarter) => quarter.startMs === startMs)
  if (current) Object.assign(current, { nanos: current.nanos + nanos, calls: current.calls + calls })
  else quarters.push({ startMs, nanos, calls })
  keepLatest(state.unattended, name, { sinceMs: before.quarters.length === 0 ? atMs : before.sinceMs, quarters }, mostUnattended)
}

/** Somebody was told something. */
export function attended(state: BreakerState, name: UnattendedName): void {
  state.unattended.delete(name)
}

export function unattendedOf(state: BreakerState, name: UnattendedName, atMs: number): Trip | undefined {
  const seen = state.unattended.get(name)
  if (!seen) return undefined
  const { zone, unattendedNanos, unattendedCalls } = state.rule
  const { startMs, endMs } = boundsAt({ per: "day", zone }, atMs)
  const today = seen.quarters.filter((quarter) => quarter.startMs >= startMs)
  const spent = { nanos: today.reduce((sum, { nanos }) => sum + nanos, 0n), calls: today.reduce((sum, { calls }) => sum + calls, 0) }
  const reached = thresholdReached(spent, { nanos: BigInt(unattendedNanos), calls: unattendedCalls })
  if (!reached) return undefined
  const [kind, who] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)]
  const about = kind === "cron" ? { job: who } : { agent: who }
  return {
    breaker: "unattended-spend",
    cut: name,
    sinceMs: Math.max(seen.sinceMs, startMs),
    ...(endMs === undefined ? {} : { untilMs: endMs }),
    ...about,
    ...reached,
  }
}
