/**
 * Which call of which tool. With the host's Tool Search one call fires twice: an outer `tool_call` around the tool that is meant, and the inner call, whose
 * id the host builds as `tool_search_code:<outer call>:<tool>:<n>`. The outer one is marked `wrapper`, the inner one names it, so that nobody counts both.
 */
import { objectOf, stringOf } from "../../base/json.ts"
import type { Reading } from "../reading.ts"

/** The host's name for the tool that calls other tools. */
const wrapperTool = "tool_call"
const innerStart = "tool_search_code:"
/** What the host writes for the outer call when there is none. */
const noOuter = "direct"
export const unknown = "unknown"

export function toolFacts(reading: Reading) {
  const { tool, call } = reading.picked
  const wrapper = tool === wrapperTool
  const nestedAs = wrapper && typeof call === "string" ? asNested(call) : call
  return {
    tool: reading.name("tool", tool) ?? unknown,
    call: reading.reference("call", call) ?? unknown,
    wrapper: wrapper ? true : undefined,
    inner: wrapper ? innerTool(reading) : undefined,
    nestedAs: nestedAs === call ? undefined : reading.reference("nestedAs", nestedAs),
    outer: reading.reference("outer", outerCall(call, tool)),
  }
}

/** Whether the host built the call's id around another call's. */
export function isInside(call: unknown): call is string {
  return typeof call === "string" && call.startsWith(innerStart)
}

/**
 * The tool a wrapper calls. Its name in the arguments is the model's word, which can be anything: a pseudonym, with the word itself in the content. When
 * the host's answer names the same tool from its catalogue it is a tool's name.
 */
function innerTool(reading: Reading): string | undefined {
  const asked = stringOf(objectOf(reading.picked["params"])["id"])
  if (asked === undefined) return undefined
  const told = objectOf(objectOf(objectOf(reading.picked["result"])["details"])["tool"])
  const named = told["id"] === asked || told["name"] === asked ? stringOf(told["name"]) : undefined
  return named === undefined ? reading.context.pseudonym(asked) : reading.name("inner", named)
}

/** The outer call in the id of an inner one. */
function outerCall(call: unknown, tool: unknown): string | undefined {
  if (!isInside(call)) return undefined
  const [, middle = ""] = /^(.*):\d+$/s.exec(call.slice(innerStart.length)) ?? []
  const named = `:${stringOf(tool)}`
  const outer = middle.endsWith(named) ? middle.slice(0, -named.length) : middle.slice(0, Math.max(0, middle.lastIndexOf(":")))
  return outer === noOuter ? undefined : stringOf(outer)
}

/**
 * A call's id as the host writes it into the ids of the calls inside, with `_` for every character it does not like. Only for ids of the shape
 * `call_1|fc_2`, which some providers give: of any other the result would look like an id, and be an address with its signs taken away.
 */
function asNested(call: string): string {
  return /^[A-Za-z0-9_.:-]{1,58}\|[A-Za-z0-9_.:-]{1,58}$/.test(call) ? call.replace("|", "_") : call
}
