/** A day or a week at a glance. */
import { BodyView } from "../body-view.tsx"
import { Answered, Choice } from "../parts.tsx"
import { addressOf, goTo } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { framed, questionOf, useTold } from "../told.ts"

const kinds = [
  ["daily", "a day"],
  ["weekly", "a week"],
] as const

export function ReportsPage({ about }: PageProps) {
  const [period, date, week] = [about.get("period") ?? "daily", about.get("date") ?? "", about.get("week") ?? ""]
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone
  const question = questionOf("report", period === "weekly" ? { period, week, tz } : { period, date, tz })
  const told = useTold<{ readonly period: { readonly label: string; readonly tz: string } }>(question)
  const look = (change: Record<string, string>) => goTo(addressOf("reports", { period, date, week, ...change }), true)
  return (
    <>
      <form class="filters" aria-label="Which report" onSubmit={(event) => event.preventDefault()}>
        <Choice label="Of" value={period} options={kinds} choose={(value) => look({ period: value })} />
        {period === "weekly" ? (
          <Day label="Week" type="week" value={week} choose={(value) => look({ week: value })} />
        ) : (
          <Day label="Day" type="date" value={date} choose={(value) => look({ date: value })} />
        )}
        {framed ? null : (
          <a href={`api/${question}&format=html`} target="_blank" rel="noreferrer">
            To print
          </a>
        )}
      </form>
      <Answered told={told}>
        {(body) => (
          <>
            <p class="lead">
              {body.period.label} <span class="quiet">{body.period.tz}</span>
            </p>
            <BodyView body={body} without={["settings", "period"]} />
          </>
        )}
      </Answered>
    </>
  )
}

type DayProps = { readonly label: string; readonly type: "date" | "week"; readonly value: string; readonly choose: (value: string) => void }

function Day({ label, type, value, choose }: DayProps) {
  return (
    <div class="field">
      <label for={type}>{label}</label>
      <input id={type} type={type} value={value} onChange={(event) => choose(event.currentTarget.value)} />
    </div>
  )
}
