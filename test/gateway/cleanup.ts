/**
 * What must be undone however this process ends: by return, by an exception, by Ctrl-C. The steps are synchronous,
 * because nothing else runs while a process exits, and are taken last in, first out. A signal becomes an ordinary
 * exit with the shell's code for it, so that every step runs exactly once.
 */
type Step = () => void

const steps: Step[] = []
let armed = false

/** Remembers a step; the returned function takes it and forgets it. */
export function onProcessEnd(step: Step): () => void {
  if (!armed) arm()
  steps.push(step)
  return () => {
    const position = steps.indexOf(step)
    if (position === -1) return
    steps.splice(position, 1)
    step()
  }
}

function arm(): void {
  armed = true
  process.once("exit", () => {
    for (const step of steps.splice(0).reverse()) step()
  })
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    // Not `once`: a second Ctrl-C would meet the default again and end us in the middle of the steps.
    process.on(signal, () => process.exit(code))
  }
}
