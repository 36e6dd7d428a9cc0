/** sovereign-ledger events list | show | follow */
import { statSync } from "node:fs"
import { categoryOf } from "../../../format/event.ts"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { eventView, type EventFilter } from "../../../views/event-list.ts"
import { openForReading, type LedgerAccess } from "../../../views/ledger-access.ts"
import { eventsListQuestion, eventsShowQuestion, filterIn, filterParameters } from "../../questions/events.ts"
import { eventLine } from "../../render/event-lines.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { commandOf, optionsOf, valuesOfFlags } from "../question-command.ts"

export const filterOptions: readonly OptionRow[] = optionsOf(filterParameters)

/** Of flags as they were typed. */
export function filterOf(flags: Flags): EventFilter {
  return filterIn(valuesOfFlags(filterParameters, flags, Date.now()))
}

export const eventsList = commandOf(eventsListQuestion)
export const eventsShow = commandOf(eventsShowQuestion)

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
