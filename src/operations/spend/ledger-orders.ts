/**
 * What operators and programs ask of the ledger: parsed, allowed or not, decided, recorded. Who tightens needs nothing; who loosens needs the operator's
 * credential once there is one, and is refused below an agent's own commands whatever it has. A refusal is an entry like everything else.
 */
import { assert, Fault } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { BudgetRule } from "../../format/facts/ledger.ts"
import { parseBreakers } from "../../ledger/breakers/breaker-rule.ts"
import { parseAllowanceList } from "../../ledger/allowance-rule.ts"
import { parseDowngrades } from "../../ledger/downgrade-list.ts"
import { parseBudgetList } from "../../ledger/budget-list.ts"
import { parseAccount } from "../../ledger/accounts.ts"
import type { Command } from "../../ledger/commands.ts"
import { loosened } from "../../ledger/loosening.ts"
import { refusalWords, type Refusal } from "../../ledger/refusals.ts"
import { accountSummary, budgetSummaries, type AccountSummary, type BudgetSummary } from "../../ledger/summary.ts"
import type { ScopeStore } from "../../vault/scopes.ts"
import type { GateOrder } from "../outbound/gate-order.ts"
import { chatCommand, chatOf, chatReason, onTheMachine, type Chat } from "./chat-order.ts"
import { credentialOf, fits, shortestCredential } from "./credential.ts"
import type { LedgerBook } from "./ledger-book.ts"
import { parseOrder } from "./parse-order.ts"
import { parseWindows } from "./parse-windows.ts"
import type { SpendSettings } from "./parse-prices.ts"
import { refusalEvent } from "./refusal-event.ts"

export type OrderAnswer =
  | {
      readonly done: true
      readonly repeated?: true
      readonly attempt?: number
      readonly events: readonly { readonly type: string; readonly facts: object }[]
      /** Of a question for one account. */
      readonly account?: AccountSummary
      /** Of the question for everything. */
      readonly accounts?: readonly AccountSummary[]
      readonly budgets?: readonly BudgetSummary[]
      readonly openHolds?: number
      readonly frozen?: string
    }
  | { readonly refused: { readonly why: string; readonly words: string } }

export type OrdersOptions = {
  readonly book: LedgerBook
  readonly scopes: Pick<ScopeStore, "pseudonym" | "resolve">
  readonly nowMs: () => number
  /** Processes of gateways that are connected: what runs below one was started by an agent. */
  readonly gatewayPids: () => ReadonlySet<number>
  /** Reads what is ordered of the outbound gate; undefined for anything else. */
  readonly gateOrder?:
    | ((order: Readonly<Record<string, unknown>>, when: { readonly atMs: number; readonly reason: string | undefined }) => GateOrder | undefined)
    | undefined
}

type Taken = { readonly answer: OrderAnswer; readonly events: readonly NewEvent[] }

type InSettings = Pick<SpendSettings, "budgets" | "allowances" | "breakers" | "downgrades">

export class LedgerOrders {
  readonly #options: OrdersOptions
  #refusals = 0
  /** What settings were refused, once each: they are loaded again and again. */
  readonly #told = new Set<string>()

  constructor(options: OrdersOptions) {
    this.#options = options
  }

  /** An order as work of the commit queue: `events` decides, at the head of the queue; `answer` is for when they are on disk, and throws what it threw. */
  ask(line: Readonly<Record<string, unknown>>, isGateway = false): { readonly events: () => readonly NewEvent[]; readonly answer: () => OrderAnswer } {
    let taken: Taken | Fault | undefined
    const events = () => {
      try {
        return (taken = this.take(line, isGateway)).events
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        taken = error
        return []
      }
    }
    const answer = () => {
      assert(taken !== undefined, "an order was decided before it is answered")
      if (taken instanceof Fault) throw taken
      return taken.answer
    }
    return { events, answer }
  }

