/** Budgets: what is left of each, how fast it goes, who spends it, when it is gone; and what breakers have cut off. */
import type { Budget, Burner, Cut, Forecast } from "../bodies.ts"
import { BudgetList } from "../budget-list.tsx"
import { Answered, Badge, Card, Empty, Figure, Text, When } from "../parts.tsx"
import { useTold } from "../told.ts"
import { amount, percent, since } from "../words.ts"

type Unit = Forecast["budgets"][number]["units"][number]

export function BudgetsPage() {
  const budgets = useTold<{ readonly budgets: readonly Budget[]; readonly frozen?: string }>("budgets")
  const forecast = useTold<Forecast>("budgets/forecast")
  const breakers = useTold<{ readonly cuts: readonly Cut[]; readonly rule: { readonly mode: string } }>("breakers")
  return (
    <div class="grid">
      <Card title="What is left" wide>
        <Answered told={budgets}>
          {(body) => (
            <>
              {body.frozen === undefined ? null : (
                <p>
                  <Badge tone="bad">frozen</Badge> Nothing at all may be spent: <Text>{body.frozen}</Text>
                </p>
              )}
              <BudgetList budgets={body.budgets} />
            </>
          )}
        </Answered>
      </Card>
      <Answered told={forecast}>
        {({ budgets: told }) => (
          <>
            {told.map(({ name, units, resetsAt }) => (
              <Card key={name} title={name} aside={resetsAt === null ? undefined : <span class="quiet">resets {since(resetsAt)}</span>}>
                {units.map((unit) => (
                  <Outlook key={unit.unit} unit={unit} />
                ))}
              </Card>
            ))}
          </>
        )}
      </Answered>
      <Card title="Breakers">
        <Answered told={breakers}>
          {({ cuts }) =>
            cuts.length === 0 ? (
              <Empty title="Nothing is cut off.">
                A breaker trips where money is spent for nothing: the same call again and again, or calls that nobody waits for.
              </Empty>
            ) : (
              <ul class="plain">
                {cuts.map(({ cut, words, at }) => (
                  <li key={cut}>
                    <Badge tone="bad">
                      <Text>{cut}</Text>
                    </Badge>{" "}
                    <Text>{words}</Text>, <When at={at} />
                  </li>
                ))}
              </ul>
            )
          }
        </Answered>
      </Card>
    </div>
  )
}

const outlooks = {
  gone: ["bad", "It is gone."],
  goes: ["warn", "It will be gone"],
  lasts: ["good", "It lasts."],
  idle: ["plain", "Nothing is spent at present."],
  unclear: ["plain", "It is too early to tell."],
} as const

function Outlook({ unit: { unit, verdict, goneAt, perHour, left, atEnd, burners } }: { readonly unit: Unit }) {
  const [tone, words] = outlooks[verdict]
  return (
    <div class="outlook">
      <p>
        <Badge tone={tone}>{words}</Badge>{" "}
        {goneAt === null ? null : (
          <>
            {since(goneAt)} (<When at={goneAt} />)
          </>
        )}
      </p>
      <dl class="figures small">
        <Figure label="Left">{amount(unit, left)}</Figure>
        <Figure label="Last hour">{amount(unit, perHour.lastHour)}</Figure>
        <Figure label="An hour of the last day">{amount(unit, perHour.lastDay)}</Figure>
        {atEnd === null ? null : <Figure label="Expected at the end">{amount(unit, atEnd)}</Figure>}
      </dl>
      <Burners title="agents" burners={burners.agents} />
      <Burners title="models" burners={burners.models} />
      <Burners title="jobs" burners={burners.jobs} />
    </div>
  )
}

function Burners({ title, burners }: { readonly title: string; readonly burners: readonly Burner[] }) {
  if (burners.length === 0) return null
  return (
    <p class="burners">
      <span class="quiet">Most by {title}:</span>{" "}
      {burners.map(({ name, share }, at) => (
        <span key={name}>
          {at > 0 ? ", " : ""}
          <Text>{name}</Text> {percent(share)}
        </span>
      ))}
    </p>
  )
}
