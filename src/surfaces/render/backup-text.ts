/** What commands about backups say to people. */
import type { Behind, CheckedBackup } from "../../operations/backup/check-backup.ts"
import type { CreatedBackup } from "../../operations/backup/create-backup.ts"
import type { BackupList } from "../../operations/backup/list-backups.ts"
import type { Restoring } from "../../operations/backup/restore-backup.ts"
import { countWords, plain, sizeWords } from "./words.ts"

const entryWords = (count: number) => countWords(count, "entry", "entries")

export function createdText({ backup, entries, covered, bytes, keys, removed, left }: CreatedBackup): string {
  const erased = keys.erased > 0 ? `, ${keys.erased} destroyed` : ""
  const lines = [
    `Backed up ${entryWords(entries)}, ${sizeWords(bytes)}: ${backup}`,
    `  checkpoint  over ${entryWords(covered)}${covered < entries ? "; the chain holds what came while it was copied" : ""}`,
    `  keys        ${keys.directory}: of ${countWords(keys.open, "session and sender", "sessions and senders")}${erased}`,
    ...removed.map((name) => `  removed     ${name}`),
    ...left.map((name) => `  left        ${plain(name)}: something else stands in it`),
  ]
  return `${lines.join("\n")}\n`
}

export function listedText({ backups, notWhole, keySets }: BackupList, directory: string): string {
  const lines = [
    ...backups.map(
      ({ backup, createdAt, entries, bytes, masterFingerprint }) =>
        `${createdAt}  ${entryWords(entries)}, ${sizeWords(bytes)}, master key ${masterFingerprint}\n  ${backup}`,
    ),
    ...keySets.map(({ directory: set, at }) => `${at}  keys\n  ${set}`),
    ...notWhole.map(({ name, problem }) => `not whole: ${plain(name)} (${plain(problem)})`),
  ]
  return lines.length === 0 ? `There is no backup in ${directory}.\n` : `${lines.join("\n")}\n`
}

export function checkedText(checked: Omit<CheckedBackup, "report">): string {
  const { manifest, keySet } = checked
  const lines = [
    `  made ${manifest.createdAt} by version ${manifest.version}; its files are as they were`,
    `  keys of contents from ${keySet}`,
    ...keyLines(checked.keysFrom),
    ...behindLines(checked),
  ]
  return `${lines.join("\n")}\n`
}

export function restoredText(restored: Restoring): string {
  if ("completed" in restored)
    return `A restore of ${restored.completed} into ${restored.directory} had been cut short, and is complete now.\n${nextLines(true)}`
  const { directory, entries, createdAt, report, setAside, frozen } = restored
  const erased = report.contentsErased > 0 ? `, ${countWords(report.contentsErased, "content")} of them erased` : ""
  const lines = [
    `Restored ${entryWords(entries)}${erased}, as of ${createdAt}, into ${directory}. They are ${report.verdict}.`,
    ...(setAside === null
      ? []
      : [`  what was there is in ${setAside}`, "  it has keys of its time in it, which no later erasure reaches: delete it when you do not need it any more"]),
    ...keyLines(restored.keysFrom),
    ...behindLines(restored),
  ]
  return `${lines.join("\n")}\n${nextLines(frozen)}`
}

function keyLines(from: CheckedBackup["keysFrom"]): readonly string[] {
  if (from === "keys place") return []
  return ["  the signing key was handed over since: this journal goes on with the key of its time (afterwards: sovereign-ledger key hand-over)"]
}

function behindLines({ note, noteSize, behind }: Behind): readonly string[] {
  switch (note) {
    case "ahead of the journal":
      return [
        `  it is older than the checkpoint note of the ledger, which covers ${entryWords(noteSize ?? 0)}: the last ${behind.toLocaleString("en")} are not in it`,
      ]
    case "of another history":
      return ["  the checkpoint note of the ledger was signed over other entries: one of the two went on elsewhere, or was rewritten"]
    case "agrees":
      return [`  it has all that the checkpoint note of the ledger covers, ${entryWords(noteSize ?? 0)}`]
    case "missing":
      return ["  there is no checkpoint note of the ledger to say whether it is older"]
    default:
      return ["  the checkpoint note at hand is not one of this ledger, and says nothing about it"]
  }
}

function nextLines(frozen: boolean): string {
  if (!frozen) return "It records that it was put back. Nothing ever limited spending in it. Say that you have seen it: sovereign-ledger unfreeze all\n"
  return `It records that it was put back, and all spending stands still: what was spent and set since is not in it. Look at sovereign-ledger status,
set again what is missing, and let it go on: sovereign-ledger unfreeze all
`
}
