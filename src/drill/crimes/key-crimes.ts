/** Done to the key that signs: exchanged, handed over by nobody, or put in the place of the real one from the first entry on. */
import { verifierKeyText } from "../../format/checkpoint.ts"
import { factsOfHandOver, handOverType, statementText } from "../../format/hand-over.ts"
import { noteName } from "../../journal/entry-notes.ts"
import { Signer } from "../../vault/signer.ts"
import type { Crime } from "../crime.ts"
import { appendForged, rebuildTree, relink, replaceFacts, rootsAt } from "../forgery.ts"
import { keysWithSigner } from "../key-forgery.ts"

const editedKeys: Crime = {
  name: "edited keys.json",
  words: "writes another verifier key into keys.json",
  holds: "the disk",
  foundBy: "the wrapped keys, which are bound to it",
  commit: ({ copy, keys, chance }) => {
    const { origin } = keys.store
    const verifierKey = verifierKeyText(origin, new Signer(origin, chance.bytes(32)).publicKey)
    copy.write("keys", `${JSON.stringify({ ...keys.store, verifierKey }, null, 2)}\n`)
    return undefined
  },
}

const swappedSigningKey: Crime = {
  name: "swapped signing key",
  words: "puts a signing key of their own into keys.json",
  holds: "the master key",
  foundBy: "the journal, whose first entry names another one",
  commit: ({ copy, keys, secret, chance }) => {
    copy.write("keys", keysWithSigner(keys.store, secret, chance.bytes(32)))
    return undefined
  },
}

const forgedHandOver: Crime = {
  name: "forged hand-over",
  words: "appends a hand-over to a key of their own, which signs for the old key too, and a checkpoint under the new one",
  holds: "the page key",
  foundBy: "the statement, which the key that hands over must have signed",
  commit: ({ copy, keys, size, chance }) => {
    copy.edit((journal) => {
      const { origin, verifierKey: previousKey } = keys.store
      const thief = new Signer(origin, chance.bytes(32))
      const statement = { origin, size, root: rebuildTree(journal), previousKey, nextKey: thief.verifierKey }
      const signature = thief.sign(statementText(statement))
      const facts = factsOfHandOver({ ...statement, previousSignature: signature, nextSignature: signature })
      appendForged(journal, size, { id: `${handOverType}:${size}`, ...facts }, handOverType)
      relink(journal, size)
      journal.prepare("INSERT INTO meta(name, value) VALUES (?, x'')").run(noteName("hand-over", size))
      const note = thief.note({ origin, size: size + 1, root: rebuildTree(journal) })
      journal.prepare("INSERT INTO checkpoints(size, note, stored_ms) VALUES (?, ?, 0)").run(size + 1, note)
    })
    return undefined
  },
}

const newSignatures: Crime = {
  name: "new signatures",
  words: "puts a key of their own into keys.json and the first entry, and makes all that follows fit and signs it anew: another ledger",
  holds: "the master key",
  foundBy: "a checkpoint kept elsewhere: verify --against",
  against: true,
  commit: ({ copy, keys, secret, checkpoints, noted, chance }) => {
    const { origin } = keys.store
    const seed = chance.bytes(32)
    const thief = new Signer(origin, seed)
    const sizes = [...checkpoints, noted]
    const notes = new Map<number, string>()
    copy.edit((journal) => {
      replaceFacts(journal, 0, (facts) => JSON.stringify({ ...(JSON.parse(facts) as object), verifierKey: thief.verifierKey }))
      relink(journal, 0)
      rebuildTree(journal)
      for (const [size, root] of rootsAt(journal, sizes)) notes.set(size, thief.note({ origin, size, root }))
      const write = journal.prepare("UPDATE checkpoints SET note = ? WHERE size = ?")
      for (const [size, note] of notes) write.run(note, size)
    })
    const outside = notes.get(noted)
    if (outside !== undefined) copy.write("headNote", outside)
    copy.write("keys", keysWithSigner(keys.store, secret, seed))
    return undefined
  },
}

export const keyCrimes: readonly Crime[] = [editedKeys, swappedSigningKey, forgedHandOver, newSignatures]
