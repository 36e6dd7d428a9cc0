/** Done to checkpoints and to the note outside the directory: to what the entries are held against. */
import { tooSmall, type Crime } from "../crime.ts"

const editedCheckpoint: Crime = {
  name: "edited checkpoint",
  words: "changes the hash in the newest checkpoint",
  holds: "the page key",
  foundBy: "its signature",
  commit: ({ copy, covered }) => {
    copy.edit((journal) => {
      const note = journal.prepare("SELECT note FROM checkpoints WHERE size = ?").pluck().get(covered) as string
      journal.prepare("UPDATE checkpoints SET note = ? WHERE size = ?").run(withOtherRoot(note), covered)
    })
    return undefined
  },
}

const deletedCheckpoint: Crime = {
  name: "deleted checkpoint",
  words: "deletes the checkpoint that the note outside is a copy of",
  holds: "the page key",
  foundBy: "the note outside the directory",
  commit: ({ copy, noted }) => {
    if (noted === 0) return tooSmall.note
    copy.edit((journal) => journal.prepare("DELETE FROM checkpoints WHERE size = ?").run(noted))
    return undefined
  },
}

const editedNote: Crime = {
  name: "edited note",
  words: "changes the hash in the note outside the directory",
  holds: "the disk",
  foundBy: "its signature",
  commit: ({ copy, noted }) => {
    const note = copy.read("headNote")
    if (noted === 0 || note === undefined) return tooSmall.note
    copy.write("headNote", withOtherRoot(note))
    return undefined
  },
}

export const signatureCrimes: readonly Crime[] = [editedCheckpoint, deletedCheckpoint, editedNote]

/** The note over another root: its first character is another one of base64. */
function withOtherRoot(note: string): string {
  return note.replace(/\n([A-Za-z0-9+/])([A-Za-z0-9+/]{42}=)\n/, (_, first: string, rest: string) => `\n${first === "A" ? "B" : "A"}${rest}\n`)
}
