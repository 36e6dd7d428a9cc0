/** sovereign-ledger events list | show | follow */
import { statSync } from "node:fs"
import { categoryOf, eventTypeNamed, eventTypes } from "../../../format/event.ts"
import { Fault } from "../../../base/fault.ts"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { eventView, listEvents, showEvent, type EventFilter } from "../../../views/event-list.ts"
import { openForReading, type LedgerAccess } from "../../../views/ledger-access.ts"
import { eventLine, eventWhole } from "../../render/event-lines.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"

const categories = [...new Set(Object.values(eventTypes).map((row) => row.category))]
const anySequence = (flag: string) => wholeNumber(flag, 0, Number.MAX_SAFE_INTEGER)

export const filterOptions: readonly OptionRow[] = [
  { flags: "--type <type>", words: "only this type, by its name or its older name (tool.result is tool.returned)", parse: parseType },
  { flags: "--category <category>", words: `only this category: ${categories.join(", ")}`, parse: parseCategory },
  { flags: "--session <key>", words: "only this session" },
  { flags: "--from <sequence>", words: "first sequence, inclusive", parse: anySequence("--from") },
  { flags: "--to <sequence>", words: "last sequence, inclusive", parse: anySequence("--to") },
]

export function filterOf(flags: Flags): EventFilter {
  return {
    type: flags["type"] as string | undefined,
    category: flags["category"] as string | undefined,
    session: flags["session"] as string | undefined,
    from: flags["from"] as number | undefined,
    to: flags["to"] as number | undefined,
  }
}

function parseType(text: string): string {
  const type = eventTypeNamed(text)
  if (!type) throw new Fault("cli.usage", { problem: `There is no event type "${text}"; the types are ${Object.keys(eventTypes).join(", ")}.` })
  return type
}

function parseCategory(text: string): string {
  if (!(categories as readonly string[]).includes(text))
    throw new Fault("cli.usage", { problem: `There is no category "${text}"; the categories are ${categories.join(", ")}.` })
  return text
}

export const eventsList: CommandRow = {
  path: "events list",
  summary: "The latest events, newest last",
  options: [
    { flags: "--last <n>", words: "how many (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--limit <n>", words: "the same as --last", parse: wholeNumber("--limit", 1, 100_000) },
    { flags: "--offset <n>", words: "leave out that many of the newest", parse: wholeNumber("--offset", 0, Number.MAX_SAFE_INTEGER) },
    ...filterOptions,
    { flags: "--preview", words: "show the beginning of each event's content" },
  ],
  help: `Examples:
  sovereign-ledger events list --last 10 --preview
  sovereign-ledger events list --type tool.denied
  sovereign-ledger events list --session agent:main:main --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const limit = (flags["last"] ?? flags["limit"] ?? 50) as number
      const offset = (flags["offset"] ?? 0) as number
      const filter = filterOf(flags)
      const { events, total } = listEvents(access, filter, limit, offset)
      if (context.json) {
        const body = {
          schemaVersion: 1,
          generatedAt: new Date(context.nowMs).toISOString(),
          filter,
          limit,
          offset,
          total,
          truncated: total > events.length,
          events,
        }
        await context.terminal.write(`${JSON.stringify(body)}\n`)
        return 0
      }
      const { terminal } = context
      await terminal.write(
        events.length === 0
          ? "No events.\n"
          : events
              .toReversed()
              .map((event) => eventLine(event, terminal, flags["preview"] === true))
              .join(""),
      )
      if (total > events.length)
        await terminal.write(terminal.colors.dim(`${countWords(events.length, "event")} of ${total.toLocaleString("en")}; --last shows more\n`))
      return 0
    }),
}

export const eventsShow: CommandRow = {
  path: "events show",
  summary: "One event whole: header, facts, content",
  argument: { name: "<event>", words: "its sequence number or its id" },
  help: `Examples:
  sovereign-ledger events show 42
  sovereign-ledger events show 42 --json | jq .content`,
  run: (context, _flags, argument) =>
    reading(context, async (access) => {
      const event = showEvent(access, argument ?? "")
      const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), event }
      await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : eventWhole(event, context.terminal))
      return 0
    }),
}

const pollEveryMs = 200

export const eventsFollow: CommandRow = {
  path: "events follow",
  summary: "Events as they are recorded, until Ctrl-C",
  options: [
    ...filterOptions.filter((option) => !/--(from|to)/.test(option.flags)),
    { flags: "--preview", words: "show the beginning of each event's content" },
  ],
  help: `With --json one line an event (NDJSON).

Example:
  sovereign-ledger events follow --category tool`,
  run: follow,
}

async function follow(context: CommandContext, flags: Flags): Promise<number> {
  const stop = new AbortController()
  const forget = onStopSignal(() => stop.abort())
  const place: Followed = { next: undefined }
  try {
    // A file that was written anew takes the place of the one that is read, which then never changes again.
    while (!stop.signal.aborted) {
      const file = fileAt(context.files.journal)
      await reading(context, (access) => followFile(context, access, { flags, file, place, signal: stop.signal }))
    }
    return 0
  } finally {
    forget()
  }
}

type Followed = { next: number | undefined }
type Following = { readonly flags: Flags; readonly file: string | undefined; readonly place: Followed; readonly signal: AbortSignal }

/** Until another file stands in the place of this one. */
async function followFile(context: CommandContext, access: LedgerAccess, { flags, file, place, signal }: Following): Promise<void> {
  const filter = filterOf(flags)
  let version = -1
  place.next ??= access.reader.size()
  while (!signal.aborted && fileAt(context.files.journal) === file) {
    if (access.reader.dataVersion() !== version) {
      version = access.reader.dataVersion()
      for (const entry of access.reader.entries(place.next, Number.MAX_SAFE_INTEGER)) {
        place.next = entry.sequence + 1
        const event = eventView(access, entry)
        if (!passes(event, filter)) continue
        await context.terminal.write(context.json ? `${JSON.stringify(event)}\n` : eventLine(event, context.terminal, flags["preview"] === true))
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

/** Tells one file from another of its name. */
export function fileAt(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

function passes(event: { readonly type: string; readonly sessionId: string | null }, filter: EventFilter): boolean {
  return (
    (filter.type === undefined || event.type === filter.type) &&
    (filter.category === undefined || categoryOf(event.type) === filter.category) &&
    (filter.session === undefined || event.sessionId === filter.session)
  )
}

export async function reading<T>(context: CommandContext, run: (access: LedgerAccess) => Promise<T>): Promise<T> {
  const access = openForReading(context.files, context.places, { onProgress: context.terminal.progress("Reading the journal") })
  try {
    return await run(access)
  } finally {
    access.close()
  }
}
