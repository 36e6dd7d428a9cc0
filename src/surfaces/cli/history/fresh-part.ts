/** The rows of a batch that are new; undefined when none is. Where all are, its text is left as it is. */
import { rowNameLength } from "../../../format/row-name.ts"
import { columnNames, columnsText, type Columns, type UsageBatch } from "../../../history/usage/batch.ts"

export function freshPart(batch: UsageBatch, isFresh: (row: string) => boolean): UsageBatch | undefined {
  const { ids, count, responses } = batch
  let kept: number[] | undefined
  for (let index = 0; index < count; index++) {
    const isNew = isFresh(nameAt(ids, index))
    if (!isNew) kept ??= Array.from({ length: index }, (_, before) => before)
    else kept?.push(index)
  }
  if (kept === undefined) return batch
  if (kept.length === 0) return undefined
  const some = kept
  const columns = JSON.parse(batch.columns) as Columns
  const fresh = Object.fromEntries(columnNames.map((name) => [name, some.map((index) => columns[name][index] ?? 0)])) as Readonly<
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
