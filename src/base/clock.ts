/**
 * Time is an argument everywhere below `operations`; this port is how the composition roots hand it in. A wall clock is set by people and programs. The two
 * others are set by nobody: one stands still while the machine is suspended, the other goes on, and takes longer to ask.
 */
import { readFileSync } from "node:fs"
import { uptime } from "node:os"

export type Clock = { readonly nowMs: () => number }

export const systemClock: Clock = { nowMs: () => Date.now() }

/** A point on the clocks that nobody sets. They begin with the machine, and are compared within one life of it only. */
export type SteadyPoint = { readonly steadyMs: number; readonly uptimeMs: number }

export type SteadyClocks = { readonly steadyMs: () => number; readonly uptimeMs: () => number }

export type Clocks = SteadyClocks & {
  readonly wallMs: () => number
  /** Names this life of the machine; undefined where the system has no such name. */
  readonly boot: string | undefined
}

/** Of the kernel, so the same in every process. Hundredths of a second are as fine as the second one is. */
export const steadyClocks: SteadyClocks = {
  steadyMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  uptimeMs: () => Math.round(uptime() * 1_000),
}

export function systemClocks(): Clocks {
  return { ...steadyClocks, wallMs: () => Date.now(), boot: bootId() }
}

export function pointOn({ steadyMs, uptimeMs }: SteadyClocks): SteadyPoint {
  return { steadyMs: steadyMs(), uptimeMs: uptimeMs() }
}

/** The longer of the two: the one leaves out what was slept through, the other may be that of a container, which began later. */
export function elapsedMs(from: SteadyPoint, to: SteadyPoint): number {
  return Math.max(to.steadyMs - from.steadyMs, to.uptimeMs - from.uptimeMs)
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
  } catch {
    return undefined // only Linux has one
  }
}
