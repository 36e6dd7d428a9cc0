/**
 * The ledger for other plugins of the gateway: `globalThis[Symbol.for("sovereign-ledger/ledger")]`. On a spending account a debit is an allocation (in), a
 * credit is consumption (out); the other side is `budget:unallocated` or `spent:unattributed`. Amounts are texts such as `0.05usd` or `10 calls`. Everything
 * is on disk when a promise resolves; what was refused resolves to the reason in words. Scripts of any language do the same by the command with --json.
 */
import { randomUUID } from "node:crypto"
import { giveOrder, type Ordered } from "./give-order.ts"
import type { SharedLedger } from "./shared-ledger.ts"

export type Posted = { readonly done: true; readonly repeated: boolean } | { readonly refused: string }

export type LedgerApi = {
  /** Money, or anything that is counted, into an account. `id` makes a repeat recognisable; a random one when it is left out. */
  readonly debit: (account: string, amount: string, reason?: string, sessionId?: string, id?: string) => Promise<Posted>
  /** Consumption, posted whatever is left: it has happened. */
  readonly credit: (account: string, amount: string, reason?: string, sessionId?: string, id?: string) => Promise<Posted>
  /** Debits less credits by unit, decimal strings. */
  readonly getBalance: (account: string) => Promise<{ readonly balance: Readonly<Record<string, string>> } | { readonly refused: string }>
}

export const ledgerApiSymbol = Symbol.for("sovereign-ledger/ledger")

export function ledgerApi(ledger: () => SharedLedger): LedgerApi {
  const order = (what: object) => giveOrder(ledger(), what)
  const post = async (what: object): Promise<Posted> => {
    const answer = await order(what)
    return "done" in answer ? { done: true, repeated: answer.repeated === true } : { refused: reasonOf(answer) }
  }
  return {
    debit: (account, amount, reason, _sessionId, id = randomUUID()) => post({ do: "allocate", id, account, amounts: [amount], reason }),
    credit: (account, amount, reason, sessionId, id = randomUUID()) =>
      post({ do: "spend", id, account, amounts: [amount], reason, spend: sessionId === undefined ? {} : { session: sessionId } }),
    getBalance: async (account) => {
      const answer = await order({ do: "balance", account })
      return "done" in answer ? { balance: answer.account?.balance ?? {} } : { refused: reasonOf(answer) }
    },
  }
}

function reasonOf(answer: Exclude<Ordered, { done: true }>): string {
  return "unanswered" in answer ? answer.unanswered : answer.refused.words
}

/** Where other plugins find it. */
export function provideLedgerApi(ledger: () => SharedLedger): void {
  const slot = globalThis as typeof globalThis & { [ledgerApiSymbol]?: LedgerApi }
  slot[ledgerApiSymbol] = ledgerApi(ledger)
}
