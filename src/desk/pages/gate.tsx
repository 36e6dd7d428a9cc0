/** The outbound gate: who may be written to now, who asked, and what it let go or kept. */
import { Answered, Badge, Card, Empty, EventLink, Figure, Table, Text, When } from "../parts.tsx"
import { questionOf, useTold } from "../told.ts"
import { count } from "../words.ts"

type Status = {
  readonly rule: object | null
  readonly arms: readonly { readonly recipient: string; readonly uses: number; readonly expiresAt: string; readonly by: string }[]
  readonly requests: readonly { readonly recipient: string; readonly request: string; readonly at: string; readonly status: string }[]
  readonly day: { readonly asked: number; readonly allowed: number; readonly refused: number; readonly missed: number; readonly unknown: number }
  readonly uncovered: readonly string[]
}
type Verdict = {
  readonly sequence: number
  readonly at: string
  readonly what: string
  readonly recipient: string
  readonly why: string | null
  readonly outcome: string | null
}

export function GatePage() {
  const status = useTold<Status>("gate")
  const log = useTold<{ readonly verdicts: readonly Verdict[] }>(questionOf("gate/log", { last: 100 }))
  return (
    <>
      <Answered told={status}>
        {({ rule, arms, requests, day, uncovered }) => (
          <div class="grid">
            <Card title="The last day">
              {rule === null ? <Empty title="The gate is off.">The plugin's setting gate names who is protected.</Empty> : null}
              <dl class="figures">
                <Figure label="Asked for">{count(day.asked)}</Figure>
                <Figure label="Let go">{count(day.allowed)}</Figure>
                <Figure label="Kept" tone={day.refused > 0 ? "warn" : undefined}>
                  {count(day.refused)}
                </Figure>
                <Figure label="Got past" tone={day.missed > 0 ? "bad" : undefined}>
                  {count(day.missed)}
                </Figure>
                <Figure label="Nobody told" tone={day.unknown > 0 ? "warn" : undefined}>
                  {count(day.unknown)}
                </Figure>
              </dl>
            </Card>
            <Card title="May be written to now">
              {arms.length === 0 ? (
                <Empty title="Nobody of those who are protected." />
              ) : (
                <ul class="plain">
                  {arms.map(({ recipient, uses, expiresAt, by }) => (
                    <li key={recipient}>
                      <Text>{recipient}</Text>: {count(uses)} more, until <When at={expiresAt} />, by the {by}
                    </li>
                  ))}
                </ul>
              )}
            </Card>
            <Card title="Asked for">
              {requests.length === 0 ? (
                <Empty title="Nobody asked for a message." />
              ) : (
                <ul class="plain">
                  {requests.map(({ recipient, request, at, status: became }) => (
                    <li key={request}>
                      <Badge>{became}</Badge> <Text>{recipient}</Text>, <When at={at} />
                    </li>
                  ))}
                </ul>
              )}
            </Card>
            <Card title="Not covered">
              <ul class="plain">
                {uncovered.map((words) => (
                  <li key={words}>
                    <Text>{words}</Text>
                  </li>
                ))}
              </ul>
            </Card>
          </div>
        )}
      </Answered>
      <Card title="Verdicts">
        <Answered told={log}>
          {({ verdicts }) =>
            verdicts.length === 0 ? (
              <Empty title="The gate has judged nothing yet." />
            ) : (
              <Table
                caption="Verdicts of the gate"
                rows={verdicts}
                keyOf={({ sequence }) => sequence}
                columns={[
                  { title: "Entry", cell: ({ sequence }) => <EventLink sequence={sequence} /> },
                  { title: "Time", cell: ({ at }) => <When at={at} /> },
                  { title: "Verdict", cell: ({ what }) => <Badge tone={/refus|miss|kept/.test(what) ? "bad" : "plain"}>{what}</Badge> },
                  { title: "Recipient", cell: ({ recipient }) => <Text>{recipient}</Text> },
                  { title: "Why", cell: ({ why }) => <Text>{why}</Text> },
                  { title: "Became", cell: ({ outcome }) => outcome ?? "" },
                ]}
              />
            )
          }
        </Answered>
      </Card>
    </>
  )
}
