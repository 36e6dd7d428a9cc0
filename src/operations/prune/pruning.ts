/**
 * When a writer has something removed: at its start and every hour it looks whether anything is older, or the files larger, than the settings keep, and then starts
 * the command that removes it, in a process of its own. The journal is written anew for it, and the writer stands still at its end, so it is done once a day at most:
 * also where a bound cannot be reached, or a removal did not come to its end. And each leaves an entry with all balances, which may be 2 MB and stays as long as any
 * other, so what is old goes in pieces of a tenth of the time that it is kept.
 */
import { randomBytes } from "node:crypto"
import { problemOf } from "../../base/fault.ts"
import { closingOf } from "../../journal/closing.ts"
import { firstFrom } from "../../journal/first-from.ts"
import type { LedgerFiles } from "../../journal/files.ts"
import { JournalReader } from "../../journal/reader.ts"
import { dayMs, isAll, longest, retentionJson, retentionOf, type Retention, type RetentionJson } from "../../policy/retention.ts"
import type { OpenKeys } from "../../vault/key-store.ts"
import { toTile, wasClosedSince } from "./plan.ts"
import { bytesOf } from "./prune-work.ts"

/** What became of a command; null when it was done, or has ended with this writer. */
export type PruneEnd = Promise<string | null>

export type PruningOptions = {
  /** Goes on whatever clock is set: when to look again. */
  readonly steadyMs: () => number
  /** Ledger time. */
  readonly ledgerMs: () => number
  /** What entries are recorded by. */
  readonly wallMs: () => number
  readonly files: LedgerFiles
  readonly keys: () => OpenKeys
  /** @param token what the command shows, once, for the operator's word. */
  readonly begin: (retention: Retention, token: string) => PruneEnd
  /** After the start; other than usual only in tests. */
  readonly afterStartMs?: number | undefined
}

export type PruneStanding = RetentionJson & { readonly problem: string | null; readonly nextInMs: number }

const usualAfterStartMs = 60_000
const everyMs = 3_600_000

export class Pruning {
  readonly #options: PruningOptions
  /** By whom a gateway is operated: what each of them wants kept. */
  readonly #wanted = new Map<string, Retention>()
  #dueMs: number
  #token: string | undefined
  #isRunning = false
  #problem: string | null = null

  constructor(options: PruningOptions) {
    this.#options = options
    this.#dueMs = options.steadyMs() + (options.afterStartMs ?? usualAfterStartMs)
  }

  useSettings(userId: string | null, retention: RetentionJson | undefined): void {
    this.#wanted.set(userId ?? "", retentionOf(retention))
  }

  /** What the settings keep, why the last removal did not come to its end, and in how long it is looked again; null where everything is kept. */
  standing(): PruneStanding | null {
    const kept = longest([...this.#wanted.values()])
    if (isAll(kept)) return null
    return { ...retentionJson(kept), problem: this.#problem, nextInMs: Math.max(0, Math.round(this.#dueMs - this.#options.steadyMs())) }
  }

  /** Whether who shows this token was started by us; it is good once. */
  mayPrune(token: unknown): boolean {
    const isOurs = this.#token !== undefined && token === this.#token
    if (isOurs) this.#token = undefined
    return isOurs
  }

  everySecond(): void {
    const { steadyMs, begin } = this.#options
    if (this.#isRunning || steadyMs() < this.#dueMs) return
    this.#dueMs = steadyMs() + everyMs
    const retention = longest([...this.#wanted.values()])
    if (isAll(retention) || !this.#looksDue(retention)) return
    this.#token = randomBytes(16).toString("hex")
    this.#isRunning = true
    void begin(retention, this.#token).then((problem) => {
      this.#problem = problem
      this.#isRunning = false
      // A writer that lives to see its end had nothing removed, and nothing will be other so soon.
      this.#dueMs = steadyMs() + dayMs
      this.#token = undefined
    })
  }

  /** What keeps it from being known is told by status; recording goes on. */
  #looksDue(retention: Retention): boolean {
    try {
      return this.#isDue(retention)
    } catch (error) {
      this.#problem = problemOf(error)
      return false
    }
  }

  #isDue(retention: Retention): boolean {
    const { files, keys, wallMs } = this.#options
    return JournalReader.ask(files, keys(), (reader) => {
      const isWanted = this.#isTooMuch(retention) || this.#isTooOld(reader, retention) || this.#areContentsTooOld(reader, retention)
      return isWanted && !wasClosedSince(reader, wallMs() - dayMs, wallMs())
    })
  }

  #ageMs(): number {
    return Math.min(this.#options.wallMs(), this.#options.ledgerMs())
  }

  #isTooMuch({ maxBytes }: Retention): boolean {
    return maxBytes > 0 && bytesOf(this.#options.files) > maxBytes
  }

  #isTooOld(reader: JournalReader, { days }: Retention): boolean {
    if (days === 0) return false
    return toTile(firstFrom(reader, this.#ageMs() - overdueDays(days) * dayMs)) > (closingOf(reader)?.upTo ?? 0)
  }

  /** Whether there are contents among them shows when they are looked at. */
  #areContentsTooOld(reader: JournalReader, { contentDays }: Retention): boolean {
    const closed = closingOf(reader)?.contents
    return [...contentDays].some(([category, most]) => firstFrom(reader, this.#ageMs() - overdueDays(most) * dayMs) > (closed?.get(category) ?? 1))
  }
}

/** How old what is kept for so many days has to be before it is worth an entry that carries the balances on. */
function overdueDays(days: number): number {
  return days + Math.max(1, days / 10)
}
