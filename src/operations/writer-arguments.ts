/** How a writer is run: where its ledger is, whom it serves, and what only tests and benches change. */
import type { TimeStampAuthority } from "../format/time-stamp-authority.ts"
import type { PinnedWitness } from "../format/witness.ts"

export type WriterArguments = {
  readonly directory: string
  readonly headNote: string
  /** Run as a service: never leave for want of clients, and let the group use the socket. */
  readonly service: boolean
  readonly socket?: string | undefined
  /** Witnesses that no client's settings can take away. */
  readonly witnesses?: readonly PinnedWitness[] | undefined
  /** Time-stamp authorities, as above. */
  readonly timestampAuthorities?: readonly TimeStampAuthority[] | undefined
  /** Milliseconds added to every commit; for benches only. */
  readonly commitDelayMs?: number | undefined
  /** A file that moves the clocks (moved-clocks.ts); in tests only. */
  readonly clockFile?: string | undefined
  /** How long to wait for the lock, and how long to stay without clients; other than usual only in tests. */
  readonly lockWithinMs?: number | undefined
  readonly leaveAfterMs?: number | undefined
  /** How long after its start a recount that is due begins; other than usual only in tests and benches. */
  readonly recountAfterMs?: number | undefined
  /** How long after its start it first looks whether anything is to be removed; other than usual only in tests. */
  readonly pruneAfterMs?: number | undefined
  /** How long after its start it first looks whether a day or a week is to be told of; other than usual only in tests. */
  readonly digestAfterMs?: number | undefined
}
