/** The rows of `fault-catalogue.ts` that bills have. */
export const billFaults = {
  "bill.unknown": {
    exit: 2,
    sentence: "{file} is no bill that can be read: {problem}.",
    remedy:
      "Export it again as the provider gives it, without changing columns: {formats}, as CSV or as the saved answers of the same APIs (docs/guides/bills.md).",
  },
} as const
