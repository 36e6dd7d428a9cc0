/**
 * What is told of calls, as the predictor takes it: a call began, ended, was stopped; its usage came; a tool ended; a run is over; time went on; and what the
 * next writer still knows of it. Written from docs/guides/budgets.md and docs/spec/ledger.md.
 */
import type { Spend } from "../../src/format/facts/ledger.ts"
import type { Amounts } from "./counters.ts"
import type { HeldCall, Predictor } from "./predictor.ts"

export type Ended = {
  readonly completed: boolean
  readonly aborted: boolean
  readonly requestBytes: number
  readonly responseBytes: number
  readonly tookMs: number
}
export type Usage = {
  readonly report: string
  readonly run: string
  readonly agent: string
  readonly model: ModelName
  readonly tokens: Tokens
  readonly failed: boolean
}
export type ModelName = keyof typeof rates | "unpriced"
export type Tokens = { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number }

/** Nano-dollars a token. What no price says of caches: reading costs as much as input, writing a quarter more. */
export const rates = { big: { input: 4_000, output: 16_000 }, small: { input: 400, output: 800 } } as const

const lastWordMs = 5_000
/** An answer of more than that was one, whatever the host calls it. */
const errorBytes = 2_000

/** A call that was posted in full for want of a word: a later word corrects it. */
type Bound = { readonly hold: HeldCall; readonly run: string | undefined; spentAtMs: number; spend: Spend | undefined; tookMs: number | undefined }

/** Of a model without a price nothing. */
export function costOf(model: ModelName, { input, output, cacheRead, cacheWrite }: Tokens): number | undefined {
  if (model === "unpriced") return undefined
  const { input: each, output: written } = rates[model]
  return (input + cacheRead) * each + cacheWrite * each * 1.25 + output * written
}

export class Calls {
  readonly #ledger: Predictor
  #took = new Map<string, number>()
  #closing = new Map<string, number>()
  #bounds: Bound[] = []

  constructor(ledger: Predictor) {
    this.#ledger = ledger
  }

  begun(id: string, attempt: number): void {
    const hold = this.#ledger.openHold(id, attempt)
    if (hold) hold.begunAtMs ??= this.#ledger.nowMs
  }

  ended(id: string, attempt: number, { completed, aborted, requestBytes, responseBytes, tookMs }: Ended): void {
    const hold = this.#ledger.openHold(id, attempt)
    if (!hold) return
    this.#took.set(id, tookMs)
    if (!completed && responseBytes <= errorBytes && !(aborted && requestBytes + responseBytes > 0)) this.#release(hold)
  }

  stopped(id: string, attempt: number): void {
    const hold = this.#ledger.openHold(id, attempt)
    if (hold) this.#release(hold)
  }

  used({ report, run, agent, model, tokens, failed }: Usage, spend: Spend): void {
    const ledger = this.#ledger
    if (ledger.reports.has(report)) return
    const total = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite
    const hold = this.#begunOf(run, `mock/${model}`)
    if (total === 0 && hold) {
      if (failed) return
      ledger.reports.add(report)
      this.#settle(hold, hold.amounts)
      return
    }
    if (total === 0) return
    ledger.reports.add(report)
    const cost = costOf(model, tokens)
    const came = { ...(cost === undefined ? {} : { moneyNanos: cost }), tokens: total }
    if (hold) {
      const held = costOf(modelOf(hold), tokens)
      const wallMs = this.#took.get(hold.id) ?? ledger.nowMs - (hold.begunAtMs ?? ledger.nowMs)
      this.#settle(hold, { ...(held === undefined ? {} : { moneyNanos: held }), tokens: total, wallMs, bytesRead: 0, bytesWritten: 0, calls: 1 })
      return
    }
    const bound = this.#boundOf(run, `mock/${model}`)
    if (!bound) {
      ledger.count(`agent:${agent}`, `spent:model/mock/${model}`, { ...came, calls: 1 }, spend, ledger.nowMs)
      return
    }
    const { amounts } = bound.hold
    const held = costOf(modelOf(bound.hold), tokens)
    const wallMs = bound.tookMs ?? amounts.wallMs ?? 0
    const actual: Amounts = { ...amounts, ...(held === undefined ? {} : { moneyNanos: held }), tokens: total, wallMs }
    const about = { spend: bound.spend ?? spend, spentAtMs: bound.spentAtMs }
    ledger.count(bound.hold.account, bound.hold.against, above(amounts, actual), about.spend, about.spentAtMs, -1)
    ledger.count(bound.hold.account, bound.hold.against, above(actual, amounts), about.spend, about.spentAtMs)
  }

