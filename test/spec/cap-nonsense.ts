/** Facts that no ledger would record, behind the last entry of a proof: who holds the key can write them, and every verifier has to say the same of them. */
import { december, november } from "./cap-cases.ts"

const atMs = december + 600_000
const movements = [{ debit: "spent:x", credit: "agent:main", amounts: { moneyNanos: "5" } }]
const placed = { atMs, hold: "n", attempt: 1, movements, spend: {}, expiresAtMs: atMs + 1, budgets: ["monthly"] }
const set = { name: "monthly", limit: { moneyNanos: "1" }, period: { per: "month", zone: "UTC" }, match: {}, warnPercents: [], mode: "block", rollover: false }

const opened = { atMs, budget: "monthly", startMs: november, endMs: december, rule: { ...set, rollover: true }, carried: { moneyNanos: "1" } }
const bases: readonly { readonly type: string; readonly facts: object }[] = [
  { type: "hold.placed", facts: placed },
  { type: "hold.settled", facts: { atMs, hold: "c", attempt: 1, movements, grade: "exact", late: true } },
  { type: "hold.released", facts: { atMs, hold: "next", attempt: 1, reason: "" } },
  { type: "transfer.posted", facts: { atMs, transfer: "x", kind: "spend", movements, budgets: ["monthly"] } },
  { type: "budget.set", facts: { atMs, rule: set, startMs: november, endMs: december } },
  { type: "budget.opened", facts: opened },
  { type: "hold.placed", facts: { ...placed, draws: { extension: "MORE42", run: "r2", parts: [{ of: "monthly", amounts: { moneyNanos: "5" } }] } } },
  { type: "extension.asked", facts: { atMs, extension: "MORE42", extends: ["monthly"], amounts: { moneyNanos: "5" } } },
  { type: "extension.granted", facts: { atMs, extension: "MORE42" } },
  { type: "budget.removed", facts: { atMs, budget: "monthly" } },
  { type: "budget.frozen", facts: { atMs, budget: "monthly", reason: "x" } },
]
const oddValues: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  1e300,
  atMs,
  november,
  december,
  "",
  "monthly",
  "5",
  "05",
  "-5",
  "5.0",
  "１",
  "\ud800",
  "bound",
  "correction",
  [],
  {},
  ["monthly"],
  [[]],
  { moneyNanos: "1" },
  { euros: "1" },
  { tokens: "99999999999999999999" },
  "spent:y",
]

/** One value of an event's facts, however deep, is another one. */
export function bentFacts(n: number): { readonly type: string; readonly facts: object } {
  const random = (most: number, salt: number) => (Math.imul((n ^ (salt * 0x85ebca6b)) >>> 0, 0x9e3779b1) >>> 8) % most
  const base = bases[random(bases.length, 1)] ?? { type: "budget.removed", facts: {} }
  const facts = JSON.parse(JSON.stringify(base.facts)) as Record<string, unknown>
  let at: Record<string, unknown> = facts
  for (let depth = 2; ; depth++) {
    const names = Object.keys(at)
    const name = names[random(names.length, depth)] ?? "more"
    const inner = at[name]
    if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random(3, depth + 20) > 0) at = inner as Record<string, unknown>
    else {
      at[name] = oddValues[random(oddValues.length, depth + 40)]
      return { type: base.type, facts }
    }
  }
}

export const capNonsense: readonly (readonly [what: string, expected: string, event: { readonly type: string; readonly facts: object | string }])[] = [
  ["a hold as it should be", "valid", { type: "hold.placed", facts: placed }],
  ["a hold with a name twice, of which the last counts", "valid", { type: "hold.placed", facts: JSON.stringify(placed).replace("{", '{"budgets":7,') }],
  ["a hold with a name twice, of which the first would do", "invalid", { type: "hold.placed", facts: JSON.stringify(placed).replace(/\}$/, ',"budgets":7}') }],
  ["a hold with white space", "valid", { type: "hold.placed", facts: JSON.stringify(placed, null, 1).replaceAll("\n", "") }],
  ["a hold that is no object", "invalid", { type: "hold.placed", facts: "[]" }],
  ["a hold that is no JSON", "invalid", { type: "hold.placed", facts: "{" }],
  ["a budget with a name twice", "invalid", { type: "budget.removed", facts: `{"id":"x","atMs":1,"atMs":${december + 600_000},"budget":"monthly"}` }],
  ["a budget with white space", "invalid", { type: "budget.removed", facts: `{"id":"x", "atMs":${december + 600_000},"budget":"monthly"}` }],
  ["a hold of nobody's budgets", "invalid", { type: "hold.placed", facts: { ...placed, budgets: "monthly" } }],
  ["a hold without movements", "invalid", { type: "hold.placed", facts: { ...placed, movements: {} } }],
  ["a hold of an odd unit", "invalid", { type: "hold.placed", facts: { ...placed, movements: [{ ...movements[0], amounts: { euros: "5" } }] } }],
  ["a hold of less than nothing", "invalid", { type: "hold.placed", facts: { ...placed, movements: [{ ...movements[0], amounts: { moneyNanos: "-5" } }] } }],
  ["a hold with a leading zero", "invalid", { type: "hold.placed", facts: { ...placed, movements: [{ ...movements[0], amounts: { moneyNanos: "05" } }] } }],
  ["a hold of a number", "invalid", { type: "hold.placed", facts: { ...placed, movements: [{ ...movements[0], amounts: { moneyNanos: 5 } }] } }],
  ["a hold that is not placed once", "invalid", { type: "hold.placed", facts: { ...placed, attempt: 1.5 } }],
  ["a hold of another budget without movements", "valid", { type: "hold.placed", facts: { ...placed, budgets: ["other"], movements: 1 } }],
  ["ledger time that goes back", "invalid", { type: "hold.placed", facts: { ...placed, atMs: november } }],
  ["no ledger time", "invalid", { type: "hold.placed", facts: { ...placed, atMs: "soon" } }],
  ["a settlement of nothing that is named", "invalid", { type: "hold.settled", facts: { atMs, movements, grade: "exact" } }],
  ["a settlement of an unknown hold, of an odd grade", "valid", { type: "hold.settled", facts: { atMs, hold: "?", attempt: 1, grade: "guessed" } }],
  ["a budget created while it is there", "invalid", { type: "budget.set", facts: { atMs, rule: set, startMs: december, created: true } }],
  ["a budget without a rule", "invalid", { type: "budget.set", facts: { atMs, rule: "none", startMs: december } }],
  ["the same period opened again", "valid", { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: set } }],
  [
    "it opened again, with more than may be carried",
    "invalid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: set, carried: { moneyNanos: "1" } } },
  ],
  [
    "it opened again, with what cannot be read",
    "invalid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: set, carried: [] } },
  ],
  [
    "it opened again, with nothing where something is carried",
    "invalid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: set, carried: null } },
  ],
  ["it opened again, by no rule", "invalid", { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: null } }],
  [
    "it opened again, without an end that is one",
    "valid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: null, rule: set } },
  ],
  [
    "it opened again, for a rolling span",
    "invalid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: { ...set, period: { per: "rolling", spanMs: 1 } } } },
  ],
  [
    "it opened again, by a rule without a limit",
    "invalid",
    { type: "budget.opened", facts: { atMs, budget: "monthly", startMs: november, endMs: december, rule: { ...set, limit: { moneyNanos: 1 } } } },
  ],
  ["a freeze for a reason that is none", "valid", { type: "budget.frozen", facts: { atMs, budget: "monthly", reason: 7 } }],
]
