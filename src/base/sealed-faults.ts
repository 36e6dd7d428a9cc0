/** Faults of sealed files, as rows of the catalogue. */
export const sealedFaults = {
  "sealed.not-sealed": {
    exit: 2,
    sentence: "{file} is not a sealed file: it begins neither as one of ours, nor as one of age, nor as a Fernet token.",
    remedy: "Name a file made with sovereign-ledger vault seal, age, or a Fernet library.",
  },
  "sealed.no-key": {
    exit: 2,
    sentence: "{file} takes {needed}, which was not given.",
    remedy: "Name it: {flag}",
  },
  "sealed.wrong-key": {
    exit: 2,
    sentence: "{file} does not open under this key: {problem}.",
    remedy: "Use the key it was sealed with. Nothing was changed.",
  },
  "sealed.key-unusable": {
    exit: 2,
    sentence: "What should open or seal files, from {source}, is not usable: {problem}.",
    remedy: "{remedy}",
  },
  "sealed.changed": {
    exit: 1,
    sentence: "{file} was changed or damaged after it was sealed: {problem}.",
    remedy: "Nothing of it was written. Keep it as evidence, and unseal another copy.",
  },
  "sealed.cut": {
    exit: 1,
    sentence: "{file} is cut off: {problem}.",
    remedy: "Nothing of it was written. Copy it anew from where it is whole.",
  },
  "sealed.expired": {
    exit: 1,
    sentence: "{file} is of another time: {problem}.",
    remedy: "Ask for a new one, or leave --ttl out to open it at any age.",
  },
  "sealed.unsafe-archive": {
    exit: 1,
    sentence: "The directory sealed in {file} is refused: {problem}.",
    remedy: "Nothing of it was written. It was not made by vault seal; ask whoever made it.",
  },
  "sealed.exists": {
    exit: 2,
    sentence: "{file} exists already; it was left as it is.",
    remedy: "Name another place with --output, or move it away first. Nothing is ever written over.",
  },
  "sealed.busy": {
    exit: 2,
    sentence: "Another process writes {file}.",
    remedy: "Wait until it has finished, or end it: a sealed file has one writer. Reading it is possible meanwhile. Nothing was changed.",
  },
  "sealed.too-large": {
    exit: 2,
    sentence: "{file} is too large for a Fernet token: more than {mostBytes} bytes. All of a token is held in memory.",
    remedy: "Seal it under the ledger's own key or a passphrase, or for age recipients: those hold a few chunks at a time.",
  },
  "sealed.not-sealable": {
    exit: 2,
    sentence: "{file} cannot be sealed: {problem}.",
    remedy: "Name files and directories of files, directories and links.",
  },
  "sealed.changing": {
    exit: 2,
    sentence: "{file} changed while it was sealed: {problem}.",
    remedy: "Nothing was removed. Seal it again when nobody writes to it.",
  },
  "sealed.no-room": {
    exit: 2,
    sentence: "There is no room for {file}: {problem}.",
    remedy: "Free space there, or name another disk with --output. What was begun was removed.",
  },
  "sealed.write-failed": {
    exit: 2,
    sentence: "Writing to {file} failed: {problem}.",
    remedy: "Check the directory's permissions and that the disk is healthy. What was begun was removed.",
  },
} as const
