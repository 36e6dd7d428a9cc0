/**
 * How far the windows of subscriptions are used, asked of the host in the background: a call of its own gateway method, which answers from its cache and asks providers itself, so that
 * no process is started for it. Seldom, for the record; often while a budget limits any window. What fails is told once where a budget depends on it, and tried again at the next time.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { problemOf } from "../base/fault.ts"
import { giveOrder } from "./give-order.ts"
import { hookRows } from "../capture/hook-rows.ts"
import type { HarnessLoader } from "./harness.ts"
import type { SharedLedger } from "./shared-ledger.ts"

export type WindowSource = {
  /** The host's method `usage.status`. */
  readonly ask: () => Promise<unknown>
  readonly ledger: () => Pick<SharedLedger, "client">
  readonly tell: (problem: string) => void
  /** What was answered goes on record; left out where it does not. */
  readonly record?: (answer: unknown) => void
  /** How often, for the record; 0 for never. */
  readonly recordEveryMs?: number
}

const everyMs = 180_000
/** Where the host failed or knew of no window yet: it may be starting. */
const againMs = 30_000
/** So often it is asked again soon for the record alone. */
const mostAgain = 3
const lookEveryMs = 5_000
const mostWindows = 64
const answerWithinMs = 30_000

/** Answers how to end it. */
export function sampleWindows(source: WindowSource): () => void {
  const rhythm = new Rhythm(source.recordEveryMs ?? 0)
  const timer = setInterval(async () => {
    const limits = source.ledger().client.doors?.windows === true
    if (!rhythm.isDue(performance.now(), limits)) return
    rhythm.asking()
    rhythm.answered(performance.now(), await sampleOnce(source, limits), limits)
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** When the host is asked next. */
export class Rhythm {
  readonly #recordEveryMs: number
  #askedMs = Number.NEGATIVE_INFINITY
  /** For a budget's sake: the first that limits a window is not kept waiting by what was asked for the record. */
  #askedForBudgetMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #failures = 0

  constructor(recordEveryMs: number) {
    this.#recordEveryMs = recordEveryMs
  }

  isDue(nowMs: number, limits: boolean): boolean {
    const isSoon = this.#failures > 0 && (limits || this.#failures <= mostAgain)
    const usualMs = limits ? everyMs : this.#recordEveryMs
    if (this.#isAsking || usualMs === 0) return false
    return nowMs - (limits ? this.#askedForBudgetMs : this.#askedMs) >= (isSoon ? Math.min(againMs, usualMs) : usualMs)
  }

  asking(): void {
    this.#isAsking = true
  }

  /** @param found whether any window was told */
  answered(nowMs: number, found: boolean, limits = false): void {
    this.#isAsking = false
    this.#askedMs = nowMs
    if (limits) this.#askedForBudgetMs = nowMs
    this.#failures = found ? 0 : this.#failures + 1
  }
}

/** Over the gateway's own protocol: its API for plugins answers only those that come with it. */
export async function usageStatus(loader: Pick<HarnessLoader, "ready">): Promise<unknown> {
  const call = (await loader.ready())?.callGatewayTool
  if (!call) throw new Error("This OpenClaw has no way to ask it how far the windows of subscriptions are used; budgets for them refuse nothing.")
  return call("usage.status", { timeoutMs: answerWithinMs }, {}, { scopes: ["operator.read"] })
}

const told = new Set<string>()
const mostTold = 16

/** Whether any window was reported. */
export async function sampleOnce({ ask, ledger, tell, record }: WindowSource, limits = true): Promise<boolean> {
  try {
    const answer = await ask()
    record?.(answer)
    const { sampledAtMs, windows } = windowsIn(answer)
    if (limits && windows.length > 0) await giveOrder(ledger() as SharedLedger, { do: "report-windows", sampledAtMs, windows })
    return windows.length > 0
  } catch (error) {
    const problem = problemOf(error)
    if (!limits || told.has(problem) || told.size === mostTold) return false
    told.add(problem)
    tell(problem)
    return false
  }
}

/** Of what the host answers: windows of providers that could be asked, and when. */
export function windowsIn(answer: unknown): { readonly sampledAtMs: number | undefined; readonly windows: readonly object[] } {
  const { updatedAt, providers } = objectOf(answer)
  const all = (Array.isArray(providers) ? (providers as readonly unknown[]) : []).flatMap((one) => {
    const { provider, windows, plan, error } = objectOf(one)
    if (error !== undefined || !Array.isArray(windows)) return []
    return (windows as readonly unknown[]).map((window) => {
      const { label, usedPercent, resetAt } = objectOf(window)
      return { provider: stringOf(provider), label: stringOf(label), usedPercent, resetsAtMs: countOf(resetAt), plan: stringOf(plan) }
    })
  })
  return { sampledAtMs: countOf(updatedAt), windows: all.slice(0, mostWindows) }
}

export const quotaRow = hookRows.find((row) => row.hook === "quota")

/** A provider that says what it said before is told of again after this long, so that the record shows that it was asked. */
const sameForMs = 3_600_000
const mostProviders = 32

/** What of an answer is news: a provider whose plan or windows are others than they were, or were told long ago. */
export class QuotaNews {
  readonly #last = new Map<string, { readonly text: string; readonly atMs: number }>()

  /** The answer with what is news alone; undefined where nothing is. */
  of(answer: unknown, nowMs: number): object | undefined {
    const { updatedAt, providers } = objectOf(answer)
    const listed = (Array.isArray(providers) ? (providers as readonly unknown[]) : []).slice(0, mostProviders)
    const news = listed.filter((one) => {
      const { provider, displayName, plan, windows, error } = objectOf(one)
      const text = JSON.stringify([displayName, plan, windows, error !== undefined])
      const known = this.#last.get(String(provider))
      if (known?.text === text && nowMs - known.atMs < sameForMs) return false
      this.#last.set(String(provider), { text, atMs: nowMs })
      return true
    })
    return news.length === 0 ? undefined : { updatedAt, providers: news }
  }
}
