/** sovereign-ledger vault unseal */
import { basename } from "node:path"
import type { CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { gathered, loadSealing, namedKeys, placesFor, refuseJson, unsealedName } from "./vault-sealing.ts"

export const vaultUnseal: CommandRow = {
  path: "vault unseal",
  summary: "Open sealed files, each into a new file or directory",
  argument: { name: "<file...>", words: "files of vault seal, of age, or Fernet tokens; - is standard input" },
  options: [
    { flags: "--output <file|directory>", words: "what to write; - is standard output (default: beside each, without its ending)" },
    { flags: "--identity-file <file>", words: "identities of age, as age -i reads them; repeat it for more", parse: gathered },
    { flags: "--passphrase-file <file>", words: "a file whose first line is the passphrase" },
    { flags: "--fernet-key-file <file>", words: "the key of a Fernet token" },
    { flags: "--ttl <seconds>", words: "refuse a Fernet token that is older, or from the future", parse: wholeNumber("--ttl", 0, 4_294_967_295) },
  ],
  help: `The format is found by how a file begins, never by its name; an armor of age is read too. What was a directory becomes one again, with modes and times;
on standard output it is a tar archive. What is written is its owner's alone (0600; a directory 0700), whole or not there, and never over anything.

Exit status: 1 a file was changed, cut or is an archive that leads outside; 2 the wrong key, or it could not be read or written.

Examples:
  sovereign-ledger vault unseal report.pdf.sealed
  sovereign-ledger vault unseal backup.tar.age --identity-file key.txt --output backup.tar
  sovereign-ledger vault unseal notes.sealed --output - | tar tv`,
  run: async (context, flags, _first, files) => {
    const { unsealKeys, unseal } = await loadSealing()
    const keys = unsealKeys(namedKeys(context, flags))
    const places = placesFor(files, flags, unsealedName)
    refuseJson(context, places)
    const done = []
    for (const { from, to, shown } of places) {
      const progress = context.terminal.progress(`opening ${basename(from)}`)
      const opened = await unseal({ file: from, keys, to, ttlS: flags["ttl"] as number | undefined, nowMs: context.nowMs, progress })
      context.terminal.clearProgress()
      done.push({ file: from, output: shown, ...opened })
      if (!context.json && shown !== "-") {
        await context.terminal.write(`${from} opened into ${opened.isDirectory ? "the directory " : ""}${shown} (${opened.bytes} B).\n`)
      }
    }
    if (context.json) await context.terminal.write(`${JSON.stringify({ schemaVersion: 1, unsealed: done })}\n`)
    return 0
  },
}
