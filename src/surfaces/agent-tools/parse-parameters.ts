/** What an agent passes to a tool, parsed: every name is known, every value is of its kind and in its bounds, or a sentence says what to pass. */
import { isTime } from "../../format/peac/rfc3339.ts"
import { refused } from "./refusal.ts"
import { mostResults, type ParameterSchema, type ToolRow } from "./tool-list.ts"

export type Parameters = {
  readonly text: (name: string) => string | undefined
  readonly count: (name: string) => number | undefined
  /** Milliseconds since 1970. */
  readonly timeMs: (name: "since" | "until") => number | undefined
}

const mostCharacters = 1_024
const bounds: Readonly<Record<string, readonly [number, number]>> = { limit: [1, mostResults], offset: [0, Number.MAX_SAFE_INTEGER] }

/** @throws {Fault} `tool.refused` */
export function parseParameters(tool: ToolRow, told: unknown): Parameters {
  const given = givenIn(tool, told)
  const text = (name: string) => given[name] as string | undefined
  const timeMs = (name: string) => timeIn(name, text(name))
  const [since, until] = [timeMs("since"), timeMs("until")]
  if (since !== undefined && until !== undefined && since >= until)
    throw refused("since is not before until, so that nothing can be between them", "Pass them the other way round, or leave one out.")
  return { text, count: (name) => given[name] as number | undefined, timeMs }
}

function givenIn(tool: ToolRow, told: unknown): Readonly<Record<string, unknown>> {
  const { properties, required = [] } = tool.parameters
  const known = Object.keys(properties)
  const takes = known.length === 0 ? "It takes no parameters." : `It takes ${known.join(", ")}.`
  if (told !== undefined && told !== null && (typeof told !== "object" || Array.isArray(told)))
    throw refused(`The parameters of ${tool.name} are no object`, takes)
  // Some models pass null for what they leave out.
  const given = Object.entries(told ?? {}).filter(([, value]) => value !== undefined && value !== null)
  for (const [name, value] of given) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!schema) throw refused(`${tool.name} has no parameter ${JSON.stringify(name.slice(0, 80))}`, takes)
    const problem = problemIn(name, schema, value)
    if (problem !== undefined) throw refused(`${name} ${problem}`, schema.description.endsWith(".") ? schema.description : `${schema.description}.`)
  }
  const parsed = Object.fromEntries(given)
  const missing = required.find((name) => !Object.hasOwn(parsed, name))
  if (missing !== undefined) throw refused(`${tool.name} needs ${missing}`, `${properties[missing]?.description ?? ""}.`)
  return parsed
}

function problemIn(name: string, { type, enum: values, maxLength = mostCharacters }: ParameterSchema, value: unknown): string | undefined {
  if (type === "integer") {
    const [least, most] = bounds[name] ?? [0, Number.MAX_SAFE_INTEGER]
    const isOne = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
    return isOne ? undefined : `must be a whole number from ${least} to ${most}`
  }
  if (typeof value !== "string" || value === "" || value.length > maxLength) return `must be a text of 1 to ${maxLength} characters`
  return values && !values.includes(value) ? `must be one of ${values.join(", ")}` : undefined
}

function timeIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!isTime(text)) throw refused(`${name} is no RFC 3339 time`, "Pass one such as 2026-11-20T08:00:00Z.")
  return Date.parse(text)
}
