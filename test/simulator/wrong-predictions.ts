/** The other way round: a predictor that is wrong must be contradicted, or it predicts nothing. */
import type { PlantedBug } from "./planted-bug.ts"

const simulator = "test/simulator"

export const wrongPredictions: readonly PlantedBug[] = [
  {
    name: "the predictor lets one more pass",
    file: `${simulator}/predictor.ts`,
    from: "if (needed > 0 && needed > left)",
    to: "if (needed > 0 && needed > left + 1)",
  },
  {
    name: "the predictor counts nothing that is held",
    file: `${simulator}/counters.ts`,
    from: "one.kind === kind && this.#counts(one, atMs)",
    to: 'kind === "spent" && one.kind === kind && this.#counts(one, atMs)',
  },
  {
    name: "the predictor has days of UTC",
    file: `${simulator}/calendar.ts`,
    from: "const [date, time] = clock(zone, atMs)",
    to: 'const [date, time] = clock("UTC", atMs)',
  },
  {
    name: "the predictor's rolling spans are too long",
    file: `${simulator}/counters.ts`,
    from: "+ 1) * Math.ceil(period.spanMs / slices) + period.spanMs > atMs",
    to: "+ 2) * Math.ceil(period.spanMs / slices) + period.spanMs > atMs",
  },
  {
    name: "the predictor rolls nothing over",
    file: `${simulator}/counters.ts`,
    from: 'if (!rule.rollover || !("zone" in rule.period)) return 0',
    to: "return 0",
  },
  {
    name: "the predictor forgets who is frozen",
    file: `${simulator}/predictor.ts`,
    from: "const standing = counters.find(({ frozen }) => frozen)",
    to: "const standing = counters.find(() => false)",
  },
  {
    name: "the predictor lets go what has begun",
    file: `${simulator}/calls.ts`,
    from: 'if (hold.begunAtMs === undefined) ledger.release(hold, "expired")',
    to: 'if (hold.id !== "") ledger.release(hold, "expired")',
  },
  { name: "the predictor counts a report twice", file: `${simulator}/calls.ts`, from: "if (ledger.reports.has(report)) return", to: "" },
  { name: "the predictor thinks that the next writer knows everything", file: `${simulator}/calls.ts`, from: "this.#closing = new Map()\n    for", to: "for" },
  {
    name: "the predictor gives a call its whole hold back",
    file: `${simulator}/calls.ts`,
    from: "if (!completed && responseBytes <= errorBytes",
    to: "if (responseBytes <= errorBytes",
  },
  {
    name: "the predictor believes a clock a little further than it is believed",
    file: `${simulator}/sim-clocks.ts`,
    from: "const toleranceMs = 5 * 60_000",
    to: "const toleranceMs = 5 * 60_000 + 1",
  },
  {
    name: "the predictor forgets what is on record",
    file: `${simulator}/world.ts`,
    from: "Math.max(this.writer.state.lastMs, this.clocks.believedMs())",
    to: "this.clocks.believedMs()",
  },
]
