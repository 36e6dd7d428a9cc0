/** How people call this machine. */
import { hostname } from "node:os"

export function machineName(): string {
  return hostname()
}
