/**
 * Every way the product says "no" because something outside it is wrong: one row a fault.
 *
 * `exit` is the process exit status: 1 = checked and not good, 2 = bad input, unverifiable or cannot run.
 * `sentence` says what is wrong, `remedy` the one thing to do about it. `docs/reference/errors.md` is generated from here.
 * Values in braces are filled from the fault's details.
 */
import { alertFaults } from "./alert-faults.ts"
import { backupFaults } from "./backup-faults.ts"
import { historyFaults } from "./history-faults.ts"
import { billFaults } from "./bill-faults.ts"
import { keyFaults } from "./key-faults.ts"
import { libraryFaults } from "./library-faults.ts"
import { gateFaults } from "./gate-faults.ts"
import { mapFaults } from "./map-faults.ts"
import { questionFaults } from "./question-faults.ts"
import { retentionFaults } from "./retention-faults.ts"
import { sealedFaults } from "./sealed-faults.ts"
import { serveFaults } from "./serve-faults.ts"
import { setUpFaults } from "./set-up-faults.ts"

const ownFaults = {
  "config.invalid": {
    exit: 2,
    sentence: "The setting {setting} is not usable: {problem}.",
    remedy: "Correct it in plugins.entries.sovereign-ledger.config; docs/reference/settings.md lists every setting with its bounds.",
  },
  "cli.usage": {
    exit: 2,
    sentence: "{problem}",
    remedy: "{command} --help tells how it is used.",
  },
  "cli.no-command": {
    exit: 2,
    sentence: "No command was named.",
    remedy: "{command} --help shows the commands.",
  },
  "node.too-old": {
    exit: 2,
    sentence: "Sovereign Ledger needs Node {needed} or newer; this is {found}.",
    remedy: "Install a newer Node, or run the command through the one OpenClaw uses: openclaw ledger ...",
  },
  "store.absent": {
    exit: 2,
    sentence: "There is no ledger in {directory}.",
    remedy: "Name another directory with --data-dir, or create one: sovereign-ledger key create",
  },
  "store.unreadable": {
    exit: 2,
    sentence: "{file} cannot be read: {problem}.",
    remedy: "Check the file's owner and permissions, and that the disk is healthy; nothing was changed.",
  },
  "store.damaged": {
    exit: 1,
    sentence: "{file} is damaged: {problem}.",
    remedy:
      "Nothing was changed and nothing will be recorded until it is mended. Keep the file as evidence; sovereign-ledger fsck says what is touched and what to do. Then put it back from a backup (keys.json: sovereign-ledger key restore FILE).",
  },
  "store.newer-format": {
    exit: 2,
    sentence: "{file} has format {found}; this version reads format {known}.",
    remedy: "Install the Sovereign Ledger version that wrote it (or a newer one). Nothing was changed.",
  },
  "store.incomplete": {
    exit: 2,
    sentence: "{file} is missing, but {other} is there.",
    remedy: "Put it back from a backup (key files: sovereign-ledger key restore FILE). A new, empty ledger is not started over an old one.",
  },
  "store.locked": {
    exit: 2,
    sentence: "Another writer holds the ledger in {directory}, and did not let go in time.",
    remedy:
      "Let it finish or stop it; a data directory has one writer. sovereign-ledger status names it; one that listens elsewhere is found with --socket FILE.",
  },
  "store.write-failed": {
    exit: 2,
    sentence: "Writing to {file} failed: {problem}.",
    remedy: "Free space or mend the permissions of the directory; recording goes on by itself as soon as writing works again.",
  },
  "store.read-only": {
    exit: 2,
    sentence: "{file} cannot be written: its disk is read-only.",
    remedy:
      "Mount the disk so that it can be written (mount -o remount,rw), after finding out why it is not: a disk that fails is set so. Nothing was changed; what only reads goes on.",
  },
  "store.cut-off": {
    exit: 2,
    sentence: "{file} cannot be read: its writer was killed in the middle of a change, and who may only read cannot take the change back.",
    remedy:
      "Run any command as the user who owns {directory}, or start the gateway: reading it as somebody who may write there takes the change back. Or copy the directory, and read the copy.",
  },
  "store.no-space": {
    exit: 2,
    sentence: "The disk of {directory} is full: {leftBytes} bytes are left.",
    remedy: "Free space there. What cannot be recorded is counted, guarded tools are denied, and recording goes on by itself as soon as there is room.",
  },
  "order.refused": {
    exit: 1,
    sentence: "Refused: {words}.",
    remedy: "{remedy}",
  },
  "tool.refused": {
    exit: 2,
    sentence: "{problem}.",
    remedy: "{remedy}",
  },
  "witness.key-malformed": {
    exit: 2,
    sentence: "{file} is not the key file of a witness: {problem}.",
    remedy: "Name the right file with --key, or put it back from a backup. Nothing was changed.",
  },
  "witness.key-lost": {
    exit: 2,
    sentence: "The witness in {directory} has logs, but its key {file} is missing.",
    remedy: "Put the key back from a backup, or begin a new witness in another directory: logs would not know this one by a new key.",
  },
  "witness.busy": {
    exit: 2,
    sentence: "Another process holds the witness in {directory}, and did not let go in time.",
    remedy: "Try again in a moment; if it stays so, look for a process that hangs.",
  },
  "witness.log-known": {
    exit: 2,
    sentence: "{origin} is watched already, by another key: {keys}.",
    remedy: "If it handed over to a new signing key, say so with --replace, after its operator told you by another way than the ledger. Nothing was changed.",
  },
  "witness.not-loopback": {
    exit: 2,
    sentence: "{address} can be reached from other machines.",
    remedy:
      "If that is meant, say so with --allow-network: whoever reaches it learns which sizes it has cosigned, and can make it work; cosigned is only what a known log signed.",
  },
  "witness.cannot-listen": {
    exit: 2,
    sentence: "The witness cannot listen on {address}: {problem}.",
    remedy: "Choose another address with --listen HOST:PORT.",
  },
  "witness.none": {
    exit: 2,
    sentence: "No witness is known for this ledger.",
    remedy: 'Name one with --witness "KEY URL", or in the setting witnesses; docs/guides/witness.md shows both sides.',
  },
  "anchor.unknown": {
    exit: 2,
    sentence: "This ledger has no such anchor (number {number}).",
    remedy: "sovereign-ledger anchors list shows those there are, and who gives them; docs/guides/anchors.md shows how to have one.",
  },
  "anchor.no-certificates": {
    exit: 2,
    sentence: "{file} holds no PEM certificate that can be read.",
    remedy: "Name the file with the certificate that the time-stamp authority publishes, in PEM: openssl x509 -in FILE -text shows what it is.",
  },
  "writer.unreachable": {
    exit: 2,
    sentence: "The writer of {directory} could not be reached: {problem}.",
    remedy: "sovereign-ledger status shows its state; the next event or command starts it again.",
  },
  "writer.not-for-group": {
    exit: 1,
    sentence: "Refused: the socket that other users share does not take this order ({action}).",
    remedy: "Run the command as the user the writer runs as, whose own socket is in the data directory; a service is stopped and replaced by who started it.",
  },
  "writer.protocol": {
    exit: 2,
    sentence: "The running writer speaks protocol {found}; this program speaks {known}.",
    remedy: "Use the same version of the plugin and the command line tool.",
  },
  "export.unreadable": {
    exit: 2,
    sentence: "{file} is not an export this version can check: {problem}.",
    remedy: "Name a file made with sovereign-ledger export json --out FILE; a CSV export cannot be verified.",
  },
  "checkpoint.not-cosigned": {
    exit: 2,
    sentence: "No checkpoint of this ledger has been cosigned by a witness yet.",
    remedy: "sovereign-ledger status says what its witnesses answer; docs/guides/witness.md shows how to have one.",
  },
  "checkpoint.unknown": {
    exit: 2,
    sentence: "There is no stored checkpoint of size {size} in this ledger.",
    remedy: "sovereign-ledger checkpoint list shows the sizes there are.",
  },
  "checkpoint.foreign": {
    exit: 1,
    sentence: "{checkpoint} is not one of this ledger as it stands: {problem}.",
    remedy: "If it is an honest copy of an earlier checkpoint, the ledger was rolled back or rewritten: sovereign-ledger verify --against FILE tells more.",
  },
  "checkpoint.uncovered": {
    exit: 2,
    sentence: "Entry #{sequence} is not among the first {size} entries, which is what the checkpoint covers.",
    remedy:
      "A running writer signs everything there is on demand; without one the last stored checkpoint serves. The next event starts it, or: sovereign-ledger writer",
  },
  "host.config-unreadable": {
    exit: 2,
    sentence: "The host's configuration {file} cannot be read: {problem}.",
    remedy: "Name the data directory yourself with --data-dir DIR, or mend the file (openclaw doctor).",
  },
  "usage.unreadable": {
    exit: 2,
    sentence: "{file} is not the host's own figure of usage: {problem}.",
    remedy: "Ask the host for it: openclaw gateway usage-cost --json --days 30 --all-agents > usage-cost.json",
  },
  "event.unknown": {
    exit: 2,
    sentence: "There is no entry {wanted} in this ledger.",
    remedy: "sovereign-ledger events list shows the sequence numbers and ids there are.",
  },
  "receipt.unknown": {
    exit: 2,
    sentence: "There is no receipt {wanted} in this ledger.",
    remedy: "sovereign-ledger receipts list shows their numbers and ids. Receipts are issued while the setting receipts is on (docs/guides/receipts.md).",
  },
  "receipt.none": {
    exit: 2,
    sentence: "No receipt is of what was asked for.",
    remedy: "sovereign-ledger receipts list shows those there are. Receipts are issued while the setting receipts is on (docs/guides/receipts.md).",
  },
  "receipt-key.unknown": {
    exit: 2,
    sentence: "No key of this ledger's receipts is called {kid}.",
    remedy: "sovereign-ledger receipts keys lists them, by kid.",
  },
  "receipt-key.signs": {
    exit: 2,
    sentence: "The key {kid} signs receipts now, and cannot be revoked while it does.",
    remedy: "Let another one take its place first: sovereign-ledger key hand-over. Then revoke it.",
  },
  "content.unavailable": {
    exit: 2,
    sentence: "The content of entry #{sequence} cannot be disclosed: {problem}.",
    remedy: "Leave --content out; the header and the facts can be proven without it.",
  },
  "budget.unknown": {
    exit: 2,
    sentence: "There is no budget {budget}.",
    remedy: "sovereign-ledger budget list shows those there are.",
  },
  "budget.untested": {
    exit: 2,
    sentence: "The budgets could not be tested: {problem}.",
    remedy: "Run it where the gateway runs, with openclaw on the path, or name it: --openclaw PROGRAM",
  },
  "budget.no-door": {
    exit: 2,
    sentence: "A budget that blocks needs a door before every run, and the host does not let the plugin see conversations, which is what opens it.",
    remedy: "{command}\nOr let the budget only warn: --mode warn",
  },
  "drill.no-room": {
    exit: 2,
    sentence: "A drill needs {neededBytes} bytes in {directory} for its copy of the ledger; {leftBytes} are left.",
    remedy: "Free space there, or name a directory on another disk: TMPDIR=DIRECTORY sovereign-ledger drill",
  },
  "redaction.nothing-hidden": {
    exit: 2,
    sentence: "Event #{event} hides nothing behind a hash, or its content is erased.",
    remedy: "Hashes stand in events recorded while redactPromptText or redactToolArgs was set; sovereign-ledger events show prints an event whole.",
  },
  "sql.refused": {
    exit: 2,
    sentence: "This cannot be asked: {problem}.",
    remedy: "Ask one SELECT over the views that sovereign-ledger sql --help shows with their columns.",
  },
  "cli.file-unreadable": {
    exit: 2,
    sentence: "{file} cannot be read: {problem}.",
    remedy: "Check the path and the file's permissions.",
  },
  "backup.unreadable": {
    exit: 2,
    sentence: "{file} is not a key backup that can be read: {problem}.",
    remedy: "Name a file made with sovereign-ledger key backup FILE, and its passphrase if it has one.",
  },
  internal: {
    exit: 2,
    sentence: "This is a bug in Sovereign Ledger {version}: {problem}.",
    remedy: "Please report it, with what stands on standard error.",
  },
} as const

// Merged by a call that a bundler knows to drop where no fault is made: a spread would stay in what must be small.
const vaultFaults = /* @__PURE__ */ Object.assign({}, keyFaults, backupFaults, sealedFaults)
const deskFaults = /* @__PURE__ */ Object.assign({}, serveFaults, setUpFaults)
const askedFaults = /* @__PURE__ */ Object.assign({}, deskFaults, billFaults, historyFaults)
const doorFaults = /* @__PURE__ */ Object.assign({}, gateFaults, libraryFaults, alertFaults)
const dataFaults = /* @__PURE__ */ Object.assign({}, retentionFaults, mapFaults, doorFaults)
const readFaults = /* @__PURE__ */ Object.assign({}, questionFaults, askedFaults)
const allFaults = /* @__PURE__ */ Object.assign({}, vaultFaults, dataFaults, readFaults)
export const faultCatalogue = /* @__PURE__ */ Object.assign({}, ownFaults, allFaults) satisfies Record<string, FaultRow>

export type FaultRow = {
  readonly exit: 1 | 2
  readonly sentence: string
  readonly remedy: string
}

export type FaultCode = keyof typeof faultCatalogue
