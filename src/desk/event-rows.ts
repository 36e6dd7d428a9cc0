/** Events as they are looked through: those that stood there when one came, a hundred at a time, and above them those that came since. */
import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import type { Events, LedgerEvent } from "./bodies.ts"
import { useNews, type News } from "./live.ts"
import { fetched, questionOf, toldBy, type Problem } from "./told.ts"

export type EventFilter = { readonly type: string; readonly category: string; readonly session: string }

export type EventRows = {
  readonly total: number | undefined
  /** Of these, those that came since. */
  readonly above: number
  readonly problem: Problem | undefined
  readonly rowAt: (index: number) => LedgerEvent | undefined
  readonly shows: (from: number, to: number) => void
}

const pageRows = 100

export function useEventRows(filter: EventFilter): EventRows {
  const [, redraw] = useState(0)
  const key = JSON.stringify(filter)
  const rows = useMemo(() => new Rows(filter, () => redraw((n) => n + 1)), [key])
  useEffect(() => {
    rows.begin()
    return () => rows.end()
  }, [rows])
  useNews(useCallback((news: News) => rows.hear(news), [rows]))
  return {
    total: rows.total === undefined ? undefined : rows.total + rows.came.length,
    above: rows.came.length,
    problem: rows.problem,
    rowAt: (index) => rows.at(index),
    shows: useCallback((from: number, to: number) => rows.show(from, to), [rows]),
  }
}

class Rows {
  total: number | undefined
  problem: Problem | undefined
  /** Newest first. */
  came: LedgerEvent[] = []
  readonly #filter: EventFilter
  readonly #changed: () => void
  readonly #pages = new Map<number, readonly LedgerEvent[] | "asked">()
  /** The last sequence of those that stood there. */
  #last: number | undefined
  #ended = false

  constructor(filter: EventFilter, changed: () => void) {
    this.#filter = filter
    this.#changed = changed
  }

  begin(): void {
    this.#ended = false
    if (this.total === undefined) void this.#ask(0)
  }

  end(): void {
    this.#ended = true
  }

  at(index: number): LedgerEvent | undefined {
    if (index < this.came.length) return this.came[index]
    const old = index - this.came.length
    const page = this.#pages.get(Math.floor(old / pageRows))
    return typeof page === "object" ? page[old % pageRows] : undefined
  }

  show(from: number, to: number): void {
    if (this.total === undefined) return
    const [first, last] = [from, Math.max(from, to - 1)].map((index) => Math.floor(Math.max(0, index - this.came.length) / pageRows))
    for (let page = first ?? 0; page <= (last ?? 0); page++) if (!this.#pages.has(page)) void this.#ask(page)
  }

  hear({ events, skipped }: News): void {
    if (this.#last === undefined) return
    if (skipped > 0) return this.#again()
    const newest = this.came[0]?.sequence ?? this.#last
    const fresh = events.filter((event) => event.sequence > newest && this.#passes(event))
    if (fresh.length === 0) return
    this.came = [...fresh.toReversed(), ...this.came]
    this.#changed()
  }

  /** More came than was told: what stands there is asked for anew. */
  #again(): void {
    this.#pages.clear()
    this.came = []
    this.#last = undefined
    void this.#ask(0)
  }

  async #ask(page: number): Promise<void> {
    this.#pages.set(page, "asked")
    const to = this.#last === undefined ? {} : { to: this.#last }
    const told = toldBy<Events>(await fetched(questionOf("events", { ...this.#filter, ...to, limit: pageRows, offset: page * pageRows })))
    if (this.#ended) return
    if (told.state === "told") {
      this.problem = undefined
      if (this.#last === undefined) this.#last = told.body.events[0]?.sequence ?? -1
      this.total = told.body.total
      this.#pages.set(page, told.body.events)
    } else if (told.state === "failed") {
      this.#pages.delete(page)
      this.problem = told.problem
    }
    this.#changed()
  }

  #passes({ type, category, sessionId }: LedgerEvent): boolean {
    const { type: wantedType, category: wantedCategory, session } = this.#filter
    return (wantedType === "" || type === wantedType) && (wantedCategory === "" || category === wantedCategory) && (session === "" || sessionId === session)
  }
}
