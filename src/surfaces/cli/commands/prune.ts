/** sovereign-ledger prune */
import { Fault } from "../../../base/fault.ts"
import { prune, type Pruned } from "../../../operations/prune/prune.ts"
import { bytesAMegabyte, isAll, mostDays, parseContentDays, type Retention } from "../../../policy/retention.ts"
import { buildVersion } from "../../../version.ts"
import { countWords, sizeWords } from "../../render/words.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import { pruneTokenVariable } from "../begin-prune.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { askerOf, credentialOption, linkOf, unlessRefused } from "../ledger-order.ts"
import { ledgerTimeMs } from "../ledger-time.ts"
import { wholeNumber } from "../numbers.ts"
import { reading } from "./events.ts"
import { letGo } from "./vault-rekey.ts"

const answerWithinMs = 15_000
const mostMegabytes = 100_000_000

export const pruneCommand: CommandRow = {
  path: "prune",
  summary: "Remove what is older, or more, than is to be kept; balances, budgets and proofs stay",
  options: [
    { flags: "--days <n>", words: "entries recorded longer ago than this go", parse: wholeNumber("--days", 0, mostDays) },
    { flags: "--max-size <MB>", words: "the oldest entries go until all files take less", parse: wholeNumber("--max-size", 0, mostMegabytes) },
    {
      flags: "--contents <category=days>",
      words: "texts, arguments and results of a category of events (tool, message, prompt, ...) go, the entries stay; may be repeated",
      parse: contentDaysFlag,
    },
    { flags: "--yes", words: "do it; without this it is only shown what would go" },
    credentialOption,
  ],
  help: `Without flags it goes by the settings localRetentionDays, localMaxSizeMb and contentRetentionDays, by which a writer does the same by itself.
What goes is verified first, and closed by the entry journal.closed, which carries the balances on: accounts, holds, budgets, allowances. The tree keeps
the hash of every entry, so old proofs and checkpoints stay good, and verify says how many entries are gone, and by which entry.

The journal is written anew beside the one that is there, which takes as much room again; the gateway goes on, and the writer lets go for a moment at the
end. Cut off, everything is still there. What stands under a legal hold stays, and what was recorded after it. Age counts from when an entry was recorded:
history that was imported yesterday is a day old. Backups of before still have what was removed; to make contents unreadable everywhere: erase.

Exit status: 0 done, shown, or nothing to do; 1 refused, or what was to go does not verify; 2 bad input, or not now.

Examples:
  sovereign-ledger prune --days 365
  sovereign-ledger prune --days 365 --max-size 2000 --yes
  sovereign-ledger prune --contents tool=90 --contents message=30 --yes`,
  run: async (context, flags) => {
    const { terminal, json } = context
    const retention = retentionIn(context, flags)
    const isDry = flags["yes"] !== true
    const done = isDry ? await removed(context, retention, true) : await asked(context, flags, retention)
    if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, removed: !isDry && done.closedBy !== null, ...done })}\n`)
    else await terminal.write(words(done, isDry))
    return 0
  },
}

/** @throws {Fault} `cli.usage` when nothing is said of what is to go. */
function retentionIn({ retention }: CommandContext, flags: Flags): Retention {
  const { days, maxSize, contents } = flags as { days?: number; maxSize?: number; contents?: Retention["contentDays"] }
  const isNamed = days !== undefined || maxSize !== undefined || contents !== undefined
  const wanted = isNamed ? { days: days ?? 0, maxBytes: (maxSize ?? 0) * bytesAMegabyte, contentDays: contents ?? new Map() } : retention
  if (isAll(wanted)) {
    throw new Fault("cli.usage", {
      problem: "Nothing says what is to go: neither --days, --max-size or --contents, nor a setting.",
      command: "sovereign-ledger prune",
    })
  }
  return wanted
}

function contentDaysFlag(text: string, before: unknown): Retention["contentDays"] {
  const [, name = "", days = ""] = /^([a-z]+)=(\d{1,5})$/.exec(text) ?? []
  if (name === "") throw new Fault("cli.usage", { problem: `--contents takes a category and days, such as tool=90, not "${text}".` })
  return new Map([...((before as Retention["contentDays"] | undefined) ?? []), ...parseContentDays({ [name]: Number(days) })])
}

async function asked(context: CommandContext, flags: Flags, retention: Retention): Promise<Pruned> {
  const link = linkOf(context)
  await ensureWriter(link)
  const token = process.env[pruneTokenVariable]
  const may = { change: "prune", ...(token === undefined ? {} : { token }), ...(await askerOf(flags)) }
  unlessRefused(await askWriter(link, "may", answerWithinMs, may))
  return removed(context, retention, false)
}

async function removed(context: CommandContext, retention: Retention, dryRun: boolean): Promise<Pruned> {
  const { files, places, nowMs, terminal } = context
  let hasLeft = false
  const leave = async () => {
    hasLeft = true
    await letGo(context)
  }
  try {
    const ledgerMs = await reading(context, (access) => ledgerTimeMs(context, access))
    return await prune(files, places, { nowMs, ledgerMs, version: buildVersion, retention, dryRun, letGo: leave, onProgress: terminal.progress("Removing") })
  } finally {
    if (hasLeft)
      await ensureWriter(linkOf(context)).catch((error: unknown) => {
        // A service comes back by itself; of others the next event or command starts it.
        if (!(error instanceof Fault)) throw error
      })
  }
}

function words({ removedEntries, removedContents, upTo, closedBy, heldAt, bytesBefore, bytesAfter, stoodStillMs }: Pruned, isDry: boolean): string {
  const held = heldAt === null ? "" : `The legal hold on #${heldAt} keeps it and what came after: sovereign-ledger legal-hold list.\n`
  if (removedEntries === 0 && removedContents === 0) return `Nothing is older or more than is to be kept.\n${held}`
  const entries = `${countWords(removedEntries, "entry", "entries")} before #${upTo}`
  const what = [removedEntries > 0 ? entries : "", removedContents > 0 ? `the contents of ${countWords(removedContents, "entry", "entries")}` : ""]
  const parts = what.filter((part) => part !== "").join(", and ")
  if (isDry) return `${parts} would go.\n${held}Nothing was changed. To remove it: the same command with --yes\n`
  return `${parts} are removed, by #${closedBy}: ${sizeWords(bytesBefore)} became ${sizeWords(bytesAfter)}.
The writer stood still for ${(stoodStillMs / 1_000).toFixed(2)} s. Backups of before still have what was removed.
${held}`
}
