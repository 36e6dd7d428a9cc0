/**
 * Where messages leave: `message_sending`, which the host waits for and lets pass when it throws or hangs. Fails closed: to a protected recipient nothing goes
 * without the writer's word, whatever is wrong. What concerns nobody protected waits for nothing. Messages that come in on a guarded channel are told over the same
 * lane, so that what they arm is known before an answer to them is asked about.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { problemOf } from "../base/fault.ts"
import type { HookRow } from "../capture/hook-row.ts"
import { redactText } from "../capture/redact.ts"
import { refusedAction, toolRecipient } from "../policy/outbound/message-action.ts"
import type { OutboundSetting } from "../policy/outbound/outbound-setting.ts"
import { wrapped, type Place } from "../policy/outbound/places.ts"
import { strip } from "../policy/outbound/strip.ts"
import type { HookHandler } from "./host-api.ts"
import { hookLine } from "./hook-line.ts"
import type { LedgerSource, SharedLedger } from "./shared-ledger.ts"

/** `closed`: the settings name a gate and cannot be read, so nothing leaves. */
export type Gate = OutboundSetting | "closed" | undefined

type Observe = (ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown) => void
type Sending = { readonly content?: string; readonly cancel?: true; readonly cancelReason?: string }

/** The channel of the plugin's own user interface: what a hook answers there has no effect. */
const ineffective: ReadonlySet<string> = new Set(["webchat"])

export function receivedHandler(row: HookRow, ledger: LedgerSource, observe: Observe): HookHandler {
  return (event, ctx) => {
    try {
      const current = ledger()
      const channel = stringOf(objectOf(ctx)["channelId"])
      const { gate } = current
      if (gate === undefined || gate === "closed" || channel === undefined || !gate.places(channel)) return observe(current, row, event, ctx)
      void ask(current, row, event, ctx).catch(() => {})
    } catch {
      // Never into the host: what is not told arms nothing.
    }
    return undefined
  }
}

export function sendingHandler(row: HookRow, ledger: LedgerSource, observe: Observe, isClosed: () => boolean): HookHandler {
  return (event, ctx) => {
    try {
      const current = ledger()
      const { gate } = current
      const [told, where] = [objectOf(event), objectOf(ctx)]
      const channel = (stringOf(where["channelId"]) ?? "").toLowerCase()
      if (gate === "closed" && !ineffective.has(channel)) {
        observe(current, row, event, ctx)
        return cancelled("its settings cannot be read")
      }
      if (gate !== undefined && gate !== "closed") {
        const place = gate.places(channel)
        if (place) return offered(current, row, { event: told, ctx: where, place, gate, observe })
      }
      observe(current, row, event, ctx)
      return undefined
    } catch (error) {
      return isClosed() ? cancelled(problemOf(error)) : undefined
    }
  }
}

type Offer = {
  readonly event: Readonly<Record<string, unknown>>
  readonly ctx: Readonly<Record<string, unknown>>
  readonly place: Place
  readonly gate: OutboundSetting
  readonly observe: Observe
}

function offered(ledger: SharedLedger, row: HookRow, { event: told, ctx, place, gate, observe }: Offer): Sending | undefined | Promise<Sending | undefined> {
  const to = stringOf(told["to"]) ?? (typeof told["to"] === "number" ? String(told["to"]) : undefined)
  const whole = stringOf(told["content"]) ?? ""
  const { text, found } = strip(whole, gate.rule.strip, redactText)
  const emptied = text === "" && whole.trim() !== "" && !hasMedia(told)
  const event = Object.keys(found).length === 0 ? told : { ...told, content: text, stripped: { found, ...(emptied ? { emptied } : {}) } }
  if (emptied) {
    observe(ledger, row, event, ctx)
    return cancelled("nothing was left of it once what is internal was taken out")
  }
  const content = to !== undefined && place.isWrapped(to) ? wrapped(gate.rule, text) : text
  const passed = content === whole ? undefined : { content }
  if (to !== undefined && !place.isProtected(to)) {
    observe(ledger, row, event, ctx)
    return passed
  }
  return ask(ledger, row, event, ctx).then(
    (refusal) => (refusal === undefined ? passed : cancelled(refusal)),
    (error: unknown) => cancelled(problemOf(error)),
  )
}

