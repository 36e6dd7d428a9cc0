/**
 * Has third parties anchor what was checkpointed: after so many new entries, or on a timer when at least some are new. Each is asked in the background, at its own
 * pace; what it gives was checked by then, and becomes an entry that names the one before it. Nothing waits for them: a ledger without its anchors records as
 * before, and `status` says what is the matter.
 */
import { randomBytes } from "node:crypto"
import { anchorDigest, type AnchorFacts, type AnchorKind } from "../../format/anchor.ts"
import type { NewEvent } from "../../format/event.ts"
import { paidSince, givenSince, lastAnchors, newestAnchors, ownEntriesFrom } from "../../projections/anchors.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { AnchorService, AnchorState, AnchorWord, Checkpointed } from "./anchor-service.ts"
import type { Payment } from "./evidence-settings.ts"
import { Pace, type Circuit } from "./pace.ts"

const dayMs = 86_400_000

export type AnchorRules = {
  /** New entries after which a checkpoint is anchored. */
  readonly afterEvents: number
  /** And after so long, if at least so many are new. */
  readonly everyMs: number
  readonly leastEvents: number
  /** Questions to each of them in one day (UTC), those that failed included. */
  readonly mostADay: number
}

export const usualRules: AnchorRules = { afterEvents: 100, everyMs: 300_000, leastEvents: 1, mostADay: 1_440 }

export type AnchoringOptions = {
  readonly nowMs: () => number
  /** A clock that nobody sets. */
  readonly steadyMs: () => number
  /** Entries on record. */
  readonly size: () => number
  /** Records what waits, stores a checkpoint over all of it and returns it. */
  readonly checkpoint: () => Checkpointed
  readonly record: (event: NewEvent) => void
  /** Something here went wrong that is not a third party's fault. */
  readonly failed: (error: unknown) => void
}

/** What is known of one of them, for `status`. */
export type AnchorStatus = {
  readonly kind: AnchorKind
  readonly authority: string
  readonly state: AnchorState | "not asked yet"
  /** The largest size it has anchored, and when, by its clock. */
  readonly size: number
  readonly atMs: number | null
  /** Entries since then that are not of anchors themselves. */
  readonly pending: number
  readonly today: number
  readonly mostADay: number
  readonly failures: number
  readonly circuit: Circuit
  /** How long it is left alone, whatever there is to be shown. */
  readonly waitsMs: number
  readonly problem: string | null
}

type Asked = {
  service: AnchorService
  readonly pace: Pace
  size: number
  atMs: number | null
  /** Own entries on record or on their way when `size` was reached; and when others were shown whose answer may still come. */
  ownThen: number
  readonly shownThen: Map<number, number>
  lastMs: number
  word: AnchorWord | undefined
}

type Last = { readonly number: number; readonly digest: string }

export class Anchoring {
  readonly #options: AnchoringOptions
  readonly #stop = new AbortController()
  #services: readonly AnchorService[] = []
  #rules = usualRules
  /** Those that were ever named: who is named again goes on where it was. */
  readonly #ever = new Map<string, Asked>()
  #asked: readonly Asked[] = []
  #views: ReturnType<typeof knownFrom> | undefined
  #last: Last | undefined
  /** What was paid in a day (UTC). */
  #paid = { day: 0, amount: 0n }
  /** Entries of anchors, from the one on that stood at the start. */
  #own = 0

  constructor(options: AnchoringOptions) {
    this.#options = options
  }

  /** What was on record when this writer began. Nobody is asked before: the next anchor has to name the last one. */
  known(views: SqliteDatabase): void {
    this.#last = lastAnchors(views, 1)[0]
    this.#views = knownFrom(views, this.#options.nowMs())
    this.#own = ownEntriesFrom(views, 0)
    this.#paid = { day: dayOf(this.#options.nowMs()), amount: paidSince(views, dayOf(this.#options.nowMs()) * dayMs) }
    this.#use()
  }

