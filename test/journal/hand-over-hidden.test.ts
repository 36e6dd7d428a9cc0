/** Hand-overs that somebody with the page key takes out of sight, or puts back in time: found, and refused by the next writer. */
import { copyFileSync } from "node:fs"
import { after, describe, test } from "node:test"
import { parseKeyStore, writeKeyStore, type KeyStoreJson } from "../../src/vault/key-store.ts"
import { verdictsOn } from "./forged-journal.ts"
import { handedOverTwice, is, refusedBy } from "./handed-over.ts"

const { plain, twice, keysBefore, keysBetween } = handedOverTwice({ after })

describe("hand-overs that somebody takes out of sight", () => {
  test("by cutting the journal before them, and their checkpoints", (t) => {
    const ledger = twice.copy(t)
    ledger.edit((journal) => {
      for (const [table, column] of [
        ["entries", "sequence"],
        ["checkpoints", "size - 1"],
      ]) {
        journal.exec(`DELETE FROM ${table} WHERE ${column} >= 300`)
      }
      journal.exec("DELETE FROM meta WHERE name LIKE 'hand-over %'; DELETE FROM tiles WHERE tile = 1")
    })
    copyFileSync(plain.files.headNote, ledger.files.headNote)
    is(verdictsOn(ledger), "invalid", /the journal is of a time before the hand-over to the key of keys\.json/)
    refusedBy(ledger, "key.out-of-step")
  })

  test("by taking one out of the journal's list", (t) => {
    const ledger = twice.copy(t)
    ledger.edit((journal) => journal.exec("DELETE FROM meta WHERE name = 'hand-over 311'"))
    is(verdictsOn(ledger), "invalid", /a hand-over of the signing key is not in the journal's list of them/)
    refusedBy(ledger, "key.out-of-step")
  })

  for (const name of ["hand-over 17", "hand-over 0", "hand-over x", "hand-over -1", "hand-over 9007199254740993"]) {
    test(`by putting "${name}" into the journal's list`, (t) => {
      const ledger = twice.copy(t)
      ledger.edit((journal) => journal.prepare("INSERT INTO meta(name, value) VALUES (?, x'')").run(name))
      is(verdictsOn(ledger), "invalid", /lists (?:it as one|a hand-over of the signing key where there is none)/)
    })
  }

  test("by changing its facts", (t) => {
    const ledger = twice.copy(t)
    ledger.edit((journal) => journal.exec("UPDATE entries SET facts = x'00' WHERE sequence = 300"))
    is(ledger.verify(), "invalid", /the facts are not the ones that were recorded/)
    is(ledger.verify(false), "invalid", /the entry is none, though the journal lists it as one/)
  })

  for (const [what, keys, at] of [
    ["before both", keysBefore, 300],
    ["between them", keysBetween, 311],
  ] as const) {
    test(`by putting back a keys.json of the time ${what}`, (t) => {
      const ledger = twice.copy(t)
      const { wrapping, store } = ledger.keys()
      writeKeyStore(ledger.directory, { ...parseKeyStore(keys.toString(), "before"), fileSalts: store.fileSalts }, wrapping)
      is(verdictsOn(ledger), "invalid", new RegExp(`keys\\.json is of a time before the hand-over at entry #${at}`))
      refusedBy(ledger, "key.out-of-step")
    })
  }

  for (const [what, change] of [
    ["taking them out", () => undefined],
    ["taking one out", (notes: readonly string[]) => notes.slice(1)],
    ["exchanging them", (notes: readonly string[]) => notes.toReversed()],
    ["adding one", (notes: readonly string[]) => [...notes, notes[0]]],
  ] as const) {
    test(`by ${what} where keys.json tells them`, (t) => {
      const ledger = twice.copy(t)
      const { wrapping, store } = ledger.keys()
      const { handOvers = [], ...rest } = store
      const changed = change(handOvers)
      writeKeyStore(ledger.directory, { ...rest, ...(changed ? { handOvers: changed } : {}) } as KeyStoreJson, wrapping)
      is(verdictsOn(ledger), "invalid", /keys\.json tells other hand-overs of the signing key than the journal/)
    })
  }
})
