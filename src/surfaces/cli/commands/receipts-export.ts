/** sovereign-ledger receipts export */
import { Fault } from "../../../base/fault.ts"
import type { JsonObject } from "../../../base/json.ts"
import { buildVersion } from "../../../version.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { bundleOf, mostInBundle } from "../../../views/receipt-bundle.ts"
import { receiptKeys } from "../../../views/receipt-keys.ts"
import { listReceipts, type ReceiptFilter } from "../../../views/receipts.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { newFile, refuseTaken } from "../sink.ts"
import { storedZip } from "../stored-zip.ts"
import { optionsOf, valuesOfFlags } from "../question-command.ts"
import { receiptFilterIn, receiptFilterParameters } from "../../questions/receipts.ts"
import { reading } from "./events.ts"

type Written = { readonly file: string; readonly receipts: number; readonly first: number; readonly last: number; readonly bytes: number }

const mostReceipts = 10_000_000

export const receiptsExport: CommandRow = {
  path: "receipts export",
  summary: "Receipts as a signed bundle that a stranger checks offline",
  argument: { name: "<file>", words: "the bundle to write, such as november.peacbundle; refuses to replace one" },
  options: [...optionsOf(receiptFilterParameters), { flags: "--dispute <id>", words: "make it a bundle for this dispute" }],
  help: `A bundle (peac-bundle/0.1) holds at most ${mostInBundle.toLocaleString("en")} records; more are split over files with -1, -2 … before the ending. What its manifest lists is signed, and so is
the statement of which receipts there were to be in it: without a filter, one that was left out is missed by who checks it. Its keys are for reading alone;
who checks it needs them by another way (receipts keys).

Examples:
  sovereign-ledger receipts export november.peacbundle
  sovereign-ledger receipts export run.peacbundle --run 0f8fad5b-d9cb-469f-a165-70867728950e
  sovereign-ledger receipts verify november.peacbundle --keys jwks.json`,
  run: (context, flags, file = "") =>
    reading(context, async (access) => {
      const written = bundles(context, access, flags, file)
      const { terminal, json, nowMs } = context
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), bundles: written }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : written.map(line).join(""))
      return 0
    }),
}

function bundles({ nowMs }: CommandContext, access: LedgerAccess, flags: Flags, file: string): readonly Written[] {
  if (file === "-")
    throw new Fault("cli.usage", { problem: "A bundle is written to a file, and many receipts to several: name one, such as november.peacbundle." })
  const filter = receiptFilterIn(valuesOfFlags(receiptFilterParameters, flags, nowMs))
  const rows = listReceipts(access, filter, mostReceipts).receipts.toReversed()
  if (rows.length === 0) throw new Fault("receipt.none", {})
  const selection = selectionOf(filter)
  const question = { keys: receiptKeys(access), selection, nowMs, version: buildVersion, dispute: flags["dispute"] as string | undefined }
  const parts = Math.ceil(rows.length / mostInBundle)
  const names = parts === 1 ? [file] : Array.from({ length: parts }, (_, part) => partName(file, part + 1))
  for (const path of names) refuseTaken(path)
  return names.map((path, part) => {
    const some = rows.slice(part * mostInBundle, (part + 1) * mostInBundle)
    const bytes = storedZip(bundleOf(access, { ...question, rows: some }), nowMs)
    newFile(path, bytes)
    return { file: path, receipts: some.length, first: some.at(0)?.number ?? 0, last: some.at(-1)?.number ?? 0, bytes: bytes.length }
  })
}

/** What was asked for, for who gets the bundle and was not there when it was: a session's key may name a person, and stays here; times are RFC 3339. */
function selectionOf({ run, tool, status, session, sinceMs, untilMs }: ReceiptFilter): JsonObject | null {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  const told = { run, tool, status, session: session === undefined ? undefined : "one", since: time(sinceMs), until: time(untilMs) }
  const given = Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return given.length === 0 ? null : Object.fromEntries(given)
}

function partName(file: string, part: number): string {
  const dot = file.lastIndexOf(".")
  return dot <= file.lastIndexOf("/") + 1 ? `${file}-${part}` : `${file.slice(0, dot)}-${part}${file.slice(dot)}`
}

function line({ file, receipts, first, last, bytes }: Written): string {
  return `${file}: ${countWords(receipts, "receipt")}, number ${first} to ${last}, ${bytes.toLocaleString("en")} bytes\n`
}
