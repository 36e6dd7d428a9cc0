/**
 * Signals that ask this process to end, for work that has something to do first. However many pieces of work listen at once, the process has one listener a signal;
 * while none does it has none, and ends as it would without us.
 */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP"

/** What a shell says of a process that such a signal ended. */
export const stopStatus: { readonly [S in StopSignal]: number } = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

const signals = Object.keys(stopStatus) as readonly StopSignal[]
const listening = new Set<(signal: StopSignal) => void>()

/** Calls `heard` at each of them, until the returned function is called. */
export function onStopSignal(heard: (signal: StopSignal) => void): () => void {
  if (listening.size === 0) for (const signal of signals) process.on(signal, tell)
  const own = (signal: StopSignal) => heard(signal) // the same function twice would be one listener
  listening.add(own)
  return () => {
    if (!listening.delete(own) || listening.size > 0) return
    for (const signal of signals) process.off(signal, tell)
  }
}

function tell(signal: StopSignal): void {
  for (const heard of [...listening]) heard(signal)
}