  /** Decides at once; what it answers may leave when the events are on disk. @throws Fault cli.usage */
  take(line: Readonly<Record<string, unknown>>, isGateway = false): Taken {
    const order = objectOf(line["order"])
    const { book, nowMs } = this.#options
    const atMs = nowMs()
    if (order["do"] === "balance") return this.#balance(order, atMs)
    if (order["do"] === "show") return this.#shown(atMs)
    // What a provider says is heard from a gateway alone: a command that says less of it would open what a budget has closed.
    if (order["do"] === "report-windows" && isGateway) return this.#windows(order, atMs)
    const chat = chatOf(order)
    const asked = chat ? { ...order, reason: chatReason(chat, chatCommand(order), this.#options.scopes) } : order
    const atGate = this.#options.gateOrder?.(asked, { atMs, reason: stringOf(asked["reason"]) })
    if (atGate) return this.#atGate(line, atGate, chat)
    const command = this.#commandOf(asked, atMs)
    if (!command) return { answer: { done: true, repeated: true, events: [] }, events: [] }
    const loosens = loosened(book.state, command)
    const forbidden = loosens === undefined ? undefined : chat ? this.#forbiddenInChat(chat, onTheMachine(command), loosens) : this.#forbidden(line, loosens)
    if (forbidden) return forbidden
    const { decision, events } = book.give(command)
    if ("refused" in decision) {
      const refused = this.#refused(command, decision.refused)
      return { ...refused, events: [...events, ...refused.events] }
    }
    const { attempt, repeated } = decision
    const told = { ...(attempt === undefined ? {} : { attempt }), ...(repeated === undefined ? {} : { repeated }) }
    return { answer: { done: true, ...told, events: decision.events }, events }
  }

  #atGate(line: Readonly<Record<string, unknown>>, { loosens, command, give }: GateOrder, chat: Chat | undefined): Taken {
    const machine = `on the machine: sovereign-ledger ${command}`
    const forbidden = loosens === undefined ? undefined : chat ? this.#forbiddenInChat(chat, machine, loosens) : this.#forbidden(line, loosens)
    if (forbidden) return forbidden
    const { told, events } = give()
    return { answer: { done: true, events: [told] }, events }
  }

  /** Undefined when it asks for what is so already. */
  #commandOf(order: Readonly<Record<string, unknown>>, atMs: number): Command | undefined {
    if (order["do"] === "accept-clock") return this.#options.book.clock?.acceptance("operator")
    return order["do"] === "set-credential" ? this.#credential(order, atMs) : parseOrder(this.#named(order, atMs), atMs)
  }