  toolEnded(run: string, call: string, denied: boolean, tookMs: number, resultBytes: number): void {
    const hold = this.#ledger.open().find((one) => one.door === "tool" && one.run === run && one.call === call)
    if (!hold) return
    if (denied) return this.#release(hold)
    const { amounts } = hold
    const wallMs = amounts.wallMs === undefined ? {} : { wallMs: tookMs }
    this.#settle(hold, { ...amounts, ...wallMs, ...(amounts.bytesRead === undefined ? {} : { bytesRead: resultBytes }) })
  }

  runEnded(run: string, toldMs: number): void {
    for (const hold of this.#ledger.open()) {
      if (hold.door === "api" || hold.run !== run || hold.askedAtMs >= toldMs) continue
      const isUnanswered = hold.draw !== undefined && !hold.draw.extension.wasGranted
      if (isUnanswered || (hold.door === "model" && hold.begunAtMs === undefined)) this.#release(hold)
      else this.#closing.set(hold.id, this.#ledger.nowMs + lastWordMs)
    }
  }

  /** A gateway is gone without a word: what it was permitted may have left. */
  departed(name: string): void {
    for (const hold of this.#ledger.open()) {
      if (hold.door !== "model" || !hold.id.startsWith(`model:${name}`)) continue
      hold.begunAtMs ??= this.#ledger.nowMs
      this.#closing.set(hold.id, this.#ledger.nowMs + lastWordMs)
    }
  }

  /** Time has gone on. */
  due(): void {
    const ledger = this.#ledger
    for (const [id, dueMs] of this.#closing) {
      if (dueMs > ledger.nowMs) continue
      this.#closing.delete(id)
      const hold = ledger.openHold(id)
      if (hold) this.#inFull(hold)
    }
    for (const hold of ledger.open()) {
      if (hold.expiresAtMs > ledger.nowMs) continue
      if (hold.begunAtMs === undefined) ledger.release(hold, "expired")
      else this.#inFull(hold)
    }
  }

  /** The next writer knows what is on record, and nothing else. */
  restarted(): void {
    this.#took = new Map()
    this.#closing = new Map()
    for (const bound of this.#bounds) Object.assign(bound, { spentAtMs: bound.hold.placedAtMs, spend: undefined, tookMs: undefined })
  }

  #begunOf(run: string, model: string): HeldCall | undefined {
    const begun = this.#ledger.open().filter((hold) => hold.door === "model" && hold.run === run && hold.begunAtMs !== undefined)
    return begun.find(({ spend }) => spend.model === model) ?? begun[0]
  }

  #boundOf(run: string, model: string): Bound | undefined {
    const all = this.#bounds.filter((bound) => bound.run === run)
    const found = all.find(({ hold }) => hold.spend.model === model) ?? all[0]
    if (found) this.#bounds = this.#bounds.filter((bound) => bound !== found)
    return found
  }

  #inFull(hold: HeldCall): void {
    if (hold.door === "model") this.#bounds.push({ hold, run: hold.run, spentAtMs: hold.placedAtMs, spend: hold.spend, tookMs: this.#took.get(hold.id) })
    this.#settle(hold, hold.amounts)
  }

  #settle(hold: HeldCall, actual: Amounts): void {
    this.#forget(hold)
    this.#ledger.settle(hold, actual)
  }

  #release(hold: HeldCall): void {
    this.#forget(hold)
    this.#ledger.release(hold)
  }

  #forget({ id }: HeldCall): void {
    this.#took.delete(id)
    this.#closing.delete(id)
  }
}

function modelOf({ spend }: HeldCall): ModelName {
  return (spend.model ?? "").slice("mock/".length) as ModelName
}

function above(amounts: Amounts, by: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([unit, amount]) => [unit, Math.max(0, amount - (by[unit as keyof Amounts] ?? 0))]))
}
