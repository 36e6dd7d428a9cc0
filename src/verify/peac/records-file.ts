/** A file of records: a bundle; records as compact JWS, one a line; or a message or headers that carry some. */
import type { RecordKey } from "../../format/peac/keys.ts"
import { verifyBundle } from "./bundle.ts"
import { carriedTextOf, judgeCarried } from "./carried.ts"
import { linesOf } from "./lines.ts"
import { RecordJudge, type JudgeOptions } from "./records.ts"
import { reportOf, type RecordsReport } from "./report.ts"

const zipStart = Buffer.from("PK")

export function isBundle(bytes: Buffer): boolean {
  return bytes.subarray(0, zipStart.length).equals(zipStart)
}

export function verifyRecordsFile(bytes: Buffer, keys: readonly RecordKey[], options?: JudgeOptions): RecordsReport {
  if (isBundle(bytes)) {
    const { numbered: _, ...report } = verifyBundle(bytes, keys, options)
    return report
  }
  const judge = new RecordJudge(keys, options)
  const carried = carriedTextOf(bytes)
  const { judged, notes } = carried === undefined ? { judged: linesOf(bytes).map((line) => judge.judge(line)), notes: [] } : judgeCarried(carried, judge)
  const report = reportOf(judged, keys.length > 0, judge)
  const none = report.total === 0 && carried === undefined ? ["There is no receipt in it."] : []
  return { ...report, notes: [...report.notes, ...notes, ...none] }
}
