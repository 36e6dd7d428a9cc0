/** Delegation: who works for whom, what it came to, and what was refused or given out again. */
import { Answered, Badge, Card, Empty, EventLink, Figure, Table, Text, When } from "../parts.tsx"
import { Link } from "../place.tsx"
import { questionOf, useTold } from "../told.ts"
import { count, money } from "../words.ts"

type Status = {
  readonly rule: { readonly enabled: boolean } | null
  readonly bindings: readonly {
    readonly session: string
    readonly orchestrator: string
    readonly usedAt: string
    readonly workers: number
    readonly totalNanos: string
  }[]
  readonly workers: readonly {
    readonly session: string
    readonly status: string
    readonly label: string | null
    readonly task: string | null
    readonly updatedAt: string
    readonly costNanos: string
  }[]
  readonly day: Readonly<Record<string, number>>
}
type Row = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly session: string
  readonly child: string | null
  readonly tool: string | null
  readonly why: string | null
}

export function OrchestratorPage() {
  const status = useTold<Status>("orchestrator")
  const log = useTold<{ readonly events: readonly Row[] }>(questionOf("orchestrator/log", { last: 100 }))
  return (
    <>
      <Answered told={status}>
        {({ rule, bindings, workers, day }) => (
          <div class="grid">
            <Card title="The last day" wide>
              {rule?.enabled ? null : <Empty title="Delegation is off.">The plugin's setting orchestrator switches it on.</Empty>}
              <dl class="figures">
                {Object.entries(day).map(([name, value]) => (
                  <Figure key={name} label={name}>
                    {count(value)}
                  </Figure>
                ))}
              </dl>
            </Card>
            <Card title="Who works for whom" wide>
              {bindings.length === 0 ? (
                <Empty title="No session has an orchestrator." />
              ) : (
                <Table
                  caption="Bindings"
                  rows={bindings}
                  keyOf={({ session }) => session}
                  columns={[
                    { title: "Session", cell: ({ session }) => <Session id={session} /> },
                    { title: "Orchestrator", cell: ({ orchestrator }) => <Session id={orchestrator} /> },
                    { title: "Used", cell: ({ usedAt }) => <When at={usedAt} /> },
                    { title: "Workers", number: true, cell: ({ workers: n }) => count(n) },
                    { title: "Spent", number: true, cell: ({ totalNanos }) => money(totalNanos) },
                  ]}
                />
              )}
            </Card>
            {workers.length === 0 ? null : (
              <Card title="Workers" wide>
                <Table
                  caption="Workers"
                  rows={workers}
                  keyOf={({ session }) => session}
                  columns={[
                    { title: "Session", cell: ({ session }) => <Session id={session} /> },
                    { title: "Status", cell: ({ status: state }) => <Badge tone={/fail|error/.test(state) ? "bad" : "plain"}>{state}</Badge> },
                    { title: "Task", cell: ({ label, task }) => <Text>{label ?? task}</Text> },
                    { title: "Changed", cell: ({ updatedAt }) => <When at={updatedAt} /> },
                    { title: "Spent", number: true, cell: ({ costNanos }) => money(costNanos) },
                  ]}
                />
              </Card>
            )}
          </div>
        )}
      </Answered>
      <Card title="What was decided">
        <Answered told={log}>
          {({ events }) =>
            events.length === 0 ? (
              <Empty title="Nothing was handed on yet." />
            ) : (
              <Table
                caption="Decisions"
                rows={events}
                keyOf={({ sequence }) => sequence}
                columns={[
                  { title: "Entry", cell: ({ sequence }) => <EventLink sequence={sequence} /> },
                  { title: "Time", cell: ({ at }) => <When at={at} /> },
                  { title: "What", cell: ({ what }) => what },
                  { title: "Session", cell: ({ session }) => <Session id={session} /> },
                  { title: "Tool", cell: ({ tool }) => <Text>{tool}</Text> },
                  { title: "Why", cell: ({ why }) => <Text>{why}</Text> },
                ]}
              />
            )
          }
        </Answered>
      </Card>
    </>
  )
}

function Session({ id }: { readonly id: string }) {
  return (
    <Link to="session" about={{ id }}>
      <Text>{id}</Text>
    </Link>
  )
}
