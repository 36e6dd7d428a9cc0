/** Budgets with how much of each is spent and held. */
import type { Budget } from "./bodies.ts"
import { Badge, Empty, MeterBar, Text } from "./parts.tsx"
import { amount, portion, since } from "./words.ts"

export function BudgetList({ budgets }: { readonly budgets: readonly Budget[] }) {
  if (budgets.length === 0)
    return (
      <Empty title="No budget is in force.">
        <code>sovereign-ledger budget set daily --limit 5usd</code>
      </Empty>
    )
  return (
    <ul class="budgets">
      {budgets.map((budget) => (
        <li key={budget.rule.name}>
          <p>
            <strong>
              <Text>{budget.rule.name}</Text>
            </strong>{" "}
            {budget.rule.mode === "block" ? null : <Badge>only warns</Badge>}
            {budget.frozen === undefined ? null : <Badge tone="bad">frozen</Badge>}
            <span class="quiet">{budget.resetsAtMs === undefined ? "" : `resets ${since(budget.resetsAtMs)}`}</span>
          </p>
          {Object.entries(budget.limit).map(([unit, limit]) => (
            <UnitBar key={unit} budget={budget} unit={unit} limit={limit} />
          ))}
        </li>
      ))}
    </ul>
  )
}

function UnitBar({ budget: { rule, spent, held }, unit, limit }: { readonly budget: Budget; readonly unit: string; readonly limit: string }) {
  const [used, kept, all] = [Number(spent[unit] ?? 0), Number(held[unit] ?? 0), Number(limit)]
  const words = `${portion(unit, used, all)} of ${amount(unit, all)}${kept > 0 ? `, ${portion(unit, kept, all)} held` : ""}`
  return <MeterBar label={`Budget ${rule.name}`} value={all === 0 ? 1 : used / all} held={all === 0 ? 0 : kept / all} words={words} />
}
