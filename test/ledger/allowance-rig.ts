/** Orders about allowances in a few words, for tests that read like a day. */
import type { AccountName, LedgerEvent } from "../../src/format/facts/ledger.ts"
import { parseAllowance, type AllowanceWords } from "../../src/ledger/allowance-rule.ts"
import { balanceOf } from "../../src/ledger/state.ts"
import { must, type Run } from "./naive-ledger.ts"

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
export const noon = Date.UTC(2026, 10, 25, 12)
export const midnight = Date.UTC(2026, 10, 26)
export const main: AccountName = "agent:main"
export const pool: AccountName = "budget:monthly"
export const daily: AllowanceWords = { name: "daily", to: main, give: ["5usd"], per: "day" }

export const usd = (dollars: number): { readonly moneyNanos: bigint } => ({ moneyNanos: BigInt(Math.round(dollars * 100)) * 10_000_000n })

let ids = 0
export const id = (): string => `i${ids++}`

export function set(run: Run, words: Partial<AllowanceWords> = {}, atMs = noon): readonly LedgerEvent[] {
  return must(run, { do: "set-allowance", rule: parseAllowance({ ...daily, ...words }), atMs }).events
}

export function open(run: Run, atMs: number): readonly LedgerEvent[] {
  return must(run, { do: "open-allowances", atMs }).events
}

export function hold(run: Run, dollars: number, atMs: number, account = main): string {
  const hold = id()
  must(run, { do: "hold", id: hold, parts: [{ account, amounts: usd(dollars) }], spend: {}, ttlMs: 2 * dayMs, atMs })
  return hold
}

export function settle(run: Run, hold: string, dollars: number, atMs: number, account = main): void {
  must(run, { do: "settle", id: hold, attempt: 1, parts: [{ account, amounts: usd(dollars) }], grade: "exact", atMs })
}

export function spend(run: Run, dollars: number, atMs: number, account = main): void {
  must(run, { do: "spend", id: id(), account, amounts: usd(dollars), spend: {}, atMs })
}

export function allot(run: Run, dollars: number, account: AccountName, atMs = noon): void {
  must(run, { do: "allocate", id: id(), account, amounts: usd(dollars), atMs })
}

/** Dollars in each account. */
export function dollars(run: Run, ...accounts: readonly AccountName[]): readonly number[] {
  return accounts.map((account) => Number(balanceOf(run.state, account, "moneyNanos")) / 1e9)
}

export function left(run: Run, name = "daily"): number {
  return Number(run.state.allowances.get(name)?.left.moneyNanos ?? -1n) / 1e9
}

/** `12.5 back`, `5 given`, in the order in which they moved. */
export function moves(events: readonly LedgerEvent[]): readonly string[] {
  return events.flatMap(({ type, facts }) =>
    type === "transfer.posted"
      ? [
          `${Number(facts.movements[0]?.amounts.moneyNanos ?? 0) / 1e9} ${facts.kind === "return" ? "back from" : "to"} ${facts.movements[0]?.[facts.kind === "return" ? "credit" : "debit"]}`,
        ]
      : [],
  )
}
