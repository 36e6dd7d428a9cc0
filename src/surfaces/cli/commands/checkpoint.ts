/** sovereign-ledger checkpoint show | export; list is a question (`questions/checkpoints.ts`) */
import { cosignedCheckpoint, headCheckpoint, storedCheckpoint, viewOf, type Head } from "../../../views/checkpoints.ts"
import { Fault } from "../../../base/fault.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { signedHead } from "../signed-head.ts"
import { openSink } from "../sink.ts"
import { reading } from "./events.ts"

const sizeOption: OptionRow = {
  flags: "--checkpoint <size>",
  words: "the stored checkpoint of this size instead of the head",
  parse: wholeNumber("--checkpoint", 1, 2 ** 53 - 1),
}

const cosignedOption: OptionRow = { flags: "--cosigned", words: "the newest stored checkpoint that a witness has cosigned, instead of the head" }

export const checkpointShow: CommandRow = {
  path: "checkpoint show",
  summary: "The signed head: how many entries there are, and the hash of all of them",
  options: [sizeOption, cosignedOption],
  help: `A running writer signs it now; nothing is stored by that. Without a writer it is the last stored checkpoint.
Whoever keeps it can tell at any later time whether the ledger still begins with these entries:
  sovereign-ledger verify --against FILE
What witnesses have cosigned carries their lines below the ledger's own.

Examples:
  sovereign-ledger checkpoint show
  sovereign-ledger checkpoint show | mail -s checkpoint auditor@example.org`,
  run: (context, flags) =>
    chosen(context, flags, async (head) => {
      const { terminal, nowMs } = context
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), checkpoint: viewOf(head.text, head.storedMs) }
      await terminal.write(context.json ? `${JSON.stringify(body)}\n` : head.text)
      return 0
    }),
}

export const checkpointExport: CommandRow = {
  path: "checkpoint export",
  summary: "Write a checkpoint to a file, to be kept where this machine cannot reach it",
  argument: { name: "<file>", words: "the note to write; never replaced" },
  options: [sizeOption, cosignedOption],
  help: `The file is a C2SP signed note (https://c2sp.org/tlog-checkpoint) and names nobody.

Example:
  sovereign-ledger checkpoint export "$(date +%F).note"`,
  run: (context, flags, argument) =>
    chosen(context, flags, async ({ text, checkpoint }) => {
      const file = argument ?? ""
      const sink = openSink(context, file)
      await sink.write(text)
      sink.close()
      const { size, root } = checkpoint
      if (context.json) await context.terminal.write(`${JSON.stringify({ schemaVersion: 1, file, size, root: root.toString("base64") })}\n`)
      else
        context.terminal.note(
          `Checkpoint over ${countWords(size, "entry", "entries")} written to ${file}. To compare: sovereign-ledger verify --against ${file}`,
        )
      return 0
    }),
}

async function chosen(context: CommandContext, flags: Flags, run: (head: Head) => Promise<number>): Promise<number> {
  const size = flags["checkpoint"] as number | undefined
  const isCosigned = flags["cosigned"] === true
  if (isCosigned && size !== undefined) throw new Fault("cli.usage", { problem: "--checkpoint and --cosigned do not go together." })
  const signed = size === undefined && !isCosigned ? await signedHead(context) : undefined
  const read = (access: LedgerAccess): Head => {
    if (isCosigned) return cosignedCheckpoint(access)
    return size === undefined ? headCheckpoint(access, signed) : storedCheckpoint(access, size)
  }
  return reading(context, (access) => run(read(access)))
}
