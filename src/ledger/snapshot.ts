/**
 * A ledger's state as text and back: a start that need not replay everything. What it holds is all of the state, and nothing that can be made from it.
 *
 * Lines of JSON. The first is what a start needs; each other line is one that is closed, `["closed", id, ...]`, `["posted", id, ...]` or `["charged", id, ...]`,
 * of which a start takes the id and leaves the rest unread: with 16,384 of each that is most of the text.
 */
import { amountsJson, amountsOf, type AmountsJson } from "./amounts.ts"
import type { AccountName } from "./accounts.ts"
import { refeed, type Allowance } from "./allowances.ts"
import { breakersJson, breakersOf } from "./breakers/breaker-snapshot.ts"
import { downgradesJson, downgradesOf } from "./downgrades.ts"
import { limitWith } from "./budget-rule.ts"
import { indexOf, newBudget, type Budget } from "./budgets.ts"
import { drawJson, drawOf, extensionJson, extensionOf, tallyJson, tallyOf, type DrawJson, type ExtensionJson } from "./extension-snapshot.ts"
import type { AllowanceRule, Basis, BudgetRule, Credential, LedgerEventFacts, MovementJson, WindowUse } from "../format/facts/ledger.ts"
import { emptyState, type Account, type ClosedHold, type Hold, type KnownClock, type LedgerState, type Restoration } from "./state.ts"
import type { Unit } from "./units.ts"
import { reportWindow } from "./windows.ts"

/** Entries that close a journal carry such texts for ever: a later version goes on reading this one. */
const version = 8

type AccountJson = {
  readonly name: AccountName
  readonly debits: AmountsJson
  readonly credits: AmountsJson
  readonly held: AmountsJson
  readonly allotted: AmountsJson
  readonly returned?: AmountsJson
  readonly fed?: readonly Unit[]
  readonly frozen?: string
}
type HoldJson = Omit<Hold, "movements" | "total" | "consumedAtMs" | "basis" | "draw"> & {
  readonly draw?: DrawJson
  readonly consumedAtMs?: number
  readonly basis?: Basis
  readonly movements: readonly MovementJson[]
  readonly total: AmountsJson
}
type ClosedJson = Exclude<ClosedHold, { outcome: "expired" }> | { readonly outcome: "expired"; readonly attempt: number; readonly hold: HoldJson }
type BudgetJson = {
  readonly rule: BudgetRule
  readonly serial: number
  readonly startMs: number
  readonly endMs?: number
  readonly carried: AmountsJson
  readonly spent: AmountsJson
  readonly held: AmountsJson
  readonly slices: readonly { readonly startMs: number; readonly spent: AmountsJson }[]
  readonly frozen?: string
}

type AllowanceJson = {
  readonly rule: AllowanceRule
  readonly startMs: number
  readonly endMs: number
  readonly left: AmountsJson
  readonly used: AmountsJson
  readonly handed: AmountsJson
  readonly waits?: true
}

type Current = {
  readonly clock?: KnownClock
  readonly limited?: true
  readonly restored?: readonly Restoration[]
  readonly version: number
  readonly lastMs: number
  readonly serial: number
  readonly frozen?: string
  readonly credential?: Credential
  readonly accounts: readonly AccountJson[]
  readonly holds: readonly HoldJson[]
  readonly budgets: readonly BudgetJson[]
  readonly allowances: readonly AllowanceJson[]
  readonly extensions?: readonly ExtensionJson[]
  readonly windows?: readonly WindowUse[]
  readonly breakers: ReturnType<typeof breakersJson>
  readonly downgrades: ReturnType<typeof downgradesJson>
}

export function snapshotText(state: LedgerState): string {
  const current: Current = {
    version,
    lastMs: state.lastMs,
    serial: state.serial,
    ...frozenJson(state),
    ...(state.credential === undefined ? {} : { credential: state.credential }),
    ...(state.clock === undefined ? {} : { clock: state.clock }),
    ...(state.limited ? { limited: true } : {}),
    ...(state.restored.size === 0 ? {} : { restored: [...state.restored.values()] }),
    accounts: [...state.accounts].map(([name, account]) => accountJson(name, account)),
    holds: [...state.holds.values()].map(holdJson),
    budgets: [...state.budgets.values()].map(budgetJson),
    allowances: [...state.allowances.values()].map(allowanceJson),
    ...(state.extensions.size === 0 ? {} : { extensions: [...state.extensions.values()].map(extensionJson) }),
    ...(state.windows.size === 0 ? {} : { windows: [...state.windows.values()] }),
    breakers: breakersJson(state.breakers),
    downgrades: downgradesJson(state.downgrades),
  }
  const lines = [JSON.stringify(current)]
  for (const [id, json] of state.closed.texts(closedJson)) lines.push(lineOf("closed", id, json))
  for (const [id, json] of state.posted.texts(itself)) lines.push(lineOf("posted", id, json))
  for (const [id, json] of state.charged.texts(itself)) lines.push(lineOf("charged", id, json))
  return lines.join("\n")
}

