/** Events: the latest that pass a filter, and one of them whole. */
import { categoryOf, eventTypeNamed, eventTypes } from "../../format/event.ts"
import { checkEvents, type EventCheck } from "../../views/event-check.ts"
import { listEvents, newerThan, showEvent, type EventFilter } from "../../views/event-list.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { eventLine, eventWhole } from "../render/event-lines.ts"
import { countWords } from "../render/words.ts"
import { switched, whole, words, wrong, type Parameter, type Values } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

const categories = [...new Set(Object.keys(eventTypes).map(categoryOf))]
const anySequence = { least: 0, most: Number.MAX_SAFE_INTEGER }

export const filterParameters: readonly Parameter[] = [
  words({ name: "type", as: "type", words: "only this type, by its name or its older name (tool.result is tool.returned)" }, parseType),
  words({ name: "category", as: "category", words: `only this category: ${categories.join(", ")}` }, parseCategory),
  words({ name: "session", as: "key", words: "only this session" }),
  { ...whole({ name: "from", words: "first sequence, inclusive", ...anySequence }), flags: "--from <sequence>" },
  { ...whole({ name: "to", words: "last sequence, inclusive", ...anySequence }), flags: "--to <sequence>" },
]

export function filterIn(values: Values): EventFilter {
  return {
    type: values["type"] as string | undefined,
    category: values["category"] as string | undefined,
    session: values["session"] as string | undefined,
    from: values["from"] as number | undefined,
    to: values["to"] as number | undefined,
  }
}

export const eventsListQuestion: Question = {
  path: "events list",
  route: "events",
  schema: "events.schema.json",
  summary: "The latest events, newest last",
  parameters: [
    { ...whole({ name: "last", words: "how many (default 50)", most: 100_000 }), onlyFlag: true },
    whole({ name: "limit", words: "the same as --last", most: 100_000, default: 50, overHttp: { default: 10, most: 100 } }),
    whole({ name: "offset", words: "leave out that many of the newest", ...anySequence, default: 0 }),
    {
      ...whole({ name: "focusSeq", words: "the page, of so many as --limit says, that this entry stands on; instead of --offset", ...anySequence }),
      flags: "--focus-seq <sequence>",
    },
    ...filterParameters,
    { ...switched({ name: "preview", words: "show the beginning of each event's content" }), onlyFlag: true },
  ],
  formats: [],
  help: `Examples:
  sovereign-ledger events list --last 10 --preview
  sovereign-ledger events list --type tool.denied
  sovereign-ledger events list --session agent:main:main --json`,
  ask: (asked, values) => {
    const limit = (values["last"] ?? values["limit"]) as number
    const [filter, access] = [filterIn(values), asked.access()]
    const offset = offsetIn(access, filter, values, limit)
    const { events, total } = listEvents(access, filter, limit, offset)
    return {
      body: { ...bodyOf(asked), filter, limit, offset, total, truncated: total > events.length, events: withChecks(access, events) },
      text: (look) => {
        const lines = events.toReversed().map((event) => eventLine(event, look, values["preview"] === true))
        const more =
          total > events.length ? [look.colors.dim(`${countWords(events.length, "event")} of ${total.toLocaleString("en")}; --last shows more\n`)] : []
        return [...(events.length === 0 ? ["No events.\n"] : lines), ...more].join("")
      },
    }
  },
}

export const eventsShowQuestion: Question = {
  path: "events show",
  route: "events/:id",
  schema: "event.schema.json",
  summary: "One event whole: header, facts, content",
  argument: { name: "<event>", words: "its sequence number or its id" },
  parameters: [],
  formats: [],
  help: `Examples:
  sovereign-ledger events show 42
  sovereign-ledger events show 42 --json | jq .content`,
  ask: (asked, _values, argument) => {
    const access = asked.access()
    const event = showEvent(access, argument)
    return { body: { ...bodyOf(asked), event: withChecks(access, [event])[0] }, text: (look) => eventWhole(event, look) }
  },
}

/** Where the page begins that was asked for. */
function offsetIn(access: LedgerAccess, filter: EventFilter, { offset, focusSeq }: Values, limit: number): number {
  if (focusSeq === undefined) return offset as number
  if (offset !== 0) throw wrong("An offset and an entry to look at do not go together.")
  return Math.floor(newerThan(access, filter, focusSeq as number) / limit) * limit
}

/** Each with what a look at it says; `untracked` is nothing here, as every entry stands in the tree. */
function withChecks<T extends { readonly sequence: number }>(
  access: LedgerAccess,
  events: readonly T[],
): readonly (T & { readonly verification: EventCheck })[] {
  const checks = checkEvents(
    access,
    events.map(({ sequence }) => sequence),
  )
  return events.map((event, at) => ({ ...event, verification: checks[at] ?? "tampered" }))
}

function parseType(text: string): string {
  const type = eventTypeNamed(text)
  if (!type) throw wrong(`There is no event type "${text}"; the types are ${Object.keys(eventTypes).join(", ")}.`)
  return type
}

function parseCategory(text: string): string {
  if (!categories.includes(text)) throw wrong(`There is no category "${text}"; the categories are ${categories.join(", ")}.`)
  return text
}
