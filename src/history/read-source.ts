/** One source, read by whichever reader is for its kind and version. Called in a thread of its own. */
import { problemOf } from "../base/fault.ts"
import type { EventBatch } from "./events/event-sink.ts"
import { readTranscript } from "./jsonl/read-transcript.ts"
import type { FromReader, Task } from "./read-sources.ts"
import { usageSinks, type Sinks } from "./sinks.ts"
import { agentStoreVersions } from "./stores/agent-tables.ts"
import { readCold } from "./stores/cold-rows.ts"
import { readStore } from "./stores/open-store.ts"
import type { TimedCall } from "./stores/job-executions.ts"
import { stateCalls } from "./stores/state-calls.ts"
import { stateStoreVersions } from "./stores/state-store.ts"
import { readStoreRows } from "./stores/store-rows.ts"

export type SourceRead = {
  /** Where the last line ended. */
  readonly endByte: number
  /** Rows that tell usage. */
  readonly rows: number
  /** Rows, lines, or a file's end, that could not be read. */
  readonly unreadable: number
}

type SendEvents = (batch: EventBatch) => void

/** How everything is read: see `events/deep-reading.ts`. */
export type DeepReading = {
  readonly sinks: (source: number, send: SendEvents) => Sinks
  /** Events of what stands in no transcript. */
  readonly calls: (source: number, calls: readonly TimedCall[], send: SendEvents) => void
}

/** With `deep` everything is read, and events are made of it; without, usage alone. */
export function readSource(task: Task, send: (message: FromReader) => void, deep?: DeepReading): void {
  const { index, source } = task
  try {
    const sendEvents = (events: EventBatch) => send({ events })
    const sinks = deep ? deep.sinks(index, sendEvents) : usageSinks(index, (batch) => send({ batch }))
    send({ done: index, read: readings[source.kind](task, sinks, (calls) => deep?.calls(index, calls, sendEvents)) })
  } catch (error) {
    send({ done: index, problem: problemOf(error) })
  }
}

type Read = (task: Task, sinks: Sinks, told: (calls: readonly TimedCall[]) => void) => SourceRead

const readings: Readonly<Record<Task["source"]["kind"], Read>> = {
  transcript: ({ source: { path, packed, isCopy, place }, latestMs }, sinks) => readTranscript({ path, packed, isCopy, place, latestMs }, sinks),
  cold: ({ source: { path, place, modifiedMs }, latestMs }, sinks) => readCold({ path, place, latestMs, otherwiseMs: Math.floor(modifiedMs) }, sinks),
  "agent-store": ({ source, latestMs, part }, sinks) => {
    const { agent, path, sizeBytes, modifiedMs } = source
    const task = { agent, path, latestMs, otherwiseMs: Math.floor(modifiedMs), part }
    const reading = readStore(path, agentStoreVersions, (database) => readStoreRows(database, task, sinks))
    if (reading.state !== "read") throw new Error("problem" in reading ? reading.problem : "it is gone")
    return { endByte: sizeBytes, ...reading.value }
  },
  // It tells no usage of its own.
  "state-store": ({ source: { path, sizeBytes } }, { isDeep }, told) => {
    const reading = readStore(path, stateStoreVersions, (database) => (isDeep ? [...stateCalls(database)] : []))
    if (reading.state !== "read") throw new Error("problem" in reading ? reading.problem : "it is gone")
    if (isDeep) told(reading.value)
    return { endByte: sizeBytes, rows: 0, unreadable: 0 }
  },
}
