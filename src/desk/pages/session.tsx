/** One session: its turns on one axis, and the same as a list. */
import { useEffect, useState } from "preact/hooks"
import type { Events, LedgerEvent } from "../bodies.ts"
import { useNews, type News } from "../live.ts"
import { Card, Empty, EventLink, Figure, Text, TypeBadge, When, Wrong } from "../parts.tsx"
import { Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { Timeline } from "../timeline.tsx"
import { fetched, framed, questionOf, toldBy, useTold, type Problem } from "../told.ts"
import { count, duration, money, nanosPerDollar } from "../words.ts"

const pageRows = 100
const mostPages = 5

export function SessionPage({ about }: PageProps) {
  const session = about.get("id") ?? ""
  const { events, total, problem } = useSession(session)
  if (session === "") return <Empty title="Which session?">Choose one in the list of sessions.</Empty>
  if (problem) return <Wrong problem={problem} />
  if (!events) return <div class="waiting" role="status" aria-label="Being asked" />
  return (
    <>
      <p class="lead">
        <Text>{session}</Text>
      </p>
      {events.length === 0 ? (
        <Empty title="Nothing is on record under this name." />
      ) : (
        <>
          <Sums events={events} total={total} session={session} />
          <Card title="On one axis" wide>
            <Timeline events={events} />
          </Card>
          <Card title="In words" wide>
            <List events={events} />
          </Card>
        </>
      )}
    </>
  )
}

type Session = { readonly events: readonly LedgerEvent[] | undefined; readonly total: number; readonly problem: Problem | undefined }

/** The latest of it, and what comes while one looks. */
function useSession(session: string): Session {
  const first = useTold<Events>(framed && session !== "" ? questionOf("events", { session, limit: pageRows }) : undefined)
  const [known, setKnown] = useState<Session>({ events: undefined, total: 0, problem: undefined })
  useEffect(() => {
    if (framed || session === "") return undefined
    let ended = false
    const look = async () => {
      const all: LedgerEvent[] = []
      for (let page = 0; page < mostPages; page++) {
        const told = toldBy<Events>(await fetched(questionOf("events", { session, limit: pageRows, offset: page * pageRows })))
        if (ended) return
        if (told.state !== "told") return setKnown((before) => ({ ...before, problem: told.state === "failed" ? told.problem : undefined }))
        all.push(...told.body.events)
        setKnown({ events: [...all], total: told.body.total, problem: undefined })
        if (all.length >= told.body.total) return
      }
    }
    setKnown({ events: undefined, total: 0, problem: undefined })
    void look()
    return () => void (ended = true)
  }, [session])
  useNews(hearing(session, setKnown))
  if (!framed) return known
  return { events: first.body?.events, total: first.body?.total ?? 0, problem: first.state === "failed" ? first.problem : undefined }
}

function hearing(session: string, setKnown: (change: (before: Session) => Session) => void) {
  return ({ events }: News) =>
    setKnown((before) => {
      const newest = before.events?.[0]?.sequence ?? Infinity
      const fresh = events.filter((event) => event.sessionId === session && event.sequence > newest)
      return fresh.length === 0 ? before : { ...before, total: before.total + fresh.length, events: [...fresh.toReversed(), ...(before.events ?? [])] }
    })
}

function Sums({ events, total, session }: { readonly events: readonly LedgerEvent[]; readonly total: number; readonly session: string }) {
  const of = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type)).length
  const nanos = events.reduce(
    (sum, { type, facts }) => (type === "usage.reported" ? sum + Number(facts["computedNanos"] ?? facts["reportedNanos"] ?? 0) : sum),
    0,
  )
  const [newest, oldest] = [events[0], events.at(-1)]
  const spanMs = newest && oldest ? Date.parse(newest.createdAt) - Date.parse(oldest.createdAt) : 0
  const refused = of(/^(?:tool\.denied|spend\.refused)/)
  return (
    <Card
      title="Altogether"
      aside={
        <Link to="events" about={{ session }}>
          All events
        </Link>
      }
    >
      <dl class="figures">
        <Figure label="Events" note={events.length < total ? `the latest ${count(events.length)} are shown` : undefined}>
          {count(total)}
        </Figure>
        <Figure label="Over">{duration(spanMs)}</Figure>
        <Figure label="Model calls">{count(of(/^usage\.reported/))}</Figure>
        <Figure label="Tools">{count(of(/^tool\.invoked/))}</Figure>
        <Figure label="Refused" tone={refused > 0 ? "bad" : undefined}>
          {count(refused)}
        </Figure>
        <Figure label="Spent">{money(nanos / nanosPerDollar === 0 ? 0 : nanos)}</Figure>
      </dl>
    </Card>
  )
}

const listedAtOnce = 40

function List({ events }: { readonly events: readonly LedgerEvent[] }) {
  const [listed, setListed] = useState(listedAtOnce)
  return (
    <>
      <ol class="feed">
        {events.slice(0, listed).map(({ sequence, createdAt, type, description, preview }) => (
          <li key={sequence}>
            <When at={createdAt} />
            <span>
              <EventLink sequence={sequence} /> <TypeBadge type={type} /> <Text>{description}</Text>
              {preview === null || preview === "" ? null : (
                <span class="preview">
                  <Text>{preview}</Text>
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
      {events.length > listed ? (
        <button type="button" class="plain" onClick={() => setListed(listed + 5 * listedAtOnce)}>
          Show earlier ones
        </button>
      ) : null}
    </>
  )
}
