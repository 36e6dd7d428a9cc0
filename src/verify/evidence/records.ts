/** PEAC records: compact JWS, one a line; or in a message of MCP or A2A, or in headers of HTTP, that carries them. */
import { a2aExtension, metaPrefix } from "../../format/peac/carrier.ts"
import { ignoredWords } from "../../format/peac/keys.ts"
import { carriedTextOf, carriersOfText, isCarrying, judgeCarried } from "../peac/carried.ts"
import { RecordJudge } from "../peac/records.ts"
import { linesOf } from "../peac/lines.ts"
import { judgedNotes, repeatedIn, repeatedNotes, reportOf, type RecordsReport } from "../peac/report.ts"
import { wholeOf } from "../byte-source.ts"
import { counted, type EvidenceKind, type Finding } from "./evidence.ts"
import { askOfRecords, countWords, keysOfRecords, receiptsNotProven, shownRecords } from "./receipt-words.ts"
import { judgeOptions } from "./pins.ts"
import { tooLarge } from "./unknown.ts"

const mostBytes = 512 * 1024 * 1024

/** Wherever a line begins as a record does, behind blank lines or others, it is a list of them: what is put in front makes it nothing that need not be looked at. */
const record = /(?:^|\n)(?:\u00ef\u00bb\u00bf)?(?:eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]|[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.)/

export const records: EvidenceKind = {
  isOne: ({ begin, end }) => record.test(begin) || record.test(end) || /^eyJ[A-Za-z0-9_-]+$/.test(begin) || isCarrier(begin, end),
  ask: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return
    const carried = carriedTextOf(bytes)
    const carriers = carried === undefined ? undefined : carriersOfText(carried)
    const lines = carriers && ("value" in carriers ? carriers.value.flatMap(({ receipt_jws: jws }) => jws ?? []) : [])
    askOfRecords(lines ?? linesOf(bytes), pins.records)
  },
  examine: (source, pins) => {
    const bytes = wholeOf(source, mostBytes)
    if (!bytes) return tooLarge(mostBytes)
    const judge = new RecordJudge(pins.records, judgeOptions(pins))
    const carried = carriedTextOf(bytes)
    const { judged, notes } = carried === undefined ? { judged: linesOf(bytes).map((line) => judge.judge(line)), notes: [] } : judgeCarried(carried, judge)
    const report = reportOf(judged, pins.records.length > 0, judge)
    return {
      kind: carried !== undefined ? "a message or headers that carry PEAC receipts" : judged.length === 1 ? "a PEAC receipt" : "a list of PEAC receipts",
      verdict: report.verdict,
      says: wordsOf(report, report.total - repeatedIn(judged)),
      checked: [
        `that ${counted(report.total, "receipt")} are well formed and claim what a receipt can (PEAC Wire 0.2)`,
        "their signatures, byte for byte, by the pinned keys they name",
        "that none was issued after its key was revoked",
        ...(carried === undefined ? [] : ["that each is the one that its reference is of"]),
      ],
      keys: keysOfRecords(report),
      problems: report.problems,
      details: [{ name: "receipts", value: countWords(report) }],
      contents: shownRecords(judged.map(({ record }) => record)),
      notes: [...repeatedNotes(judged), ...judgedNotes(judged, judge), ...notes, ...ignoredWords(pins.ignored)],
      notProven: ["That there are no others: a list says nothing of what is not on it; a bundle that is signed does.", ...receiptsNotProven],
    }
  },
}

function isCarrier(begin: string, end: string): boolean {
  if (!isCarrying(begin)) return false
  return [begin, end].some((text) => text.includes(`"${metaPrefix}receipt_`) || text.includes(a2aExtension) || /^peac-receipt(?:-url)?:/im.test(text))
}

function wordsOf({ verdict, total, untrusted }: RecordsReport, distinct: number): Finding["says"] {
  if (verdict === "valid") return distinct === 1 ? "The receipt is as its issuer signed it." : `All ${distinct} receipts are as their issuer signed them.`
  if (verdict === "invalid") return "Something in this file is not what its issuer signed."
  return `Nothing is wrong with this file, but ${untrusted === total ? "nobody" : "not everybody"} who signed it is known: the key is not pinned, or others may have it.`
}
