/** Done to checkpoints, to the note outside the directory and to the keys: to what the rest is held against. */
import { Signer } from "../../vault/signer.ts"
import { randomBytes } from "node:crypto"
import { parseSignedCheckpoint, verifierKeyText } from "../../format/checkpoint.ts"
import { tooSmall, type Crime } from "../crime.ts"
import { keysWithSigner } from "../key-forgery.ts"

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

const editedKeys: Crime = {
  name: "edited keys.json",
  words: "writes another verifier key into keys.json",
  holds: "the disk",
  foundBy: "the wrapped keys, which are bound to it",
  commit: ({ copy, keys }) => {
    const { origin } = keys.store
    const verifierKey = verifierKeyText(origin, new Signer(origin, randomBytes(32)).publicKey)
    copy.write("keys", `${JSON.stringify({ ...keys.store, verifierKey }, null, 2)}\n`)
    return undefined
  },
}

const swappedSigningKey: Crime = {
  name: "swapped signing key",
  words: "puts a signing key of their own into keys.json",
  holds: "the master key",
  foundBy: "the checkpoints, which are signed with the other one",
  commit: ({ copy, keys, secret }) => {
    copy.write("keys", keysWithSigner(keys.store, secret, randomBytes(32)))
    return undefined
  },
}

const newSignatures: Crime = {
  name: "new signatures",
  words: "swaps the signing key and signs every checkpoint and the note anew: a new ledger over the same entries",
  holds: "the master key",
  foundBy: "a checkpoint kept elsewhere: verify --against",
  against: true,
  commit: ({ copy, keys, secret }) => {
    const seed = randomBytes(32)
    const signer = new Signer(keys.store.origin, seed)
    const signedAnew = (note: string): string => {
      const parsed = parseSignedCheckpoint(note)
      return parsed ? signer.note(parsed) : note
    }
    copy.edit((journal) => {
      const write = journal.prepare("UPDATE checkpoints SET note = ? WHERE size = ?")
      for (const { size, note } of journal.prepare("SELECT size, note FROM checkpoints").all() as { size: number; note: string }[])
        write.run(signedAnew(note), size)
    })
    const note = copy.read("headNote")
    if (note !== undefined) copy.write("headNote", signedAnew(note))
    copy.write("keys", keysWithSigner(keys.store, secret, seed))
    return undefined
  },
}

export const signatureCrimes: readonly Crime[] = [editedCheckpoint, deletedCheckpoint, editedNote, editedKeys, swappedSigningKey, newSignatures]

/** The note over another root: its first character is another one of base64. */
function withOtherRoot(note: string): string {
  return note.replace(/\n([A-Za-z0-9+/])([A-Za-z0-9+/]{42}=)\n/, (_, first: string, rest: string) => `\n${first === "A" ? "B" : "A"}${rest}\n`)
}
