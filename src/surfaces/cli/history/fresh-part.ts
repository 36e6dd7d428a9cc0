/** The rows of a batch that are new; undefined when none is. Where all are, their text is left as it is. */
import { rowNameLength } from "../../../format/row-name.ts"
import { rowSeparator, type UsageBatch } from "../../../history/usage/batch.ts"

export function freshPart(batch: UsageBatch, isFresh: (row: string) => boolean): UsageBatch | undefined {
  const { ids, count } = batch
  let fresh: boolean[] | undefined
  let kept = 0
  for (let index = 0; index < count; index++) {
    const isNew = isFresh(ids.slice(index * rowNameLength, (index + 1) * rowNameLength))
    if (isNew) kept++
    else fresh ??= Array.from({ length: index }, () => true)
    fresh?.push(isNew)
  }
  if (fresh === undefined) return batch
  if (kept === 0) return undefined
  const isKept = fresh
  const rows = batch.rows.split(rowSeparator).filter((_, index) => isKept[index])
  const names = Array.from({ length: count }, (_, index) => ids.slice(index * rowNameLength, (index + 1) * rowNameLength)).filter((_, index) => isKept[index])
  return { ...batch, ids: names.join(""), rows: rows.join(rowSeparator), count: kept }
}