function hasMedia(event: Offer["event"]): boolean {
  const { mediaUrls } = objectOf(event["metadata"])
  return Array.isArray(mediaUrls) && mediaUrls.length > 0
}

/** Why not, or undefined. */
async function ask(ledger: SharedLedger, row: HookRow, event: unknown, ctx: unknown): Promise<string | undefined> {
  const atMs = Date.now()
  const line = hookLine(row, event, ctx, { atMs, maxBytes: ledger.maxPayloadBytes, memory: ledger.memory })
  const answer = line === undefined ? new Error("the message could not be read") : await ledger.client.gate(line)
  if (answer instanceof Error) {
    ledger.client.lost("a message at the gate could not be recorded", row.hook, atMs)
    return answer.message
  }
  return answer.verdict === "allow" ? undefined : (answer.words ?? "it was refused")
}

function cancelled(problem: string): Sending {
  return { cancel: true, cancelReason: `Sovereign Ledger: ${problem}` }
}

export type StrippedCall = {
  readonly params: Readonly<Record<string, unknown>>
  /** For the record. */
  readonly stripped: Readonly<Record<string, unknown>>
  readonly emptied: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** Where something is that leaves beside a text. */
const besides = /media|path|file|image|buffer|attachment|presentation|interactive|channelData|location/i
const sayingKeys = ["message", "caption", "text", "content"]

/**
 * What the tool `message` is about to say, without what is internal; undefined where nothing is to be taken out. Before it asks about the message itself the host
 * takes off all that looks like a tag on some channels, and what stood between stays.
 */
export function strippedCall(gate: Gate, event: unknown, ctx: unknown): StrippedCall | undefined {
  const { toolName, params: written } = objectOf(event)
  if (gate === undefined || gate === "closed" || toolName !== "message") return undefined
  const params = objectOf(written)
  const place = toolRecipient({ params, here: stringOf(objectOf(ctx)["channelId"]) }, gate)
  if (!place) return undefined
  const found: Record<string, number> = {}
  const said = sayingKeys.flatMap((key) => {
    const whole = params[key]
    if (typeof whole !== "string") return []
    const clean = strip(whole, gate.rule.strip, redactText)
    for (const [kind, count] of Object.entries(clean.found)) found[kind] = (found[kind] ?? 0) + count
    return [[key, clean.text] as const]
  })
  if (Object.keys(found).length === 0) return undefined
  const emptied = said.every(([, text]) => text === "") && !Object.keys(params).some((key) => besides.test(key))
  return { params: { ...params, ...Object.fromEntries(said) }, stripped: { ...place, found, ...(emptied ? { emptied } : {}) }, emptied }
}

export type StrippedReply = { readonly event: Fields; readonly answer: { readonly payload: Fields } | { readonly cancel: true } }

/** An answer of a run, as early as the host shows it, without what is internal; undefined where nothing is to be taken out. */
export function strippedReply(gate: Gate, event: Fields, ctx: Fields): StrippedReply | undefined {
  const payload = objectOf(event["payload"])
  const [whole, channel, to] = [stringOf(payload["text"]), stringOf(ctx["channelId"]), stringOf(ctx["conversationId"])]
  if (gate === undefined || gate === "closed" || whole === undefined || channel === undefined || !gate.places(channel)) return undefined
  const { text, found } = strip(whole, gate.rule.strip, redactText)
  if (Object.keys(found).length === 0) return undefined
  const emptied = text === "" && !Object.entries(payload).some(([key, value]) => besides.test(key) && value !== undefined)
  const left = { ...payload, text }
  const told = { ...event, payload: left, stripped: { channel, to, found, ...(emptied ? { emptied } : {}) } }
  return { event: told, answer: emptied ? { cancel: true } : { payload: left } }
}

/** What a tool call does with messages that the gate has to refuse. */
export function actionPastGate(gate: Gate, event: unknown, ctx: unknown): string | undefined {
  if (gate === undefined) return undefined
  const { toolName, params } = objectOf(event)
  if (gate === "closed") return toolName === "message" ? "of any kind" : undefined
  return refusedAction({ tool: stringOf(toolName) ?? "", params: objectOf(params), here: stringOf(objectOf(ctx)["channelId"]) }, gate)
}
