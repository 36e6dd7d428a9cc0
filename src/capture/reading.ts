/**
 * What every mapper starts from: the common fields of a call, as they are picked on the host's thread and read in the writer, and the one way to make
 * an event of them. Facts left undefined are left out; a text replaced by a pseudonym in facts or id stands in full in the content's `names`.
 */
import { objectOf, stringOf, type JsonObject } from "../base/json.ts"
import type { EventFacts, EventType, NewEvent, ScopeName } from "../format/event.ts"
import { originalLength } from "./cut-marks.ts"
import { encodeBounded } from "./encode.ts"
import { agentOf } from "../format/session-agent.ts"
import type { CapturedCall, HookRow, MapContext, Picked } from "./hook-row.ts"
import { name, reference } from "./references.ts"

export type Reading = {
  readonly call: CapturedCall
  readonly picked: Picked
  readonly context: MapContext
  /** True when parts of `picked` were left out, so that marks in it count. */
  readonly cut: boolean
  readonly reference: (field: string, value: unknown) => string | undefined
  readonly name: (field: string, value: unknown) => string | undefined
  /** Length of a text in UTF-16 units, also of one that was cut; 0 when there is none. */
  readonly length: (value: unknown) => number
  readonly event: <T extends EventType>(event: Making<T>) => NewEvent
}

/** Facts as a mapper has them: optional ones may be undefined. */
export type LooseFacts<F> = { readonly [K in keyof F as Record<never, never> extends Pick<F, K> ? never : K]: F[K] } & {
  readonly [K in keyof F as Record<never, never> extends Pick<F, K> ? K : never]?: F[K] | undefined
}

type Making<T extends EventType> = {
  readonly type: T
  /** The host's own ids that name what happened; those it did not give are written as a dash. */
  readonly key: readonly (string | number | undefined)[]
  readonly facts: LooseFacts<EventFacts[T]>
  readonly content?: Readonly<Record<string, unknown>>
}

type RowSource = Omit<HookRow, "map"> & { readonly map: (reading: Reading) => readonly NewEvent[] }

/** A row whose `pick` and `map` are given objects whatever the host hands over, and which never throws. */
export function hookRow(source: RowSource): HookRow {
  return {
    ...source,
    pick: (event, ctx, memory) => {
      try {
        return source.pick(objectOf(event), objectOf(ctx), memory)
      } catch {
        // A member throws when it is read. As bounded plain data the rest of the payload can still be told.
        return source.pick(plainCopy(event), plainCopy(ctx), memory)
      }
    },
    map: (call, context) => source.map(readingOf(call, context)),
  }
}

const copyBytes = 64 * 1024

function plainCopy(value: unknown): Picked {
  return objectOf(JSON.parse(encodeBounded(value, copyBytes).text))
}

/** The fields of nearly every hook. Ids come first in what is picked: they are kept when the payload is cut. */
export function pickCommon(event: Picked, ctx: Picked): Picked {
  return {
    run: ctx["runId"] ?? event["runId"],
    agent: ctx["agentId"] ?? event["agentId"],
    session: ctx["sessionKey"] ?? event["sessionKey"],
    sessionId: ctx["sessionId"] ?? event["sessionId"],
    sender: ctx["senderId"] ?? event["senderId"],
  }
}

/** How many items a list has, without looking at them; undefined when it is none. */
export function countItems(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined
}

/** The last item of a list, without looking at the others. */
export function lastItem(value: unknown): unknown {
  return Array.isArray(value) ? value[value.length - 1] : undefined
}

function readingOf(call: CapturedCall, context: MapContext): Reading {
  const picked = objectOf(call.picked)
  const cut = call.cut !== undefined
  const replaced: Record<string, string> = {}
  const standIn = (make: typeof reference) => (field: string, value: unknown) => {
    const text = idText(value)
    if (text === undefined) return undefined
    const shown = make(text, context)
    if (shown !== text) replaced[field] = text
    return shown
  }
  const readName = standIn(name)
  const readReference = standIn(reference)
  const agent = readName("agent", picked["agent"] ?? agentOf(picked["session"]))
  const run = readReference("run", picked["run"])
  const common = { agent, run, atMs: call.atMs, via: call.hook, cutFromBytes: call.cut?.fromBytes }
  return {
    call,
    picked,
    context,
    cut,
    reference: readReference,
    name: readName,
    length: (value) => originalLength(value, cut),
    event: (making) => {
      // An unsalted hash of what was kept must go when the content goes: it would confirm a guess.
      const content = given({ ...making.content, keptSha256: call.cut?.keptSha256, names: Object.keys(replaced).length > 0 ? replaced : undefined })
      return given({
        type: making.type,
        id: `${making.type}:${making.key.map((part) => part ?? "-").join("/")}`,
        scope: scopeOf(picked),
        facts: given({ ...common, ...making.facts }),
        content: Object.keys(content).length > 0 ? content : undefined,
      }) as NewEvent
    },
  }
}

function scopeOf(picked: Picked): ScopeName | undefined {
  const session = stringOf(picked["session"]) ?? stringOf(picked["sessionId"])
  const sender = idText(picked["sender"])
  return session === undefined && sender === undefined ? undefined : (given({ session, sender }) as ScopeName)
}

/** Ids are texts; some channels number theirs. */
function idText(value: unknown): string | undefined {
  return typeof value === "number" && Number.isFinite(value) ? String(value) : stringOf(value)
}

/** Without what says nothing: a missing value stays absent in what is stored. */
function given(fields: Readonly<Record<string, unknown>>): JsonObject {
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) if (!isEmpty(fields[key])) kept[key] = fields[key]
  return kept as JsonObject
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
}
