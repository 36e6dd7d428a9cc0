/**
 * The writer process: the one place that writes. Composition root of vault, journal, queue, upkeep and socket.
 *
 *   sovereign-ledger writer --data-dir DIR [--key-file FILE] [--head-note FILE] [--socket FILE] [--service] [--witness "KEY URL"]...
 *
 * Started by whoever needs it first, detached, with an explicit environment; serves until told to stop, or until nobody is left.
 */
import { Fault } from "./base/fault.ts"
import { startBeside } from "./beside.ts"
import { anchorsOf } from "./operations/anchor/ledger-anchors.ts"
import { delayer } from "./operations/commit-delay.ts"
import { CommitQueue } from "./operations/commit-queue.ts"
import { Departure } from "./operations/departure.ts"
import { bytesOf, Importing } from "./operations/import/importing.ts"
import { Intake } from "./operations/intake.ts"
import { isWatched } from "./operations/client-config.ts"
import { spendingOf, type Spending } from "./operations/spend/spending.ts"
import type { OpenLedger } from "./operations/open-ledger.ts"
import { comings, gatesOf, gatewayPidsOf } from "./operations/peers.ts"
import { presenceIn, type Presence } from "./operations/presence.ts"
import { Upkeep } from "./operations/upkeep.ts"
import { switchedOffSince } from "./projections/alerts.ts"
import { Witnessing } from "./operations/witnessing.ts"
import { say, startedEvent, stoppedEvent, writeFault } from "./operations/writer-events.ts"
import { takeLedger, type TakenLedger } from "./operations/take-ledger.ts"
import { parseGateOrder } from "./operations/outbound/gate-order.ts"
import { loadOrchestrator } from "./operations/orchestrator/load-orchestrator.ts"
import { loadOutbound } from "./operations/outbound/outbound-book.ts"
import { MapRoots } from "./operations/map-roots.ts"
import { RestoredLedger } from "./operations/recognise-restored.ts"
import type { WriterArguments } from "./operations/writer-arguments.ts"
import { exchange } from "./surfaces/http/exchange.ts"
import { postText } from "./surfaces/http/post-text.ts"
import { controlsOf } from "./surfaces/socket/controls.ts"
import { protocolVersion, type WriterStatus } from "./surfaces/socket/protocol.ts"
import { WriterServer } from "./surfaces/socket/server.ts"
import { socketPlaces } from "./surfaces/socket/socket-places.ts"
import { isDriverError } from "./vault/database.ts"
import type { FileLock } from "./vault/lock.ts"
import type { SecretPlaces } from "./vault/master-key.ts"
import { buildVersion, codeHash } from "./version.ts"
import { WriterWorks } from "./writer-works.ts"

const leaveAfterIdleMs = 30_000
const saturatedAt = 20_000
const exitWithinMs = 200
const build = { version: buildVersion, code: codeHash, pid: process.pid }

/** Takes the lock, opens the ledger, listens. Resolves once the writer is ready. */
export async function runWriter(args: WriterArguments, places: SecretPlaces): Promise<WriterProcess> {
  const taken = await takeLedger(args, places, buildVersion)
  try {
    const writer = new WriterProcess(args, places, taken)
    await writer.start()
    return writer
  } catch (error) {
    taken.ledger.close()
    taken.lock.release()
    throw error
  }
}

export class WriterProcess {
  readonly #lock: FileLock
  readonly #ledger: OpenLedger
  readonly #queue: CommitQueue
  readonly #intake: Intake
  readonly #spending: Spending
  readonly #works: WriterWorks
  readonly #presence: Presence
  readonly #upkeep: Upkeep
  readonly #maps: MapRoots
  readonly #restored: RestoredLedger
  readonly #witnessing: Witnessing
  readonly #anchoring: ReturnType<typeof anchorsOf>
  readonly #departure: Departure
  readonly #server: WriterServer
  readonly #startedMs: number
  #lastCommitMs = 0
  #tick: NodeJS.Timeout | undefined
  #stopping = false
  #failure: Fault | undefined

