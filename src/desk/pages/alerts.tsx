/** Every alert and what became of it, and who is told. */
import { Answered, Badge, Card, Empty, EventLink, Table, Text, When } from "../parts.tsx"
import { questionOf, useTold } from "../told.ts"
import { Values } from "../values.tsx"

type Row = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly severity: string | null
  readonly receiver: string | null
  readonly description: string
}

export function AlertsPage() {
  const log = useTold<{ readonly alerts: readonly Row[] }>(questionOf("alerts", { last: 200 }))
  const status = useTold<{ readonly receivers?: readonly { readonly name: string }[] }>("alerts/status")
  return (
    <>
      <Card title="Told">
        <Answered told={log}>
          {({ alerts }) =>
            alerts.length === 0 ? (
              <Empty title="No alert was sent yet.">Whom to tell stands in the plugin's setting alerts.</Empty>
            ) : (
              <Table
                caption="Alerts"
                rows={alerts}
                keyOf={({ sequence }) => sequence}
                columns={[
                  { title: "Entry", cell: ({ sequence }) => <EventLink sequence={sequence} /> },
                  { title: "Time", cell: ({ at }) => <When at={at} /> },
                  {
                    title: "Severity",
                    cell: ({ severity }) =>
                      severity === null ? "" : <Badge tone={severity === "critical" ? "bad" : severity === "warning" ? "warn" : "plain"}>{severity}</Badge>,
                  },
                  { title: "Became", cell: ({ what }) => what },
                  { title: "What", cell: ({ description }) => <Text>{description}</Text> },
                ]}
              />
            )
          }
        </Answered>
      </Card>
      <Card title="Who is told">
        <Answered told={status}>
          {(body) => {
            const receivers = body.receivers ?? []
            if (receivers.length === 0) return <Empty title="Nobody is told." />
            return (
              <>
                {receivers.map((receiver) => (
                  <Values key={receiver.name} value={receiver} />
                ))}
              </>
            )
          }}
        </Answered>
      </Card>
    </>
  )
}
