/** Flags that commands about backups share. */
import { resolve } from "node:path"
import { Fault } from "../../../base/fault.ts"
import { stringOf } from "../../../base/json.ts"
import type { CheckOptions } from "../../../operations/backup/check-backup.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"
import { onSteadyHeap } from "../steady-heap.ts"

export const toOption: OptionRow = { flags: "--to <directory>", words: "the directory of the backups, which is there already; best on another disk" }

export const keysOption: OptionRow = {
  flags: "--keys <directory>",
  words: "where the keys were backed up to (--keys-to), or the set in it (default: beside the backup)",
}

export const backupArgument = { name: "<backup>", words: "the directory of one backup, as backup list names it" }

export function directoryIn(flags: Flags, name: string, flag: string): string {
  const path = stringOf(flags[name])
  if (path === undefined) throw new Fault("cli.usage", { problem: `${flag} DIR is needed.` })
  return resolve(path)
}

export function checkOptions({ placesFor, files, terminal }: CommandContext, flags: Flags): CheckOptions {
  const keys = stringOf(flags["keys"])
  return {
    keysFrom: keys === undefined ? undefined : resolve(keys),
    placesFor,
    note: files.headNote,
    onHashing: terminal.progress("Reading"),
    onVerifying: onSteadyHeap(terminal.progress("Verifying")),
  }
}
