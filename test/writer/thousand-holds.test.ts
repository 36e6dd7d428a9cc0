/** A thousand callers at once on a cap of $5, through a real writer: what is held and spent is never more, and what was granted is on disk. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { ledgerState } from "../../src/projections/ledger-state.ts"
import { makeRig } from "./rig.ts"

const usd = 1_000_000_000n

test("a thousand concurrent holds on a cap of $5 get $5 and not one nano-dollar more", async (t) => {
  const rig = makeRig(t)
  const client = rig.client({})
  const give = async (order: object) => {
    const answer = await client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order })}}`)
    if (answer instanceof Error) throw answer
    return answer.order ?? { refused: { why: "", words: answer.words ?? "" } }
  }
  await give({ do: "set-budget", budget: "cap", limits: ["5usd"], per: "lifetime" })
  // Amounts that do not divide the cap: the last ones granted are the small ones.
  const holds = Array.from({ length: 1_000 }, (_, n) => ({
    id: `h${n}`,
    account: `agent:a${n % 10}`,
    amounts: [`0.0${(n % 7) + 1}${n % 10}usd`],
    spend: { agent: "main" },
  }))
  const answers = await Promise.all(
    holds.map(async (hold, n) => {
      const held = await give({ do: "hold", ...hold })
      // Every third settles for half at once, and makes room for others.
      if ("done" in held && n % 3 === 0) await give({ do: "settle", attempt: 1, ...hold, amounts: ["0.01usd"] })
      return "done" in held
    }),
  )
  const state = rig.reading(({ reader }) => ledgerState(reader, undefined))
  const budget = state.budgets.get("cap")
  const [spent, held] = [budget?.spent.moneyNanos ?? 0n, budget?.held.moneyNanos ?? 0n]
  assert.ok(spent + held <= 5n * usd, `${spent} spent and ${held} held`)
  const granted = answers.filter(Boolean).length
  assert.equal(rig.entries("hold.placed").length, granted)
  assert.equal(rig.entries("spend.refused").length, 1_000 - granted)
  // At no entry of the journal was more held and spent than there was.
  let [running, most] = [0n, 0n]
  const open = new Map<string, bigint>()
  for (const { type, facts } of rig.entries()) {
    const amount = (facts["movements"] as readonly { readonly amounts: { readonly moneyNanos: string } }[] | undefined)?.[0]?.amounts.moneyNanos
    if (type === "hold.placed") open.set(String(facts["hold"]), BigInt(amount ?? 0))
    if (type === "hold.settled") running += BigInt(amount ?? 0)
    if (type === "hold.settled") open.delete(String(facts["hold"]))
    const now = running + [...open.values()].reduce((sum, one) => sum + one, 0n)
    assert.ok(now <= 5n * usd)
    if (now > most) most = now
  }
  assert.ok(most > 5n * usd - usd / 10n, "all of it but less than the largest hold was in use at once")
})
