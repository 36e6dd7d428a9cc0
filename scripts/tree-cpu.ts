/** Processor time of a process and of everything it started. Reads /proc (proc(5)); elsewhere there is nothing to read. */
import { readdirSync, readFileSync } from "node:fs"

/** Of `utime`, `stime` and of their likes for children that were waited for: hundredths of a second. */
const tickMs = 10

type Process = { readonly parent: number; readonly cpuMs: number }

export function treeCpuMs(root = process.pid): number {
  const all = new Map(pids().flatMap((pid) => read(pid).map((found) => [pid, found] as const)))
  const isBelow = (pid: number): boolean => pid === root || (all.has(pid) && isBelow(all.get(pid)?.parent ?? 0))
  return [...all].reduce((sum, [pid, { cpuMs }]) => (isBelow(pid) ? sum + cpuMs : sum), 0)
}

function pids(): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
}

function read(pid: number): readonly Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // A program may have any name, also one with brackets and spaces in it.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number)
    return [{ parent: fields[1] ?? 0, cpuMs: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) * tickMs }]
  } catch {
    // Gone in between.
    return []
  }
}
