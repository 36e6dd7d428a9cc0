/** sovereign-ledger erase */
import { Fault } from "../../../base/fault.ts"
import { stringOf } from "../../../base/json.ts"
import type { Erased } from "../../../operations/erase/erase-content.ts"
import { findErasable } from "../../../operations/erase/find-scopes.ts"
import { parseWho, type ErasureWho } from "../../../vault/erasures.ts"
import { dayStartMs } from "../../../vault/scope.ts"
import { entriesOfScopes, type ScopeEntries } from "../../../views/scope-entries.ts"
import { countWords, plain } from "../../render/words.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { askerOf, credentialOption, ownLinkOf, unlessRefused } from "../ledger-order.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

const answerWithinMs = 60_000

export const whoOptions: readonly OptionRow[] = [
  { flags: "--session <key>", words: "of a session, by its key as events show it" },
  { flags: "--sender <id>", words: "of a person: what they sent anywhere, and every direct chat with them" },
  { flags: "--channel <name>", words: "with --sender: on this channel only" },
  { flags: "--agent <id>", words: "of an agent: all its sessions" },
]

type Found = ScopeEntries & {
  readonly scopes: number
  readonly beforeMs: number | undefined
  readonly held: readonly { readonly id: string; readonly reason: string }[]
}

export const eraseCommand: CommandRow = {
  path: "erase",
  summary: "Make the contents of a session, a person or an agent unreadable, for good",
  options: [
    ...whoOptions,
    { flags: "--before <time>", words: "only what was recorded on days (UTC) before this one: 30d back from now, or a day such as 2026-11-20" },
    { flags: "--reason <text>", words: "kept with the entry that tells of it" },
    { flags: "--yes", words: "do it; without this it is only shown what would go" },
    credentialOption,
  ],
  help: `Destroys the keys that open these contents, and the names of the sessions and people they stood under. It cannot be undone, by nobody, whatever they have.
What stays: that something happened, when, which tool or model, how many tokens, what it cost; so every hash, proof, receipt and balance is what it was,
and verify says "valid with erasures". The entry content.erased is the record of it.

Contents are kept under a key a day: --before erases up to the beginning of a day. What was imported counts as recorded on the day of the import.
Older backups hold the keys until the backup's own keys are replaced: back up again after an erasure. What you exported is yours to erase.
A budget for one session does not follow it across its erasure: what comes later is another session to the ledger.

Exit status: 0 done, or shown; 1 refused, or held by a legal hold; 2 bad input.

Examples:
  sovereign-ledger erase --sender 4915123456789
  sovereign-ledger erase --sender 4915123456789 --reason "request of 2026-11-20" --yes
  sovereign-ledger erase --agent research --before 90d --yes`,
  run: async (context, flags) => {
    const { terminal, json, nowMs } = context
    const who = whoIn(flags)
    const beforeMs = timeOf(flags, "before", nowMs)
    if (beforeMs !== undefined && beforeMs > nowMs) throw new Fault("cli.usage", { problem: "--before takes a time that has passed." })
    const found = await reading(context, (access) => {
      if (!access.scopes) throw new Fault("store.incomplete", { file: access.files.scopes, other: access.files.journal })
      const { scopes, held, beforeDay } = findErasable(access.scopes, who, beforeMs)
      const until = beforeDay === undefined ? undefined : dayStartMs(beforeDay)
      const ids = scopes.map(({ id }) => id)
      return Promise.resolve({
        ...entriesOfScopes(access, ids, until),
        scopes: ids.length,
        beforeMs: until,
        held: held.map(({ id, reason }) => ({ id, reason })),
      })
    })
    const [hold] = found.held
    if (flags["yes"] !== true) {
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, erased: false, ...shown(found) })}\n`)
      else
        await terminal.write(
          `${foundWords(who, found)}${hold ? heldWords(hold) : found.scopes === 0 ? "" : "\nNothing was changed. To erase it, for good: the same command with --yes\n"}`,
        )
      return 0
    }
    if (hold) throw new Fault("erase.held", { hold: hold.id, reason: hold.reason })
    const done = await erase(context, flags, { who, beforeMs, reason: stringOf(flags["reason"]) })
    if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, erased: done.erasure !== null, ...shown(found), ...done })}\n`)
    else await terminal.write(done.erasure === null ? foundWords(who, found) : doneWords(who, found, done))
    return 0
  },
}

async function erase(context: CommandContext, flags: Flags, asked: object): Promise<Erased> {
  const link = ownLinkOf(context)
  const asker = await askerOf(flags)
  await ensureWriter(link)
  return unlessRefused(await askWriter(link, "erase", answerWithinMs, { ...asked, ...asker }))
}

/** Exactly one of the three. */
export function whoIn(flags: Flags): ErasureWho {
  const named = (["session", "sender", "agent"] as const).filter((by) => flags[by] !== undefined)
  const [by] = named
  if (by === undefined || named.length > 1) throw new Fault("cli.usage", { problem: "Name whose contents: one of --session, --sender and --agent." })
  if (flags["channel"] !== undefined && by !== "sender") throw new Fault("cli.usage", { problem: "--channel goes with --sender." })
  const who = parseWho({ by, value: flags[by], channel: flags["channel"] })
  if (!who) throw new Fault("cli.usage", { problem: `--${by} takes a name.` })
  return who
}

export function whoWords({ by, value, channel }: ErasureWho): string {
  return `${by} ${plain(value)}${channel === undefined ? "" : ` on ${plain(channel)}`}`
}

function shown({ beforeMs, ...found }: Found) {
  return { ...found, before: beforeMs === undefined ? null : new Date(beforeMs).toISOString() }
}

function foundWords(who: ErasureWho, { entries, scopes, from, to, beforeMs }: Found): string {
  const until = beforeMs === undefined ? "" : ` recorded before ${new Date(beforeMs).toISOString().slice(0, 10)} (UTC)`
  if (scopes === 0) return `There is nothing of ${whoWords(who)}${until}.\n`
  const times = from === null ? "" : `\n  from ${from} to ${to}`
  return `Of ${whoWords(who)}${until}: ${countWords(scopes, "conversation")} with ${countWords(entries, "entry", "entries")}.${times}\n`
}

function heldWords({ id, reason }: { readonly id: string; readonly reason: string }): string {
  return `\nIt stands under the legal hold ${id} (${plain(reason)}) and cannot be erased: sovereign-ledger legal-hold list\n`
}

function doneWords(who: ErasureWho, { entries }: Found, { erasure, scopes }: Erased): string {
  return `The contents of ${whoWords(who)} are erased: ${countWords(scopes, "conversation")}, ${countWords(entries, "entry", "entries")} (erasure ${erasure}).
The keys are gone; hashes, proofs and balances are what they were. Back up again, so that no backup keeps them:
  sovereign-ledger backup create --to DIRECTORY
`
}
