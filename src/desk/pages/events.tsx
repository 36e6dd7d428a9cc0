/** Every event as it is recorded, with filters. */
import type { Events, LedgerEvent } from "../bodies.ts"
import { useEventRows, type EventFilter } from "../event-rows.ts"
import { LongTable } from "../long-table.tsx"
import { Answered, Choice, Empty, EventLink, Table, Text, TypeBadge, When, Wrong } from "../parts.tsx"
import { addressOf, goTo, Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { framed, questionOf, useTold } from "../told.ts"
import { count } from "../words.ts"

const categories = ["", "prompt", "agent", "tool", "cron", "message", "session", "gateway", "system", "config", "security", "ledger"]

export function EventsPage({ about }: PageProps) {
  const filter = { type: about.get("type") ?? "", category: about.get("category") ?? "", session: about.get("session") ?? "" }
  return (
    <>
      <Filters filter={filter} />
      {framed ? <Paged filter={filter} offset={Number(about.get("offset") ?? 0)} /> : <Followed filter={filter} />}
    </>
  )
}

function Filters({ filter }: { readonly filter: EventFilter }) {
  const look = (change: Partial<EventFilter>) => goTo(addressOf("events", { ...filter, ...change }), true)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    look({ type: String(data.get("type")), session: String(data.get("session")) })
  }
  const known = categories.includes(filter.category) ? categories : [...categories, filter.category]
  return (
    <form class="filters" role="search" aria-label="Which events" onSubmit={submit}>
      <Choice
        label="Category"
        value={filter.category}
        options={known.map((name) => [name, name === "" ? "all" : name] as const)}
        choose={(category) => look({ category })}
      />
      <div class="field">
        <label for="type">Type</label>
        <input id="type" name="type" defaultValue={filter.type} key={filter.type} placeholder="tool.denied" spellcheck={false} autocapitalize="off" />
      </div>
      <div class="field">
        <label for="session">Session</label>
        <input
          id="session"
          name="session"
          defaultValue={filter.session}
          key={filter.session}
          placeholder="agent:main:main"
          spellcheck={false}
          autocapitalize="off"
        />
      </div>
      <button class="action">Show</button>
      {filter.type + filter.category + filter.session === "" ? null : <Link to="events">Show all</Link>}
      {framed ? null : <a href={`api/${questionOf("export", { ...filter })}`}>Export these</a>}
    </form>
  )
}

function Followed({ filter }: { readonly filter: EventFilter }) {
  const { total, above, problem, rowAt, shows } = useEventRows(filter)
  if (total === undefined) return problem ? <Wrong problem={problem} /> : <div class="waiting" role="status" aria-label="Being asked" />
  if (total === 0) return <None />
  return (
    <>
      <p class="quiet" role="status">
        {count(total)} events, newest first{above > 0 ? `; ${count(above)} came while you look` : ""}.
      </p>
      <LongTable
        label="Events"
        total={total}
        above={above}
        rowAt={rowAt}
        shows={shows}
        head={["Entry", "Time", "Type", "Session", "What"]}
        cells={cellsOf}
        keyOf={({ sequence }) => sequence}
        open={({ sequence }) => goTo(addressOf("event", { id: sequence }))}
      />
    </>
  )
}

function cellsOf(event: LedgerEvent) {
  return [
    <EventLink key="" sequence={event.sequence} />,
    <When key="" at={event.createdAt} />,
    <TypeBadge key="" type={event.type} />,
    <Text key="">{event.sessionId}</Text>,
    <Text key="">{event.preview === null || event.preview === "" ? event.description : `${event.description} — ${event.preview}`}</Text>,
  ]
}

const pageRows = 50

/** Where nothing may be fetched: a page at a time. */
function Paged({ filter, offset }: { readonly filter: EventFilter; readonly offset: number }) {
  const told = useTold<Events>(questionOf("events", { ...filter, limit: pageRows, offset }))
  return (
    <Answered told={told}>
      {({ events, total }) =>
        events.length === 0 ? (
          <None />
        ) : (
          <>
            <p class="quiet">
              {count(offset + 1)} to {count(offset + events.length)} of {count(total)} events, newest first.
            </p>
            <Table
              caption="Events"
              rows={events}
              keyOf={({ sequence }) => sequence}
              columns={["Entry", "Time", "Type", "Session", "What"].map((title, at) => ({ title, cell: (event: LedgerEvent) => cellsOf(event)[at] }))}
            />
            <p class="pager">
              {offset > 0 ? (
                <Link to="events" about={{ ...filter, offset: Math.max(0, offset - pageRows) || undefined }}>
                  Newer
                </Link>
              ) : null}
              {offset + events.length < total ? (
                <Link to="events" about={{ ...filter, offset: offset + pageRows }}>
                  Older
                </Link>
              ) : null}
            </p>
          </>
        )
      }
    </Answered>
  )
}

function None() {
  return <Empty title="No event passes.">Where nothing is filtered out, nothing was recorded yet: the first event of an agent shows up here by itself.</Empty>
}
