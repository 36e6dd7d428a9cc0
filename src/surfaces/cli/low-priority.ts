/** A process that nobody should have to wait for. */
import { constants, setPriority } from "node:os"

export function lower(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // It has ended already, or the system has no such thing: then it runs as it is.
  }
}
