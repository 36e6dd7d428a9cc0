/**
 * Mistakes that systems of this kind have been seen to make, and others that are easily made, each as a change of one place of the sources. The simulator must
 * notice every one of them. A place that is not found any more, or is found twice, is a mistake of this list.
 */

import type { PlantedBug } from "./planted-bug.ts"
import { plantedInAllowances } from "./planted-in-allowances.ts"
import { plantedInClock } from "./planted-in-clock.ts"
import { plantedInExtensions } from "./planted-in-extensions.ts"
import { plantedInLedger } from "./planted-in-ledger.ts"
import { plantedInRestored } from "./planted-in-restored.ts"

const ledger = "src/ledger"
const spend = "src/operations/spend"

export const plantedBugs: readonly PlantedBug[] = [
  ...plantedInLedger,
  ...plantedInAllowances,
  ...plantedInExtensions,
  ...plantedInClock,
  ...plantedInRestored,
  // What the next writer knows.
  {
    name: "a snapshot forgets that a call began",
    file: `${ledger}/snapshot.ts`,
    from: "consumedAtMs === undefined ? {} : { consumedAtMs }",
    to: "consumedAtMs === undefined ? {} : {}",
  },
  {
    name: "reports of usage are counted by each writer anew",
    file: `${spend}/followed-spend.ts`,
    from: "if (book.state.charged.has(event.id) || book.state.posted.has(correctionOf(event.id))) return []",
    to: "",
  },
  {
    name: "the next writer knows no call that was posted in full",
    file: `${spend}/bound-spends.ts`,
    from: 'if (closed.outcome !== "settled" || corrected.has(hold)) continue',
    to: 'if (closed.outcome !== "settled" || !corrected.has(hold)) continue',
  },
  {
    name: "events of the ledger are decided and not recorded",
    file: `${spend}/ledger-book.ts`,
    from: "return { decision, events: decision.events.map(eventOf) }",
    to: "return { decision, events: decision.events.slice(0, 1).map(eventOf) }",
  },
  // What becomes of a call.
  {
    name: "a call that failed keeps its hold",
    file: `${spend}/followed-spend.ts`,
    from: 'if (!answered) return this.#release(hold, "it failed before an answer")',
    to: "",
  },
  { name: "a call given up half-way costs nothing", file: `${spend}/followed-spend.ts`, from: "|| leftAndGivenUp", to: "" },
  {
    name: "the end of a run lets go what has begun",
    file: `${spend}/followed-spend.ts`,
    from: 'if (hold.consumedAtMs === undefined && hold.basis?.door === "model") return',
    to: 'if (hold.basis?.door === "model") return',
  },
  {
    name: "the end of an attempt takes the next one's permit along",
    file: `${spend}/followed-spend.ts`,
    from: "if ((hold.basis?.askedAtMs ?? Infinity) >= before) return []",
    to: "",
  },
  {
    name: "a tool that was not run is paid for",
    file: `${spend}/followed-spend.ts`,
    from: 'if (event.type === "tool.denied") return this.#give(this.#release(hold, "the tool did not run"))',
    to: "",
  },
  {
    name: "usage is taken for another run's call",
    file: `${spend}/followed-spend.ts`,
    from: 'return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door !== "api" && basis?.run === run)',
    to: 'return [...this.#options.book.state.holds.values()].filter(({ basis }) => basis?.door !== "api")',
  },
  {
    name: "a permit dies with its gateway, and its call is free",
    file: `${spend}/followed-spend.ts`,
    from: 'return hold.consumedAtMs === undefined ? this.#give({ do: "consume", ...named(hold), atMs: this.#now }) : []',
    to: "return []",
  },
  { name: "nobody is waited for after the end of a run", file: `${spend}/followed-spend.ts`, from: "if (dueMs > atMs) return []", to: "" },
  {
    name: "usage that comes late is counted beside what was posted in full",
    file: `${spend}/followed-spend.ts`,
    from: "if (bound) return this.#correct(bound, told, spend)",
    to: "",
  },
  { name: "reading from a cache is left out of the price", file: "src/prices/price.ts", from: "cacheReadTokens * rates.cacheRead +", to: "" },
  {
    name: "writing to a cache is left out of the bound",
    file: `${spend}/model-bound.ts`,
    from: 'const promptClasses = ["input", "cacheRead", "cacheWrite"] as const',
    to: 'const promptClasses = ["input", "cacheRead"] as const',
  },
  {
    name: "an estimate stands in for the most a call can cost",
    file: `${spend}/model-bound.ts`,
    from: "knownBytes + (whole === true ? 0 : unseenBytes)",
    to: "Math.ceil((knownBytes * 1.1) / 4)",
  },
  {
    name: "a child's spend is billed to nobody",
    file: `${spend}/wanted-calls.ts`,
    from: '`agent:${payer ?? agent ?? "unknown"}`',
    to: '`agent:${agent ?? "unknown"}`',
  },
  {
    name: "a budget of who pays does not count a child",
    file: `${ledger}/budgets.ts`,
    from: "return name === undefined ? [payer] : [name, payer]",
    to: "return name === undefined ? [] : [name]",
  },
  {
    name: "who pays is known at a run's first door only",
    file: `${spend}/wanted-calls.ts`,
    from: "payer: reading.payer ?? known?.payer",
    to: "payer: reading.payer",
  },
  {
    name: "by which channel a run came is forgotten after its first call",
    file: `${spend}/wanted-calls.ts`,
    from: "channel: reading.channel ?? known?.channel",
    to: "channel: reading.channel",
  },
  {
    name: "a permit that is exchanged is not given back",
    file: `${spend}/spending.ts`,
    from: "if (id === undefined || attempt === undefined) return []",
    to: "if (id !== undefined || attempt === undefined) return []",
  },
  // Questions and answers.
  {
    name: "a question that is asked again is held again",
    file: "src/operations/intake.ts",
    from: "this.#placeOf(peer, line.n))",
    to: "this.#placeOf(peer, isRepeat ? line.n + 0.5 : line.n))",
  },
  { name: "what is said again is recorded again", file: "src/operations/intake.ts", from: "if (number <= this.markOf(sender)) return true", to: "" },
  {
    name: "an answer leaves before it is on disk",
    file: "src/operations/commit-queue.ts",
    from: "    const first = this.#options.append(entries, marks)\n",
    to: "    works.forEach((work, index) => work.committed(starts[index] ?? 0))\n    const first = this.#options.append(entries, marks)\n",
  },
  {
    name: "what was observed goes before who waits",
    file: "src/operations/commit-queue.ts",
    from: "works.push(...this.#takeObservers(room))",
    to: "works.unshift(...this.#takeObservers(room))",
  },
  // In the gateway.
  {
    name: "a permit lets two calls leave",
    file: "src/host/permits.ts",
    from: "    found.waiting = undefined\n    found.granted = undefined\n    if (!sameModel",
    to: "    if (!sameModel",
  },
  { name: "a permit of one model lets another leave", file: "src/host/permits.ts", from: "if (!sameModel(granted.permit, model) || this", to: "if (this" },
  {
    name: "who gets no answer goes on",
    file: "src/host/model-door.ts",
    from: "if (permit || !hard) return { permit }",
    to: "if (permit || !hard || granted) return { permit }",
  },
  {
    name: "who has asked nobody goes on",
    file: "src/host/model-door.ts",
    from: 'return { permit, stopped: { why: "no permit"',
    to: 'if (!granted) return { permit }\n  return { permit, stopped: { why: "no permit"',
  },
]
