/** Who works for whom, by docs/guides/orchestrator.md alone: written without the code of delegation, from what a host sees. */
export type Rules = {
  readonly enforces: boolean
  readonly retries: boolean
  readonly most: number
  readonly again: ReadonlySet<string>
  readonly archiveMs: number
}

type Front = { orchestrator: string | undefined; starting: { call: string; at: number } | undefined; heardAt: number; hasEnded: boolean }
type Worker = { spawner: string; run: string; task: string }

const startingMs = 120_000

export class Predictor {
  readonly #fronts = new Map<string, Front>()
  readonly #workers = new Map<string, Worker>()
  readonly #tried = new Map<string, number>()
  readonly #retries = new Map<string, number>()
  readonly #over = new Set<string>()

  orchestratorOf(front: string): string | undefined {
    return this.#front(front).orchestrator
  }

  frontOf(orchestrator: string): string | undefined {
    return [...this.#fronts].find(([, front]) => front.orchestrator === orchestrator)?.[0]
  }

  orchestrators(): readonly string[] {
    return [...this.#fronts.values()].flatMap(({ orchestrator }) => orchestrator ?? [])
  }

  workers(): readonly (Worker & { readonly child: string })[] {
    return [...this.#workers].map(([child, worker]) => ({ child, ...worker }))
  }

  /** Whether a front session may start its orchestrator. */
  starts(front: string, call: string, rules: Rules, now: number): boolean {
    const one = this.#looked(front, rules, now)
    if (one.orchestrator !== undefined) return false
    if (one.starting && Math.abs(now - one.starting.at) < startingMs) return false
    one.starting = { call, at: now }
    return true
  }

  /** A front session calls something: one that the host has archived by now is gone. */
  #looked(front: string, { archiveMs }: Rules, now: number): Front {
    const one = this.#front(front)
    if (one.hasEnded && archiveMs > 0 && now - one.heardAt >= archiveMs) this.#letGo(front)
    return one
  }

  started(front: string, call: string, child: string | undefined, now: number): void {
    const one = this.#front(front)
    if (one.starting?.call === call) one.starting = undefined
    if (child !== undefined) Object.assign(one, { orchestrator: child, heardAt: now, hasEnded: false })
  }

  /** An orchestrator did something. */
  heard(orchestrator: string, now: number): void {
    const front = this.frontOf(orchestrator)
    if (front !== undefined) this.#front(front).heardAt = now
  }

  joined(spawner: string, child: string, run: string, task: string): void {
    this.#workers.set(child, { spawner, run, task })
  }

  /** Whether a front session may use a direct tool. */
  direct(front: string, rules: Rules, now: number): boolean {
    this.#looked(front, rules, now)
    return !rules.enforces
  }

  /** How often an orchestrator has tried this tool in this run, with this time. */
  tries(orchestrator: string, run: string, tool: string): number {
    const key = `${orchestrator} ${run} ${tool}`
    const count = (this.#tried.get(key) ?? 0) + 1
    this.#tried.set(key, count)
    return count
  }

  /** Whom a message without an address goes to. */
  spoken(front: string, rules: Rules, now: number): string | undefined {
    const one = this.#looked(front, rules, now)
    one.heardAt = now
    return one.orchestrator
  }

  /** Which retry a run's end leads to. */
  ended(child: string, run: string, outcome: string, rules: Rules, now: number): number | undefined {
    if (this.#over.has(run)) return undefined
    const front = this.frontOf(child)
    if (front !== undefined) {
      if (outcome !== "ok") this.#letGo(front)
      else {
        this.#over.add(run)
        Object.assign(this.#front(front), { heardAt: now, hasEnded: true })
      }
      return undefined
    }
    const worker = this.#workers.get(child)
    if (!worker || worker.run !== run) return undefined
    this.#over.add(run)
    this.heard(worker.spawner, now)
    if (!rules.retries || !rules.again.has(outcome)) return undefined
    const before = this.#retries.get(worker.task) ?? 0
    if (before >= rules.most) return undefined
    this.#retries.set(worker.task, before + 1)
    return before + 1
  }

  sessionEnded(front: string, reason: string): void {
    if (["new", "reset", "deleted", "idle", "daily"].includes(reason)) this.#letGo(front)
  }

  sendFailed(front: string): void {
    this.#letGo(front)
  }

  #letGo(front: string): void {
    const one = this.#front(front)
    for (const [child, { spawner }] of this.#workers) if (spawner === one.orchestrator) this.#workers.delete(child)
    Object.assign(one, { orchestrator: undefined, hasEnded: false })
  }

  #front(name: string): Front {
    let found = this.#fronts.get(name)
    if (!found) this.#fronts.set(name, (found = { orchestrator: undefined, starting: undefined, heardAt: 0, hasEnded: false }))
    return found
  }
}
