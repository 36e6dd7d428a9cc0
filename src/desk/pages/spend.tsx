/** What was spent: over days, by whatever it can be told apart by, and as a table. */
import { useMemo } from "preact/hooks"
import type { Spend, SpendSums } from "../bodies.ts"
import { StackedBars } from "../chart.tsx"
import { Answered, Card, Choice, Empty, Figure, Table, Text } from "../parts.tsx"
import { addressOf, goTo, Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { framed, questionOf, useTold } from "../told.ts"
import { compact, count, duration, money, nanosPerDollar, percent } from "../words.ts"

const keys = ["model", "provider", "agent", "subagent", "session", "channel", "sender", "tool", "cron", "kind", "project"] as const
const spans = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
  ["366d", "a year"],
] as const
const named = 5

export function SpendPage({ about }: PageProps) {
  const [by, since] = [about.get("by") ?? "model", about.get("since") ?? "7d"]
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone
  const table = useTold<Spend>(questionOf("spend", { by, since, tz, limit: 500 }))
  const days = useTold<Spend>(since === "24h" ? undefined : questionOf("spend", { by: `day,${by}`, since, tz, limit: 10_000 }))
  const look = (change: { by?: string; since?: string }) => goTo(addressOf("spend", { by, since, ...change }), true)
  return (
    <>
      <form class="filters" aria-label="Which spending" onSubmit={(event) => event.preventDefault()}>
        <Choice label="By" value={by} options={keys.map((key) => [key, key])} choose={(value) => look({ by: value })} />
        <Choice label="Of the last" value={since} options={spans} choose={(value) => look({ since: value })} />
        {framed ? null : <a href={`api/${questionOf("spend", { by, since, tz, format: "csv" })}`}>As CSV</a>}
      </form>
      <Answered told={table}>
        {(spend) => (
          <>
            <Totals total={spend.total} />
            {since === "24h" ? null : (
              <Card title="By day" wide>
                <Answered told={days}>{(body) => <Days spend={body} by={by} ranked={spend.rows.map((row) => row.keys[by] ?? "")} />}</Answered>
              </Card>
            )}
            <Card title={`By ${by}`} wide>
              <Rows spend={spend} by={by} />
            </Card>
          </>
        )}
      </Answered>
    </>
  )
}

function Totals({ total }: { readonly total: SpendSums }) {
  const read = total.input + total.cacheRead + total.cacheWrite
  return (
    <Card title="Altogether">
      <dl class="figures">
        <Figure label="Spent" note={total.unpriced > 0 ? `${count(total.unpriced)} calls without a price` : undefined}>
          {money(total.costNanos)}
        </Figure>
        <Figure label="Calls" note={total.failed > 0 ? `${count(total.failed)} failed` : undefined}>
          {count(total.calls)}
        </Figure>
        <Figure label="Tokens read">{compact(read)}</Figure>
        <Figure label="From a cache">{read === 0 ? "–" : percent(total.cacheRead / read)}</Figure>
        <Figure label="Tokens written">{compact(total.output)}</Figure>
        {total.averageLatencyMs === null ? null : <Figure label="An answer takes">{duration(total.averageLatencyMs)}</Figure>}
      </dl>
    </Card>
  )
}

function Days({ spend, by, ranked }: { readonly spend: Spend; readonly by: string; readonly ranked: readonly string[] }) {
  const { times, series } = useMemo(() => stackOf(spend, by, ranked), [spend, by, ranked])
  if (times.length === 0) return <Empty title="Nothing was spent on any of these days." />
  return (
    <StackedBars
      label={`Spending by day and ${by}; the table below has the same sums`}
      times={times}
      series={series}
      words={(value) => money(value * nanosPerDollar)}
    />
  )
}

function stackOf({ rows, window }: Spend, by: string, ranked: readonly string[]) {
  const top = ranked.slice(0, named)
  const first = new Date(window.from)
  const times: number[] = []
  const places = new Map<string, number>()
  const end = new Date(window.to).getTime()
  for (const day = new Date(first.getFullYear(), first.getMonth(), first.getDate()); day.getTime() <= end; day.setDate(day.getDate() + 1)) {
    const name = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-")
    places.set(name, times.length)
    times.push(day.getTime() / 1_000)
  }
  const others = rows.some(({ keys: told }) => !top.includes(told[by] ?? ""))
  const series = [...top, ...(others ? ["others"] : [])].map((name) => ({ name: name === "" ? `no ${by}` : name, values: times.map(() => 0) }))
  for (const { keys: told, costNanos } of rows) {
    const [at, place] = [top.indexOf(told[by] ?? ""), places.get(told["day"] ?? "")]
    const values = series[at < 0 ? series.length - 1 : at]?.values
    if (values && place !== undefined) values[place] = (values[place] ?? 0) + Number(costNanos) / nanosPerDollar
  }
  return { times: rows.length === 0 ? [] : times, series }
}

function Rows({ spend: { rows, total, more }, by }: { readonly spend: Spend; readonly by: string }) {
  if (rows.length === 0) return <Empty title="No model was called in this time." />
  const all = Number(total.costNanos)
  return (
    <>
      <Table
        caption={`Spending by ${by}`}
        rows={rows}
        keyOf={(row) => row.keys[by] ?? ""}
        columns={[
          { title: by, cell: (row) => <Name by={by} name={row.keys[by] ?? ""} /> },
          { title: "Spent", number: true, cell: (row) => money(row.costNanos) },
          { title: "Share", number: true, cell: (row) => (all === 0 ? "–" : percent(Number(row.costNanos) / all)) },
          { title: "Calls", number: true, cell: (row) => count(row.calls) },
          { title: "Failed", number: true, cell: (row) => (row.failed === 0 ? "–" : count(row.failed)) },
          { title: "Tokens", number: true, cell: (row) => compact(row.tokens) },
          { title: "Cached", number: true, cell: (row) => compact(row.cacheRead) },
          { title: "Answer", number: true, cell: (row) => (row.averageLatencyMs === null ? "–" : duration(row.averageLatencyMs)) },
        ]}
      />
      {more > 0 ? <p class="quiet">{count(more)} more are not listed; the sums have them.</p> : null}
    </>
  )
}

function Name({ by, name }: { readonly by: string; readonly name: string }) {
  if (name === "") return <span class="quiet">none</span>
  if (by !== "session") return <Text>{name}</Text>
  return (
    <Link to="session" about={{ id: name }}>
      <Text>{name}</Text>
    </Link>
  )
}
