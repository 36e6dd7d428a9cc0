/** An export that is written as it comes: to a file that is there whole or not at all, sealed where that is asked for, or to standard output. */
import type { CommandContext, Flags, OptionRow } from "./command.ts"
import { Fault } from "../../base/fault.ts"
import { openExport, sealOption } from "./commands/vault-sealing.ts"
import { openWholeFile } from "./whole-file.ts"

export const streamOptions: readonly OptionRow[] = [
  { flags: "--out <file>", words: "write to a file (mode 0600), whole or not at all, instead of standard output" },
  { flags: "--force", words: "with --out: take the place of a file that is there" },
  sealOption,
]

const heldCharacters = 64 * 1024

/** `done` counts what was gone through of `total`. */
export type Piece = { readonly text: string; readonly done: number }

export async function writeExport(context: CommandContext, flags: Flags, pieces: Iterable<Piece>, total: number): Promise<void> {
  const out = flags["out"] as string | undefined
  const isForced = flags["force"] === true
  if (isForced && (out === undefined || flags["seal"] === true)) throw new Fault("cli.usage", { problem: "--force goes with --out FILE, and not with --seal." })
  const progress = context.terminal.progress("Exporting")
  if (out !== undefined && flags["seal"] !== true) {
    const file = openWholeFile(out, isForced)
    try {
      for (const { text, done } of pieces) {
        file.write(text)
        progress(done, total)
      }
      file.finish()
    } finally {
      file.giveUp()
    }
    return
  }
  const sink = await openExport(context, flags)
  let held = ""
  for (const { text, done } of pieces) {
    held += text
    if (held.length < heldCharacters) continue
    await sink.write(held)
    held = ""
    progress(done, total)
  }
  await sink.write(held)
  sink.close()
}
