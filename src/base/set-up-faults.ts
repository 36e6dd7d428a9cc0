/** The rows of `fault-catalogue.ts` that `setup` and `uninstall` have. */
export const setUpFaults = {
  "host.command-absent": {
    exit: 2,
    sentence: "The host's command cannot be run: {command} ({problem}).",
    remedy: "Name it with --openclaw FILE, or put the directory it is in on PATH. npm install --global openclaw installs it. Nothing was changed.",
  },
  "host.command-failed": {
    exit: 2,
    sentence: "{command} was refused by the host: {problem}.",
    remedy: "openclaw config validate shows what it finds wrong; openclaw doctor mends what it can. What the host refuses it does not write.",
  },
  "host.not-written": {
    exit: 2,
    sentence: "The host took what was to be written, but its configuration does not say it: {what}.",
    remedy: "Somebody else wrote at the same moment, or the part stands in a file that is included: run the command again, or edit that file.",
  },
  "set-up.not-installed": {
    exit: 2,
    sentence: "OpenClaw does not know the plugin sovereign-ledger.",
    remedy: "openclaw plugins install npm-pack:FILE --force --accept-capabilities, with the packed plugin as FILE; then run this command again.",
  },
  "set-up.nobody-to-ask": {
    exit: 2,
    sentence: "Nobody sits here who could be asked.",
    remedy: "Give --yes, and every answer that is not to be the usual one as a flag; --dry-run shows what would be done.",
  },
  "set-up.cancelled": {
    exit: 2,
    sentence: "Cancelled; nothing was changed.",
    remedy: "Run it again whenever you like: what is answered already is what it proposes.",
  },
  "uninstall.wrong-ledger": {
    exit: 2,
    sentence: "The ledger in {directory} is {id}, not {given}: nothing was deleted.",
    remedy: "Name the ledger that is to be deleted by its id, as sovereign-ledger key status shows it.",
  },
  "uninstall.writer-stays": {
    exit: 2,
    sentence: "The writer (pid {pid}) did not end.",
    remedy: "A writer that runs as a service is ended by who started it: systemctl disable --now sovereign-ledger. Then run this command again.",
  },
} as const
