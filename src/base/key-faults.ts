/** What is wrong with keys, and what keys keep from being done: rows of `fault-catalogue.ts`. */
export const keyFaults = {
  "key.absent": {
    exit: 2,
    sentence: "No master key was found for the ledger in {directory}. Looked at: {looked}.",
    remedy: "Create one: sovereign-ledger key create. If the ledger exists already, bring its key back: sovereign-ledger key restore FILE",
  },
  "key.wrong": {
    exit: 2,
    sentence: "The master key from {source} (fingerprint {found}) does not open this ledger, which was sealed under {expected}.",
    remedy:
      "Use the key this ledger was created with, or restore it: sovereign-ledger key restore FILE. If keys.json was put back from a copy, bring the newest one back, or the key of that time.",
  },
  "erase.held": {
    exit: 1,
    sentence: "Nothing was erased: some of it stands under the legal hold {hold} ({reason}).",
    remedy: "See what is held: sovereign-ledger legal-hold list. Once it may go: sovereign-ledger legal-hold lift {hold}",
  },
  "erase.undone": {
    exit: 1,
    sentence: "Contents that were erased can be read again: scopes.db has keys of them ({entries}), so it was put back from a copy of before.",
    remedy:
      "The next writer erases them again, at once: start the gateway, or run sovereign-ledger checkpoint show; where one is running, stop it first. Keys that are newer than the copy are missing in it: put the newest scopes.db back if it is there.",
  },
  "erase.no-hold": {
    exit: 2,
    sentence: "There is no legal hold {hold}.",
    remedy: "sovereign-ledger legal-hold list shows those there are.",
  },
  "rekey.not-now": {
    exit: 2,
    sentence: "The data in {directory} is not sealed anew now: {problem}.",
    remedy: "See what is under way: sovereign-ledger vault status. Nothing was changed.",
  },
  "rekey.running": {
    exit: 2,
    sentence: "Another command writes the data in {directory} anew (vault rekey, or prune).",
    remedy: "Wait for it: it shows how far it is.",
  },
  "rekey.switching": {
    exit: 2,
    sentence: "The files in {directory} are in the middle of being replaced by ones that were sealed anew.",
    remedy: "Complete it: sovereign-ledger vault rekey. The next writer does so, too.",
  },
  "key.command-failed": {
    exit: 2,
    sentence: "The key command {program} gave no master key: {problem}.",
    remedy:
      "Run it by hand, as the user the writer runs as and with nothing but PATH and HOME: it must print the key, ask nobody, and end with status 0. Which one it is: the setting keyCommand, or --key-command.",
  },
  "key.replaced": {
    exit: 2,
    sentence: "The master key from {source} (fingerprint {found}) opened this ledger until {replacedAt}; then {expected} took its place.",
    remedy: "Use the key that took its place, or bring it back: sovereign-ledger key restore FILE",
  },
  "key.not-next": {
    exit: 2,
    sentence: "The new master key for the ledger in {directory} is refused: {problem}.",
    remedy: "See which keys open it: sovereign-ledger vault status. Then, if it is still wanted: sovereign-ledger vault rotate",
  },
  "key.kept-elsewhere": {
    exit: 2,
    sentence: "The master key of this ledger comes from {source}, where no command of ours can put another one.",
    remedy:
      "Give the new one in a file: sovereign-ledger vault rotate --new-key-file FILE. Both open the ledger until the new one stands in {source}, and the command is run once more.",
  },
  "key.rotation-open": {
    exit: 2,
    sentence: "A rotation to the master key {next} has begun and waits for that key to stand in {source}; {found} still stands there.",
    remedy: "Put the new key there and run sovereign-ledger vault rotate once more, or give it up: sovereign-ledger vault rotate --cancel",
  },
  "key.malformed": {
    exit: 2,
    sentence: "The master key from {source} is not usable: {problem}.",
    remedy:
      "A key is 32 bytes, written as 44 URL-safe base64 characters or 64 hex digits; anything else of at least 12 characters is taken as a passphrase. The key of a ledger that is there is brought back by: sovereign-ledger key restore FILE",
  },
  "key.exposed": {
    exit: 2,
    sentence: "The key file {file} can be read by other users (mode {mode}).",
    remedy: "Run: chmod 600 {file}",
  },
  "key.exists": {
    exit: 2,
    sentence: "{file} exists already; it was left as it is.",
    remedy: "Use the key that is there, or move the file away first. Overwriting a key would make its ledger unreadable.",
  },
  "key.out-of-step": {
    exit: 2,
    sentence: "Keys and journal are of different times: {problem}.",
    remedy:
      "Put both back from one moment; of keys.json the newest copy (with backups it is in the keys place, and in every key backup): only one made after the last hand-over, rotation and rekey holds the keys of now. Nothing was changed.",
  },
  "key.not-successor": {
    exit: 2,
    sentence: "The new signing key for the ledger in {directory} is refused: {problem}.",
    remedy: "See which key signs now: sovereign-ledger key status. Then, if it is still wanted: sovereign-ledger key hand-over",
  },
} as const
