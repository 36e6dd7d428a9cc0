/**
 * How far the windows of subscriptions are used, asked of the host in the background while a budget limits any: a call of its own gateway method, which
 * answers from its cache and asks providers itself. What fails is told once, and tried again at the next time.
 */
import { countOf, objectOf, stringOf } from "../base/json.ts"
import { problemOf } from "../base/fault.ts"
import { giveOrder } from "./give-order.ts"
import type { HarnessLoader } from "./harness.ts"
import type { SharedLedger } from "./shared-ledger.ts"

export type WindowSource = {
  /** The host's method `usage.status`. */
  readonly ask: () => Promise<unknown>
  readonly ledger: () => Pick<SharedLedger, "client">
  readonly tell: (problem: string) => void
}

const everyMs = 180_000
/** Where the host failed or knew of no window yet: it may be starting. */
const againMs = 30_000
const lookEveryMs = 5_000
const mostWindows = 64
const answerWithinMs = 30_000

/** Answers how to end it. */
export function sampleWindows(source: WindowSource): () => void {
  let nextMs = Number.NEGATIVE_INFINITY
  const timer = setInterval(async () => {
    if (source.ledger().client.doors?.windows !== true || performance.now() < nextMs) return
    nextMs = Number.POSITIVE_INFINITY
    nextMs = performance.now() + ((await sampleOnce(source)) ? everyMs : againMs)
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
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
export async function sampleOnce({ ask, ledger, tell }: WindowSource): Promise<boolean> {
  try {
    const { sampledAtMs, windows } = windowsIn(await ask())
    if (windows.length > 0) await giveOrder(ledger() as SharedLedger, { do: "report-windows", sampledAtMs, windows })
    return windows.length > 0
  } catch (error) {
    const problem = problemOf(error)
    if (told.has(problem) || told.size === mostTold) return false
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
