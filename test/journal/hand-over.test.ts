/** Hand-overs in a store: real ones are followed, and none that somebody without both keys could have made is. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { after, describe, test } from "node:test"
import { headNoteState } from "../../src/journal/head-note.ts"
import { signedHandOver } from "../hand-over-fixture.ts"
import { temporaryLedger, type Ending, type TestLedger } from "../ledger-fixture.ts"
import { entriesOf, factsText, verdictsOn, writtenAnew, writtenOn } from "./forged-journal.ts"
import { handedOverTwice, is, refusedBy } from "./handed-over.ts"

const stopped = { type: "writer.stopped", facts: '{"id":"writer.stopped:1","reason":"idle"}' }

const { plain, twice, real, second, third, thief } = handedOverTwice({ after })

describe("real hand-overs", () => {
  test("are valid, told in a note, and the last key signs", () => {
    const report = verdictsOn(twice)
    is(report, "valid")
    assert.deepEqual([report.problems, report.signedBy, report.entries], [[], third.verifierKey, 322])
    assert.deepEqual(report.notes, [
      `The signing key was handed over at #300, #311, each time signed by the old key and the new one; ${third.verifierKey} signs now.`,
    ])
    assert.deepEqual(
      [real, second].map(({ verifierKey }) => verifierKey),
      entriesOf(twice)
        .filter(({ type }) => type === "signer.replaced")
        .map(({ facts }) => (JSON.parse(facts) as { previousKey: string }).previousKey),
    )
  })

  for (const [what, make] of [
    ["right behind the opening of the journal", (ledger: TestLedger) => ledger.handOver()],
    ["three in a row", (ledger: TestLedger) => [ledger.handOver(), ledger.handOver(), ledger.handOver()]],
    ["at the end of a tile, and at the beginning of the next", (ledger: TestLedger) => [ledger.append(254), ledger.handOver(), ledger.handOver()]],
    ["as the last entry, after a commit", (ledger: TestLedger) => [ledger.append(40), ledger.handOver()]],
  ] as const) {
    test(`${what}: valid, also when the writer was opened anew and wrote on`, (t) => {
      const ledger = temporaryLedger(t)
      make(ledger)
      is(verdictsOn(ledger), "valid")
      ledger.close()
      ledger.append(5)
      ledger.checkpoint()
      is(verdictsOn(ledger), "valid")
      assert.equal(ledger.read().reader.latestCheckpoint()?.note.split("\n").length, 6, "one signature")
    })
  }

  test("their checkpoint carries both signatures, and is the note outside", (t) => {
    const ledger = plain.copy(t)
    const { checkpoint, sequence, size } = ledger.handOver()
    const [stored] = ledger.read().reader.checkpoints().slice(-1)
    assert.deepEqual([stored?.size, stored?.note, sequence, size], [301, checkpoint, 300, 301])
    assert.equal(checkpoint.split("\n").length, 7, "two signatures")
    assert.equal(readFileSync(ledger.files.headNote, "utf8"), checkpoint)
    assert.equal(headNoteState(ledger.files.headNote, ledger.keys().store.verifierKey, ledger.read().reader), "agrees")
  })

  test("a note of before the hand-over is still this ledger's", (t) => {
    const ledger = plain.copy(t)
    const note = readFileSync(ledger.files.headNote)
    ledger.handOver()
    writeFileSync(ledger.files.headNote, note)
    assert.equal(headNoteState(ledger.files.headNote, ledger.keys().store.verifierKey, ledger.read().reader), "agrees")
    is(ledger.verify(), "valid")
  })
})

describe("hand-overs of somebody who has the page key and not both signing keys", () => {
  const wrong = (at: number, facts: Parameters<typeof signedHandOver>[2], signing: Parameters<typeof signedHandOver>[3]) => (t: Ending) =>
    writtenOn(t, plain, (pen) => {
      const handOver = signedHandOver(real, thief, { size: at, root: pen.head().root, ...facts }, signing)
      pen.handOver(factsText(handOver), thief)
      pen.write(stopped)
      pen.sign(thief)
    })

  test("the thief's key in the place of the real one, signed by the thief alone", (t) => {
    const forged = wrong(300, {}, { previous: thief })(t)
    is(verdictsOn(forged), "invalid", /the key that hands over has not signed it/)
    refusedBy(forged, "store.damaged")
  })

  test("a forged first key that hands over to the real one, every other byte as it was", (t) => {
    const [opened, ...rest] = entriesOf(plain)
    const forged = writtenAnew(t, plain, (pen) => {
      pen.write({ type: "journal.opened", facts: (opened?.facts ?? "").replace(real.verifierKey, thief.verifierKey) }, ...rest)
      pen.sign(thief)
      pen.handOver(factsText(signedHandOver(thief, real, { size: 300, root: pen.head().root }, { next: thief })), thief)
    })
    is(verdictsOn(forged), "invalid", /the key that takes over has not signed it/)
    refusedBy(forged, "store.damaged")
  })

  test("a forged first key, and the signature of a real hand-over for the real one", (t) => {
    const entries = entriesOf(twice).slice(0, 301)
    const forged = writtenAnew(t, twice, (pen) => {
      pen.write(...entries.slice(0, 300).map((entry) => ({ ...entry, facts: entry.facts.replace(real.verifierKey, thief.verifierKey) })))
      const statement = { size: 300, root: pen.head().root }
      const { nextSignature } = JSON.parse(entries[300]?.facts ?? "") as { nextSignature: string }
      pen.handOver(factsText({ ...signedHandOver(thief, second, statement), nextSignature: Buffer.from(nextSignature, "base64") }), thief)
    })
    is(verdictsOn(forged), "invalid", /the key that takes over has not signed it/)
  })

  test("a forged first key alone", (t) => {
    const [opened, ...rest] = entriesOf(plain)
    const forged = writtenAnew(t, plain, (pen) => {
      pen.write({ type: "journal.opened", facts: (opened?.facts ?? "").replace(real.verifierKey, thief.verifierKey) }, ...rest)
      pen.sign(thief)
    })
    is(verdictsOn(forged), "invalid", /the key of keys\.json, \S+, is none of this journal's, whose entries are signed by /)
    refusedBy(forged, "key.out-of-step")
  })

  test("a journal without an opening, whose entry 0 is a hand-over", (t) => {
    const forged = writtenAnew(t, plain, (pen) => {
      pen.handOver(factsText(signedHandOver(thief, real, { size: 1, root: pen.head().root })), thief)
      pen.write(stopped)
      pen.sign(thief)
    })
    is(verdictsOn(forged), "invalid", /entry 0 is no journal\.opened that names the key of its journal/)
    refusedBy(forged, "store.damaged")
  })

  test("the statements of two real hand-overs, exchanged", (t) => {
    const entries = entriesOf(twice)
    const forged = writtenAnew(t, twice, (pen) => {
      for (const [index, entry] of entries.entries()) {
        const told = index === 300 ? entries[311] : index === 311 ? entries[300] : entry
        if (entry.type === "signer.replaced") pen.handOver(told?.facts ?? "", thief)
        else pen.write(entry)
      }
    })
    is(verdictsOn(forged), "invalid", /its statement is of entry #311/)
  })

  test("a real hand-over of another ledger, at the same entry", (t) => {
    const other = temporaryLedger(t)
    other.append(299)
    other.handOver()
    const facts = entriesOf(other).at(-1)?.facts ?? ""
    const forged = writtenOn(t, plain, (pen) => pen.handOver(facts, thief))
    is(verdictsOn(forged), "invalid", /its facts are not a well-formed signed statement/)
  })

  test("a real hand-over told again at another entry", (t) => {
    const facts = entriesOf(twice)[311]?.facts ?? ""
    const forged = writtenOn(t, twice, (pen) => pen.handOver(facts, third))
    is(verdictsOn(forged), "invalid", /its statement is of entry #311/)
  })
})

describe("hand-overs that both keys signed and that are wrong all the same", () => {
  test("over another tree", (t) => {
    const forged = writtenOn(t, plain, (pen) => {
      pen.handOver(factsText(signedHandOver(real, thief, { size: 300, root: Buffer.alloc(32, 1) })), thief, real)
    })
    is(verdictsOn(forged), "invalid", /the hand-over of the signing key was signed over other entries than those before it/)
    refusedBy(forged, "store.damaged")
  })

  test("back to a key that signed before", (t) => {
    const forged = writtenOn(t, twice, (pen) => {
      pen.handOver(factsText(signedHandOver(third, real, { size: 322, root: pen.head().root })), real, third)
    })
    is(verdictsOn(forged), "invalid", /which has signed before/)
  })

  test("told in a keys.json that knows nothing of it", (t) => {
    const forged = writtenOn(t, plain, (pen) => {
      pen.handOver(factsText(signedHandOver(real, thief, { size: 300, root: pen.head().root })), thief, real)
    })
    is(verdictsOn(forged), "invalid", /keys\.json is of a time before the hand-over at entry #300/)
    refusedBy(forged, "key.out-of-step")
  })
})

describe("checkpoints after a hand-over", () => {
  const stored = (size: number, note: string) => (ledger: TestLedger) =>
    ledger.edit((journal) => journal.prepare("INSERT OR REPLACE INTO checkpoints(size, note, stored_ms) VALUES (?, ?, 0)").run(size, note))
  const headOf = (ledger: TestLedger, size: number) => {
    const { reader, keys } = ledger.read()
    const note = reader.checkpoints().find((checkpoint) => checkpoint.size === size)?.note ?? ""
    return { origin: keys.store.origin, size, root: Buffer.from(note.split("\n")[2] ?? "", "base64") }
  }

  for (const [what, size, signer, words] of [
    [
      "of a larger size under the old key",
      322,
      real,
      /checkpoint of size 322 cannot be trusted: it is signed by \S+, which handed over at entry #300 and signs nothing larger than 300/,
    ],
    ["of a larger size under the key between", 322, second, /handed over at entry #311 and signs nothing larger than 311/],
    ["over the hand-over itself, under the old key alone", 301, real, /handed over at entry #300/],
    ["of before the hand-over, signed anew by the new key", 300, second, /took over at entry #300 and signs nothing smaller than 301/],
    ["by the thief", 322, thief, /not signed by the pinned key/],
  ] as const) {
    test(`${what}: invalid`, (t) => {
      const ledger = twice.copy(t)
      stored(size, signer.note(headOf(ledger, size)))(ledger)
      is(verdictsOn(ledger), "invalid", words)
    })
  }

  test("signed by the new key and, needlessly, by the old one: valid", (t) => {
    const ledger = twice.copy(t)
    const note = third.note(headOf(ledger, 322), real)
    stored(322, note)(ledger)
    writeFileSync(ledger.files.headNote, note)
    is(verdictsOn(ledger), "valid")
  })

  test("the note outside, of a larger size under the old key: no note of this ledger", (t) => {
    const ledger = twice.copy(t)
    writeFileSync(ledger.files.headNote, real.note(headOf(ledger, 322)))
    is(verdictsOn(ledger), "invalid", /note sovereign-ledger\.head\.note cannot be trusted: it is signed by \S+, which handed over at entry #300/)
    assert.equal(headNoteState(ledger.files.headNote, third.verifierKey, ledger.read().reader), "not signed by this ledger")
  })
})
