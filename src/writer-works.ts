/**
 * What a writer does besides recording, each by itself and at its own pace: recounts of the ledger, removal of what is old, receipts, files that are watched, alerts. Each hears of settings when
 * they are on record, of what was on record when the writer began, and of every second.
 */
import type { Clocks } from "./base/clock.ts"
import { countOf, objectOf, stringOf } from "./base/json.ts"
import type { DigestOf } from "./format/facts/alerts.ts"
import type { NewEvent } from "./format/event.ts"
import type { NewEntry } from "./journal/journal.ts"
import { Noticing } from "./operations/anomalies/noticing.ts"
import { startFileWatch } from "./file-watch.ts"
import { Alerting } from "./operations/alerts/alerting.ts"
import type { Tell } from "./operations/alerts/deliveries.ts"
import type { CommitQueue } from "./operations/commit-queue.ts"
import type { Intake } from "./operations/intake.ts"
import type { ClientConfig } from "./operations/client-config.ts"
import { FileWatching } from "./operations/file-watching.ts"
import type { OpenLedger } from "./operations/open-ledger.ts"
import { Pruning } from "./operations/prune/pruning.ts"
import { KeyRevocations } from "./operations/receipts/key-revocations.ts"
import { Issuing } from "./operations/receipts/issuing.ts"
import { Reconciling } from "./operations/reconciling.ts"
import type { Spending } from "./operations/spend/spending.ts"
import type { WriterArguments } from "./operations/writer-arguments.ts"
import type { Retention } from "./policy/retention.ts"
import { beginPrune } from "./surfaces/cli/begin-prune.ts"
import { beginReport } from "./surfaces/cli/begin-report.ts"
import { beginRecount } from "./surfaces/cli/begin-recount.ts"
import { postWebhook } from "./surfaces/http/webhook.ts"
import type { WriterStatus } from "./surfaces/socket/protocol.ts"
import { watchedOnRecord } from "./projections/watched-files.ts"
import { openDatabase, type SqliteDatabase } from "./vault/database.ts"
import type { SecretPlaces } from "./vault/master-key.ts"

export type WorkParts = {
  readonly args: WriterArguments
  readonly places: SecretPlaces
  readonly ledger: OpenLedger
  readonly clocks: Clocks
  readonly queue: CommitQueue
  readonly intake: () => Intake
  readonly spending: Spending
  /** Has it known at once what was on record at the start. */
  readonly catchUp: () => void
  /** Has a gateway say something in a chat; false where there is none. */
  readonly tell: (tell: Tell) => boolean
  /** Does a step, and ends the writer where the disk refuses. */
  readonly keepUp: (step: () => void) => void
}

export class WriterWorks {
  readonly #parts: WorkParts
  readonly #reconciling: Reconciling
  readonly #pruning: Pruning
  readonly #issuing: Issuing
  readonly #noticing: Noticing
  readonly #files: FileWatching
  readonly alerting: Alerting
  /** Of keys that signed receipts. */
  readonly revocations: KeyRevocations

