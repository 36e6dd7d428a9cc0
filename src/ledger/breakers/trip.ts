/** A breaker that trips: what it would cut, and the numbers. The words people read are made here and nowhere else. */
import type { Cut } from "./breaker-state.ts"

export type Trip = Omit<Cut, "atMs" | "mode">

/** One sentence without a full stop: which breaker, what it counted, and how it lifts. */
export function tripWords({ breaker, cut, tool = "a tool", counted, threshold, unit }: Omit<Trip, "sinceMs">): string {
  const amount = unit === "usd" ? `$${counted}` : `${counted} model calls`
  const most = unit === "usd" ? `$${threshold}` : threshold
  switch (breaker) {
    case "identical-calls":
      return `this run is in a loop: ${tool} was called ${counted} times with the same arguments, and its result was the same each time (breaker identical-calls, threshold ${most}); a new message starts a new run`
    case "similar-calls":
      return `this run is in a loop: ${tool} was called ${counted} times with nearly the same arguments, and its result was nearly the same each time (breaker similar-calls, threshold ${most}); a new message starts a new run`
    case "silent-spend":
      return `this session spent ${amount} without a message that anybody could see (breaker silent-spend, threshold ${most}); the next message to it lets it go on`
    case "unattended-spend":
      return `${cut.startsWith("cron:") ? `the job ${cut.slice("cron:".length)}` : `heartbeats of ${cut.slice("heartbeat:".length)}`} spent ${amount} today without telling anybody anything (breaker unattended-spend, threshold ${most}); until tomorrow, or sovereign-ledger breaker reset ${cut}`
  }
}
