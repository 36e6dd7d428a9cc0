/**
 * Which processes still belong to a test home: those whose command line or environment names its unique directory.
 * A gateway starts children of its own, and the plugin starts a writer that outlives the gateway on purpose, so a
 * harness that only remembers what it spawned would leave some behind. Reads /proc: finds nothing elsewhere.
 */
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

export type Leftover = { readonly pid: number; readonly commandLine: string }

export function findLeftovers(directory: string): readonly Leftover[] {
  if (process.platform !== "linux") return []
  const found: Leftover[] = []
  for (const name of readdirSync("/proc")) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const commandLine = readProc(pid, "cmdline")
    if (commandLine.includes(directory) || readProc(pid, "environ").includes(directory)) {
      found.push({ pid, commandLine: commandLine.replaceAll("\0", " ").trim() })
    }
  }
  return found
}

/** Ends them at once: for the way out, when nothing can be awaited any more. */
export function killLeftovers(directory: string): void {
  for (const { pid } of findLeftovers(directory)) signal(pid, "SIGKILL")
}

/** Asks them to end, waits, then insists. Returns those that had to be asked. */
export async function endLeftovers(directory: string, graceMs = 2000): Promise<readonly Leftover[]> {
  const asked = findLeftovers(directory)
  for (const { pid } of asked) signal(pid, "SIGTERM")
  const deadlineMs = Date.now() + graceMs
  while (findLeftovers(directory).length > 0 && Date.now() < deadlineMs) await sleep(25)
  killLeftovers(directory)
  return asked
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself in between, which is what we want.
  }
}

function readProc(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    // Gone, or another user's.
    return ""
  }
}
