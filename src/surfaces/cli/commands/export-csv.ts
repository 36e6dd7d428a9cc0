/** sovereign-ledger export-csv */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import { callCount, callPages } from "../../../views/exports/calls.ts"
import { UsageCsv, usageColumns } from "../../../views/exports/usage-csv.ts"
import { windowColumns, windowHead, windowRows } from "../../../views/exports/windows-csv.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { openWholeFile, type WholeFile } from "../whole-file.ts"
import { callOptions, callQuestionOf } from "./export-calls.ts"
import { reading } from "./events.ts"

export const exportCsvFiles: CommandRow = {
  path: "export-csv",
  summary: "Model calls and subscription windows as two CSV files for Power BI and spreadsheets",
  options: [
    { flags: "--out-dir <directory>", words: "where the files go; made when it is not there" },
    ...callOptions,
    { flags: "--labels", words: "in session_key, the sessions' own names instead of their ids: they may name people" },
    { flags: "--force", words: "take the place of files that are there" },
  ],
  help: `Writes two files (mode 0600), each whole or not at all:
usage_events.csv, a row a model call: ${usageColumns.join(", ")}.
provider_usage_snapshots.csv, a row each time a provider told how far a window of a subscription is used: ${windowColumns.join(", ")}.
The first line names the columns, also where there are no rows. Times are UTC, dollars exact decimals, what was not told is an empty cell; a cell that a
spreadsheet would run as a formula gets a leading apostrophe. A million rows need no more memory than a thousand. CSV cannot be verified; export json can.

Examples:
  sovereign-ledger export-csv --out-dir reports
  sovereign-ledger export-csv --out-dir reports --since 30d --force`,
  run: (context, flags) => {
    const directory = flags["outDir"] as string | undefined
    if (directory === undefined)
      throw new Fault("cli.usage", { problem: "export-csv makes two files; name their directory with --out-dir DIR.", command: "sovereign-ledger export-csv" })
    return reading(context, (access) => write(context, access, flags, directory))
  },
}

async function write(context: CommandContext, access: LedgerAccess, flags: Flags, directory: string): Promise<number> {
  const { nowMs, terminal } = context
  const question = callQuestionOf(flags, nowMs)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Fault("store.write-failed", { file: directory, problem: problemOf(error) }, error)
  }
  const files: WholeFile[] = []
  const open = (name: string) => {
    const file = openWholeFile(join(directory, name), flags["force"] === true)
    files.push(file)
    return file
  }
  try {
    const [usage, windows] = [open("usage_events.csv"), open("provider_usage_snapshots.csv")]
    const calls = writeCalls(usage, access, question, terminal.progress("Exporting"))
    windows.write(windowHead)
    let samples = 0
    for (const row of windowRows(access, question)) {
      windows.write(row)
      samples++
    }
    usage.finish()
    windows.finish()
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), directory, usageEvents: calls, providerUsageSnapshots: samples }
    if (context.json) await terminal.write(`${JSON.stringify(body)}\n`)
    else terminal.note(`${countWords(calls, "model call")} and ${countWords(samples, "snapshot")} written to ${directory}.`)
    return 0
  } finally {
    for (const file of files) file.giveUp()
  }
}

function writeCalls(
  file: WholeFile,
  access: LedgerAccess,
  question: ReturnType<typeof callQuestionOf>,
  progress: (done: number, total: number) => void,
): number {
  const csv = new UsageCsv()
  const total = callCount(access)
  file.write(csv.head)
  let rows = 0
  for (const page of callPages(access, question)) {
    let text = ""
    for (const call of page) text += csv.row(call)
    file.write(text)
    rows += page.length
    progress(rows, total)
  }
  return rows
}