  constructor(args: WriterArguments, places: SecretPlaces, { lock, ledger, clocks }: TakenLedger) {
    const nowMs = clocks.wallMs
    this.#startedMs = nowMs()
    this.#lock = lock
    this.#ledger = ledger
    this.#queue = new CommitQueue({
      append: (entries, marks) => {
        this.#lastCommitMs = nowMs()
        const first = ledger.journal.append(entries, this.#lastCommitMs, marks)
        this.#upkeep.committed(entries.length, bytesOf(entries))
        this.#works.committed(first, entries, this.#lastCommitMs)
        return first
      },
      idle: () => {
        this.#server.resume()
        this.#keepUp(() => this.#upkeep.idle())
      },
      failed: (error) => this.#fail(error),
    })
    const outbound = loadOutbound(ledger, () => this.#spending.book.clock?.nowMs() ?? nowMs())
    this.#spending = spendingOf(ledger, {
      ...{ nowMs, clocks, gateOrder: (order, when) => parseGateOrder(order, outbound, when) },
      gatewayPids: () => gatewayPidsOf(this.#server.peers),
      doorsChanged: (doors) => this.#server.tellGateways({ doors }),
    })
    this.#intake = new Intake(
      { ledger, queue: this.#queue, spending: this.#spending, nowMs, outbound, orchestrator: (clock) => loadOrchestrator(ledger, clock) },
      {
        begin: (config) => this.#works.begin(config),
        heard: (config) => {
          this.#witnessing.useSettings(config.witnesses)
          if (config.anchors) this.#anchoring.useSettings(config.anchors)
          this.#works.heard(config)
        },
      },
    )
    const kept = { spending: this.#spending, catchUp: () => this.#upkeep.catchUpToStart(), keepUp: this.#keepUp.bind(this) }
    const own = { args, places, ledger, clocks, queue: this.#queue, intake: () => this.#intake }
    this.#works = new WriterWorks({ ...own, tell: (tell) => this.#server.tellOne({ tell }), ...kept })
    const importing = new Importing({ ledger, queue: this.#queue, nowMs, pricesFor: (settings) => this.#intake.pricesFor(settings) })
    this.#presence = presenceIn({ intake: this.#intake, spending: this.#spending, nowMs })
    const record = this.#intake.record.bind(this.#intake)
    const stands = { nowMs, steadyMs: clocks.steadyMs, record, checkpoint: () => this.#checkpoint(), failed: this.#fail.bind(this) }
    this.#anchoring = anchorsOf({ ledger, fixed: args.timestampAuthorities ?? [], exchange, ...stands })
    this.#upkeep = new Upkeep(ledger, {
      nowMs,
      busy: () => this.#queue.waiting > 0,
      stored: (checkpoint) => this.#witnessing.offer(checkpoint),
      failed: (error) => this.#fail(error),
      startBeside: startBeside(ledger.files, ledger.keys),
      book: this.#spending.book,
      mapped: (report) => this.#maps.heard(report),
      caughtUp: (views) => {
        this.#intake.switchedOff(switchedOffSince(views))
        this.#works.known(views)
        this.#anchoring.known(views)
      },
    })
    this.#maps = new MapRoots({
      ...{ files: ledger.files, keys: () => ledger.keys, nowMs, size: () => ledger.journal.size },
      ...{ projected: () => this.#upkeep.projected, ask: this.#upkeep.askMap },
      enter: (event) => {
        this.#intake.record(event)
        this.#settle()
      },
    })
    this.#restored = new RestoredLedger({ spending: this.#spending, upkeep: this.#upkeep, commit: this.#intake.commit.bind(this.#intake) })
    const heard = { kept: this.#upkeep, failed: this.#fail.bind(this), restored: this.#restored.recognise.bind(this.#restored) }
    this.#witnessing = new Witnessing({ nowMs, post: postText, fixed: args.witnesses ?? [], record, ...heard })
    const isAsking = () => this.#witnessing.asking || this.#anchoring.asking || this.#works.alerting.asking
    const leaveAfterMs = args.service ? undefined : (args.leaveAfterMs ?? leaveAfterIdleMs)
    this.#departure = new Departure({ nowMs: clocks.steadyMs, leaveAfterMs, isAsking, showAll: () => this.#showAll(), leave: (reason) => this.#stop(reason) })
    this.#server = new WriterServer(socketPlaces(args), {
      welcome: (sender) => ({ protocol: protocolVersion, ...build, mark: this.#intake.markOf(sender), doors: this.#spending.doors }),
      ...comings({ intake: this.#intake, presence: this.#presence, isStopping: () => this.#stopping }),
      observe: (peer, line, done) => {
        if (isWatched(peer)) this.#presence.heard(peer.sender, "h" in line ? line.h : undefined)
        this.#works.observed(line)
        this.#intake.observe(peer, line, done)
      },
      held: (peer, held) => this.#presence.held(peer.sender, held),
      goodbye: (peer) => this.#presence.goodbye(peer.sender),
      gate: (peer, line, answer) => this.#intake.gate(peer, line, answer),
      control: controlsOf({
        ...{ ledger, nowMs, intake: this.#intake, spending: this.#spending, importing, upkeep: this.#upkeep, maps: this.#maps },
        ...{ revocations: this.#works.revocations, testAlerts: () => this.#works.alerting.test() },
        status: () => this.#status(),
        settle: () => this.#settle(),
        ordered: () => this.#keepUp(() => this.#restored.settle()),
        failed: (error) => this.#fail(error),
        mayPrune: (token) => this.#works.mayPrune(token),
        leave: (action) => (action === "stop" ? this.stop("asked to stop") : this.#handOver()),
        reached: args.commitDelayMs ? delayer(args.commitDelayMs) : undefined,
      }),
      saturated: () => this.#queue.waiting > saturatedAt,
    })
  }

  async start(): Promise<void> {
    await this.#server.listen()
    const clean = this.#upkeep.begunAfterOrder
    if (!clean) this.#presence.unwatched(this.#ledger.journal.lastTimeMs)
    this.#intake.record(startedEvent(this.#ledger.scopes, { version: buildVersion, code: codeHash, clean, headNote: this.#upkeep.note.state }))
    this.#queue.drain()
    this.#restored.begin()
    if (this.#spending.hasDue) this.#intake.commit(() => this.#spending.due()) // before anything is decided
    this.#queue.drain()
    if (this.#failure) throw this.#failure
    this.#witnessing.start()
    this.#tick = setInterval(() => this.#everySecond(), 1_000)
  }

  /** Ends the process in order, and soon. */
  readonly stop = (reason: string): void => this.#departure.told(reason)

  /** Everything that waits is committed, a checkpoint is stored. */
  #stop(reason: string, why?: Fault): void {
    if (this.#stopping) return
    try {
      this.#presence.finish()
      this.#queue.drain()
      this.#works.finish()
      this.#intake.record(stoppedEvent(reason))
      this.#queue.drain()
      if (this.#stopping) return // the disk refused meanwhile
      this.#leave(why)
      this.#upkeep.finish()
      this.#ledger.close()
    } catch (error) {
      // What is acknowledged is on disk; that the rest was not tidied shows at the next start (clean: false).
      if (!this.#stopping) this.#leave()
      process.exitCode = 1
      if (!isDriverError(error)) throw error
      say(writeFault(this.#ledger.files.journal, error))
    } finally {
      this.#end()
    }
  }

  /** The disk refused: memory may be ahead of it, so nothing more is written, and the next writer reads what is there. */
  #fail(error: unknown): void {
    if (this.#stopping) return
    process.exitCode = 1
    this.#failure = writeFault(this.#ledger.files.journal, error)
    if (this.#tick) say(this.#failure) // before that, whoever starts us does
    this.#leave(this.#failure)
    this.#upkeep.close()
    this.#end()
  }

  #keepUp(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #leave(why?: Fault): void {
    this.#stopping = true
    this.#witnessing.close()
    this.#anchoring.close()
    this.#works.close()
    this.#maps.close()
    this.#queue.stop()
    clearInterval(this.#tick)
    this.#server.close(why)
  }

  #end(): void {
    this.#lock.release()
    setTimeout(() => process.exit(), exitWithinMs).unref()
  }

  /** Clients that hear it leave the start of the next writer to the one who asked for it, who waits. */
  #handOver(): void {
    const why = new Fault("writer.unreachable", { directory: this.#ledger.files.directory, problem: "it handed over to another version" })
    this.#stop("handed over to another version", why)
  }

  /** Commits what waits. When the disk refused, memory is ahead of it: a head signed then would be one that never was. */
  #settle(): void {
    this.#queue.drain()
    if (this.#failure) throw this.#failure
  }

  #status(): WriterStatus {
    const own = { ...build, startedMs: this.#startedMs, clients: this.#server.clients, witnesses: this.#witnessing.status(), anchors: this.#anchoring.status() }
    const stands = { entries: this.#ledger.journal.size, waiting: this.#queue.waiting, projected: this.#upkeep.projected, lastCommitMs: this.#lastCommitMs }
    return { ...own, ...stands, gates: gatesOf(this.#server.peers), clock: this.#spending.book.clock?.standing() ?? null, ...this.#works.standing() }
  }

  #everySecond(): void {
    if (this.#queue.waiting === 0) this.#server.resume()
    if (this.#spending.hasDue) this.#intake.commit(() => this.#spending.due())
    this.#keepUp(() => this.#restored.settle())
    this.#keepUp(() => this.#upkeep.everySecond())
    this.#keepUp(() => this.#anchoring.everySecond())
    this.#works.everySecond()
    this.#keepUp(() => this.#maps.everySecond())
    if (!this.#stopping) this.#departure.everySecond(this.#server.clients, this.#ledger.journal.size)
  }

  #checkpoint(): { readonly note: string; readonly size: number } {
    this.#settle()
    return this.#upkeep.storeCheckpoint()
  }

  #showAll(): void {
    this.#queue.drain()
    this.#works.alerting.showAll()
    if (this.#witnessing.any && !this.#stopping) this.#keepUp(() => this.#upkeep.storeCheckpoint())
    if (!this.#stopping) this.#keepUp(() => this.#anchoring.showAll())
  }
}
