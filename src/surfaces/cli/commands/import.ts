/** sovereign-ledger import */
import { createSecretKey, randomBytes } from "node:crypto"
import { RowNameSet } from "../../../format/row-name-set.ts"
import { findSources } from "../../../history/find-sources.ts"
import { Flow } from "../../../history/flow.ts"
import { openForReading, type LedgerAccess } from "../../../views/ledger-access.ts"
import { freshRows, keptSinceMs, sourcesRead } from "../../../views/imported.ts"
import { Fault } from "../../../base/fault.ts"
import { keyStoreExists } from "../../../vault/key-store.ts"
import { tryLock } from "../../../vault/lock.ts"
import { importText } from "../../render/import-text.ts"
import { ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { hostHome, spendSettings } from "../history/home.ts"
import { openImport, type ImportLink } from "../history/import-link.ts"
import { runImport, type ImportReport } from "../history/import-run.ts"
import type { DeepReading } from "../history/readers.ts"
import { linkOf } from "../ledger-order.ts"

export const importCommand: CommandRow = {
  path: "import",
  summary: "Record what the host stored before the ledger was there: every session, every model call, tools, jobs, subagents",
  argument: { name: "[home]", words: "the host's state directory, or the home it lies in (default: the one the ledger lies in, else ~/.openclaw)" },
  options: [
    { flags: "--usage-only", words: "model calls with their tokens and cost, and nothing of what was said" },
    { flags: "--dry-run", words: "read everything, record nothing, say what would be recorded" },
  ],
  help: `Reads the stores of agents (plain and compressed rows), cold and archived transcripts, and the JSONL transcripts of older hosts with the copies that resets,
deletions and migrations left. The host's files are opened read-only, by this command's own process; a running gateway is not disturbed.

It may be run again at any time: what is on record already, from an import or because the plugin heard it live, is not recorded twice. Cut off in the middle,
the same command goes on. What cannot be read is named, and everything else is read. Where old entries were removed (prune), what happened before is left out.

Exit status: 0 all was read, 1 something could not be read, 2 it could not begin.

Examples:
  sovereign-ledger import --dry-run
  sovereign-ledger import
  sovereign-ledger import /mnt/backup/openclaw --usage-only --json`,
  run: importHistory,
}

async function importHistory(context: CommandContext, flags: Flags, argument: string | undefined): Promise<number> {
  const { terminal, nowMs, files, places } = context
  const environment = process.env
  const isDry = flags["dryRun"] === true
  const home = hostHome(argument, files.directory, environment)
  const { sources, troubles } = findSources(home)
  const depth = flags["usageOnly"] === true ? "usage" : "all"
  // Says what keeps a ledger from being written to, and starts a writer only where there is something to write.
  if (!isDry && !keyStoreExists(files.directory)) await ensureWriter(linkOf(context))
  const lock = isDry ? undefined : tryLock(files.importLock)
  if (!isDry && lock === undefined) throw new Fault("history.importing", { directory: files.directory })
  const access = keyStoreExists(files.directory) ? openForReading(files, places, { onProgress: terminal.progress("Bringing views up to date") }) : undefined
  try {
    const seen = known(access, depth)
    const link = isDry || sources.every(seen.isUnchanged) ? undefined : await begunImport(context, home)
    const startedMs = performance.now()
    const report = await runImport({
      sources,
      troubles,
      nowMs,
      depth,
      ...seen,
      link,
      deep: depth === "usage" ? undefined : deepReading(access, link),
      progress: terminal.progress(`Reading ${sources.length} sources, bytes`),
    })
    await told(report, context, isDry, performance.now() - startedMs, home)
    return report.troubles.length > 0 ? 1 : 0
  } finally {
    access?.close()
    lock?.release()
  }
}

async function begunImport(context: CommandContext, home: string): Promise<ImportLink> {
  await ensureWriter(linkOf(context))
  return openImport(linkOf(context), spendSettings(home, process.env))
}

/** Without a ledger, pseudonyms are made under a key that is thrown away: what a dry run makes is only counted. */
function deepReading(access: LedgerAccess | undefined, link: ImportLink | undefined): DeepReading {
  const flow = new Flow()
  if (link) link.onSettled = (characters) => flow.settled(characters)
  return { flow, pseudonymKey: access?.scopes?.pseudonymKey ?? createSecretKey(randomBytes(32)) }
}

function known(access: LedgerAccess | undefined, depth: "usage" | "all") {
  const seen = new RowNameSet()
  if (access === undefined) return { isUnchanged: () => false, sinceMs: 0, isFresh: (names: string, at: number) => seen.add(names, at) }
  const isRead = sourcesRead(access, depth)
  const isUnchanged = (source: Parameters<typeof isRead>[1] & { readonly path: string }) => isRead(source.path, source)
  return { isUnchanged, isFresh: freshRows(access), sinceMs: keptSinceMs(access) }
}

async function told(report: ImportReport, { terminal, json }: CommandContext, isDry: boolean, tookMs: number, home: string): Promise<void> {
  const body = { schemaVersion: 1, home, dryRun: isDry, tookMs: Math.round(tookMs), ...report }
  await terminal.write(json ? `${JSON.stringify(body)}\n` : importText(report, isDry, tookMs, terminal))
}
