/** sovereign-ledger vault rekey */
import { Fault } from "../../../base/fault.ts"
import { cancelRekey, rekey, type Rekeyed, type RekeyOptions } from "../../../operations/rekey/rekey.ts"
import { buildVersion } from "../../../version.ts"
import { countWords, sizeWords } from "../../render/words.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { askerOf, credentialOption, linkOf, unlessRefused } from "../ledger-order.ts"

const answerWithinMs = 15_000

type CopyBeside = NonNullable<RekeyOptions["beside"]>
let copier: (() => Promise<CopyBeside>) | undefined

/** How a database is copied on another processor, the composition root knows. */
export function provideCopier(loadCopier: () => Promise<CopyBeside>): void {
  copier = loadCopier
}

export const vaultRekey: CommandRow = {
  path: "vault rekey",
  summary: "Seal all data anew, under other keys",
  options: [{ flags: "--cancel", words: "give up what was begun" }, credentialOption],
  help: `For when the data keys themselves may be known: to somebody who had the master key and a copy of keys.json. Makes other keys for every page and every
content, and writes the databases anew beside the ones that are there, which takes as much room again. The gateway goes on; at the end the writer lets go
for a moment, and the new files take the place of the old ones. No hash, proof or balance changes; the entry vault.rekeyed says when.

Cut off, it goes on where it was when it is run again, and until then the ledger is what it was. Run vault rotate first: the master key stays.
Backups of before open with their own keys and those of their time alone, and their contents not with the keys of contents of now: make new ones, then
destroy the old. Programs that read the ledger all the time (events follow, watch) are to be started again. Files of vault seal stay as they are.

Examples:
  sovereign-ledger vault rekey
  sovereign-ledger vault rekey --cancel`,
  run: async (context, flags) => {
    const { terminal, json, files, places } = context
    if (flags["cancel"] === true) {
      cancelRekey(files, places)
      await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, state: "given up" })}\n` : "What was begun is given up; the ledger is what it was.\n")
      return 0
    }
    const done = await sealAnew(context, flags)
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, state: "rekeyed", ...done })}\n` : words(done))
    return 0
  },
}

async function sealAnew(context: CommandContext, flags: Flags): Promise<Rekeyed> {
  const { files, places, nowMs, terminal } = context
  const link = linkOf(context)
  await ensureWriter(link)
  unlessRefused(await askWriter(link, "may", answerWithinMs, { change: "rekey", ...(await askerOf(flags)) }))
  try {
    const onProgress = terminal.progress("Sealing anew")
    return await rekey(files, places, { nowMs, version: buildVersion, letGo: () => letGo(context), beside: await copier?.(), onProgress })
  } finally {
    await ensureWriter(link).catch((error: unknown) => {
      // A service comes back by itself; of others the next event or command starts it.
      if (!(error instanceof Fault)) throw error
    })
  }
}

/** Clients leave the start of the next writer to us. */
export async function letGo(context: CommandContext): Promise<void> {
  try {
    await askWriter(linkOf(context), "hand-over", answerWithinMs)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "writer.unreachable") throw error
  }
}

function words({ entries, bytes, resumed, stoodStillMs }: Rekeyed): string {
  return `All data is sealed anew${resumed ? ", from where it was cut off" : ""}: ${countWords(entries, "entry", "entries")}, ${sizeWords(bytes)}.
The writer stood still for ${(stoodStillMs / 1_000).toFixed(2)} s. Make new backups, and destroy the old ones:
  sovereign-ledger key backup FILE
  sovereign-ledger backup create --to DIRECTORY
`
}
