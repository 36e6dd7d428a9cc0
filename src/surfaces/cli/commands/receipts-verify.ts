/** sovereign-ledger receipts verify */
import { Fault } from "../../../base/fault.ts"
import { ignoredWords, parseIssuer, parseKeys, withRevocations, type ParsedKeys, type RecordKey } from "../../../format/peac/keys.ts"
import type { Parsed } from "../../../format/peac/record.ts"
import type { JudgeOptions } from "../../../verify/peac/records.ts"
import { verifyRecordsFile } from "../../../verify/peac/records-file.ts"
import { recordsExit, type RecordsReport } from "../../../verify/peac/report.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { isOnRecord } from "../../../views/receipts.ts"
import { recordsText } from "../../render/records-text.ts"
import type { CommandRow, Flags } from "../command.ts"
import { reading } from "./events.ts"
import { readInput, readText } from "../input-file.ts"

const mostBytes = 512 * 1024 * 1024

type Pinned = JudgeOptions & { readonly keys: readonly RecordKey[]; readonly ignored: number }

export const receiptsVerify: CommandRow = {
  path: "receipts verify",
  summary: "Check PEAC receipts, or a bundle of them, with pinned keys and nothing else",
  argument: { name: "<file>", words: "a .peacbundle, records as compact JWS, one a line, or a message or headers that carry some; - is standard input" },
  options: [
    { flags: "--keys <file>", words: "the issuer's public keys, got by another way than the receipts: one JWK, or a JWKS with its revoked_keys" },
    { flags: "--issuer <file>", words: "the issuer's peac-issuer.json: its revoked_keys count too, and what another one issued is not good by these keys" },
    { flags: "--on-record", words: "believe this ledger's journal, too: of a key that others may have, what stood there before the key was revoked is good" },
  ],
  help: `Needs no ledger (without --on-record), no network and no secret key. A record (PEAC Wire 0.2) is good when it is well formed, its claims are those a record can have, and a key that
was named signed it before it was revoked. Of a bundle all that its manifest promises must be there and nothing else, in order, each record listed as
what it is, and the manifest signed by a named key of who issued them: a record that was dropped, added or exchanged is found. Keys inside a bundle are told and
never trusted. A bundle that a named key of another issuer signed could not be checked to the end.

Of a key that was revoked nothing is good that was issued after. What was issued before is, and is said to be; but where others may have the key (key_compromise, or
no reason), only in a bundle that another key of the issuer signed, or where --on-record finds it in the journal: its own word for the time is worth nothing.

Of messages (MCP, A2A) and headers (HTTP) that carry receipts, each must be the one that its reference is of. Addresses are told, and nothing is fetched.

Exit status: 0 valid, 1 invalid, 2 could not be checked to the end: no key was named, a record is by another one, or by one that others may have.

Examples:
  sovereign-ledger receipts verify november.peacbundle --keys jwks.json
  sovereign-ledger receipts verify receipt.jws --keys jwks.json --json`,
  run: async (context, flags, file = "") => {
    const { terminal, json, nowMs } = context
    const pinned = pinnedIn(flags)
    const onRecord = (access: LedgerAccess) => Promise.resolve(reportOn(file, { ...pinned, vouches: (record, jws) => isOnRecord(access, record, jws) }))
    const report = flags["onRecord"] === true ? await reading(context, onRecord) : reportOn(file, pinned)
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), subject: file, ...report }
    await terminal.write(json ? `${JSON.stringify(body)}\n` : recordsText(report, file, terminal))
    return recordsExit[report.verdict]
  },
}

function reportOn(file: string, { keys, ignored, ...options }: Pinned): RecordsReport {
  const bytes = readInput(file)
  if (bytes.length > mostBytes) throw new Fault("cli.file-unreadable", { file, problem: `it is larger than ${mostBytes} bytes` })
  const report = verifyRecordsFile(bytes, keys, options)
  return { ...report, notes: [...report.notes, ...ignoredWords(ignored)] }
}

/** @throws {Fault} `cli.file-unreadable` */
function pinnedIn(flags: Flags): Pinned {
  const { value: keys, ignored } = fileIn(flags, "keys", (text) => wholeOf(parseKeys(text))) ?? { value: [], ignored: 0 }
  const told = fileIn(flags, "issuer", parseIssuer)
  return { ignored, ...(told ? { keys: withRevocations(keys, told.revoked), issuers: [told.issuer] } : { keys }) }
}

function wholeOf(keys: ParsedKeys): Parsed<Exclude<ParsedKeys, { problem: string }>> {
  return "problem" in keys ? keys : { value: keys }
}

function fileIn<T>(flags: Flags, option: string, parse: (text: string) => Parsed<T>): T | undefined {
  const file = flags[option] as string | undefined
  if (file === undefined) return undefined
  const parsed = parse(readText(file))
  if ("problem" in parsed) throw new Fault("cli.file-unreadable", { file, problem: parsed.problem })
  return parsed.value
}
