/** The rows of `fault-catalogue.ts` that the map of event ids has. */
export const mapFaults = {
  "map.refused": {
    exit: 2,
    sentence: "The map of event ids in {directory} cannot be brought forward now.",
    remedy: "See whether the disk is full: sovereign-ledger status. What is recorded is not touched by it.",
  },
  "map.uncommitted": {
    exit: 2,
    sentence: "No root of the map of event ids is on record in {directory}, so there is nothing to prove against.",
    remedy: "Put one on record: sovereign-ledger smt root --commit",
  },
  "map.unknown-tree": {
    exit: 1,
    sentence: "There is no map {tree} in {directory}.",
    remedy: "See which there is: sovereign-ledger smt trees",
  },
  "map.unfit": {
    exit: 1,
    sentence: "The event ids of the first {size} entries do not make the root that #{sequence} put on record.",
    remedy: "Keep the ledger as evidence; sovereign-ledger verify says whether its entries are those that were recorded.",
  },
} as const
