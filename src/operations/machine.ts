/** What tells this machine from others. It is never stored as it is: only as a pseudonym. */
import { readFileSync } from "node:fs"
import { hostname } from "node:os"

export function machineId(): string {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim()
  } catch {
    // Not every system has one; the host's name tells machines apart well enough then.
    return hostname()
  }
}
