/** What of a batch is new. Where all of it is, its text and its bytes are left as they are. */
import { countOf, objectOf } from "../../../base/json.ts"
import { usageColumnNames } from "../../../format/facts/history.ts"
import { rowNameLength } from "../../../format/row-name.ts"
import type { EventBatch } from "../../../history/events/event-sink.ts"
import { eventParts, unpacked } from "../../../history/events/packed-events.ts"
import { columnsIn, columnsText, type Columns, type UsageBatch } from "../../../history/usage/batch.ts"

/** Whether the name that begins at a place of a text is new. */
export type IsFresh = (names: string, at: number) => boolean

/** Undefined when no row is. @param sinceMs what happened before is left out. */
export function freshPart(batch: UsageBatch, isFresh: IsFresh, sinceMs = 0): UsageBatch | undefined {
  const { ids, count, responses } = batch
  const times = sinceMs === 0 ? undefined : columnsIn(batch.columns, count).atMs
  let kept: number[] | undefined
  for (let index = 0; index < count; index++) {
    const isNew = (times?.[index] ?? sinceMs) >= sinceMs && isFresh(ids, index * rowNameLength)
    if (!isNew) kept ??= Array.from({ length: index }, (_, before) => before)
    else kept?.push(index)
  }
  if (kept === undefined) return batch
  if (kept.length === 0) return undefined
  const some = kept
  const columns = columnsIn(batch.columns, count)
  const fresh = Object.fromEntries(usageColumnNames.map((name) => [name, some.map((index) => columns[name][index] ?? 0)])) as Readonly<
    Record<string, number[]>
  > as unknown as Columns
  return {
    ...batch,
    count: some.length,
    ids: some.map((index) => nameAt(ids, index)).join(""),
    columns: columnsText(fresh),
    responses: responses.length === 0 ? [] : some.map((index) => responses[index] ?? ""),
  }
}

export type FreshEvents = {
  readonly fresh: { readonly count: number; readonly bytes: Buffer }
  /** Those that tell the usage of a call, of all and of those that are new. */
  readonly calls: number
  readonly freshCalls: number
}

export function freshEvents({ count, names, calls: digits, bytes }: EventBatch, isFresh: IsFresh, sinceMs = 0): FreshEvents {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const timed = sinceMs === 0 ? undefined : eventParts(all)
  const kept: number[] = []
  let [calls, freshCalls] = [0, 0]
  for (let index = 0; index < count; index++) {
    const isCall = digits[index] === "1"
    const isNew = timeOf(timed?.[index], sinceMs) >= sinceMs && isFresh(names, index * rowNameLength)
    if (isCall) calls++
    if (isCall && isNew) freshCalls++
    if (isNew) kept.push(index)
  }
  if (kept.length === count) return { fresh: { count, bytes: all }, calls, freshCalls }
  const parts = eventParts(all) ?? []
  return { fresh: { count: kept.length, bytes: Buffer.concat(kept.flatMap((index) => parts[index] ?? [])) }, calls, freshCalls }
}

/** When an event happened; `otherwiseMs` where it is not asked, or not said. */
function timeOf(part: Buffer | undefined, otherwiseMs: number): number {
  const facts = part && unpacked(part)?.facts
  return (facts && countOf(objectOf(JSON.parse(facts.toString("utf8")))["atMs"])) ?? otherwiseMs
}

function nameAt(ids: string, index: number): string {
  return ids.slice(index * rowNameLength, (index + 1) * rowNameLength)
}
