/**
 * What was used and what it cost, by any of the keys below or several of them at once: added up from roll-ups, so that the number of calls does not matter.
 * What tools cost is added from the ledger's postings where tools are asked for.
 */
import { boundsAt, localText } from "../ledger/periods.ts"
import { cellColumns, dayMs, quarterMs, sumColumns, type CellColumn, type SumColumn, type Sums } from "../projections/usage-schema.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { LedgerAccess } from "./ledger-access.ts"
import { partsOf, type Part } from "./spend-parts.ts"
import { toolSpend } from "./spend-tools.ts"

export const spendKeys = ["provider", "model", "day", "session", "agent", "subagent", "project", "tool", "channel", "sender", "cron", "kind"] as const
export type SpendKey = (typeof spendKeys)[number]

export type SpendWindow = { readonly fromMs: number; readonly toMs: number; readonly zone: string }
export type SpendQuestion = SpendWindow & { readonly by: readonly SpendKey[]; readonly limit: number; readonly order: "cost" | "tokens" }

export type SpendSums = Omit<Sums, "latency_ms"> & { readonly tokens: number; readonly averageLatencyMs: number | null }
export type SpendRow = SpendSums & { readonly keys: Readonly<Partial<Record<SpendKey, string>>> }

export type SpendReport = {
  readonly window: { readonly from: string; readonly to: string; readonly timeZone: string }
  readonly by: readonly SpendKey[]
  readonly rows: readonly SpendRow[]
  /** Rows that are not listed, because of the limit. */
  readonly more: number
  /** Of all rows. */
  readonly total: SpendSums
  /** When nothing is in the window: when the latest call on record was; null when there is none. */
  readonly latest?: string | null
  /** Models without a price whose calls told no cost: what they came to is not known. */
  readonly unpriced: readonly { readonly model: string; readonly calls: number }[]
}

type Cell = { readonly id: number } & Readonly<Record<CellColumn, string>>
type Session = { readonly id: number; readonly scope: string; readonly sender: string; readonly parent: string }
type Found = Sums & { readonly cell: number; readonly session?: number }

const ofSession: ReadonlySet<SpendKey> = new Set(["session", "subagent", "sender"])

export function spendReport(access: LedgerAccess, question: SpendQuestion): SpendReport {
  return access.ask((views) => new Spend(access, views, question).report())
}

class Spend {
  readonly #access: LedgerAccess
  readonly #views: SqliteDatabase
  readonly #question: SpendQuestion
  readonly #cells: ReadonlyMap<number, Cell>
  readonly #sessions = new Map<number, Session>()
  readonly #rows = new Map<string, { readonly keys: SpendRow["keys"]; readonly sums: Sums }>()
  readonly #unpriced = new Map<string, number>()

  constructor(access: LedgerAccess, views: SqliteDatabase, question: SpendQuestion) {
    this.#access = access
    this.#views = views
    this.#question = question
    const cells = views.prepare(`SELECT id, ${cellColumns.join(", ")} FROM usage_cells`).all() as Cell[]
    this.#cells = new Map(cells.map((cell) => [cell.id, cell]))
  }

