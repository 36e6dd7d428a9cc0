/** The operator's prices, as they stand in the setting `prices`: the first whose pattern matches `provider/model` wins over every other source. */
import { Fault } from "../base/fault.ts"
import { namePattern } from "../base/glob.ts"
import { objectOf } from "../base/json.ts"
import { completeRates, type Bounds, type Rates } from "./price.ts"
import { readRate } from "./usd-rate.ts"

export type Override = Bounds & {
  /** Of `provider/model`; `*` stands for any characters. */
  readonly pattern: string
  readonly matches: (model: string) => boolean
  readonly rates: Rates
  readonly free: boolean
}

const fields = ["model", "input", "output", "cacheRead", "cacheWrite", "cacheWrite1h", "contextTokens", "maxOutputTokens", "free"]
const rateFields = ["input", "output", "cacheRead", "cacheWrite", "cacheWrite1h"] as const
const boundFields = ["contextTokens", "maxOutputTokens"] as const
const mostOverrides = 1_000
const mostTokens = 1_000_000_000
const zero: Rates = { input: 0n, output: 0n, cacheRead: 0n, cacheWrite: 0n, cacheWrite1h: 0n }

export const overrideExample = '{"model": "openai/gpt-5", "input": "1.25", "output": "10"}'

/** @throws {Fault} `cli.usage` naming the entry and what is wrong with it. */
export function parseOverrides(written: unknown): readonly Override[] {
  if (!Array.isArray(written)) throw no("prices", `they are a list such as [${overrideExample}]`)
  if (written.length > mostOverrides) throw no("prices", `there are more than ${mostOverrides}`)
  return written.map((one: unknown, at) => parseOverride(one, `price ${at + 1}`))
}

function parseOverride(written: unknown, place: string): Override {
  const entry = objectOf(written)
  const model = entry["model"]
  if (typeof model !== "string" || !/^\S{1,256}$/.test(model) || !/[/*]/.test(model)) {
    throw no(place, 'its "model" is "provider/model" or a pattern of it (* stands for any characters)')
  }
  const name = `${place} (${model})`
  const unknown = Object.keys(entry).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw no(name, `there is no ${JSON.stringify(unknown.slice(0, 40))} in a price`)
  return { pattern: model, matches: namePattern(model).matches, ...boundsOf(entry, name), ...costsOf(entry, name) }
}

function costsOf(entry: Readonly<Record<string, unknown>>, name: string): Pick<Override, "rates" | "free"> {
  const free = entry["free"]
  const stated = rateFields.filter((field) => entry[field] !== undefined)
  if (free !== undefined && free !== true) throw no(name, '"free" is true or absent')
  if (free === true) {
    if (stated.length > 0) throw no(name, `it is free and has rates (${stated.join(", ")})`)
    return { rates: zero, free }
  }
  const rate = (field: (typeof rateFields)[number]): bigint | undefined => (entry[field] === undefined ? undefined : rateOf(entry[field], field, name))
  const [input, output] = [rate("input"), rate("output")]
  if (input === undefined || output === undefined) throw no(name, `its ${input === undefined ? "input" : "output"} rate is missing`)
  if (input === 0n || output === 0n) throw no(name, `its ${input === 0n ? "input" : "output"} rate is 0; what costs nothing is said with "free": true`)
  return {
    rates: completeRates({ input, output, cacheRead: rate("cacheRead"), cacheWrite: rate("cacheWrite"), cacheWrite1h: rate("cacheWrite1h") }),
    free: false,
  }
}

function rateOf(written: unknown, field: string, name: string): bigint {
  const reading = readRate(written)
  if ("problem" in reading) throw no(name, `its ${field} rate is not usable: ${reading.problem}`)
  if (!reading.exact) throw no(name, `its ${field} rate has more than 9 decimals`)
  return reading.rate
}

function boundsOf(entry: Readonly<Record<string, unknown>>, name: string): Bounds {
  const bounds: { contextTokens?: number; maxOutputTokens?: number } = {}
  for (const field of boundFields) {
    const written = entry[field]
    if (written === undefined) continue
    if (typeof written !== "number" || !Number.isSafeInteger(written) || written < 1 || written > mostTokens) {
      throw no(name, `its ${field} is a whole number from 1 to ${mostTokens}`)
    }
    bounds[field] = written
  }
  return bounds
}

function no(subject: string, problem: string): Fault {
  return new Fault("cli.usage", { problem: `${subject[0]?.toUpperCase() ?? ""}${subject.slice(1)}: ${problem}.`, command: "sovereign-ledger" })
}
