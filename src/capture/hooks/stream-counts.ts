/**
 * Counts, run by run, the agent events that are not recorded one by one, and hands the counts on with the event that ends the run. One of these lives as
 * long as the subscription; it looks at two words of an event and copies nothing of it.
 */
import { objectOf } from "../../base/json.ts"
import type { Picked } from "../hook-row.ts"
import { isRecorded } from "./agent-event.ts"

type Counts = { answerDeltas: number; thinkingDeltas: number; outputDeltas: number; toolCalls: number; otherEvents: number }

/** Runs that never end are forgotten when so many came after them. */
const mostRuns = 1000

export class StreamCounts {
  readonly #byRun = new Map<unknown, Counts>()

  /** The event to record, with the counts of its run when it ends it; undefined when it was only counted. */
  take(value: unknown): Picked | undefined {
    try {
      return this.#take(objectOf(value))
    } catch {
      // An event that throws when it is looked at: the row takes what can be read of it.
      return typeof value === "object" && value !== null ? (value as Picked) : undefined
    }
  }

  #take(event: Picked): Picked | undefined {
    const run = event["runId"]
    if (!isRecorded(event)) {
      this.#count(run, event)
      return undefined
    }
    const phase = objectOf(event["data"])["phase"]
    const ends = event["stream"] === "lifecycle" && (phase === "end" || phase === "error")
    const counted = ends ? this.#byRun.get(run) : undefined
    if (counted === undefined) return event
    this.#byRun.delete(run)
    return { ...event, counted }
  }

  #count(run: unknown, event: Readonly<Record<string, unknown>>): void {
    const counts = this.#byRun.get(run) ?? { answerDeltas: 0, thinkingDeltas: 0, outputDeltas: 0, toolCalls: 0, otherEvents: 0 }
    counts[counterOf(event)]++
    if (this.#byRun.has(run)) return
    this.#byRun.set(run, counts)
    if (this.#byRun.size > mostRuns) this.#byRun.delete(this.#byRun.keys().next().value)
  }
}

function counterOf(event: Readonly<Record<string, unknown>>): keyof Counts {
  switch (event["stream"]) {
    case "assistant":
      return "answerDeltas"
    case "thinking":
      return "thinkingDeltas"
    case "command_output":
      return "outputDeltas"
    case "tool":
      return objectOf(event["data"])["phase"] === "start" ? "toolCalls" : "otherEvents"
    default:
      return "otherEvents"
  }
}