  report(): SpendReport {
    const { by, fromMs, toMs, zone, limit, order } = this.#question
    for (const { day, ...window } of by.includes("day") ? daysOf(this.#question, this.#reach()) : [{ fromMs, toMs, day: undefined }]) this.#window(window, day)
    if (by.includes("tool")) this.#tools()
    const rows = [...this.#rows.values()].map(({ keys, sums }) => ({ keys, ...told(sums) }))
    const byWeight = (a: SpendRow, b: SpendRow) => b[order] - a[order] || b.tokens - a.tokens || (JSON.stringify(a.keys) < JSON.stringify(b.keys) ? -1 : 1)
    // Days go on from each other; of too many the latest are shown.
    const dayOf = ({ keys }: SpendRow) => keys.day ?? ""
    rows.sort((a, b) => (dayOf(a) === dayOf(b) ? byWeight(a, b) : dayOf(a) > dayOf(b) ? -1 : 1))
    const shown = rows.slice(0, limit)
    if (by.includes("day")) shown.sort((a, b) => (dayOf(a) === dayOf(b) ? byWeight(a, b) : dayOf(a) < dayOf(b) ? -1 : 1))
    const total = [...this.#rows.values()].reduce((sum, { sums }) => added(sum, sums), nothing())
    return {
      window: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), timeZone: zone },
      by,
      rows: shown,
      ...(rows.length > 0 ? {} : { latest: this.#latest() }),
      more: Math.max(0, rows.length - limit),
      total: told(total),
      unpriced: [...this.#unpriced].map(([model, calls]) => ({ model, calls })).sort((a, b) => b.calls - a.calls),
    }
  }

  #latest(): string | null {
    const atMs = this.#views.prepare("SELECT max(at_ms) FROM usage_calls").pluck().get() as number | null
    return atMs === null ? null : new Date(atMs).toISOString()
  }

  /** From the first call to the last: days before and after have nothing. */
  #reach(): { readonly firstMs: number; readonly lastMs: number } {
    const { first, last } = this.#views.prepare("SELECT min(day) AS first, max(day) AS last FROM usage_days").get() as {
      first: number | null
      last: number | null
    }
    return { firstMs: (first ?? 0) * dayMs, lastMs: ((last ?? 0) + 1) * dayMs }
  }

  #window({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, day: string | undefined): void {
    const needsSession = this.#question.by.some((key) => ofSession.has(key))
    for (const part of partsOf(fromMs, toMs, !needsSession)) {
      for (const found of this.#part(part, needsSession)) this.#add(found, day)
    }
  }

  #part({ from, fromMs, toMs }: Part, needsSession: boolean): readonly Found[] {
    const keys = needsSession ? "cell, session" : "cell"
    if (from === "calls")
      return this.#views.prepare(`SELECT ${keys}, ${callSums} FROM usage_calls WHERE at_ms >= ? AND at_ms < ? GROUP BY ${keys}`).all(fromMs, toMs) as Found[]
    const [table, column, step] =
      from === "quarters" ? ["usage_quarters", "quarter", quarterMs] : [needsSession ? "usage_session_days" : "usage_days", "day", dayMs]
    const sums = sumColumns.map((name) => `sum(${name}) AS ${name}`).join(", ")
    return this.#views
      .prepare(`SELECT ${keys}, ${sums} FROM ${table} WHERE ${column} >= ? AND ${column} < ? GROUP BY ${keys}`)
      .all(fromMs / step, toMs / step) as Found[]
  }

  #add(found: Found, day: string | undefined): void {
    const cell = this.#cells.get(found.cell)
    if (cell === undefined) return
    const model = `${cell.provider || "unknown"}/${cell.model || "unknown"}`
    if (found.unpriced > 0) this.#unpriced.set(model, (this.#unpriced.get(model) ?? 0) + found.unpriced)
    const session = found.session === undefined ? undefined : this.#session(found.session)
    const values: Record<SpendKey, () => string> = {
      provider: () => cell.provider || "unknown",
      model: () => model,
      day: () => day ?? "",
      agent: () => cell.agent || "unknown",
      channel: () => cell.channel,
      project: () => cell.project,
      cron: () => cell.job,
      kind: () => cell.kind || "turn",
      tool: () => "",
      session: () => this.#label(session),
      subagent: () => (cell.kind === "subagent" ? this.#label(session) : ""),
      sender: () => this.#sender(session),
    }
    this.#sum(Object.fromEntries(this.#question.by.map((key) => [key, values[key]()])), found)
  }

  #sum(keys: SpendRow["keys"], sums: Sums): void {
    const name = JSON.stringify(keys)
    const known = this.#rows.get(name)
    this.#rows.set(name, { keys, sums: added(known?.sums ?? nothing(), sums) })
  }

  #tools(): void {
    for (const { keys, calls, cost } of toolSpend(this.#views, this.#question)) this.#sum(keys, { ...nothing(), calls, cost, computed: cost })
  }

  #session(id: number): Session | undefined {
    if (!this.#sessions.has(id)) {
      const found = this.#views.prepare("SELECT id, scope, sender, parent FROM usage_sessions WHERE id = ?").get(id) as Session | undefined
      if (found) this.#sessions.set(id, found)
    }
    return this.#sessions.get(id)
  }

  /** The session's own name while its scope has a key; afterwards the scope's id, which names nobody. */
  #label(session: Session | undefined): string {
    if (session === undefined) return ""
    const scope = this.#access.scopes?.byId(Buffer.from(session.scope, "hex"))
    return typeof scope === "object" && scope.session !== "" ? scope.session : session.scope
  }

  #sender(session: Session | undefined): string {
    if (session === undefined || session.sender === "") return ""
    const inKey = /:(?:direct|dm):(.+)$/s.exec(this.#label(session))?.[1]
    return inKey ?? session.sender
  }
}

/** As `sumsOf` of the projection adds a call. */
const callSums = `
  count(*) AS calls, sum(stop IN ('error', 'aborted')) AS failed, sum(input) AS input, sum(output) AS output, sum(cache_read) AS cache_read,
  sum(cache_write) AS cache_write, sum(coalesce(computed, reported, 0)) AS cost, sum(coalesce(reported, 0)) AS reported, sum(coalesce(computed, 0)) AS computed,
  sum(computed IS NULL AND coalesce(reported, 0) = 0) AS unpriced,
  sum(coalesce(reported > 0 AND abs(reported - computed) > max(10000, computed / 100.0), 0)) AS drifted, sum(coalesce(latency_ms, 0)) AS latency_ms`

/** Days of the zone that the window touches, and that have anything. */
function daysOf({ fromMs, toMs, zone }: SpendWindow, { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number }) {
  const days: { readonly fromMs: number; readonly toMs: number; readonly day: string }[] = []
  const end = Math.min(toMs, lastMs)
  for (let atMs = Math.max(fromMs, firstMs); atMs < end;) {
    const { endMs = end } = boundsAt({ per: "day", zone }, atMs)
    days.push({ fromMs: atMs, toMs: Math.min(endMs, end), day: localText(zone, atMs).slice(0, 10) })
    atMs = endMs
  }
  return days
}

function nothing(): Sums {
  return Object.fromEntries(sumColumns.map((column) => [column, 0])) as Sums
}

function added(a: Sums, b: Sums): Sums {
  return Object.fromEntries(sumColumns.map((column: SumColumn) => [column, a[column] + b[column]])) as Sums
}

function told({ latency_ms: latencyMs, ...sums }: Sums): SpendSums {
  const tokens = sums.input + sums.output + sums.cache_read + sums.cache_write
  return { ...sums, tokens, averageLatencyMs: sums.calls > 0 && latencyMs > 0 ? Math.round(latencyMs / sums.calls) : null }
}
