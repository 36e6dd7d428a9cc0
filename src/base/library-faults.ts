/** What callers of the library of receipts are told: rows of `fault-catalogue.ts`. */
export const libraryFaults = {
  "library.action": {
    exit: 2,
    sentence: "The action {id} cannot have a receipt: {problem}.",
    remedy: "Correct what is captured; docs/spec/records.md says what a record can say. Nothing was written.",
  },
  "library.repeated": {
    exit: 2,
    sentence: "Another action called {id} has a receipt already.",
    remedy: "Give each action an id of its own. The same one may be captured again: it keeps the receipt that it has.",
  },
  "library.closed": {
    exit: 2,
    sentence: "Receipts were closed before {id} was captured, and it has none.",
    remedy: "Open receipts over the store again, and capture it there.",
  },
  "library.key": {
    exit: 2,
    sentence: "Receipts cannot be opened with this key and issuer: {problem}.",
    remedy:
      'Give a private Ed25519 key, such as generateKeyPairSync("ed25519").privateKey, public JWKs as earlierKeys, and an https origin or a DID as issuer.',
  },
  "library.chain": {
    exit: 1,
    sentence: "Receipt {number} in the store is not good: {problem}. None is signed after it.",
    remedy:
      "If a key that signed before is missing, give it as one of earlierKeys. If not, somebody changed the store: keep it as evidence, and go on with another one.",
  },
  "library.carrier": {
    exit: 1,
    sentence: "A receipt cannot be carried so, or was not carried as it should be: {problem}.",
    remedy: "docs/spec/records.md says how receipts travel in messages and headers. Of one that came in, believe nothing.",
  },
  "library.not-stored": {
    exit: 2,
    sentence: "The store does not take receipts: {problem}.",
    remedy: "Mend what is wrong with it and capture the action again: it has one receipt in the end, whatever of this attempt is there.",
  },
} as const
