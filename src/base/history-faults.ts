/** The rows of `fault-catalogue.ts` that readers of a host's history have. */
export const historyFaults = {
  "history.importing": {
    exit: 2,
    sentence: "Another import into the ledger in {directory} is running.",
    remedy: "Wait until it is over, or stop it; then the same command records what is still missing.",
  },
  "history.collecting": {
    exit: 2,
    sentence: "Another collector of the ledger in {directory} is running.",
    remedy: "One is enough: sovereign-ledger status shows how far the record is. Stop the other one, or name another ledger with --data-dir.",
  },
  "history.absent": {
    exit: 2,
    sentence: "There is no OpenClaw history in {directory}: neither agents, nor a state store, nor a configuration.",
    remedy: "Name the host's state directory (~/.openclaw by default), or the home it lies in.",
  },
} as const
