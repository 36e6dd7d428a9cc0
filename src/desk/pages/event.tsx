/** One event whole: what is public of it, its facts, its content, and how it is proved. */
import type { EventWhole } from "../bodies.ts"
import { Answered, Card, Command, Empty, Text, TypeBadge } from "../parts.tsx"
import { Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { useTold } from "../told.ts"
import { moment } from "../words.ts"
import { RangeCheck } from "../range-check.tsx"
import { Fact, Values } from "../values.tsx"

/** Of this entry alone; the whole is what a verification says. */
const checks = {
  verified: "It is what a signed checkpoint covers",
  pending: "It is what was recorded; the next checkpoint covers it",
  tampered: "It is NOT what was recorded: verify says more",
} as const

export function EventPage({ about }: PageProps) {
  const id = about.get("id") ?? ""
  const told = useTold<{ readonly event: EventWhole }>(id === "" ? undefined : `events/${encodeURIComponent(id)}`)
  if (id === "") return <Empty title="Which event?">Its number or its id stands in the list of events.</Empty>
  return <Answered told={told}>{({ event }) => <Whole event={event} />}</Answered>
}

function Whole({ event }: { readonly event: EventWhole }) {
  const { sequence, type, createdAt, sessionId, sender, description } = event
  return (
    <>
      <p class="lead">
        <TypeBadge type={type} /> <Text>{description}</Text>
      </p>
      <p class="pager">
        {sequence > 0 ? (
          <Link to="event" about={{ id: sequence - 1 }}>
            Entry before
          </Link>
        ) : null}
        <Link to="event" about={{ id: sequence + 1 }}>
          Entry after
        </Link>
      </p>
      <div class="grid">
        <Card title="Header">
          <dl class="facts">
            <Fact name="Entry">#{sequence}</Fact>
            <Fact name="Time">
              <time dateTime={createdAt}>{moment(createdAt)}</time>
            </Fact>
            <Fact name="Id">
              <Text>{event.id}</Text>
            </Fact>
            {sessionId === null ? null : (
              <Fact name="Session">
                <Link to="session" about={{ id: sessionId }}>
                  <Text>{sessionId}</Text>
                </Link>
              </Fact>
            )}
            {sender === null ? null : (
              <Fact name="Sender">
                <Text>{sender}</Text>
              </Fact>
            )}
            <Fact name="Looked at">{checks[event.verification]}</Fact>
            <Fact name="Hash">
              <code>{event.hash}</code>
            </Fact>
            <Fact name="Before it">
              <code>{event.previousHash}</code>
            </Fact>
          </dl>
        </Card>
        <Card title="Facts">
          <Values value={event.facts} />
        </Card>
        <Card title="Content" wide>
          <Content event={event} />
        </Card>
        <Card title="Proof" wide>
          <RangeCheck from={sequence} to={sequence} />
          <p class="quiet">
            A proof that stands for itself, for whoever has the key: <Command>{`sovereign-ledger prove ${sequence} --html > event-${sequence}.html`}</Command>
          </p>
        </Card>
      </div>
    </>
  )
}

const gone = {
  none: "This event has no content.",
  erased: "The content was erased: its key is destroyed. The entry and every proof of it stand.",
  unreadable: "The content is sealed, and its keys are not here.",
  removed: "The content was removed with what is old. The entry and every proof of it stand.",
} as const

function Content({ event: { content, contentState } }: { readonly event: EventWhole }) {
  return contentState === "open" ? <Values value={content} /> : <p class="quiet">{gone[contentState]}</p>
}
