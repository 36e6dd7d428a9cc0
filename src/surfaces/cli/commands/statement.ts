/** sovereign-ledger statement */
import { Fault } from "../../../base/fault.ts"
import { parseVerifierKey } from "../../../format/checkpoint.ts"
import { isZone, localText } from "../../../ledger/periods.ts"
import { checkNote } from "../../../views/completeness-statement.ts"
import { signedHeadAt } from "../../../views/signed-head.ts"
import { signedMonth, spendingForm } from "../../../views/statement-note.ts"
import { monthStatement } from "../../../views/statement.ts"
import { keyStoreExists, readKeyStore } from "../../../vault/key-store.ts"
import { statementPage } from "../../page/statement-page.ts"
import { checkedMonthText, monthText } from "../../render/statement-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { openSink, type Sink } from "../sink.ts"
import { openExport, sealOption } from "./vault-sealing.ts"
import { isSignedBy, readNote } from "./completeness.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { reading } from "./events.ts"

const command = "sovereign-ledger statement"
const formats = ["text", "json", "html"] as const
type Format = (typeof formats)[number]

export const statementCommand: CommandRow = {
  path: "statement",
  summary: "A month of the ledger: opening, allocated, consumed, closing, signed",
  options: [
    { flags: "--month <month>", words: "the month, as 2026-11 (default: this one)", parse: parseMonth },
    { flags: "--zone <zone>", words: "the time zone whose month it is, as Europe/Berlin (default: UTC)", parse: parseZone },
    { flags: "--format <format>", words: "text, json or html (default text)", parse: parseFormat },
    { flags: "--out <file>", words: "write it to a file (mode 0600) instead of standard output; refuses to replace one" },
    sealOption,
    { flags: "--sign <file>", words: "also write what it says as a note signed by the ledger's key; refuses to replace a file" },
    { flags: "--check <file>", words: "check such a note instead; needs no ledger and no secret key" },
    {
      flags: "--key <verifier key>",
      words: "with --check: the verifier key the operator gave you; without it the key of the ledger in --data-dir, if there is one",
      parse: (text) => parseVerifierKey(text) && text,
    },
  ],
  help: `Counted from the journal itself. Consumption stands by account, model, tool and budget, and by how well it is known: exact (that call's own usage), bound
(no usage came, so the most it could cost), counted (usage without a hold). JSON and HTML carry the signed note; the HTML is one file that needs no network.

Exit status: 0 told, or the note is good; 1 with --check, it is not; 2 it could not be told.

Examples:
  sovereign-ledger statement --month 2026-11
  sovereign-ledger statement --month 2026-11 --zone Europe/Berlin --format html --out november.html
  sovereign-ledger statement --month 2026-11 --sign november.note
  sovereign-ledger statement --check november.note --key "$(cat verifier.key)"`,
  run: (context, flags) => (flags["check"] === undefined ? tell(context, flags) : check(context, flags)),
}

function tell(context: CommandContext, flags: Flags): Promise<number> {
  const { nowMs, terminal } = context
  const zone = (flags["zone"] as string | undefined) ?? "UTC"
  const month = (flags["month"] as string | undefined) ?? localText(zone, nowMs).slice(0, 7)
  const format = (flags["format"] as Format | undefined) ?? (context.json ? "json" : "text")
  if (context.json && format !== "json") throw no(`--json and --format ${format} are two forms of one answer; ask for one of them.`)
  return reading(context, async (access) => {
    const counted = monthStatement(access, { month, zone, nowMs: await ledgerTimeMs(context, access), onProgress: terminal.progress("Counting the month") })
    const { statement, size } = counted
    const { origin } = access.keys.store
    const generatedAt = new Date(nowMs).toISOString()
    const note = signedMonth(counted, generatedAt, origin, signedHeadAt(access, size))
    const forms: { readonly [F in Format]: () => string } = {
      text: () => monthText(statement, { size, name: origin }, terminal),
      json: () => `${JSON.stringify({ schemaVersion: 1, generatedAt, entries: size, ...statement, note })}\n`,
      html: () => statementPage(statement, note, origin),
    }
    await put(context, await openExport(context, flags), flags["out"] as string | undefined, forms[format]())
    const sign = flags["sign"] as string | undefined
    if (sign !== undefined) await put(context, openSink(context, sign), sign, note)
    return 0
  })
}

async function put(context: CommandContext, sink: Sink, path: string | undefined, text: string): Promise<void> {
  await sink.write(text)
  sink.close()
  if (path !== undefined) context.terminal.note(`Written to ${path}.`)
}

async function check(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["check"] as string
  const ours = keyStoreExists(context.files.directory) ? readKeyStore(context.files.directory) : undefined
  const key = (flags["key"] as string | undefined) ?? ours?.verifierKey
  if (key === undefined) throw no("--check needs --key: there is no ledger here whose key could be taken.")
  const trusted = { given: parseVerifierKey(key), verify: isSignedBy, told: ours?.handOvers ?? [] }
  const found = checkNote(readNote(file, spendingForm.mostBytes), spendingForm, trusted)
  const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), file, ...found }
  await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : checkedMonthText(found, file, context.terminal))
  return found.ok ? 0 : found.readable ? 1 : 2
}

function parseMonth(text: string): string {
  if (!/^(?:19[7-9]\d|[2-9]\d{3})-(?:0[1-9]|1[0-2])$/.test(text)) throw no(`--month takes a month such as 2026-11, not "${text}".`)
  return text
}

function parseZone(text: string): string {
  if (!isZone(text)) throw no(`--zone takes a time zone such as UTC or Europe/Berlin; "${text}" is none.`)
  return text
}

function parseFormat(text: string): Format {
  const format = formats.find((name) => name === text)
  if (!format) throw no(`--format takes ${formats.join(", ")}, not "${text}".`)
  return format
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem, command })
}
