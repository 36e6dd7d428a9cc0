/** sovereign-ledger verify */
import { parseVerifierKey } from "../../../format/checkpoint.ts"
import { verifyStore } from "../../../journal/verify-store.ts"
import { verifyExport } from "../../../verify/offline.ts"
import { verdictExit, type VerifyReport } from "../../../verify/verdict.ts"
import { keyStoreExists, readKeyStore } from "../../../vault/key-store.ts"
import { verifyText } from "../../render/verify-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { reading } from "./events.ts"

export const verify: CommandRow = {
  path: "verify",
  summary: "Check every entry, the chain, the tree, every checkpoint and every payload",
  options: [
    { flags: "--offline <file>", words: "check an export instead of the ledger; needs no ledger and no secret key" },
    {
      flags: "--key <verifier key>",
      words: "with --offline: the verifier key the operator gave you (name+hash+key); without it the key of the ledger in --data-dir, if there is one",
      parse: (text) => parseVerifierKey(text) && text,
    },
    { flags: "--headers", words: "leave payloads sealed: headers, chain, tree and checkpoints only" },
  ],
  help: `Nothing is sampled and nothing is excused. Verdicts:
  valid, valid with erasures   exit 0
  unverifiable                 exit 2   (could not be checked to the end: a key is missing)
  invalid                      exit 1   (something was changed; the entries it touches are named)

Examples:
  sovereign-ledger verify
  sovereign-ledger verify --offline export.ndjson --key "$(cat verifier.key)"`,
  run: (context, flags) => (flags["offline"] === undefined ? verifyLedger(context, flags) : verifyFile(context, flags)),
}

function verifyLedger(context: CommandContext, flags: Flags): Promise<number> {
  return reading(context, async (access) => {
    const onProgress = context.terminal.progress("Verifying")
    const report = verifyStore(access.files, access.keys, access.reader, access.scopes, { payloads: flags["headers"] !== true, onProgress })
    return show(context, report, access.files.directory)
  })
}

async function verifyFile(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["offline"] as string
  const ours = keyStoreExists(context.files.directory) ? readKeyStore(context.files.directory).verifierKey : undefined
  const text = (flags["key"] as string | undefined) ?? ours
  const report = await verifyExport(file, { key: text === undefined ? undefined : parseVerifierKey(text) })
  return show(context, report, file)
}

async function show(context: CommandContext, report: VerifyReport, what: string): Promise<number> {
  const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), subject: what, ...report }
  await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : verifyText(report, what, context.terminal))
  return verdictExit[report.verdict]
}
