/** What an operator orders of the outbound gate: let some messages through, or none any more. Parsed here, whoever sent it; allowed or not where orders are. */
import { Fault } from "../../base/fault.ts"
import { countOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import type { OutboundEvent } from "../../policy/outbound/events.ts"
import type { OutboundBook } from "./outbound-book.ts"

type Order = Readonly<Record<string, unknown>>

export type GateOrder = {
  /** Set where it lets more through than there was: that needs whatever loosening needs. */
  readonly loosens: string | undefined
  /** The command as it is typed on the machine. */
  readonly command: string
  readonly give: () => { readonly told: OutboundEvent; readonly events: readonly NewEvent[] }
}

const mostUses = 1_000
const longestMs = 86_400_000
const usual = { uses: 1, forMs: 120_000 }

/** Undefined where it is none of the gate. @throws {Fault} `cli.usage`, `gate.off` */
export function parseGateOrder(
  order: Order,
  book: OutboundBook,
  { atMs, reason }: { readonly atMs: number; readonly reason: string | undefined },
): GateOrder | undefined {
  const { do: what } = order
  if (what !== "gate-arm" && what !== "gate-disarm") return undefined
  const to = stringOf(order["to"])?.trim() ?? ""
  const { channel, peer } = book.recipient(to)
  const of = { atMs, channel, peer, ...(reason === undefined ? {} : { reason }) }
  const give = (told: OutboundEvent) => () => ({ told, events: book.order(told, { to }) })
  if (what === "gate-disarm") return { loosens: undefined, command: `gate disarm ${to}`, give: give({ type: "outbound.disarmed", facts: of }) }
  const uses = numberOf(order["uses"], { least: 1, most: mostUses, usual: usual.uses, name: "uses" })
  const forMs = numberOf(order["forMs"], { least: 1_000, most: longestMs, usual: usual.forMs, name: "milliseconds" })
  const facts = { ...of, uses, expiresAtMs: atMs + forMs }
  return { loosens: "to let messages leave to a protected recipient", command: `gate arm ${to}`, give: give({ type: "outbound.armed", facts }) }
}

type Bounds = { readonly least: number; readonly most: number; readonly usual: number; readonly name: string }

function numberOf(value: unknown, { least, most, usual: fallback, name }: Bounds): number {
  if (value === undefined) return fallback
  const found = countOf(value)
  if (found === undefined || found < least || found > most)
    throw new Fault("cli.usage", { problem: `An arm is for ${least} to ${most.toLocaleString("en")} ${name}.` })
  return found
}
