/** sovereign-ledger export json | csv */
import type { ExportEnd, ExportRow } from "../../../format/export-row.ts"
import { csvHeader, csvRow, exportRows } from "../../../views/export.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { openExport, sealOption } from "./vault-sealing.ts"
import { filterOf, filterOptions, reading } from "./events.ts"

const options: readonly OptionRow[] = [
  { flags: "--out <file>", words: "write to a file (mode 0600) instead of standard output; refuses to replace one" },
  sealOption,
  ...filterOptions,
  { flags: "--security-only", words: "only categories that matter to security: security, config, system" },
  { flags: "--limit <n>", words: "at most that many rows", parse: wholeNumber("--limit", 1, 10_000_000) },
  { flags: "--include-content", words: "with what people wrote, arguments and results: plain text, no longer sealed" },
]

const help = `Rows are written in the order of the journal, all of one moment.
A JSON export (NDJSON) ends with a signed checkpoint and carries what is needed to check it without us:
  sovereign-ledger verify --offline FILE --key KEY
An export that leaves entries out carries an inclusion proof on each row.
CSV is for spreadsheets; it cannot be verified. With --seal the file opens with vault unseal, and nothing of it was ever plain on the disk.

Examples:
  sovereign-ledger export json --out ledger.ndjson
  sovereign-ledger export csv --category tool --out tools.csv`

export const exportJson: CommandRow = {
  path: "export json",
  summary: "Entries as NDJSON that a stranger can verify",
  options,
  help,
  run: (context, flags) => run(context, flags, "", (row) => `${JSON.stringify(row)}\n`),
}

/** What to export may be left out: entries, verifiable. */
export const exportEntries: CommandRow = {
  ...exportJson,
  path: "export",
  summary: "For other programs: entries as NDJSON, which is export json; or one of these",
}

export const exportCsv: CommandRow = {
  path: "export csv",
  summary: "Entries as CSV for a spreadsheet (cannot be verified)",
  options,
  help,
  run: (context, flags) => run(context, flags, `${csvHeader()}\r\n`, (row) => ("rows" in row ? "" : `${csvRow(row)}\r\n`)),
}

const bufferedBytes = 64 * 1024

function run(context: CommandContext, flags: Flags, head: string, text: (row: ExportRow | ExportEnd) => string): Promise<number> {
  return reading(context, async (access) => {
    const question = {
      ...filterOf(flags),
      securityOnly: flags["securityOnly"] === true,
      limit: flags["limit"] as number | undefined,
      includeContent: flags["includeContent"] === true,
    }
    const sink = await openExport(context, flags)
    const progress = context.terminal.progress("Exporting")
    const total = access.reader.size()
    let held = head
    let rows = 0
    for (const row of exportRows(access, question)) {
      held += text(row)
      rows++
      if (held.length < bufferedBytes) continue
      await sink.write(held)
      held = ""
      progress(rows, total)
    }
    await sink.write(held)
    sink.close()
    if (flags["out"] !== undefined) context.terminal.note(`${countWords(rows - 1, "row")} written to ${String(flags["out"])}.`)
    return 0
  })
}
