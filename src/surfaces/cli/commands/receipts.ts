/** sovereign-ledger receipts list | show | keys */
import { assert, Fault } from "../../../base/fault.ts"
import { issuerDocument, publishedText, type IssuerDocument, type KeySet } from "../../../format/peac/key-set.ts"
import { parseRecord } from "../../../format/peac/record.ts"
import type { JsonObject } from "../../../base/json.ts"
import { receiptKeys } from "../../../views/receipt-keys.ts"
import { listReceipts, receiptNamed, recordOf, type ReceiptFilter } from "../../../views/receipts.ts"
import { receiptLine, receiptWhole } from "../../render/receipt-text.ts"
import { countWords } from "../../render/words.ts"
import type { CommandRow, Flags, OptionRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { openSink } from "../sink.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

const statuses = ["ok", "error", "timeout", "canceled"]

export const receiptFilterOptions: readonly OptionRow[] = [
  { flags: "--run <id>", words: "only of this run (the workflow_id of its records)" },
  { flags: "--tool <name>", words: "only of this tool" },
  { flags: "--status <status>", words: `only with this outcome: ${statuses.join(", ")}`, parse: parseStatus },
  { flags: "--session <key>", words: "only of this session" },
  { flags: "--since <time>", words: "of actions that ended from this time on: 24h or 7d back from now, a day, or ISO 8601 with an offset" },
  { flags: "--until <time>", words: "of actions that ended before this time" },
]

export function receiptFilterOf(flags: Flags, nowMs: number): ReceiptFilter {
  const text = (name: string) => flags[name] as string | undefined
  const [sinceMs, untilMs] = [timeOf(flags, "since", nowMs), timeOf(flags, "until", nowMs)]
  return { run: text("run"), tool: text("tool"), status: text("status"), session: text("session"), sinceMs, untilMs }
}

function parseStatus(text: string): string {
  if (!statuses.includes(text)) throw new Fault("cli.usage", { problem: `There is no status "${text}"; the statuses are ${statuses.join(", ")}.` })
  return text
}

export const receiptsList: CommandRow = {
  path: "receipts list",
  summary: "The latest receipts, newest last",
  options: [
    { flags: "--last <n>", words: "how many (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--offset <n>", words: "leave out that many of the newest", parse: wholeNumber("--offset", 0, Number.MAX_SAFE_INTEGER) },
    ...receiptFilterOptions,
  ],
  help: `A receipt is a PEAC record of one action: a call of a tool, a refusal, an approval, a delegation. They are issued while the setting "receipts" is on.

Examples:
  sovereign-ledger receipts list --last 10
  sovereign-ledger receipts list --tool exec --since 7d --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const [limit, offset] = [(flags["last"] ?? 50) as number, (flags["offset"] ?? 0) as number]
      const { receipts, total } = listReceipts(access, receiptFilterOf(flags, nowMs), limit, offset)
      if (json) {
        const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), limit, offset, total, truncated: total > receipts.length, receipts }
        await terminal.write(`${JSON.stringify(body)}\n`)
        return 0
      }
      const lines = receipts.toReversed().map((row) => receiptLine(row, terminal))
      await terminal.write(lines.length === 0 ? noneWords(total) : lines.join(""))
      if (lines.length > 0 && total > lines.length)
        await terminal.write(
          terminal.colors.dim(
            `${countWords(lines.length, "receipt")} of ${total.toLocaleString("en")}; ${offset > 0 ? "--offset and --last show others" : "--last shows more"}\n`,
          ),
        )
      return 0
    }),
}

function noneWords(total: number): string {
  if (total === 0) return "No receipts. They are issued while the setting receipts is on (docs/guides/receipts.md).\n"
  return `There ${total === 1 ? "is 1 receipt" : `are ${total.toLocaleString("en")} receipts`}, and --offset leaves out all of them.\n`
}

export const receiptsShow: CommandRow = {
  path: "receipts show",
  summary: "One receipt: what it claims, and the record as it was signed",
  argument: { name: "<receipt>", words: "its number, or its id (jti)" },
  options: [{ flags: "--jws", words: "print the record alone, for receipts verify and other tools" }],
  help: `Examples:
  sovereign-ledger receipts show 42
  sovereign-ledger receipts show 42 --jws > 42.jws`,
  run: (context, flags, wanted = "") =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const row = receiptNamed(access, wanted)
      const jws = recordOf(access, row)
      const parsed = parseRecord(jws ?? "")
      assert(jws !== undefined && "value" in parsed, "what stands in the list is a record")
      const claims = parsed.value.claims as JsonObject
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), receipt: row, claims, jws }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : flags["jws"] === true ? `${jws}\n` : receiptWhole(row, claims, jws, terminal))
      return 0
    }),
}

export const receiptsKeys: CommandRow = {
  path: "receipts keys",
  summary: "The public keys that receipts are checked with, as a JWKS",
  options: [
    { flags: "--out <file>", words: "write them to a file instead; refuses to replace one" },
    { flags: "--issuer <origin>", words: "print peac-issuer.json instead, for https://<issuer>/.well-known/: where the keys are published" },
  ],
  help: `Give them to whoever checks receipts, by another way than the receipts: who pins them needs nobody's word. All keys that ever signed are in them, the one that signs
now is the last. A hand-over of the ledger's key (key hand-over) is their rotation; those that were revoked (receipts revoke) are listed in revoked_keys.

Examples:
  sovereign-ledger receipts keys --out jwks.json
  sovereign-ledger receipts keys --issuer https://agents.example.com --out peac-issuer.json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const issuer = flags["issuer"] as string | undefined
      const body = issuer === undefined ? receiptKeys(access) : issuerConfig(issuer, receiptKeys(access))
      const out = flags["out"] as string | undefined
      const sink = openSink(context, out)
      try {
        await sink.write(publishedText(body))
      } finally {
        sink.close()
      }
      if (out === undefined) return 0
      const written = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), file: out }
      if (context.json) await context.terminal.write(`${JSON.stringify(written)}\n`)
      else context.terminal.note(`Public keys written to ${out}.`)
      return 0
    }),
}

/** What a verifier that goes by the issuer's name asks for first. */
function issuerConfig(issuer: string, keys: KeySet): IssuerDocument {
  const document = issuerDocument(issuer, keys)
  if (!document) throw new Fault("cli.usage", { problem: `--issuer takes a bare https origin such as https://agents.example.com, not "${issuer}".` })
  return document
}
