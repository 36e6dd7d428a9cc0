/** One source, read by whichever reader is for its kind and version. Called in a thread of its own. */
import { problemOf } from "../base/fault.ts"
import { readTranscript } from "./jsonl/read-transcript.ts"
import type { FromReader, Task } from "./read-sources.ts"
import { agentStoreVersions } from "./stores/agent-store.ts"
import { readColdUsage } from "./stores/cold-usage.ts"
import { readStore } from "./stores/open-store.ts"
import { stateStoreVersions } from "./stores/state-store.ts"
import { readStoreUsage } from "./stores/usage-rows.ts"
import type { UsageBatch } from "./usage/batch.ts"

export type SourceRead = {
  /** Where the last line ended. */
  readonly endByte: number
  readonly bytes: number
  /** Rows that tell usage. */
  readonly rows: number
  /** Rows, lines, or a file's end, that could not be read. */
  readonly unreadable: number
}

export function readSource(task: Task, send: (message: FromReader) => void): void {
  try {
    send({ done: task.index, read: readings[task.source.kind](task, (batch) => send({ batch })) })
  } catch (error) {
    send({ done: task.index, problem: problemOf(error) })
  }
}

type Read = (task: Task, send: (batch: UsageBatch) => void) => SourceRead

const readings: Readonly<Record<Task["source"]["kind"], Read>> = {
  transcript: ({ index, source: { path, packed, isCopy, place }, latestMs }, send) =>
    readTranscript({ source: index, path, packed, isCopy, place, latestMs }, send),
  cold: ({ index, source: { path, place, modifiedMs }, latestMs }, send) =>
    readColdUsage({ source: index, path, place, latestMs, otherwiseMs: Math.floor(modifiedMs) }, send),
  "agent-store": ({ index, source, latestMs }, send) => {
    const { agent, path, sizeBytes, modifiedMs } = source
    const task = { source: index, agent, path, latestMs, otherwiseMs: Math.floor(modifiedMs) }
    const reading = readStore(path, agentStoreVersions, (database) => readStoreUsage(database, task, send))
    if (reading.state !== "read") throw new Error("problem" in reading ? reading.problem : "it is gone")
    return { endByte: sizeBytes, bytes: sizeBytes, ...reading.value }
  },
  // It tells no usage of its own.
  "state-store": ({ source: { path, sizeBytes } }) => {
    const reading = readStore(path, stateStoreVersions, () => true)
    if (reading.state !== "read") throw new Error("problem" in reading ? reading.problem : "it is gone")
    return { endByte: sizeBytes, bytes: sizeBytes, rows: 0, unreadable: 0 }
  },
}
