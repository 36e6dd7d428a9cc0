/** The names by which addresses know the pages; `page-list.ts` has the pages. */
export const pages = [
  "home",
  "alerts",
  "anomalies",
  "events",
  "event",
  "sessions",
  "session",
  "reports",
  "inventory",
  "spend",
  "budgets",
  "proofs",
  "receipts",
  "receipt",
  "gate",
  "orchestrator",
  "settings",
] as const

export type PageName = (typeof pages)[number]
