/** Sessions that used a model, the most expensive first. */
import type { Spend } from "../bodies.ts"
import { Answered, Choice, Empty, Table, Text } from "../parts.tsx"
import { addressOf, goTo, Link } from "../place.tsx"
import type { PageProps } from "../page-row.ts"
import { questionOf, useTold } from "../told.ts"
import { compact, count, money } from "../words.ts"

const spans = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["366d", "a year"],
] as const

export function SessionsPage({ about }: PageProps) {
  const since = about.get("since") ?? "7d"
  const told = useTold<Spend>(questionOf("spend", { by: "session", since, limit: 1_000 }))
  return (
    <>
      <form class="filters" aria-label="Which sessions" onSubmit={(event) => event.preventDefault()}>
        <Choice label="Of the last" value={since} options={spans} choose={(value) => goTo(addressOf("sessions", { since: value }), true)} />
      </form>
      <Answered told={told}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title="No session used a model in this time." />
          ) : (
            <Table
              caption="Sessions"
              rows={rows}
              keyOf={(row) => row.keys["session"] ?? ""}
              columns={[
                { title: "Session", cell: (row) => <Session id={row.keys["session"] ?? ""} /> },
                { title: "Calls", number: true, cell: (row) => count(row.calls) },
                { title: "Failed", number: true, cell: (row) => (row.failed === 0 ? "–" : count(row.failed)) },
                { title: "Tokens", number: true, cell: (row) => compact(row.tokens) },
                { title: "Spent", number: true, cell: (row) => money(row.costNanos) },
              ]}
            />
          )
        }
      </Answered>
    </>
  )
}

function Session({ id }: { readonly id: string }) {
  if (id === "") return <span class="quiet">of no session</span>
  return (
    <Link to="session" about={{ id }}>
      <Text>{id}</Text>
    </Link>
  )
}
