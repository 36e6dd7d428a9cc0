/**
 * When a writer issues receipts: while the settings of a gateway want them, for every action that comes on record, within a second and in small pieces, so that no
 * gate waits for more than a few signatures. How far they are follows from the last one on record; whoever takes the ledger next goes on there.
 */
import type { NewEvent } from "../../format/event.ts"
import { JournalReader } from "../../journal/reader.ts"
import { receiptRuleJson, receiptRuleOf, type ReceiptRule, type ReceiptRuleJson } from "../../policy/receipt-rule.ts"
import { receiptState, type ReceiptState } from "../../projections/receipts.ts"
import type { SqliteDatabase } from "../../vault/database.ts"
import type { OpenLedger } from "../open-ledger.ts"
import { chainProblem } from "./check-chain.ts"
import { ReceiptIssuer, signedBeside, type ReceiptCursor, type ReceiptDraft } from "./issue.ts"
import { ReceiptFiles } from "./receipt-files.ts"

export type IssuingOptions = {
  readonly ledger: OpenLedger
  readonly nowMs: () => number
  readonly steadyMs: () => number
  /** True while something waits for a commit. */
  readonly busy: () => boolean
  readonly commit: (events: () => readonly NewEvent[], committed: (first: number) => void) => void
  /** Has it known at once how far receipts are. */
  readonly catchUp: () => void
  /** Whether other threads sign. Without: this one, and a piece is in the queue when its call returns. */
  readonly signsBeside?: boolean
}

type Receipts = readonly NewEvent<"receipt.issued">[]

/** A piece that other threads sign. */
type Piece = { readonly drafts: readonly ReceiptDraft[]; readonly by: ReceiptIssuer; readonly before: ReceiptCursor }

/** `waiting`: entries nobody has looked at yet. */
export type ReceiptStanding = { readonly state: ReceiptState["state"]; readonly issued: number; readonly waiting: number; readonly problem: string | null }

/** About two milliseconds of the writer's thread, while others sign. */
const receiptsAtOnce = 32
/** Gateways come one after the other: that none of them wants receipts is known when all had time to. */
const endsAfterMs = 30_000

export class Issuing {
  readonly #options: IssuingOptions
  /** By whom a gateway is operated: what each of them wants. */
  readonly #wanted = new Map<string, ReceiptRule | undefined>()
  readonly #startedMs: number
  readonly #files = new ReceiptFiles()
  #reader: JournalReader | undefined
  #state: ReceiptState["state"] | undefined
  /** By which rule they are on record to be issued. */
  #told = ""
  #cursor: ReceiptCursor | undefined
  #issuer: { readonly of: ReceiptIssuer; readonly key: string; readonly rule: string } | undefined
  /** A piece is being signed, or waits to be on disk. */
  #waits = false
  #signing: Piece | undefined
  /** The size of the journal when this writer recorded that they begin. */
  #begunAt: number | undefined

  constructor(options: IssuingOptions) {
    this.#options = options
    this.#startedMs = options.steadyMs()
  }

  /** What a gateway wants, once it is on record. */
  useSettings(userId: string | null, told: ReceiptRuleJson | undefined): void {
    this.#wanted.set(userId ?? "", receiptRuleOf(told))
    this.#files.use(this.#rule?.directory)
  }

