/** An answer of any shape, for views that have no drawing of their own: each part a card, lists as tables, amounts and times as people read them. */
import type { ComponentChildren } from "preact"
import { Badge, Card, Empty, EventLink, Figure, Table, Text, When } from "./parts.tsx"
import { Fact } from "./values.tsx"
import { count, duration, money } from "./words.ts"

type Row = Readonly<Record<string, unknown>>

const isoTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/
const mostColumns = 9
const framing = ["schemaVersion", "generatedAt"]

export function BodyView({ body, without = [] }: { readonly body: object; readonly without?: readonly string[] }) {
  const parts = Object.entries(body).filter(([name]) => !framing.includes(name) && !without.includes(name))
  const single = parts.filter(([, value]) => !isPart(value))
  return (
    <div class="grid">
      {single.length === 0 ? null : (
        <Card title="At a glance" wide>
          <Singles row={Object.fromEntries(single)} />
        </Card>
      )}
      {parts
        .filter(([, value]) => isPart(value))
        .map(([name, value]) => (
          <Card title={titled(name)} wide={Array.isArray(value)} key={name}>
            <Part name={name} value={value} />
          </Card>
        ))}
    </div>
  )
}

function Part({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (Array.isArray(value)) return <List name={name} rows={value} />
  const row = value as Row
  const lists = Object.entries(row).filter(([, one]) => isPart(one))
  const singles = Object.fromEntries(Object.entries(row).filter(([, one]) => !isPart(one)))
  return (
    <>
      <Singles row={singles} />
      {lists.map(([title, one]) => (
        <section class="within" key={title}>
          <h3>{titled(title)}</h3>
          <Part name={title} value={one} />
        </section>
      ))}
    </>
  )
}

/** Numbers stand large where there is nothing but numbers. */
function Singles({ row }: { readonly row: Row }) {
  // That nothing was left out goes without saying.
  const entries = Object.entries(row).filter(([name, value]) => name !== "truncated" || value === true)
  if (entries.length === 0) return null
  if (entries.every(([name, value]) => typeof value === "number" || name.endsWith("Nanos")))
    return (
      <dl class="figures">
        {entries.map(([name, value]) => (
          <Figure label={titled(name)} key={name}>
            {valueOf(name, value)}
          </Figure>
        ))}
      </dl>
    )
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <Fact name={titled(name)} key={name}>
          {valueOf(name, value)}
        </Fact>
      ))}
    </dl>
  )
}

function List({ name, rows }: { readonly name: string; readonly rows: readonly unknown[] }) {
  if (rows.length === 0) return <Empty title="None." />
  const [first] = rows
  if (typeof first !== "object" || first === null)
    return (
      <ul class="plain">
        {rows.map((one, at) => (
          <li key={at}>{valueOf(name, one)}</li>
        ))}
      </ul>
    )
  const columns = [...new Set(rows.slice(0, 100).flatMap((row) => Object.keys(row as Row)))].slice(0, mostColumns)
  return (
    <Table
      caption={titled(name)}
      rows={rows as readonly Row[]}
      keyOf={(_, at) => at}
      columns={columns.map((column) => ({
        title: titled(column),
        number: rows.every((row) => ["number", "undefined"].includes(typeof (row as Row)[column]) || column.endsWith("Nanos")),
        cell: (row: Row) => valueOf(column, row[column]),
      }))}
    />
  )
}

function valueOf(name: string, value: unknown): ComponentChildren {
  if (value === null || value === undefined) return <span class="quiet">–</span>
  if (typeof value === "boolean") return value ? "yes" : "no"
  if (name.endsWith("Nanos")) return money(String(value))
  if (typeof value === "number") return numberOf(name, value)
  if (typeof value === "string") return textOf(name, value)
  if (Array.isArray(value))
    return value.length === 0 ? (
      <span class="quiet">none</span>
    ) : (
      value.map((one, at) => <span key={at}>{[at > 0 ? ", " : "", valueOf(name.replace(/s$/, ""), one)]}</span>)
    )
  return Object.entries(value).map(([key, one]) => (
    <span class="pair" key={key}>
      <span class="quiet">{titled(key)}</span> {valueOf(key, one)}
    </span>
  ))
}

function numberOf(name: string, value: number): ComponentChildren {
  if (/^(?:sequence|of|before)$/i.test(name)) return <EventLink sequence={value} />
  if (/(?:duration|latency|gap|took)\w*Ms$/i.test(name)) return duration(value)
  if (name.endsWith("Ms") && value > 1e11) return <When at={value} />
  return count(value)
}

function textOf(name: string, value: string): ComponentChildren {
  if (isoTime.test(value)) return <When at={value} />
  if (name === "severity") return <Badge tone={value === "critical" || value === "high" ? "bad" : value === "info" ? "plain" : "warn"}>{value}</Badge>
  return <Text>{value}</Text>
}

function isPart(value: unknown): boolean {
  return typeof value === "object" && value !== null && (!Array.isArray(value) || typeof value[0] === "object" || value.length > 6)
}

/** `firstSeenTools` as people write it. */
function titled(name: string): string {
  const words = name
    .replace(/(?:Nanos|Ms)$/, "")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/_/g, " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}
