/** The rows of `fault-catalogue.ts` that removing what is old has. */
export const retentionFaults = {
  "retention.invalid": {
    exit: 2,
    sentence: "What is to be kept cannot be read: {problem}.",
    remedy: "See docs/guides/retention.md for how it is written. Nothing was removed.",
  },
  "retention.not-now": {
    exit: 2,
    sentence: "Nothing is removed from the ledger in {directory} now: {problem}.",
    remedy: "See what is under way: sovereign-ledger vault status. Nothing was changed.",
  },
  "retention.not-valid": {
    exit: 1,
    sentence: "Something of the entries #{from} to #{to} was to be removed, and they do not verify: {problem}.",
    remedy: "They are evidence: sovereign-ledger verify says more. Nothing was removed.",
  },
  "retention.removed": {
    exit: 2,
    sentence: "Entries before #{upTo}, recorded until {until}, were removed; #{sequence} says so and carries the balances on.",
    remedy: "Ask for what was recorded later, or read a backup of before.",
  },
} as const
