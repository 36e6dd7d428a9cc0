/** The rows of `fault-catalogue.ts` that backups have. */
export const backupFaults = {
  "backup.no-place": {
    exit: 2,
    sentence: "{directory} is no place for backups: {problem}.",
    remedy: "Name a directory that is there, best on another disk; create it, or mount the disk it is on. Nothing was changed.",
  },
  "backup.running": {
    exit: 2,
    sentence: "Another backup of the ledger in {directory} is being made.",
    remedy: "Wait until it is over, or stop it; what it left half-done is removed by the next one.",
  },
  "backup.no-room": {
    exit: 2,
    sentence: "{neededBytes} bytes are needed in {directory}; {leftBytes} are left.",
    remedy: "Free space there, or name a directory on another disk. Nothing was changed.",
  },
  "backup.before-rekey": {
    exit: 2,
    sentence:
      "This backup of ledger {storeId} is of a time before all data was sealed anew (vault rekey), and the keys of contents that are kept are not those of its time.",
    remedy: "Restore a backup that was made since: sovereign-ledger backup list. Nothing was changed.",
  },
  "backup.absent": {
    exit: 2,
    sentence: "{directory} is not a whole backup: {problem}.",
    remedy: "sovereign-ledger backup list --to DIR shows those there are.",
  },
  "backup.damaged": {
    exit: 1,
    sentence: "The backup {directory} is not as it was made: {problem}.",
    remedy: "Take another one: sovereign-ledger backup list --to DIR. Nothing was changed.",
  },
  "backup.keys-absent": {
    exit: 2,
    sentence: "The keys of the ledger {storeId} were not found. Looked in: {looked}.",
    remedy: "Name the directory they are backed up to: --keys DIR. Without them contents stay sealed for ever.",
  },
  "backup.keys-newer": {
    exit: 2,
    sentence: "The keys in {directory} are newer than those of this ledger: {problem}.",
    remedy:
      "This ledger was put back with older keys, or is one of two that went on. Put scopes.db back from there while no writer runs, or name another place: --keys-to DIR. Nothing was changed.",
  },
  "backup.keys-older": {
    exit: 2,
    sentence: "The keys in {directory} are older than the backups: {problem}.",
    remedy: "Name the newest (--keys DIR): with older ones contents would stay sealed, and what was erased could be read again. Nothing was changed.",
  },
  "backup.not-valid": {
    exit: 1,
    sentence: "The backup {directory} was not restored: {problem}.",
    remedy: "sovereign-ledger backup check tells all of it; take another backup, and the newest keys (--keys DIR). Nothing was changed.",
  },
  "backup.occupied": {
    exit: 2,
    sentence: "There is a ledger in {directory} already: {found}.",
    remedy: "Restore into another directory with --data-dir DIR, or have what is there moved beside it: --set-aside. Nothing was changed.",
  },
} as const
