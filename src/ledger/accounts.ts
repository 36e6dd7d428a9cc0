/**
 * Names of accounts: `kind:name`. What each kind stands for is a row; a name that is not of a listed kind is refused.
 *
 * On a spending account a debit is an allocation (in) and a credit is consumption (out). Contra accounts take the other side:
 * `budget:unallocated` is where allocations come from, `spent:...` is where consumption goes. See docs/spec/ledger.md.
 */
import { Fault } from "../base/fault.ts"
import type { AccountName } from "../format/facts/ledger.ts"

export type { AccountName } from "../format/facts/ledger.ts"

type KindRow = { readonly kind: string; readonly words: string; readonly names: RegExp }

const plain = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/
const path = /^[A-Za-z0-9][A-Za-z0-9._@+:/-]{0,199}$/

export const accountKinds = [
  { kind: "agent", words: "an agent, by its id", names: plain },
  { kind: "session", words: "a session, by its scope id", names: plain },
  { kind: "project", words: "a project", names: plain },
  { kind: "tools", words: "a tool or a group of tools", names: plain },
  { kind: "model", words: "a model, as provider/model", names: path },
  { kind: "channel", words: "a channel messages come and go by", names: plain },
  { kind: "cron", words: "a scheduled job", names: plain },
  { kind: "budget", words: "a pool that hands quotas on", names: plain },
  { kind: "spent", words: "where consumption goes", names: path },
] as const satisfies readonly KindRow[]

/** The other side of an allocation, and of consumption nobody attributed. */
export const unallocated: AccountName = "budget:unallocated"
export const unattributed: AccountName = "spent:unattributed"

const kinds: ReadonlyMap<string, KindRow> = new Map(accountKinds.map((row) => [row.kind, row]))

export function isAccountName(text: string): text is AccountName {
  const colon = text.indexOf(":")
  return colon > 0 && (kinds.get(text.slice(0, colon))?.names.test(text.slice(colon + 1)) ?? false)
}

/** @throws Fault cli.usage naming what is wrong with it. */
export function parseAccount(text: string, command = "sovereign-ledger"): AccountName {
  if (isAccountName(text)) return text
  const colon = text.indexOf(":")
  const known = kinds.get(text.slice(0, Math.max(colon, 0)))
  const problem = known
    ? `after "${known.kind}:" stands the name of ${known.words}: letters, digits and . _ @ + - , beginning with a letter or digit`
    : `it begins with one of ${accountKinds.map(({ kind }) => `${kind}:`).join(" ")}`
  throw new Fault("cli.usage", { problem: `${JSON.stringify(text.slice(0, 60))} is not the name of an account: ${problem}.`, command })
}

/** Contra accounts have no balance of their own to run out of. */
export function isContra(account: AccountName): boolean {
  return account === unallocated || account.startsWith("spent:")
}
