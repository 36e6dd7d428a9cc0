/** The rows of `fault-catalogue.ts` that questions and reports have. */
export const questionFaults = {
  "question.unanswered": {
    exit: 2,
    sentence: "This could not be answered.",
    remedy: "The operator is told why where it is served; sovereign-ledger status shows what is wrong with the ledger.",
  },
  "report.no-session": {
    exit: 1,
    sentence: "A report of a session needs its name, and an empty text is none.",
    remedy: "sovereign-ledger spend --by session names the sessions there are, for example agent:main:main.",
  },
} as const
