/** Whether the receipts that are on record are a chain: numbered, signed, each made of an entry that follows the one before. Looked at before the next is signed. */
import { parseRecord } from "../../format/peac/record.ts"
import { thumbprint } from "../../format/peac/keys.ts"
import { base64url } from "../../format/base64url.ts"
import { anchorOf, spoolEntryOf } from "../../format/peac/spool-of-record.ts"
import { genesisDigest } from "../../format/peac/spool.ts"
import { stringOf } from "../../base/json.ts"
import type { EventFacts } from "../../format/event.ts"
import { factsOf, type JournalReader } from "../../journal/reader.ts"
import { lastReceipts } from "../../projections/receipts.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { ed25519Checker } from "../../verify/ed25519.ts"

export type ChainProblem = EventFacts["receipts.halted"]["problem"]

/** Of a longer chain the last ones, which anchor all before them. */
const looksAt = 256

/** Undefined when nothing is wrong. */
export function chainProblem(reader: JournalReader, views: SqliteDatabase, keys: OpenKeys): ChainProblem | undefined {
  const rows = lastReceipts(views, looksAt + 1).toReversed()
  const { publicKey } = keys.signer
  const ours = { kid: thumbprint(base64url(publicKey)), isSigned: ed25519Checker({ publicKey }) }
  let before = rows[0]?.number === 1 ? { number: 0, digest: genesisDigest } : undefined
  for (const { number, sequence } of rows) {
    const entry = reader.entry(sequence)
    const parsed = parseRecord(entry === undefined ? "" : (stringOf(factsOf(entry)["jws"]) ?? ""))
    if ("problem" in parsed) return "missing"
    const record = parsed.value
    const digest = anchorOf(record)
    if (digest === undefined) return "missing"
    // Of a key that gave its place to another the journal's own verification asks.
    if (record.kid === ours.kid && !ours.isSigned(record.signingInput, record.signature)) return "signature"
    if (before) {
      const spooled = spoolEntryOf(record, before.digest)
      if (number !== before.number + 1 || spooled?.sequence !== number) return "number"
      if (spooled.entry_digest !== digest) return "digest"
    }
    before = { number, digest }
  }
  return undefined
}
