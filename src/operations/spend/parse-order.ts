/**
 * What somebody asks of the ledger, as it comes over the socket: texts as people write them, each checked here, whoever sent them.
 * Amounts are texts like `5usd`; ids are the asker's, and make a repeat recognisable.
 */
import { Fault } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import { parseAllowance } from "../../ledger/allowance-rule.ts"
import { parseAccount, unattributed } from "../../ledger/accounts.ts"
import { parseAmounts } from "../../ledger/amounts.ts"
import { codeOf } from "./ask-owner.ts"
import { parseBudget, dimensions } from "../../ledger/budget-rule.ts"
import type { Command, Target } from "../../ledger/commands.ts"
import type { Spend } from "../../format/facts/ledger.ts"

type Fields = Readonly<Record<string, unknown>>

/** How long a hold of another program stays when it does not say. */
const usualTtlMs = 600_000

/** @throws Fault cli.usage naming what is wrong. */
export function parseOrder(order: Fields, atMs: number): Command {
  const action = text(order, "do")
  const reason = stringOf(order["reason"])
  const because = reason === undefined ? {} : { reason }
  switch (action) {
    case "set-budget":
      return { do: action, atMs, rule: parseBudget(budgetWords(order)) }
    case "remove-budget":
      return { do: action, atMs, budget: text(order, "budget") }
    case "set-allowance":
      return { do: action, atMs, rule: parseAllowance(allowanceWords(order)) }
    case "remove-allowance":
      return { do: action, atMs, allowance: text(order, "allowance") }
    case "freeze":
    case "unfreeze":
      return { do: action, atMs, target: targetOf(text(order, "target")), reason: reason ?? "asked by the operator" }
    case "approve-extension":
    case "deny-extension": {
      const code = codeOf(text(order, "extension"))
      if (code === undefined) throw no("a code has six letters and digits, as the refusal tells it")
      return { do: action === "approve-extension" ? "grant" : "deny", atMs, id: code, reason: reason ?? "asked by the operator" }
    }
    case "reset-breaker":
      return { do: action, atMs, cut: text(order, "cut"), reason: reason ?? "asked by the operator" }
    case "allocate":
      return {
        do: action,
        atMs,
        id: idOf(order),
        account: account(order, "account"),
        amounts: amounts(order),
        ...because,
        ...(order["from"] === undefined ? {} : { from: account(order, "from") }),
      }
    case "transfer":
      return { do: action, atMs, id: idOf(order), debit: account(order, "to"), credit: account(order, "from"), amounts: amounts(order), ...because }
    case "spend": {
      const against = order["against"] === undefined ? unattributed : account(order, "against")
      return {
        do: action,
        atMs,
        id: idOf(order),
        account: account(order, "account"),
        against,
        amounts: amounts(order),
        spend: spendOf(order),
        ...because,
      }
    }
    case "correct":
      return {
        do: action,
        atMs,
        id: idOf(order),
        corrects: text(order, "corrects"),
        debit: account(order, "to"),
        credit: account(order, "from"),
        amounts: amounts(order),
        spend: spendOf(order),
        reason: reason ?? "corrected",
        // Without it what is corrected counts in the budgets' periods of now.
        ...(countOf(order["spentAtMs"]) === undefined ? {} : { spentAtMs: Math.min(countOf(order["spentAtMs"]) ?? atMs, atMs) }),
      }
    case "hold":
      return {
        do: action,
        atMs,
        id: idOf(order),
        parts: [{ account: account(order, "account"), amounts: amounts(order) }],
        spend: spendOf(order),
        ttlMs: typeof order["ttlMs"] === "number" ? order["ttlMs"] : usualTtlMs,
        basis: { door: "api" },
      }
    case "settle":
      return { do: action, atMs, ...ofHold(order), parts: [{ account: account(order, "account"), amounts: amounts(order) }], grade: "exact" }
    case "release":
      return { do: action, atMs, ...ofHold(order), reason: reason ?? "not needed" }
    default:
      throw no(`there is nothing called ${JSON.stringify(action)} to be done`)
  }
}

function ofHold(order: Fields): { readonly id: string; readonly attempt: number } {
  return { id: idOf(order), attempt: typeof order["attempt"] === "number" ? order["attempt"] : 1 }
}

/** Ids of what doors hold and of what reports of usage come to: who took one beforehand, or ended such a hold, would have that call for nothing. */
const ownIds = /^(?:model|tool|correction|allowance|extension|usage\.reported):/

function idOf(order: Fields): string {
  const id = text(order, "id")
  if (ownIds.test(id)) throw no(`ids like ${JSON.stringify(id.slice(0, 80))} are the ledger's own`)
  return id
}

function budgetWords(order: Fields) {
  const [zone, mode, window] = [stringOf(order["zone"]), stringOf(order["mode"]), stringOf(order["window"])]
  return {
    name: text(order, "budget"),
    ...(window === undefined ? {} : { window }),
    limits: texts(order["limits"]),
    per: text(order, "per"),
    match: texts(order["match"]),
    rollover: order["rollover"] === true,
    ...(zone === undefined ? {} : { zone }),
    ...(mode === undefined ? {} : { mode }),
    ...(Array.isArray(order["warn"]) ? { warn: texts(order["warn"]) } : {}),
  }
}

function allowanceWords(order: Fields) {
  const [from, zone] = [stringOf(order["from"]), stringOf(order["zone"])]
  return {
    name: text(order, "allowance"),
    to: text(order, "to"),
    give: texts(order["give"]),
    per: text(order, "per"),
    rollover: order["rollover"] === true,
    ...(from === undefined ? {} : { from }),
    ...(zone === undefined ? {} : { zone }),
  }
}

/** `all`, an account, or the name of a budget with `budget:` not being one: a budget is named without a colon. */
function targetOf(name: string): Target {
  if (name === "all") return "all"
  return name.includes(":") ? { account: parseAccount(name) } : { budget: name }
}

function spendOf(order: Fields): Spend {
  const spend = objectOf(order["spend"])
  return Object.fromEntries(
    dimensions.flatMap((dimension) => {
      const value = stringOf(spend[dimension])
      return value === undefined ? [] : [[dimension, value]]
    }),
  )
}

function account(order: Fields, field: string) {
  return parseAccount(text(order, field))
}

function amounts(order: Fields) {
  return parseAmounts(texts(order["amounts"]))
}

function text(order: Fields, field: string): string {
  const value = stringOf(order[field])
  if (value === undefined || value.length > 256) throw no(`it does not say its ${field}`)
  return value
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string").slice(0, 64) : []
}

function no(problem: string): Fault {
  return new Fault("cli.usage", { problem: `The ledger was asked for something it cannot do: ${problem}.`, command: "sovereign-ledger" })
}