  /** What has to be on record with settings that want receipts: from there on actions have them. Nothing, where they have them already. */
  begin(told: ReceiptRuleJson | undefined): readonly NewEvent[] {
    const rule = receiptRuleOf(told)
    if (!rule || this.#state === "halted" || (this.#state === "on" && this.#told === wordsOf(rule))) return []
    this.#begunAt ??= this.#options.ledger.journal.size
    this.#told = wordsOf(rule)
    if (this.#state !== undefined) this.#goOn()
    const { digests, issuer } = rule
    const facts = { digests, ...(issuer === undefined ? {} : { issuer }) }
    return [{ type: "receipts.begun", id: `receipts.begun:${this.#options.ledger.journal.size}`, facts }]
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    const { state, from, head, words } = receiptState(views)
    this.#cursor = { next: from, head }
    this.#state = state
    if (this.#begunAt === undefined) this.#told = words
    const problem = state === "off" && head.sequence === 0 ? undefined : chainProblem(this.#read(), views, this.#options.ledger.keys)
    if (problem !== undefined && state !== "halted") return this.#halt(problem)
    // Put in order since, say from a backup: they can begin again.
    if (problem === undefined && state === "halted") this.#state = "off"
    if (this.#begunAt !== undefined) this.#goOn()
  }

  standing(): ReceiptStanding | null {
    if (this.#state === undefined || !this.#cursor) return null
    const waiting = this.#state === "on" ? this.#options.ledger.journal.size - this.#cursor.next : 0
    return { state: this.#state, issued: this.#cursor.head.sequence, waiting, problem: this.#files.problem }
  }

  everySecond(): void {
    if (this.#state === "on" && this.#rule === undefined && this.#wanted.size > 0) this.#end()
    if (!this.#options.busy()) this.#issue()
  }

  /** Everything that is to have one has one. @param commit what waits, now. */
  finish(commit: () => void): void {
    if (this.#state === undefined && this.#begunAt !== undefined) this.#options.catchUp()
    while (this.#isBehind() || this.#signing) {
      if (this.#signing) this.#take(this.#signing)
      else this.#issue({ beside: false })
      commit()
      if (this.#waits && !this.#signing) return // the disk refused, and nothing more is written
    }
  }

  close(): void {
    this.#signing = undefined
    this.#reader?.close()
    this.#reader = undefined
  }

  get #rule(): ReceiptRule | undefined {
    return [...this.#wanted.values()].findLast((rule) => rule !== undefined)
  }

  #isBehind(): boolean {
    return this.#state === "on" && this.#cursor !== undefined && this.#cursor.next < this.#options.ledger.journal.size
  }

  /** From where it was on record that they begin; what had them before goes on where it was. */
  #goOn(): void {
    if (this.#state === "halted" || !this.#cursor) return
    if (this.#state === "off") this.#cursor = { ...this.#cursor, next: Math.max(this.#cursor.next, this.#begunAt ?? 0) }
    this.#state = "on"
  }

  #end(): void {
    const { steadyMs, busy, ledger } = this.#options
    if (!this.#cursor || this.#waits || busy() || steadyMs() - this.#startedMs < endsAfterMs || this.#cursor.next < ledger.journal.size) return
    const { next, head } = this.#cursor
    this.#state = "off"
    this.#told = ""
    this.#begunAt = undefined
    const facts = { upTo: next, number: head.sequence }
    this.#options.commit(
      () => [{ type: "receipts.ended", id: `receipts.ended:${next}:${head.sequence}`, facts }],
      () => {},
    )
  }

  #halt(problem: NewEvent<"receipts.halted">["facts"]["problem"]): void {
    this.#state = "halted"
    const number = this.#cursor?.head.sequence ?? 0
    this.#options.commit(
      () => [{ type: "receipts.halted", id: `receipts.halted:${number}:${problem}`, facts: { number, problem } }],
      () => {},
    )
  }

  /** One piece; the next one when it is on disk and nobody waits. */
  #issue({ beside = this.#options.signsBeside ?? false } = {}): void {
    if (this.#waits || !this.#isBehind() || !this.#cursor) return
    const { ledger, nowMs } = this.#options
    const [by, before] = [this.#issuerNow(), this.#cursor]
    const { drafts, cursor } = by.next(before, ledger.journal.size, receiptsAtOnce, nowMs(), beside)
    this.#cursor = cursor
    if (drafts.length === 0) return
    this.#waits = true
    if (!beside) return this.#commit(by.signed(drafts))
    const piece = { drafts, by, before }
    this.#signing = piece
    void signedBeside(drafts).then((events) => this.#signedBeside(piece, events))
  }

  /** Nobody asks for it any more where `finish` was faster, or all is closed. By a key that signs no more it must not stand behind the hand-over: it is made again. */
  #signedBeside(piece: Piece, events: Receipts): void {
    if (this.#signing !== piece) return
    this.#signing = undefined
    if (this.#issuerNow() === piece.by) return this.#commit(events)
    this.#cursor = piece.before
    this.#waits = false
    this.#issue()
  }

  /** Does not wait for who signs it. */
  #take(piece: Piece): void {
    this.#signedBeside(piece, piece.by.signed(piece.drafts))
  }

  #commit(events: Receipts): void {
    const { commit, busy } = this.#options
    commit(
      () => events,
      (first) => {
        this.#waits = false
        // They are no actions themselves.
        if (this.#cursor?.next === first) this.#cursor = { ...this.#cursor, next: first + events.length }
        this.#files.write(events)
        if (!busy()) this.#issue()
      },
    )
  }

  #read(): JournalReader {
    const { ledger } = this.#options
    return (this.#reader ??= JournalReader.open(ledger.files, ledger.keys))
  }

  /** By the key that signs now. */
  #issuerNow(): ReceiptIssuer {
    const { ledger } = this.#options
    const rule = this.#rule ?? ruleOfWords(this.#told)
    const [key, words] = [ledger.keys.store.verifierKey, JSON.stringify(receiptRuleJson(rule))]
    if (this.#issuer?.key !== key || this.#issuer.rule !== words) {
      const parts = { reader: this.#read(), scopes: ledger.scopes, origin: ledger.keys.store.origin }
      this.#issuer = { of: new ReceiptIssuer(parts, rule, ledger.keys.signer), key, rule: words }
    }
    return this.#issuer.of
  }
}

/** What of a rule is on record. */
function wordsOf({ digests, issuer }: ReceiptRule): string {
  return JSON.stringify([digests, issuer ?? null])
}

/** Of calls that nobody's gateway waits for any more: as it was when they were made. */
function ruleOfWords(words: string): ReceiptRule {
  const [digests = "plain", issuer = null] = words === "" ? [] : (JSON.parse(words) as ["plain" | "keyed", string | null])
  return { digests, issuer: issuer ?? undefined, directory: undefined }
}
