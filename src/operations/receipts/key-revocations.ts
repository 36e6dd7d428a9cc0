/**
 * The public keys of receipts, as the writer tells them to who publishes them and may not open the journal; and the revoking of one. A key that signs cannot be
 * revoked: whatever was signed meanwhile would be lost with it, so another takes its place first.
 */
import { Fault } from "../../base/fault.ts"
import type { NewEvent } from "../../format/event.ts"
import { keySet, type KeySet } from "../../format/peac/key-set.ts"
import { isRevocationReason, revocationReasons, withRevoked, type RevokedKey } from "../../format/peac/revocation.ts"
import { storedKeyChain } from "../../journal/hand-overs.ts"
import { JournalReader } from "../../journal/reader.ts"
import { revokedKeys } from "../../projections/receipts.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { OpenLedger } from "../open-ledger.ts"

/** As it stands among the published keys from now on. `repeated`: it stood there already. */
export type Revoked = RevokedKey & { readonly repeated: boolean }

export class KeyRevocations {
  readonly #ledger: OpenLedger
  readonly #catchUp: () => void
  #revoked: readonly RevokedKey[] | undefined

  /** @param catchUp has it known at once what was on record at the start. */
  constructor(ledger: OpenLedger, catchUp: () => void) {
    this.#ledger = ledger
    this.#catchUp = catchUp
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    this.#revoked ??= revokedKeys(views)
  }

  /** As `receipts keys` prints them. */
  published(): KeySet {
    const { files, keys } = this.#ledger
    return keySet(JournalReader.ask(files, keys, (reader) => storedKeyChain(reader, files.journal)).keys, this.#list())
  }

  /**
   * @param enter puts it on record, durably. @param nowMs from when on nothing that it signs is good.
   * @throws {Fault} `receipt-key.unknown`, `receipt-key.signs`
   */
  revoke(kid: unknown, reason: unknown, nowMs: number, enter: (events: readonly NewEvent[]) => void): Revoked {
    const { keys } = this.published()
    if (!isRevocationReason(reason)) throw new Fault("cli.usage", { problem: `A key is revoked for one of: ${revocationReasons.join(", ")}.` })
    const key = keys.find((one) => one.kid === kid)
    if (!key) throw new Fault("receipt-key.unknown", { kid: String(kid).slice(0, 80) })
    if (key === keys.at(-1)) throw new Fault("receipt-key.signs", { kid: key.kid })
    const list = this.#list()
    const next = withRevoked(list, { kid: key.kid, revoked_at: new Date(nowMs).toISOString(), reason })
    const stands = (told: readonly RevokedKey[]) => told.find((one) => one.kid === kid)
    const [before, after] = [stands(list), stands(next)]
    if (before && after?.reason === before.reason) return { ...before, repeated: true }
    const told = after ?? { kid: key.kid, revoked_at: "", reason }
    enter([
      {
        type: "receipt-key.revoked",
        id: `receipt-key.revoked:${told.kid}:${told.reason}`,
        facts: { kid: told.kid, revokedAt: told.revoked_at, reason: told.reason },
      },
    ])
    this.#revoked = next
    return { ...told, repeated: false }
  }

  #list(): readonly RevokedKey[] {
    if (!this.#revoked) this.#catchUp()
    return this.#revoked ?? []
  }
}
