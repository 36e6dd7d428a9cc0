/** A whole export of a small ledger that one authority has stamped. */
import assert from "node:assert/strict"
import { exportRows } from "../../src/views/export.ts"
import { openForReading } from "../../src/views/ledger-access.ts"
import { sha256 } from "../../src/format/sha256.ts"
import { temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { forgedToken, type Identity } from "./authority.ts"

export type Anchored = { readonly text: string; readonly verifierKey: string }

const at = new Date("2026-11-30T12:00:00Z")

/** `bend` changes the token after it was signed. */
export function anchoredLines(t: Ending, directory: string, identity: Identity, bend: (token: Buffer) => Buffer = (token) => token): Anchored {
  const ledger = temporaryLedger(t)
  ledger.append(10)
  const size = ledger.checkpoint()
  const { note } = ledger.read().reader.checkpoint(size) ?? assert.fail("no checkpoint")
  ledger.append(3)
  const proof = bend(forgedToken(directory, identity, { digest: sha256(note), at })).toString("base64")
  const told = { kind: "rfc3161", authority: "http://a.example/", size, note, atMs: at.getTime(), reference: "01", proof } as const
  ledger.record({ type: "checkpoint.anchored", id: "a1", facts: { number: 1, ...told } })
  ledger.append(2)
  ledger.checkpoint()
  ledger.close()
  const access = openForReading(ledger.files, ledger.places)
  try {
    access.ask(() => undefined) // what the last line takes of the tables is there
    const text = [...exportRows(access, { includeContent: false })].map((row) => `${JSON.stringify(row)}\n`).join("")
    return { text, verifierKey: access.keys.store.verifierKey }
  } finally {
    access.close()
  }
}
