/** Which runs go on now, with what they do and what they have cost, followed from entry to entry. */
import { stringOf } from "../base/json.ts"
import { factsOf, type StoredEntry } from "../journal/reader.ts"
import { eventView, type EventView } from "./event-list.ts"
import type { LedgerAccess } from "./ledger-access.ts"

export type LiveRun = {
  readonly run: string
  readonly session: string | null
  readonly model: string | null
  readonly since: string
  /** The tool that is being called; null between calls. */
  readonly tool: string | null
  readonly calls: number
  /** Nano-dollars, decimal, as far as they were told. */
  readonly nanos: string
}

type Following = Omit<LiveRun, "nanos" | "tool"> & { readonly nanos: bigint; readonly tools: ReadonlyMap<string, string> }

/** A run that began before these has ended, or will hardly be told of again. */
const mostEntries = 2_000
const mostEvents = 60
/** A process that was killed ends no run. */
const longestMs = 6 * 3_600_000

export class LiveRuns {
  readonly #runs = new Map<string, Following>()
  #events: EventView[] = []
  #next: number | undefined

  /** Reads what came since, and answers who runs; the longest first. */
  follow(access: LedgerAccess, nowMs: number): readonly LiveRun[] {
    const size = access.reader.size()
    const from = Math.max(this.#next ?? 0, size - mostEntries)
    for (const entry of access.reader.entries(from, size - 1)) this.#take(access, entry, size)
    this.#next = size
    for (const [run, { since }] of this.#runs) if (nowMs - Date.parse(since) > longestMs) this.#runs.delete(run)
    return [...this.#runs.values()].map(({ tools, nanos, ...run }) => ({ ...run, tool: [...tools.values()].at(-1) ?? null, nanos: String(nanos) }))
  }

  /** The last entries, the newest first. */
  get events(): readonly EventView[] {
    return this.#events
  }

  #take(access: LedgerAccess, entry: StoredEntry, size: number): void {
    if (size - entry.sequence <= mostEvents) this.#events = [eventView(access, entry), ...this.#events].slice(0, mostEvents)
    const { type, timeMs } = entry.header
    const facts = factsOf(entry)
    const run = stringOf(facts["run"])
    if (run === undefined) return
    const known = this.#runs.get(run)
    if (type === "run.ended") this.#runs.delete(run)
    else if (type === "run.started" && !known) {
      const session = eventView(access, entry).sessionId
      this.#runs.set(run, { run, session, model: modelOf(facts), since: new Date(timeMs).toISOString(), tools: new Map(), calls: 0, nanos: 0n })
    } else if (known) this.#runs.set(run, followed(known, type, facts))
  }
}

function followed(run: Following, type: string, facts: Readonly<Record<string, unknown>>): Following {
  const call = stringOf(facts["call"]) ?? ""
  const tools = new Map(run.tools)
  switch (type) {
    case "tool.invoked":
      return { ...run, tools: facts["verdict"] === "deny" ? tools : tools.set(call, stringOf(facts["tool"]) ?? "?") }
    case "tool.returned":
    case "tool.denied":
      tools.delete(call)
      return { ...run, tools }
    case "usage.reported":
      return { ...run, model: modelOf(facts) ?? run.model, calls: run.calls + 1, nanos: run.nanos + nanosOf(facts) }
    default:
      return run
  }
}

function modelOf(facts: Readonly<Record<string, unknown>>): string | null {
  const [provider, model] = [stringOf(facts["provider"]), stringOf(facts["model"])]
  return model === undefined ? null : provider === undefined ? model : `${provider}/${model}`
}

/** By the price in force, else as the host told it. */
function nanosOf(facts: Readonly<Record<string, unknown>>): bigint {
  const told = stringOf(facts["computedNanos"]) ?? stringOf(facts["reportedNanos"]) ?? ""
  return /^\d{1,30}$/.test(told) ? BigInt(told) : 0n
}
