/** Appending as the writer does, without its socket: batches of 100 from mapped events of 505 B, and its own upkeep of the write-ahead log. */
import type { CapturedCall, MapContext } from "../src/capture/hook-row.ts"
import type { NewEvent } from "../src/format/event.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { openLedger, type OpenLedger } from "../src/operations/open-ledger.ts"
import { eventsOf } from "../src/operations/record.ts"
import { Upkeep } from "../src/operations/upkeep.ts"
import { toolGuard } from "../src/policy/tools.ts"
import { benchVersion, type LedgerHome } from "./ledger-home.ts"
import { capturedCall, toolCalls } from "./payload.ts"

export const batchSize = 100
const sender = "00000000000000be"

const raise = (error: unknown): never => {
  throw error
}

export class BatchWriter {
  readonly ledger: OpenLedger
  readonly #upkeep: Upkeep
  readonly #context: MapContext
  readonly #user: string
  #made = 0
  #marked = 0

  constructor(home: LedgerHome) {
    this.ledger = openLedger(home.files, home.secrets, { nowMs: Date.now(), version: benchVersion })
    const { scopes } = this.ledger
    this.#user = scopes.pseudonym("user:bench")
    const judgeTool = toolGuard({ tools: ["mcp__payments__*", "deploy_*"], deny: [] })
    this.#context = { pseudonym: (text) => scopes.pseudonym(text), judgeTool }
    // Always busy: projections are brought forward when a bench says so, not by a timer.
    this.#upkeep = new Upkeep(this.ledger, { nowMs: () => Date.now(), busy: () => true, failed: raise })
  }

  /** The next captured calls, as the writer has them before mapping. */
  calls(count: number = batchSize): CapturedCall[] {
    const from = this.#made
    this.#made += count
    return toolCalls(from, count).map((call, i) => capturedCall(call, from + i))
  }

  map(calls: readonly CapturedCall[]): NewEvent[] {
    return calls.flatMap((call) => eventsOf(call, this.#context))
  }

  /** One durable batch, with what the writer does to its write-ahead log after it. */
  append(events: readonly NewEvent[]): void {
    const nowMs = Date.now()
    const entries = events.map((event) => entryOf(event, this.ledger.scopes, nowMs, { user: this.#user }))
    this.ledger.journal.append(entries, nowMs, new Map([[sender, ++this.#marked]]))
    this.#upkeep.committed(entries.length)
  }

  storeCheckpoint(): void {
    this.#upkeep.storeCheckpoint()
  }

  /** Ends as a writer ends: a checkpoint over everything, projections up to date, the log in the file. */
  finish(): void {
    this.#upkeep.finish()
    this.ledger.close()
  }

  /** Lets go without tidying. */
  close(): void {
    this.#upkeep.close()
    this.ledger.close()
  }
}
