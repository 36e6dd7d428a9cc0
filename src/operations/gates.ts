/**
 * The doors that wait for an answer, by the hook they stand at: what is recorded of the question, and what is answered. Each is asked at the head of the
 * commit queue, so that its decision is made on what was recorded before it.
 */
import { Fault } from "../base/fault.ts"
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import type { AskRule } from "../ledger/ask-rule.ts"
import type { OrchestratorSetting } from "../policy/orchestrator/orchestrator-setting.ts"
import type { OutboundSetting } from "../policy/outbound/outbound-setting.ts"
import { admitToolCall, type Admission } from "./admit-tool-call.ts"
import type { OutboundBook } from "./outbound/outbound-book.ts"
import { orchestrationHook, type Delegation } from "./orchestrator/delegation.ts"
import { eventsOf } from "./record.ts"
import type { Prices } from "./spend/prices.ts"
import type { Spending } from "./spend/spending.ts"

type Gate = (call: CapturedCall, context: MapContext, place: Place) => Admission

/** `id` names the question among all that were ever asked. */
type Place = {
  readonly spending: Spending
  readonly prices: Prices
  readonly ask: AskRule | undefined
  readonly id: string
  readonly outbound: Outbound
  readonly delegation: Delegating
}
type Delegating = { readonly book: Delegation; readonly setting: OrchestratorSetting | undefined }
type Outbound = { readonly book: OutboundBook; readonly setting: OutboundSetting | undefined }

const gates: Readonly<Record<string, Gate>> = {
  before_tool_call: (call, context, { spending, prices, ask, id, outbound, delegation: { book, setting } }) => {
    spending.notes(call, context)
    const hold = spending.doors.hard ? (invoked: NewEvent<"tool.invoked">) => spending.admitTool(call, invoked, { id: `tool:${id}`, prices, ask }) : undefined
    const { events, answer } = admitToolCall(call, context, { hold, delegate: setting && (() => book.tool(call, setting)) })
    return { events: outbound.setting ? [...events, ...outbound.book.observed(call, outbound.setting)] : events, answer }
  },
  [orchestrationHook]: (call, _context, { id, delegation: { book, setting } }) => {
    const { events, ...answer } = book.follow(call, setting, { id, mayAnswer: true })
    return { events, answer: { verdict: "allow", ...answer } }
  },
  before_agent_run: (call, context, place) => {
    const told = eventsOf(call, context)
    const { events, answer } = wantedCall(call, context, place, told)
    return { events: [...told, ...events], answer }
  },
  before_model_resolve: (call, context, { spending, prices }) => {
    const told = eventsOf(call, context)
    const { events, ...choice } = spending.chooseModel(call, context, prices)
    return { events: [...told, ...events], answer: { verdict: "allow", ...choice } }
  },
  message_received: (call, context, { outbound: { book, setting } }) => {
    const told = eventsOf(call, context)
    if (!setting) return { events: told, answer: { verdict: "allow" } }
    const { events, guarded } = book.received(call, setting)
    return { events: [...told.map((event) => withName(event, guarded)), ...events], answer: { verdict: "allow" } }
  },
  message_sending: (call, context, { id, outbound: { book, setting } }) => {
    const told = eventsOf(call, context)
    if (!setting) return { events: told, answer: { verdict: "deny", words: "the settings of the gate cannot be read" } }
    const { events, answer } = book.offered(call, { id, setting })
    return { events: [...told, ...events], answer }
  },
  order: (call, _context, { spending }) => orderedBy(call, spending),
  "call-wanted": (call, context, place) => wantedCall(call, context, place),
}

/** By which it is known when it comes again. */
function withName(event: NewEvent, guarded: string | undefined): NewEvent {
  return event.type === "message.received" && guarded !== undefined ? { ...event, facts: { ...event.facts, guarded } } : event
}

export function admit(call: CapturedCall, context: MapContext, place: Place): Admission {
  const gate = gates[call.hook]
  return gate ? gate(call, context, place) : admitToolCall(call, context)
}

/** For programs that ask much and at once; people ask over the control lane. */
function orderedBy({ picked }: CapturedCall, spending: Spending): Admission {
  const { events, answer } = spending.orders.ask(picked, true)
  const recorded = events()
  try {
    return { events: recorded, answer: { verdict: "allow", order: answer() } }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { events: recorded, answer: { verdict: "deny", words: error.message } }
  }
}

function wantedCall(call: CapturedCall, context: MapContext, { spending, prices, ask, id }: Place, told: readonly NewEvent[] = []): Admission {
  const started = told.find((event) => event.type === "run.started")
  const returned: readonly NewEvent[] = spending.giveBack(call)
  const { events, answer } = spending.admitModelCall(call, context, { id: `model:${id}`, prices, ask, started })
  return { events: [...returned, ...events], answer }
}