  constructor(parts: WorkParts) {
    const { args, places, ledger, clocks, queue, intake, spending, catchUp } = parts
    const { wallMs: nowMs, steadyMs } = clocks
    this.#parts = parts
    const recounts = { begin: () => beginRecount(ledger.files, places), ledgerEvents: () => spending.book.events, afterStartMs: args.recountAfterMs }
    this.#reconciling = new Reconciling({ nowMs, record: (event) => intake().record(event), ...recounts })
    const removals = { begin: (retention: Retention, token: string) => beginPrune(ledger.files, places, retention, token), afterStartMs: args.pruneAfterMs }
    const times = { steadyMs, wallMs: nowMs, ledgerMs: () => spending.book.clock?.nowMs() ?? nowMs() }
    this.#pruning = new Pruning({ ...times, files: ledger.files, keys: () => ledger.keys, ...removals })
    const commit = (events: () => readonly NewEvent[], committed: (first: number) => void) => intake().commit(events, committed)
    this.#issuing = new Issuing({ ledger, nowMs, steadyMs, busy: () => queue.waiting > 0, commit, catchUp, signsBeside: true })
    this.revocations = new KeyRevocations(ledger, catchUp)
    this.#noticing = new Noticing({ nowMs, record: (event) => intake().record(event) })
    this.#files = new FileWatching({
      nowMs: steadyMs,
      start: startFileWatch(ledger.scopes.pseudonymKey, [ledger.files.directory]),
      onRecord: () => onRecordIn(ledger),
      record: (event) => intake().record(event),
      settled: (then) => queue.addObserver({ prepare: () => [], committed: then }),
    })
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    const begin = (digest: DigestOf, zone: string) => beginReport(ledger.files, places, digest, zone)
    const digests = { begin, zone: timeZone, afterStartMs: args.digestAfterMs }
    this.alerting = new Alerting({ ledger, nowMs, steadyMs, post: postWebhook, tell: parts.tell, digests, commit })
  }

  /** What has to be on record with settings. */
  begin({ receipts }: ClientConfig): readonly NewEvent[] {
    return this.#issuing.begin(receipts)
  }

  /** Settings that are on record. */
  heard(config: ClientConfig): void {
    const { userId, retention, receipts } = config
    this.alerting.useSettings(config)
    this.#noticing.useSettings(config.anomalies)
    this.#pruning.useSettings(userId, retention)
    this.#issuing.useSettings(userId, receipts)
    this.#files.useSettings(config)
  }

  /** What was on record when this writer began. */
  known(views: SqliteDatabase): void {
    this.#reconciling.known(views)
    this.#issuing.known(views)
    this.#files.known()
    this.alerting.known(views)
    this.#noticing.known(views)
    this.revocations.known(views)
  }

  /** Entries are on disk. */
  committed(first: number, entries: readonly NewEntry[], timeMs: number): void {
    this.#parts.spending.committed()
    this.alerting.committed(first, entries, timeMs)
    this.#noticing.committed(entries, timeMs)
  }

  everySecond(): void {
    const { keepUp } = this.#parts
    this.#reconciling.everySecond()
    this.#noticing.everySecond()
    this.#files.everySecond()
    keepUp(() => this.#issuing.everySecond())
    keepUp(() => this.#pruning.everySecond())
    keepUp(() => this.alerting.everySecond())
  }

  /** A line of a gateway's, which may be its answer to what it was asked to say in a chat. */
  observed(line: object): void {
    const { h: hook, p: picked } = line as { readonly h?: unknown; readonly p?: unknown }
    if (hook !== "alert-told") return
    const { alert, attempt, took, why, final: isFinal } = objectOf(picked)
    const refused = { took: false as const, why: stringOf(why) ?? "no answer", ...(isFinal === true ? { isFinal: true as const } : {}) }
    this.alerting.told(stringOf(alert) ?? "", countOf(attempt) ?? 0, took === true ? { took } : refused)
  }

  /** What is not to wait for the next writer. */
  finish(): void {
    this.#issuing.finish(() => this.#parts.queue.drain())
  }

  close(): void {
    this.#reconciling.close()
    this.#files.close()
    this.#issuing.close()
    this.alerting.close()
  }

  mayPrune(token: unknown): boolean {
    return this.#pruning.mayPrune(token)
  }

  standing(): Pick<WriterStatus, "retention" | "receipts"> {
    return { retention: this.#pruning.standing(), receipts: this.#issuing.standing() }
  }
}

/** On a connection of its own: that of the projections is somebody else's to close. */
function onRecordIn({ files, keys }: OpenLedger) {
  const views = openDatabase(files.views, { key: keys.viewsKey, reading: true })
  try {
    return watchedOnRecord(views)
  } finally {
    views.close()
  }
}
