/**
 * The outbound gate as the writer keeps it: its state in memory, made of the journal's events alone. Asked at the head of the commit queue, so that the use of an
 * arm is on disk before a message is let go, and two that race for the last use are asked one after the other.
 */
import type { CapturedCall, MapContext } from "../../capture/hook-row.ts"
import { Fault } from "../../base/fault.ts"
import { countOf, objectOf, stringOf } from "../../base/json.ts"
import type { NewEvent } from "../../format/event.ts"
import { sha256 } from "../../format/sha256.ts"
import { JournalReader } from "../../journal/reader.ts"
import { decideOffered, decideReceived } from "../../policy/outbound/decide.ts"
import type { OutboundEvent } from "../../policy/outbound/events.ts"
import { conversationOf, evolveOutbound, sawMessage } from "../../policy/outbound/evolve.ts"
import type { OutboundSetting } from "../../policy/outbound/outbound-setting.ts"
import { wrapped, type Place } from "../../policy/outbound/places.ts"
import { refusedWords } from "../../policy/outbound/refused-words.ts"
import type { OutboundState } from "../../policy/outbound/state.ts"
import { outboundState } from "../../projections/outbound-state.ts"
import { isOfViews, ViewStore } from "../../projections/view-store.ts"
import type { Admission } from "../admit-tool-call.ts"
import type { OpenLedger } from "../open-ledger.ts"

type Asked = { readonly setting: OutboundSetting; readonly place: Place; readonly channel: string }
/** `guarded` names the message where it has an id. */
type Received = { readonly events: readonly NewEvent[]; readonly guarded: string | undefined }
type Pseudonym = MapContext["pseudonym"]

export class OutboundBook {
  readonly #state: OutboundState
  readonly #nowMs: () => number
  readonly #pseudonym: Pseudonym
  /** Of connected gateways, by the sender of a lane, the newest last. */
  readonly #settings = new Map<string, OutboundSetting>()

  constructor(state: OutboundState, { nowMs, pseudonym }: { readonly nowMs: () => number; readonly pseudonym: Pseudonym }) {
    this.#state = state
    this.#nowMs = nowMs
    this.#pseudonym = pseudonym
  }