  /**
   * Budgets, allowances, breakers and downgrades of a gateway's settings, to be set at the head of the queue. An agent can edit those: what is looser than what is
   * in force needs the credential, which stands in no settings. @throws {Fault} naming what is wrong with them.
   */
  inSettings({ budgets, allowances = [], breakers, downgrades }: InSettings): (() => readonly NewEvent[]) | undefined {
    const rules = parseBudgetList(budgets)
    const thresholds = breakers === undefined ? [] : [parseBreakers(breakers)]
    const quotas = parseAllowanceList(allowances)
    const chains = downgrades === undefined ? [] : [parseDowngrades(downgrades)]
    if (rules.length + quotas.length + thresholds.length + chains.length === 0) return undefined
    return () => {
      const atMs = this.#options.nowMs()
      return [
        ...rules.flatMap((rule) => this.#fromSettings({ do: "set-budget", atMs, rule: this.#withSessionId(rule, atMs) })),
        ...quotas.flatMap((rule) => this.#fromSettings({ do: "set-allowance", atMs, rule })),
        ...thresholds.flatMap((rule) => this.#fromSettings({ do: "set-breakers", atMs, rule })),
        ...chains.flatMap((steps) => this.#fromSettings({ do: "set-downgrades", atMs, steps })),
      ]
    }
  }

  #fromSettings(command: Command): readonly NewEvent[] {
    const { book } = this.#options
    const loosens = loosened(book.state, command)
    if (loosens === undefined || book.state.credential === undefined) return book.give(command).events
    const key = `settings ${loosens}`
    if (this.#told.has(key)) return []
    this.#told.add(key)
    return this.#denied(loosens, "settings", "").events
  }

  /** Sessions are known to people by their label, and stand in the ledger by their scope's id. */
  #named(asked: Readonly<Record<string, unknown>>, atMs: number): Readonly<Record<string, unknown>> {
    const order = this.#namedSpend(asked, atMs)
    const { match } = order
    if (!Array.isArray(match)) return order
    const renamed = match.map((one: unknown) => {
      const session = typeof one === "string" ? /^session=(.+)$/s.exec(one)?.[1] : undefined
      return session === undefined ? one : `session=${this.#sessionId(session, atMs)}`
    })
    return { ...order, match: renamed }
  }

  #namedSpend(order: Readonly<Record<string, unknown>>, atMs: number): Readonly<Record<string, unknown>> {
    const spend = objectOf(order["spend"])
    const session = stringOf(spend["session"])
    return session === undefined ? order : { ...order, spend: { ...spend, session: this.#sessionId(session, atMs) } }
  }

  #withSessionId(rule: BudgetRule, atMs: number): BudgetRule {
    const { session } = rule.match
    return session === undefined ? rule : { ...rule, match: { ...rule.match, session: this.#sessionId(session, atMs) } }
  }

  /** The host writes its sessions' keys in small letters, whoever writes them otherwise. What is an id already stays, and a pattern: any, or refused where it is parsed. */
  #sessionId(written: string, atMs: number): string {
    if (written.includes("*") || /^[0-9a-f]{32}$/.test(written)) return written
    return this.#options.scopes.resolve({ session: written.toLowerCase() }, atMs).name
  }

  /** Questions, answered from the state as it stands at the head of the queue. */
  #balance(order: Readonly<Record<string, unknown>>, atMs: number): Taken {
    const { book } = this.#options
    const account = parseAccount(stringOf(order["account"]) ?? "")
    const events = book.openDue(atMs)
    return { answer: { done: true, events: [], account: accountSummary(book.state, account) }, events }
  }

  #windows(order: Readonly<Record<string, unknown>>, atMs: number): Taken {
    const { decision, events } = this.#options.book.give(parseWindows(order, atMs))
    return { answer: { done: true, events: "refused" in decision ? [] : decision.events }, events }
  }

  #shown(atMs: number): Taken {
    const { book } = this.#options
    const { state } = book
    const events = book.openDue(atMs)
    const accounts = [...state.accounts.keys()].map((account) => accountSummary(state, account))
    const budgets = budgetSummaries(state, atMs)
    return {
      answer: { done: true, events: [], accounts, budgets, openHolds: state.holds.size, ...(state.frozen === undefined ? {} : { frozen: state.frozen }) },
      events,
    }
  }

  #credential(order: Readonly<Record<string, unknown>>, atMs: number): Command {
    const text = stringOf(order["new"])
    if (text === undefined) return { do: "set-credential", atMs, salt: "", verifier: "" }
    if (text.length < shortestCredential)
      throw new Fault("cli.usage", {
        problem: `A credential has at least ${shortestCredential} characters.`,
        command: "sovereign-ledger operator set-credential",
      })
    return { do: "set-credential", atMs, ...credentialOf(text, this.#options.scopes) }
  }

  /** What else the operator alone may do, by a line that says who asks as that of an order does; what is refused is on record then. */
  refusal(line: Readonly<Record<string, unknown>>, change: string): { readonly answer: OrderAnswer; readonly events: readonly NewEvent[] } | undefined {
    return this.#forbidden(line, change)
  }

  #forbidden(line: Readonly<Record<string, unknown>>, change: string): Taken | undefined {
    const { book, scopes } = this.#options
    const gateways = this.#options.gatewayPids()
    const under = Array.isArray(line["under"]) && line["under"].some((pid: unknown) => gateways.has(countOf(pid) ?? -1))
    if (under) return this.#denied(change, "agent", `${change} was asked for by a command that an agent runs; only the operator loosens`)
    const { credential } = book.state
    if (credential === undefined) return undefined
    const given = stringOf(line["credential"])
    if (given === undefined) return this.#denied(change, "credential", `${change} needs the operator's credential`)
    return fits(given, credential, scopes)
      ? undefined
      : this.#denied(change, "credential", `${change} needs the operator's credential, and this is another one`)
  }

  /** A credential is typed into no chat, and a client of the gateway may be an agent, which has the gateway's token. */
  #forbiddenInChat({ isClient }: Chat, machine: string, change: string): Taken | undefined {
    if (this.#options.book.state.credential !== undefined)
      return this.#denied(change, "credential", `${change} needs the operator's credential, which is not for a chat; ${machine} --credential-file -`)
    return isClient ? this.#denied(change, "chat", `${change} is for an owner in a channel, not for a client of the gateway; ${machine}`) : undefined
  }

  #denied(change: string, why: string, words: string): Taken {
    const id = `change.refused:${this.#options.nowMs()}-${++this.#refusals}`
    return { answer: { refused: { why, words } }, events: [{ type: "change.refused", id, facts: { change, why } }] }
  }

  #refused(command: Command, refused: Refusal): Taken {
    const answer = { refused: { why: refused.why, words: refusalWords(refused) } }
    // An answer that comes again, or too late, does nothing, and is on record.
    if (command.do === "grant" || command.do === "deny") {
      const { events } = this.#denied(`to ${command.do} extension ${command.id}`, refused.why, "")
      return { answer, events }
    }
    if (command.do !== "hold") return { answer, events: [] }
    return { answer, events: [refusalEvent(refused, { door: "api" }, `${command.id}@${this.#options.nowMs()}`)] }
  }
}
