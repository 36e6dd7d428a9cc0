/**
 * A journal in the hands of somebody who has the page key and writes what he likes, every hash, list and tree fitting. What he lacks is the signing key:
 * a test that gives it to him says so.
 */
import { rmSync, writeFileSync } from "node:fs"
import { factsOfHandOver, type HandOver } from "../../src/format/hand-over.ts"
import type { Checkpoint } from "../../src/format/checkpoint.ts"
import { Journal } from "../../src/journal/journal.ts"
import { saltedTextOf } from "../../src/journal/reader.ts"
import { writeKeyStore } from "../../src/vault/key-store.ts"
import type { Signer } from "../../src/vault/signer.ts"
import { ScopeStore } from "../../src/vault/scopes.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { startMs, type Ending, type TestLedger } from "../ledger-fixture.ts"

export type Entry = { readonly type: string; readonly facts: string }

export type Pen = {
  readonly head: () => Checkpoint
  readonly write: (...entries: readonly Entry[]) => void
  /** An entry of the type of hand-overs, in the journal's list, with a checkpoint signed by these. */
  readonly handOver: (facts: string, signer: Signer, before?: Signer) => void
  /** Stores a checkpoint, inside and outside. */
  readonly sign: (signer: Signer, before?: Signer) => void
}

/** The entries of a ledger as they were told, without contents. */
export function entriesOf(ledger: TestLedger): readonly Entry[] {
  const { reader } = ledger.read()
  return [...reader.entries(0, reader.size() - 1)].map((entry) => ({ type: entry.header.type, facts: saltedTextOf(entry.saltedFacts) }))
}

export function factsText(handOver: HandOver): string {
  return JSON.stringify({ id: `signer.replaced:${handOver.size}`, ...factsOfHandOver(handOver) })
}

/** A copy of the ledger written on. */
export function writtenOn(t: Ending, ledger: TestLedger, write: (pen: Pen) => void): TestLedger {
  const copy = ledger.copy(t)
  withPen(copy, write)
  return copy
}

/** A copy of the ledger whose journal is thrown away and written anew. */
export function writtenAnew(t: Ending, ledger: TestLedger, write: (pen: Pen) => void): TestLedger {
  const copy = ledger.copy(t)
  for (const suffix of ["", "-wal", "-shm"]) rmSync(copy.files.journal + suffix, { force: true })
  const { store, wrapping } = copy.keys()
  writeKeyStore(copy.directory, { ...store, fileSalts: {} }, wrapping)
  withPen(copy, write)
  return copy
}

/** What verify says, with payloads and without: both look at hand-overs. */
export function verdictsOn(ledger: TestLedger): VerifyReport {
  const headers = ledger.verify(false)
  const report = ledger.verify()
  if (headers.verdict !== report.verdict) throw new Error(`with payloads ${report.verdict}, without ${headers.verdict}`)
  return report
}

function withPen({ files, keys }: TestLedger, write: (pen: Pen) => void): void {
  const opened = keys()
  const scopes = ScopeStore.open(files.scopes, opened.scopesKey, { readonly: false })
  const journal = new Journal(files, opened)
  const entryOf = ({ type, facts }: Entry) => {
    const { id } = JSON.parse(facts) as { id: string }
    return { type, id, scope: scopes.resolve({ session: "", sender: "" }, startMs), factsText: facts }
  }
  const nowMs = () => startMs + journal.size
  const head = () => journal.checkpoint().checkpoint
  write({
    head,
    write: (...entries) => void journal.append(entries.map(entryOf), nowMs()),
    handOver: (facts, signer, before) => {
      journal.appendHandOver(entryOf({ type: "signer.replaced", facts }), nowMs(), (checkpoint) => signer.note(checkpoint, before))
    },
    sign: (signer, before) => {
      const note = signer.note(head(), before)
      journal.storeCheckpoint(journal.size, note, nowMs())
      writeFileSync(files.headNote, note)
    },
  })
  journal.checkpointLog("TRUNCATE")
  journal.close()
  scopes.close()
}
