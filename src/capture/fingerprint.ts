/**
 * What a tool call looks like, as short keyed prints, so that a loop can be seen where no text may stand. `callPrint` and `resultPrint` are of the arguments and
 * of the result as they are; `callShape` and `resultShape` of what is left of them without what changes by itself: times, ids, white space, order, counters.
 * A number in a result may be what the call was for, so that one goes only where it tells a time or repeats a number of the arguments.
 *
 * Under the store's key, and for one run each: a print confirms no guess to whoever has not the key, and joins no two runs.
 */
import { objectOf, stringOf, type Json } from "../base/json.ts"
import { canonicalJson } from "../base/canonical-json.ts"

export type CallPrints = { readonly callPrint?: string; readonly callShape?: string; readonly waits?: true }
export type ResultPrints = { readonly resultPrint?: string; readonly resultShape?: string }

/** Makes the print of a text. */
export type Fingerprint = (text: string) => string

type Called = { readonly run: string; readonly tool: string; readonly params: unknown }

/** A longer text counts by its beginning, its end and its length. */
const wholeUnits = 32_768

export function printsOfCall({ run, tool, params }: Called, print: Fingerprint): CallPrints {
  try {
    const waits = isWaiting(tool, params) ? { waits: true as const } : {}
    const about = `${run}\n${tool}\n`
    const asked = (params ?? null) as Json
    return { callPrint: print(`${about}=${bounded(canonicalJson(asked))}`), callShape: print(`${about}~${shapeOfArguments(asked)}`), ...waits }
  } catch {
    return {} // What cannot be written as JSON has no print, and is told to be so where it is recorded.
  }
}

export function printsOfResult(
  { run, params }: Omit<Called, "tool">,
  ended: { readonly result: unknown; readonly error: unknown },
  print: Fingerprint,
): ResultPrints {
  try {
    const text = bounded(seenText(ended.result, stringOf(ended.error)))
    return { resultPrint: print(`${run}\n>${text}`), resultShape: print(`${run}\n)${shapeOfResult(text, params)}`) }
  } catch {
    return {} // as above
  }
}

export function shapeOfArguments(params: Json): string {
  return withoutSpace(withoutIds(bounded(canonicalJson(inOneOrder(params)))).replace(/\d+(?:\.\d+)?/g, "0"))
}

export function shapeOfResult(text: string, params: unknown): string {
  const told = new Set(bounded(JSON.stringify(params ?? null)).match(/\d+(?:\.\d+)?/g))
  const timeless = withoutIds(text).replace(/\b\d+(?:\.\d+)?\s*(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/gi, "0s")
  return withoutSpace(timeless.replace(/\d+(?:\.\d+)?/g, (number) => (told.has(number) ? "0" : number)))
}

/** What the model is shown of a result; details beside it hold times and places that it never sees. */
function seenText(result: unknown, error: string | undefined): string {
  const { content } = objectOf(result)
  const parts = Array.isArray(content) ? content.map((part: unknown) => stringOf(objectOf(part)["text"]) ?? JSON.stringify(part)) : undefined
  return `${parts ? parts.join("\n") : (stringOf(result) ?? JSON.stringify(result ?? null))}${error === undefined ? "" : `\n${error}`}`
}

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi
const instant = /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g
const clock = /\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b/g
/** Seconds or milliseconds since 1970, of a year from 2001 to 2033. */
const epoch = /\b[12]\d{9}(?:\d{3})?\b/g
const hexId = /\b(?=[a-f]*\d)[0-9a-f]{12,}\b/gi

function withoutIds(text: string): string {
  return text.replace(uuid, "<id>").replace(instant, "<time>").replace(clock, "<time>").replace(epoch, "<time>").replace(hexId, "<id>")
}

function withoutSpace(text: string): string {
  return text
    .replace(/(?:\s|\\[nrt])+/g, " ")
    .replace(/ ?" ?/g, '"')
    .trim()
}

/** Lists of plain values in one order, whoever wrote them in another. */
function inOneOrder(value: Json): Json {
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(inOneOrder)
    return items.every((item) => typeof item !== "object" || item === null) ? items.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)) : items
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inOneOrder(member)]))
}

const asksForState = /(?:^|[_.-])(?:wait|poll|sleep|status|yield)(?:$|[_.-])/i
const stateActions: ReadonlySet<unknown> = new Set(["poll", "log", "list", "status", "wait"])
const sleepsFirst = /\bsleep\s+[\d.]+|\bStart-Sleep\b|\btimeout\s+\/t\b/

/** Whether it is a look at something that takes its time: by the tool's name, by the host's own tool for what runs in the background, or because it sleeps. */
function isWaiting(tool: string, params: unknown): boolean {
  const { action, command } = objectOf(params)
  if (asksForState.test(tool) || (tool === "process" && stateActions.has(action))) return true
  return typeof command === "string" && sleepsFirst.test(command.slice(0, 1_024))
}

function bounded(text: string): string {
  const half = wholeUnits / 2
  return text.length <= wholeUnits ? text : `${text.slice(0, half)}…${text.length}…${text.slice(-half)}`
}
