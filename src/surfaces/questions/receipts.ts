/** Receipts: the latest, and one of them whole. */
import { assert } from "../../base/fault.ts"
import type { JsonObject } from "../../base/json.ts"
import { parseRecord } from "../../format/peac/record.ts"
import { listReceipts, receiptNamed, recordOf, type ReceiptFilter } from "../../views/receipts.ts"
import { receiptLine, receiptWhole } from "../render/receipt-text.ts"
import { countWords } from "../render/words.ts"
import { last } from "./last.ts"
import { instant, switched, whole, words, wrong, type Parameter, type Values } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

const statuses = ["ok", "error", "timeout", "canceled"]

export const receiptFilterParameters: readonly Parameter[] = [
  words({ name: "run", as: "id", words: "only of this run (the workflow_id of its records)" }),
  words({ name: "tool", as: "name", words: "only of this tool" }),
  words({ name: "status", as: "status", words: `only with this outcome: ${statuses.join(", ")}` }, parseStatus),
  words({ name: "session", as: "key", words: "only of this session" }),
  instant("since", "of actions that ended from this time on: 24h or 7d back from now, a day, or ISO 8601 with an offset"),
  instant("until", "of actions that ended before this time"),
]

export function receiptFilterIn(values: Values): ReceiptFilter {
  const text = (name: string) => values[name] as string | undefined
  const time = (name: string) => values[name] as number | undefined
  return { run: text("run"), tool: text("tool"), status: text("status"), session: text("session"), sinceMs: time("since"), untilMs: time("until") }
}

function parseStatus(text: string): string {
  if (!statuses.includes(text)) throw wrong(`There is no status "${text}"; the statuses are ${statuses.join(", ")}.`)
  return text
}

export const receiptsListQuestion: Question = {
  path: "receipts list",
  route: "receipts",
  schema: "receipts.schema.json",
  summary: "The latest receipts, newest last",
  parameters: [
    last,
    whole({ name: "offset", words: "leave out that many of the newest", least: 0, most: Number.MAX_SAFE_INTEGER, default: 0 }),
    ...receiptFilterParameters,
  ],
  formats: [],
  help: `A receipt is a PEAC record of one action: a call of a tool, a refusal, an approval, a delegation. They are issued while the setting "receipts" is on.

Examples:
  sovereign-ledger receipts list --last 10
  sovereign-ledger receipts list --tool exec --since 7d --json`,
  ask: (asked, values) => {
    const [limit, offset] = [values["last"] as number, values["offset"] as number]
    const { receipts, total } = listReceipts(asked.access(), receiptFilterIn(values), limit, offset)
    const others = offset > 0 ? "--offset and --last show others" : "--last shows more"
    const more = `${countWords(receipts.length, "receipt")} of ${total.toLocaleString("en")}; ${others}\n`
    return {
      body: { ...bodyOf(asked), limit, offset, total, truncated: total > receipts.length, receipts },
      text: (look) => {
        if (receipts.length === 0) return noneWords(total)
        const lines = receipts.toReversed().map((row) => receiptLine(row, look))
        return [...lines, ...(total > receipts.length ? [look.colors.dim(more)] : [])].join("")
      },
    }
  },
}

function noneWords(total: number): string {
  if (total === 0) return "No receipts. They are issued while the setting receipts is on (docs/guides/receipts.md).\n"
  return `There ${total === 1 ? "is 1 receipt" : `are ${total.toLocaleString("en")} receipts`}, and --offset leaves out all of them.\n`
}

export const receiptsShowQuestion: Question = {
  path: "receipts show",
  route: "receipts/:receipt",
  schema: "receipt.schema.json",
  summary: "One receipt: what it claims, and the record as it was signed",
  argument: { name: "<receipt>", words: "its number, or its id (jti)" },
  parameters: [{ ...switched({ name: "jws", words: "print the record alone, for receipts verify and other tools" }), onlyFlag: true }],
  formats: [],
  help: `Examples:
  sovereign-ledger receipts show 42
  sovereign-ledger receipts show 42 --jws > 42.jws`,
  ask: (asked, values, wanted) => {
    const access = asked.access()
    const receipt = receiptNamed(access, wanted)
    const jws = recordOf(access, receipt)
    const parsed = parseRecord(jws ?? "")
    assert(jws !== undefined && "value" in parsed, "what stands in the list is a record")
    const claims = parsed.value.claims as JsonObject
    const text = (look: Parameters<typeof receiptWhole>[3]) => (values["jws"] === true ? `${jws}\n` : receiptWhole(receipt, claims, jws, look))
    return { body: { ...bodyOf(asked), receipt, claims, jws }, text }
  },
}
