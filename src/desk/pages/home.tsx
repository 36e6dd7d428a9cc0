/** One look at everything: is it sound, what does it cost today, how fast, what is not seen, what was said last. */
import type { Forecast, Spend, Status } from "../bodies.ts"
import { BudgetList } from "../budget-list.tsx"
import { Answered, Badge, Card, Command, Empty, EventLink, Figure, Text, When } from "../parts.tsx"
import { Link } from "../place.tsx"
import { questionOf, useTold } from "../told.ts"
import { verdictOf } from "../verdict.ts"
import { compact, count, money } from "../words.ts"

export function Home() {
  const status = useTold<Status>("status")
  const today = useTold<Spend>(questionOf("spend", { by: "model", since: startOfDay(), limit: 5 }))
  const forecast = useTold<Forecast>("budgets/forecast")
  return (
    <>
      <Answered told={status}>{(body) => <Verdict status={body} />}</Answered>
      <div class="grid">
        <Card title="Today" aside={<Link to="spend">All spending</Link>}>
          <Answered told={today}>{(body) => <Today spend={body} forecast={forecast.body} />}</Answered>
        </Card>
        <Card title="Budgets" aside={<Link to="budgets">Forecast</Link>}>
          <Answered told={status}>{({ money: { budgets } }) => <BudgetList budgets={budgets} />}</Answered>
        </Card>
        <Card title="Last alerts" aside={<Link to="alerts">All</Link>}>
          <Answered told={status}>{(body) => <Alerts status={body} />}</Answered>
        </Card>
        <Card title="Not seen">
          <Answered told={status}>{(body) => <Unseen status={body} />}</Answered>
        </Card>
      </div>
    </>
  )
}

function Verdict({ status }: { readonly status: Status }) {
  const { tone, title, words } = verdictOf(status)
  const { storage, integrity, coverage } = status
  return (
    <section class={`verdict ${tone}`} aria-label="Verdict">
      <div>
        <p class="lead">{title}</p>
        <p>
          <Text>{words}</Text>
        </p>
        {coverage.next ? (
          <p class="next">
            Next: <Command>{coverage.next.command}</Command> <Text>{coverage.next.gives}</Text>
          </p>
        ) : null}
      </div>
      <dl class="figures">
        <Figure label="Entries" note={storage.newest ? <When at={storage.newest} /> : "nothing yet"}>
          {count(storage.entries)}
        </Figure>
        <Figure label="Signed up to" note={`${count(integrity.entriesSinceCheckpoint)} since`}>
          {integrity.lastCheckpoint ? <EventLink sequence={Math.max(0, integrity.lastCheckpoint.size - 1)} /> : "none"}
        </Figure>
        <Figure label="On disk" note={storage.bytesADay === null ? undefined : `${compact(storage.bytesADay)}B a day`}>
          {compact(storage.bytes)}B
        </Figure>
      </dl>
    </section>
  )
}

function Today({ spend, forecast }: { readonly spend: Spend; readonly forecast: Forecast | undefined }) {
  const { total, rows } = spend
  const perHour = burnRate(forecast)
  return (
    <>
      <dl class="figures">
        <Figure label="Spent" note={total.unpriced > 0 ? `${count(total.unpriced)} calls without a price` : undefined}>
          {money(total.costNanos)}
        </Figure>
        <Figure label="Calls" note={total.failed > 0 ? `${count(total.failed)} failed` : undefined}>
          {count(total.calls)}
        </Figure>
        <Figure label="Tokens">{compact(total.tokens)}</Figure>
        {perHour === undefined ? null : (
          <Figure label="Last hour" note="of what budgets cover">
            {money(perHour)}
          </Figure>
        )}
      </dl>
      {rows.length === 0 ? (
        <Empty title="No model was called today." />
      ) : (
        <ul class="shares">
          {rows.map((row) => (
            <li key={row.keys["model"]}>
              <Text>{row.keys["model"] || "unknown model"}</Text>
              <span>{money(row.costNanos)}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** The most any budget saw: budgets overlap, so that adding them up would count a dollar twice. */
function burnRate(forecast: Forecast | undefined): number | undefined {
  const rates = (forecast?.budgets ?? []).flatMap(({ units }) =>
    units.filter(({ unit }) => unit === "moneyNanos").map(({ perHour }) => Number(perHour.lastHour)),
  )
  return rates.length === 0 ? undefined : Math.max(...rates)
}

function Alerts({ status: { alerts } }: { readonly status: Status }) {
  if (alerts.count === 0) return <Empty title="No alert in seven days." />
  return (
    <ol class="feed">
      {alerts.newest.slice(0, 6).map(({ sequence, at, description }) => (
        <li key={sequence}>
          <When at={at} />
          <span>
            <Text>{description}</Text> <EventLink sequence={sequence} />
          </span>
        </li>
      ))}
    </ol>
  )
}

function Unseen({ status: { gaps, coverage } }: { readonly status: Status }) {
  return (
    <>
      {gaps.count === 0 ? (
        <p>
          <Badge tone="good">No gap</Badge> Everything that was heard is on record.
        </p>
      ) : (
        <p>
          <Badge tone="bad">{gaps.count === 1 ? "1 gap" : `${count(gaps.count)} gaps`}</Badge> {count(gaps.events)} events could not be recorded
          {gaps.last ? (
            <>
              , last <When at={gaps.last.at} />: <Text>{gaps.last.reason}</Text>
            </>
          ) : null}
          .{" "}
          <Link to="events" about={{ type: "capture.gap" }}>
            Show them
          </Link>
        </p>
      )}
      <p class="quiet">What no plugin of this host can see:</p>
      <ul class="plain">
        {coverage.notCovered.map(({ what, remedy }) => (
          <li key={what}>
            <Text>{what}</Text>
            {remedy === null ? null : <Command>{remedy}</Command>}
          </li>
        ))}
      </ul>
    </>
  )
}

export function startOfDay(): string {
  const now = new Date()
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString()
}
