/** Where readers put the rows of a session: a sink counts their usage, or makes events of all of them. */
import { UsageBatcher, type UsageBatch } from "./usage/batch.ts"
import type { SessionPlace } from "./usage/place.ts"
import { usageRowOf, type RowSetting, type TranscriptRow } from "./usage/read-row.ts"

export type SessionSink = {
  /** Answers whether the row tells usage. `writtenMs` is when it was written, where something better than the row itself tells it. */
  readonly add: (row: TranscriptRow, setting: RowSetting, writtenMs?: number) => boolean
  readonly flush: () => void
}

/** `begunMs` is when a fork began; what is older stands in it because it was forked. NaN for any other session. */
export type SinkFor = (place: SessionPlace, begunMs: number) => SessionSink

export type Sinks = {
  readonly of: SinkFor
  /** Every row is wanted, and not only those that tell usage. */
  readonly isDeep: boolean
  /** What is found counts only where nothing else has it. */
  readonly spare?: boolean
}

export function usageSinks(source: number, send: (batch: UsageBatch) => void, spare = false): Sinks {
  return {
    isDeep: false,
    of: (place, begunMs) => {
      const own = new UsageBatcher(source, place, spare, send)
      const inherited = new UsageBatcher(source, place, true, send)
      return {
        add: (row, setting, writtenMs) => {
          const found = usageRowOf(row, setting, writtenMs)
          if (found === undefined) return false
          if (found.atMs < begunMs) inherited.add(found)
          else own.add(found)
          return true
        },
        flush: () => {
          own.flush()
          inherited.flush()
        },
      }
    },
  }
}
