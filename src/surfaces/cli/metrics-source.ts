/** Metrics as often as they are asked for, of a ledger whose files stay open. */
import { systemClock } from "../../base/clock.ts"
import { Fault } from "../../base/fault.ts"
import { buildVersion } from "../../version.ts"
import { LiveLedger } from "../../views/live-ledger.ts"
import { metricsOf, metricsWithout, type MetricsQuestion } from "../../views/metrics.ts"
import type { Metric } from "../../views/metric.ts"
import type { HostStanding } from "../../views/coverage.ts"
import type { CommandContext } from "./command.ts"
import { hostConfigOf, readStanding } from "./host-config.ts"
import { runningWriter } from "./running-writer.ts"

/** The host's configuration is a file of its own, and changes rarely. */
const standingForMs = 30_000

export class MetricsSource {
  readonly #context: CommandContext
  readonly #live: LiveLedger
  #standing: { readonly untilMs: number; readonly host: HostStanding | null } | undefined

  constructor(context: CommandContext) {
    this.#context = context
    this.#live = new LiveLedger(context.files, () => context.places)
  }

  /** Of a ledger that cannot be read now: that it cannot; why, `tell` is told. */
  async metrics(tell: (problem: string) => void): Promise<readonly Metric[]> {
    const writer = await runningWriter(this.#context.socket)
    const question: MetricsQuestion = { nowMs: systemClock.nowMs(), version: buildVersion, writer, host: this.#host() }
    try {
      return this.#live.ask((access, state) => metricsOf(access, state, question))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      tell(error.message)
      return metricsWithout(question)
    }
  }

  close(): void {
    this.#live.close()
  }

  #host(): HostStanding | null {
    const nowMs = performance.now()
    if (!this.#standing || this.#standing.untilMs < nowMs) {
      const standing = readStanding(hostConfigOf(process.env, this.#context.files.directory))
      this.#standing = { untilMs: nowMs + standingForMs, host: standing instanceof Fault ? null : standing }
    }
    return this.#standing.host
  }
}
