/** Where readers put the rows of a session: a sink counts their usage, or makes events of all of them. */
import { UsageBatcher, type UsageBatch } from "./usage/batch.ts"
import type { SessionPlace } from "./usage/place.ts"
import { Turns } from "./usage/turns.ts"
import { usageRowOf, type RowSetting, type TranscriptRow } from "./usage/read-row.ts"

export type SessionSink = {
  /** Of a session that channels share, messages are told too. Answers whether the row tells usage. `writtenMs` is when it was written, where something better than the row itself tells it. */
  readonly add: (row: TranscriptRow, setting: RowSetting, writtenMs?: number) => boolean
  /** A row that was told before: only what comes after it is wanted, which may answer it. */
  readonly pass: (row: TranscriptRow) => void
  readonly flush: () => void
}

/** `begunMs` is when a fork began; what is older stands in it because it was forked. NaN for any other session. */
export type SinkFor = (place: SessionPlace, begunMs: number) => SessionSink

export type Sinks = {
  readonly of: SinkFor
  /** Every row is wanted, and not only those that tell usage. */
  readonly isDeep: boolean
}

type Batchers = { readonly where: SessionPlace; readonly own: UsageBatcher; readonly inherited: UsageBatcher }

/** Of one session, with rows that wait to be told together. */
const mostPlaces = 64

export function usageSinks(source: number, send: (batch: UsageBatch) => void): Sinks {
  return {
    isDeep: false,
    of: (place, begunMs) => {
      const turns = new Turns(place)
      const batchers = new Map<SessionPlace, Batchers>()
      // Most rows are of the place of the one before.
      let last: Batchers | undefined
      const flush = () => {
        for (const { own, inherited } of batchers.values()) {
          own.flush()
          inherited.flush()
        }
        batchers.clear()
        last = undefined
      }
      const at = (where: SessionPlace) => {
        if (last?.where === where) return last
        const known = batchers.get(where)
        if (known) return (last = known)
        if (batchers.size >= mostPlaces) flush()
        const made = { where, own: new UsageBatcher(source, where, false, send), inherited: new UsageBatcher(source, where, true, send) }
        batchers.set(where, made)
        return (last = made)
      }
      return {
        add: (row, setting, writtenMs) => {
          const where = turns.at(row)
          const found = usageRowOf(row, setting, writtenMs)
          if (found === undefined) return false
          const { own, inherited } = at(where)
          if (found.atMs < begunMs) inherited.add(found)
          else own.add(found)
          return true
        },
        pass: (row) => void turns.at(row),
        flush,
      }
    },
  }
}
