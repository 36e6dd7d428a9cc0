/** The rows of a batch that are new; undefined when none is. Where all are, its text is left as it is. */
import { usageColumnNames } from "../../../format/facts/history.ts"
import { rowNameLength } from "../../../format/row-name.ts"
import { columnsIn, columnsText, type Columns, type UsageBatch } from "../../../history/usage/batch.ts"

/** Whether the name that begins at a place of a text is new. */
export type IsFresh = (names: string, at: number) => boolean

export function freshPart(batch: UsageBatch, isFresh: IsFresh): UsageBatch | undefined {
  const { ids, count, responses } = batch
  let kept: number[] | undefined
  for (let index = 0; index < count; index++) {
    const isNew = isFresh(ids, index * rowNameLength)
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

function nameAt(ids: string, index: number): string {
  return ids.slice(index * rowNameLength, (index + 1) * rowNameLength)
}
