/** The rows of `fault-catalogue.ts` that alerts have. */
export const alertFaults = {
  "alerts.off": {
    exit: 2,
    sentence: "No gateway names anybody to tell now.",
    remedy: "Name somebody in the plugin's setting alerts (docs/guides/alerts.md), and let the gateway run: whom to tell follows from it.",
  },
  "alerts.tested": {
    exit: 2,
    sentence: "A test was sent a moment ago.",
    remedy: "See what became of it with sovereign-ledger alerts log, or try again in a few seconds.",
  },
} as const
