/** sovereign-ledger vault seal */
import { basename } from "node:path"
import type { CommandContext, CommandRow } from "../command.ts"
import { gathered, loadSealing, namedKeys, placesFor, refuseJson } from "./vault-sealing.ts"

const endings = { sealed: ".sealed", age: ".age", fernet: ".fernet" } as const

export const vaultSeal: CommandRow = {
  path: "vault seal",
  summary: "Seal files and directories, each into one new file",
  argument: { name: "<path...>", words: "files and directories; - is standard input" },
  options: [
    {
      flags: "--output <file|directory>",
      words: "the sealed file, or the directory for several; - is standard output (default: beside each, with .sealed, .age or .fernet)",
    },
    { flags: "--recipient <age1...>", words: "seal for this recipient of age; repeat it for more", parse: gathered },
    { flags: "--recipients-file <file>", words: "recipients, one a line, as age -R reads them; repeat it for more", parse: gathered },
    { flags: "--passphrase-file <file>", words: "seal under the passphrase on the first line of a file" },
    { flags: "--age", words: "with a passphrase: a file that age opens" },
    { flags: "--fernet-key-file <file>", words: "make a Fernet token under this key, of at most 256 MiB" },
    { flags: "--delete", words: "remove the plain files, once the sealed one is on the disk and was read again" },
  ],
  help: `Under the ledger's own key unless something else is named: it opens as long as keys.json and any of its master keys are there.
A directory becomes one sealed archive: names and sizes of what is in it do not show. Nothing is ever written over, and nothing half is left.
docs/guides/sealed-files.md tells which way is for what.

Examples:
  sovereign-ledger vault seal report.pdf notes/
  sovereign-ledger vault seal backup.tar --recipients-file team.txt --output /mnt/usb/ --delete
  pg_dump ledger | sovereign-ledger vault seal - --passphrase-file passphrase.txt --output dump.sealed`,
  run: async (context, flags, _first, paths) => {
    const { sealAs, seal } = await loadSealing()
    const as = sealAs(namedKeys(context, flags))
    const places = placesFor(paths, flags, (path) => `${path}${endings[as.format]}`)
    refuseJson(context, places)
    const done: Done[] = []
    for (const { from, to, shown } of places) {
      const skipped: string[] = []
      const progress = context.terminal.progress(`sealing ${basename(from)}`)
      const remove = flags["delete"] === true && from !== "-" && typeof to === "string"
      const { isDirectory, bytes, left } = await seal({ path: from, as, to, remove, nowMs: context.nowMs, progress, skipped: (path) => skipped.push(path) })
      context.terminal.clearProgress()
      done.push({ path: from, file: shown, format: as.format, isDirectory, bytes, skipped, removed: remove && left.length === 0, left })
      if (!context.json) await say(context, done.at(-1) as Done)
    }
    if (context.json) await context.terminal.write(`${JSON.stringify({ schemaVersion: 1, sealed: done })}\n`)
    return done.some(({ left }) => left.length > 0) ? 1 : 0
  },
}

type Done = {
  readonly path: string
  readonly file: string
  readonly format: keyof typeof endings
  readonly isDirectory: boolean
  readonly bytes: number
  /** Sockets, pipes and devices of a directory, which hold nothing. */
  readonly skipped: readonly string[]
  readonly removed: boolean
  /** What was to be removed, and changed or was added meanwhile. */
  readonly left: readonly string[]
}

async function say({ terminal }: CommandContext, { path, file, bytes, skipped, removed, left }: Done): Promise<void> {
  for (const one of skipped) terminal.note(`Not sealed, since it is neither a file, nor a directory, nor a link: ${one}`)
  for (const one of left) terminal.note(`Not removed, since it changed or was added meanwhile: ${one}`)
  if (file !== "-") await terminal.write(`${path} sealed into ${file} (${bytes} B)${removed ? ", and removed" : ""}.\n`)
}