/** Undefined when another version wrote it: then the events are replayed from the beginning. */
export function stateFrom(text: string): LedgerState | undefined {
  const [first = "", ...lines] = text.split("\n")
  const current = JSON.parse(first) as Current
  if (current.version !== version) return undefined
  const state = emptyState()
  state.lastMs = current.lastMs
  state.serial = current.serial
  state.frozen = current.frozen
  state.credential = current.credential
  state.clock = current.clock
  state.limited = current.limited === true
  for (const one of current.restored ?? []) state.restored.set(one.evidence, one)
  for (const account of current.accounts) state.accounts.set(account.name, accountOf(account))
  for (const hold of current.holds) state.holds.set(hold.id, holdOf(hold))
  for (const budget of current.budgets) state.budgets.set(budget.rule.name, budgetOf(budget))
  state.index = indexOf(state.budgets.values())
  for (const one of current.allowances) state.allowances.set(one.rule.name, allowanceOf(one))
  for (const { rule } of current.allowances) refeed(state, rule.to)
  for (const extension of current.extensions ?? []) state.extensions.set(extension.id, extensionOf(extension))
  for (const use of current.windows ?? []) reportWindow(state.windows, use)
  state.breakers = breakersOf(current.breakers)
  state.downgrades = downgradesOf(current.downgrades)
  for (const line of lines) takeLine(state, line)
  return state
}

type Kind = "closed" | "posted" | "charged"

function lineOf(kind: Kind, id: string, json: string): string {
  return `["${kind}",${JSON.stringify(id)},${json}]`
}

function takeLine(state: LedgerState, line: string): void {
  const kindEnds = line.indexOf('"', 2)
  const idBegins = kindEnds + 2
  const idEnds = endOfString(line, idBegins)
  const quoted = line.slice(idBegins, idEnds)
  const id = quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  const json = line.slice(idEnds + 1, -1)
  const kind = line.slice(2, kindEnds) as Kind
  if (kind === "closed") state.closed.rememberUnread(id, json, closedOf)
  else if (kind === "posted") state.posted.rememberUnread(id, json, (facts) => facts as LedgerEventFacts["transfer.posted"])
  else state.charged.rememberUnread(id, json, String)
}

/** Where a JSON string that begins at `begin` is over. */
function endOfString(line: string, begin: number): number {
  let at = begin + 1
  while (at < line.length && line[at] !== '"') at += line[at] === "\\" ? 2 : 1
  return at + 1
}

function itself<V>(value: V): V {
  return value
}

function closedJson(closed: ClosedHold): ClosedJson {
  return closed.outcome === "expired" ? { ...closed, hold: holdJson(closed.hold) } : closed
}

function closedOf(json: unknown): ClosedHold {
  const closed = json as ClosedJson
  return closed.outcome === "expired" ? { ...closed, hold: holdOf(closed.hold) } : closed
}

function accountJson(name: AccountName, account: Account): AccountJson {
  const { debits, credits, held, allotted, returned, fed } = account
  const tallies = { debits: tallyJson(debits), credits: tallyJson(credits), held: tallyJson(held), allotted: tallyJson(allotted) }
  const ofAllowances = fed.size === 0 ? {} : { returned: tallyJson(returned), fed: [...fed] }
  return { name, ...tallies, ...ofAllowances, ...frozenJson(account) }
}

function accountOf({ debits, credits, held, allotted, returned = {}, fed = [], frozen }: AccountJson): Account {
  const tallies = { debits: tallyOf(debits), credits: tallyOf(credits), held: tallyOf(held), allotted: tallyOf(allotted), returned: tallyOf(returned) }
  return { ...tallies, fed: new Set(fed), frozen }
}

function holdJson(hold: Hold): HoldJson {
  const movements = hold.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsJson(amounts) }))
  const { consumedAtMs, basis, draw, ...rest } = hold
  const told = { ...(consumedAtMs === undefined ? {} : { consumedAtMs }), ...(basis === undefined ? {} : { basis }) }
  const more = { ...told, ...(draw === undefined ? {} : { draw: drawJson(draw) }) }
  return { ...rest, ...more, movements, total: amountsJson(hold.total) }
}

function holdOf(json: HoldJson): Hold {
  const movements = json.movements.map(({ debit, credit, amounts }) => ({ debit, credit, amounts: amountsOf(amounts) }))
  const draw = json.draw && drawOf(json.draw)
  return { ...json, consumedAtMs: json.consumedAtMs, basis: json.basis, draw, movements, total: amountsOf(json.total) }
}

function budgetJson(budget: Budget): BudgetJson {
  const { rule, serial, startMs, endMs, carried, spent, held, slices } = budget
  return {
    rule,
    serial,
    startMs,
    ...(endMs === Infinity ? {} : { endMs }),
    carried: amountsJson(carried),
    spent: tallyJson(spent),
    held: tallyJson(held),
    slices: slices.map((slice) => ({ startMs: slice.startMs, spent: tallyJson(slice.spent) })),
    ...frozenJson(budget),
  }
}

function budgetOf(json: BudgetJson): Budget {
  const budget = newBudget(json.rule, json, json.serial)
  const carried = amountsOf(json.carried)
  const slices = json.slices.map((slice) => ({ startMs: slice.startMs, spent: tallyOf(slice.spent) }))
  const room = limitWith(amountsOf(json.rule.limit), carried)
  return Object.assign(budget, { carried, room, spent: tallyOf(json.spent), held: tallyOf(json.held), slices, frozen: json.frozen })
}

function allowanceJson({ rule, startMs, endMs, left, used, handed, waits }: Allowance): AllowanceJson {
  const tallies = { left: tallyJson(left), used: tallyJson(used), handed: tallyJson(handed) }
  return { rule, startMs, endMs, ...tallies, ...(waits ? { waits } : {}) }
}

function allowanceOf({ rule, startMs, endMs, left, used, handed, waits }: AllowanceJson): Allowance {
  const tallies = { left: tallyOf(left), used: tallyOf(used), handed: tallyOf(handed) }
  return { rule, amounts: amountsOf(rule.amounts), startMs, endMs, ...tallies, waits: waits === true }
}

function frozenJson({ frozen }: { readonly frozen: string | undefined }): { readonly frozen?: string } {
  return frozen === undefined ? {} : { frozen }
}