  /** Takes over who is to be asked, and when. */
  use(services: readonly AnchorService[], rules: Partial<AnchorRules> = {}): void {
    this.#services = services
    this.#rules = { ...usualRules, ...rules }
    if (this.#views) this.#use()
  }

  get any(): boolean {
    return this.#asked.length > 0
  }

  /** Whether an answer is awaited; never for longer than the time-outs. */
  get asking(): boolean {
    return this.#asked.some(({ pace }) => pace.asking)
  }

  /** Asks those for whom it is time. */
  everySecond(): void {
    for (const one of this.#asked) if (this.#isDue(one)) this.#begin(one)
  }

  /** Before a writer leaves: what is new is shown to those who may be asked now, whatever the timer says. */
  showAll(): void {
    for (const one of this.#asked) if (this.#mayAsk(one) && this.#pending(one) >= this.#rules.leastEvents) this.#begin(one)
  }

  /** Puts a payment on record before it is made. False when that would be more than may be paid in a day. */
  pay({ authority, payTo, amount, network, asset, mostADay }: Payment): boolean {
    const day = dayOf(this.#options.nowMs())
    if (day !== this.#paid.day) this.#paid = { day, amount: 0n }
    if (this.#stop.signal.aborted || this.#paid.amount + amount > mostADay) return false
    this.#paid.amount += amount
    this.#own++
    const id = `anchor.paid:${randomBytes(8).toString("hex")}`
    this.#options.record({ type: "anchor.paid", id, facts: { authority, payTo, amount: String(amount), network, asset } })
    return true
  }

  status(): readonly AnchorStatus[] {
    const [steadyMs, wallMs] = [this.#options.steadyMs(), this.#options.nowMs()]
    return this.#asked.map((one) => ({
      kind: one.service.kind,
      authority: one.service.authority,
      state: one.word?.state ?? "not asked yet",
      size: one.size,
      atMs: one.atMs,
      pending: this.#pending(one),
      today: one.pace.ofDay(wallMs),
      mostADay: this.#rules.mostADay,
      failures: one.pace.failures,
      circuit: one.pace.circuit(steadyMs),
      waitsMs: Math.ceil(one.pace.waitsMs(this.#rules.mostADay, steadyMs, wallMs)),
      problem: one.word && "problem" in one.word ? one.word.problem : null,
    }))
  }

  close(): void {
    this.#stop.abort()
  }

  #use(): void {
    this.#asked = [...new Map(this.#services.map((service) => [keyOf(service), service]))].map(([key, service]) => {
      const one = this.#ever.get(key) ?? this.#first(service)
      one.service = service
      this.#ever.set(key, one)
      return one
    })
  }

  #first(service: AnchorService): Asked {
    const [wallMs, steadyMs] = [this.#options.nowMs(), this.#options.steadyMs()]
    const { size = 0, atMs = null, ownThen = 0, recordedMs = 0, ofDay = 0 } = this.#views?.(service.authority) ?? {}
    // A clock that was set makes nobody wait for longer than the timer.
    const lastMs = atMs === null ? Number.NEGATIVE_INFINITY : steadyMs - Math.max(0, wallMs - recordedMs)
    return { service, pace: new Pace(wallMs, ofDay), size, atMs, ownThen, shownThen: new Map(), lastMs, word: undefined }
  }

  #pending({ size, ownThen }: Asked): number {
    return Math.max(0, this.#options.size() - size - (this.#own - ownThen))
  }

  #mayAsk({ pace }: Asked): boolean {
    const waitsMs = pace.waitsMs(this.#rules.mostADay, this.#options.steadyMs(), this.#options.nowMs())
    return !this.#stop.signal.aborted && !pace.asking && waitsMs === 0
  }

  #isDue(one: Asked): boolean {
    const { afterEvents, leastEvents, everyMs } = this.#rules
    if (!this.#mayAsk(one)) return false
    const pending = this.#pending(one)
    return pending >= afterEvents || (pending >= leastEvents && this.#options.steadyMs() - one.lastMs >= everyMs)
  }

  #begin(one: Asked): void {
    const { checkpoint, steadyMs, nowMs, failed } = this.#options
    const shown = checkpoint()
    one.shownThen.set(shown.size, one.shownThen.get(shown.size) ?? this.#own)
    one.pace.asked(steadyMs(), nowMs())
    const heard = (word: AnchorWord) => {
      one.pace.answered(word.state === "anchored", steadyMs())
      if (!this.#stop.signal.aborted) this.#heard(one, shown, word)
    }
    one.service.ask(shown, this.#stop.signal).then(heard, (error: unknown) => {
      one.pace.answered(false, steadyMs())
      failed(error)
    })
  }

  #heard(one: Asked, shown: Checkpointed, word: AnchorWord): void {
    const { kind, authority } = one.service
    const before = one.word
    one.word = word
    if (word.state === "anchored") {
      const { of: { size, note } = shown, atMs, reference } = word
      const ownThen = one.shownThen.get(size) ?? this.#own
      one.shownThen.clear()
      Object.assign(one, { size, atMs, ownThen, lastMs: this.#options.steadyMs() })
      this.#record(kind, authority, { size, note, atMs, reference, proof: word.proof.toString("base64") })
    } else if (word.state === "answers falsely" && !(before?.state === "answers falsely" && before.why === word.why)) {
      this.#own++
      const id = `anchor.rejected:${randomBytes(8).toString("hex")}`
      this.#options.record({ type: "anchor.rejected", id, facts: { kind, authority, size: shown.size, why: word.why } })
    }
  }

  #record(kind: AnchorKind, authority: string, told: Omit<AnchorFacts, "kind" | "authority" | "number" | "previous">): void {
    const number = (this.#last?.number ?? 0) + 1
    const facts = { kind, authority, number, ...(this.#last ? { previous: this.#last.digest } : {}), ...told }
    this.#last = { number, digest: anchorDigest(facts) }
    this.#own++
    this.#options.record({ type: "checkpoint.anchored", id: `checkpoint.anchored:${number}:${told.size}`, facts })
  }
}

type Known = { readonly size: number; readonly atMs: number; readonly ownThen: number; readonly recordedMs: number; readonly ofDay: number }

/** Read once: of all authorities there ever were, as settings may name one of them again. */
function knownFrom(views: SqliteDatabase, nowMs: number): (authority: string) => Known | undefined {
  const own = ownEntriesFrom(views, 0)
  const dayBeganMs = dayOf(nowMs) * dayMs
  const known = newestAnchors(views).map(({ authority, size, atMs, recordedMs }): [string, Known] => [
    authority,
    { size, atMs, recordedMs, ownThen: own - ownEntriesFrom(views, size), ofDay: givenSince(views, authority, dayBeganMs) },
  ])
  const byAuthority = new Map(known)
  return (authority) => byAuthority.get(authority)
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs)
}

function keyOf({ kind, authority }: AnchorService): string {
  return `${kind} ${authority}`
}