  /** A message came in: does it arm? To be asked before it counts as seen. */
  received({ picked }: CapturedCall, setting: OutboundSetting): Received {
    const asked = askedOf(picked, setting)
    if (!asked) return { events: [], guarded: undefined }
    const { channel, place } = asked
    const pseudonym = this.#pseudonym
    const [from, conversation] = [textOf(picked["from"]), textOf(picked["conversation"])]
    const sender = textOf(picked["sender"]) ?? from
    const to = conversation ?? from
    const message = textOf(picked["message"])
    // Channels count messages anew in each conversation, and for each bot.
    const counted = `${textOf(picked["account"]) ?? ""}/${place.identity(to ?? "")}`
    const guarded = message === undefined ? undefined : pseudonym(`message:${channel}:${counted}:${message}`)
    if (sender === undefined || to === undefined) return { events: [], guarded }
    const person = pseudonym(`peer:${channel}:${place.identity(sender)}`)
    const found = decideReceived(this.#state, setting.rule, {
      ...{ atMs: this.#nowMs(), channel, peer: peerOf(asked, to, this.#pseudonym), sender: person },
      message: guarded,
      mayArm: place.isProtected(to) && place.isAllowed(sender),
      text: stringOf(picked["text"]) ?? "",
    })
    // What was written stands in the message's own entry, as it may be stored.
    const events = this.#given(found, picked, { conversation: to, from: sender })
    if (guarded !== undefined) sawMessage(this.#state, guarded, this.#nowMs())
    return { events, guarded }
  }

  /** A message is about to leave: may it? `id` names the question; asked again after a lost answer it has the same one. */
  offered({ picked }: CapturedCall, { id, setting }: { readonly id: string; readonly setting: OutboundSetting }): Admission {
    const asked = askedOf(picked, setting)
    const to = textOf(picked["to"])
    if (!asked || to === undefined) return denied([], "its recipient cannot be told")
    const { channel, place } = asked
    // The gateway asks of nobody else: what came here as another was cut.
    if (!place.isProtected(to)) return denied([], "its recipient cannot be told")
    const peer = peerOf(asked, to, this.#pseudonym)
    if (this.#sent(channel, peer).some((send) => send.id === id)) return { events: [], answer: { verdict: "allow" } }
    const text = stringOf(picked["text"]) ?? ""
    const taken = this.#given(strippedIn(picked, { atMs: this.#nowMs(), channel, peer }), picked, { to })
    const { events, refused } = decideOffered(this.#state, setting.rule, {
      ...{ atMs: this.#nowMs(), channel, peer, send: id },
      digest: this.#digestOf(place.isWrapped(to) ? wrapped(setting.rule, text) : text, picked["media"]),
      kind: text.trim() === "" && (countOf(picked["mediaCount"]) ?? 0) > 0 ? "media" : "text",
    })
    const given = [...taken, ...this.#given(events, picked, { to })]
    return refused === undefined ? { events: given, answer: { verdict: "allow" } } : denied(given, refusedWords(refused))
  }

  /** What nobody waits for: what became of a message, and what was taken out of one that goes to nobody protected or of which nothing was left. */
  observed(call: CapturedCall, setting: OutboundSetting): readonly NewEvent[] {
    if (call.hook === "message_sent") return this.told(call, setting)
    const { picked } = call
    // Of answers and of calls of the tool `message` the gateway says with it where they go.
    const place = call.hook === "message_sending" ? picked : objectOf(picked["stripped"])
    const [asked, to] = [askedOf(place, setting), textOf(place["to"])]
    if (!asked || to === undefined) return []
    const of = { atMs: this.#nowMs(), channel: asked.channel, peer: peerOf(asked, to, this.#pseudonym) }
    return this.#given(strippedIn(picked, of), picked, { to })
  }

  /** What became of one that was let go: the oldest there of which nothing is known, with the same words if there is one. */
  told({ picked }: CapturedCall, setting: OutboundSetting): readonly NewEvent[] {
    const asked = askedOf(picked, setting)
    const to = textOf(picked["to"])
    if (!asked || to === undefined || !asked.place.isProtected(to)) return []
    const { channel } = asked
    const peer = peerOf(asked, to, this.#pseudonym)
    const waiting = this.#sent(channel, peer).filter(({ outcome }) => outcome === "unknown")
    const words = this.#digestOf(stringOf(picked["text"]) ?? "", undefined)
    const send = waiting.find(({ digest }) => digest.startsWith(words)) ?? waiting[0]
    if (!send) return []
    const facts = { atMs: this.#nowMs(), channel, peer, send: send.id, success: picked["success"] === true }
    return this.#given([{ type: "outbound.told", facts }], picked)
  }

  /** Settings are in force for as long as who brought them is connected; they say of whom an operator speaks. */
  useSetting(sender: string, setting: OutboundSetting | undefined): void {
    if (setting) this.#settings.set(sender, setting)
  }

  dropSetting(sender: string): void {
    this.#settings.delete(sender)
  }

  /** Whom an operator means: `telegram:4242`, or the id alone where one channel is watched. @throws {Fault} `gate.off`, `gate.unprotected`, `cli.usage` */
  recipient(to: string): { readonly channel: string; readonly peer: string } {
    let problem: unknown = new Fault("gate.off", {})
    for (const setting of new Set([...this.#settings.values()].toReversed())) {
      try {
        return this.#recipientBy(setting, to)
      } catch (error) {
        problem = error
      }
    }
    throw problem
  }

  #recipientBy(setting: OutboundSetting, to: string): { readonly channel: string; readonly peer: string } {
    const { channel: watched } = setting.rule
    const prefix = /^([a-z][\w-]*):(?=.)/i.exec(to)?.[1]
    const channel = (prefix ?? (watched.length === 1 && watched[0] !== "*" ? watched[0] : undefined))?.toLowerCase()
    const place = channel === undefined ? undefined : setting.places(channel)
    if (to === "" || channel === undefined || !place)
      throw new Fault("cli.usage", {
        problem: `A recipient is written as channel and id, such as telegram:4242; channels that are watched: ${watched.join(", ")}.`,
      })
    if (!place.isProtected(to)) throw new Fault("gate.unprotected", { to, channel })
    return { channel, peer: peerOf({ setting, place, channel }, to, this.#pseudonym) }
  }

  /** What an operator orders. */
  order(event: OutboundEvent, content: object): readonly NewEvent[] {
    return this.#given([event], {}, content)
  }

  /** Of the words as they leave, and then of what goes with them. */
  #digestOf(text: string, media: unknown): string {
    const of = (what: string) => this.#pseudonym(`send:${sha256(what).toString("hex")}`)
    return Array.isArray(media) && media.length > 0 ? `${of(text)}+${of(JSON.stringify(media))}` : of(text)
  }

  #sent(channel: string, peer: string) {
    return this.#state.sends.get(conversationOf(channel, peer)) ?? []
  }

  #given(events: readonly OutboundEvent[], picked: CapturedCall["picked"], content?: object): readonly NewEvent[] {
    for (const event of events) evolveOutbound(this.#state, event)
    const [session, sender] = [stringOf(picked["session"]), textOf(picked["sender"])]
    // As the message's own: who is erased is erased here, too.
    const name = { ...(session === undefined ? {} : { session }), ...(sender === undefined ? {} : { sender }) }
    const scope = session === undefined && sender === undefined ? {} : { scope: name }
    return events.map(
      ({ type, facts }) =>
        ({ type, id: `${type}:${subjectOf(facts)}`, ...scope, facts, ...(content ? { content: objectOf(content) } : {}) }) as unknown as NewEvent,
    )
  }
}

/** The gate of a ledger that is opened for writing. Without its views it is made from the journal alone. */
export function loadOutbound({ files, keys, scopes }: OpenLedger, nowMs: () => number): OutboundBook {
  const parts = { nowMs, pseudonym: (text: string) => scopes.pseudonym(text) }
  return JournalReader.ask(files, keys, (reader) => {
    let views: ViewStore | undefined
    try {
      views = ViewStore.open(files.views, keys.viewsKey)
      return new OutboundBook(outboundState(reader, views), parts)
    } catch (error) {
      if (!isOfViews(error)) throw error
      return new OutboundBook(outboundState(reader, undefined), parts)
    } finally {
      views?.close()
    }
  })
}

const mostKinds = 64

function strippedIn(picked: CapturedCall["picked"], of: Pick<OutboundEvent["facts"], "atMs" | "channel" | "peer">): readonly OutboundEvent[] {
  const { found, emptied } = objectOf(picked["stripped"])
  const all = Object.entries(objectOf(found)).flatMap(([kind, count]) => (/^[a-z][a-z0-9-]{0,40}$/.test(kind) ? [{ kind, count: countOf(count) ?? 0 }] : []))
  const kept = all.slice(0, mostKinds)
  if (kept.length === 0) return []
  const facts = { ...of, kinds: kept.map(({ kind }) => kind), counts: kept.map(({ count }) => count) }
  return [{ type: "outbound.stripped", facts: { ...facts, ...(emptied === true ? { emptied } : {}) } }]
}

function askedOf(picked: CapturedCall["picked"], setting: OutboundSetting): Asked | undefined {
  const channel = stringOf(picked["channel"])?.toLowerCase()
  const place = channel === undefined ? undefined : setting.places(channel)
  return channel === undefined || !place ? undefined : { setting, place, channel }
}

function peerOf({ place, channel }: Asked, to: string, pseudonym: Pseudonym): string {
  return pseudonym(`peer:${channel}:${place.identity(to)}`)
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : stringOf(value)
  return text === undefined || text.trim() === "" ? undefined : text
}

function subjectOf(facts: OutboundEvent["facts"]): string {
  const { channel, peer, atMs } = facts
  if ("send" in facts) return facts.send
  return `${channel}/${peer}@${atMs}`
}

function denied(events: readonly NewEvent[], words: string): Admission {
  return { events, answer: { verdict: "deny", words } }
}
