/** What a question may be asked with, one row each: the flag of its command and the name in a query are of the same thing, parsed by the same function. */
import { Fault } from "../../base/fault.ts"
import { isZone } from "../../ledger/periods.ts"
import { wholeNumber } from "../cli/numbers.ts"
import { instantOf } from "../cli/times.ts"

export type Parameter = {
  /** In a query, and in the values a question is given: `dupWindowSec`. */
  readonly name: string
  /** As commander reads it: `--dup-window-sec <n>`; without a value it is a switch. */
  readonly flags: string
  readonly words: string
  /** @throws {Fault} `cli.usage`, which names the parameter as it was `named` */
  readonly parse: (text: string, how: Reading) => unknown
  readonly default?: unknown
  /** Over HTTP, where these are smaller. */
  readonly overHttp?: { readonly default: number; readonly most: number }
  /** A second name of a flag: no parameter of a query. */
  readonly onlyFlag?: true
}

export type Reading = { readonly named: string; readonly nowMs: number; readonly zone: string }

export type Values = Readonly<Record<string, unknown>>

const mostCharacters = 1_024

type Texts = (parameter: Parameter) => string | undefined
type Naming = { readonly nameOf: (parameter: Parameter) => string; readonly nowMs: number; readonly overHttp: boolean }

/**
 * Every parameter with its value or its default; one with neither is left out.
 * @throws {Fault} `cli.usage`
 */
export function valuesOf(parameters: readonly Parameter[], textOf: Texts, { nameOf, nowMs, overHttp }: Naming): Values {
  const values: Record<string, unknown> = {}
  const zoned = parameters.toSorted((a, b) => Number(b.name === "tz") - Number(a.name === "tz")) // days are of the zone, so it is read first
  for (const parameter of zoned) {
    const [text, named] = [textOf(parameter), nameOf(parameter)]
    if (text === undefined) {
      const value = (overHttp ? parameter.overHttp?.default : undefined) ?? parameter.default
      if (value !== undefined) values[parameter.name] = value
      continue
    }
    if (text === "") throw wrong(`${named} was given an empty text.`)
    if (text.length > mostCharacters) throw wrong(`${named} takes at most ${mostCharacters.toLocaleString("en")} characters.`)
    const value = parameter.parse(text, { named, nowMs, zone: (values["tz"] as string | undefined) ?? "UTC" })
    const most = overHttp ? parameter.overHttp?.most : undefined
    if (most !== undefined && Number(value) > most) throw wrong(`${named} is at most ${most.toLocaleString("en")} here, not ${String(value)}.`)
    values[parameter.name] = value
  }
  return values
}

/** The flag by its own name: `--dup-window-sec`. */
export function flagOf({ flags }: Parameter): string {
  return flags.split(" ")[0] ?? flags
}

export function wrong(problem: string): Fault {
  return new Fault("cli.usage", { problem })
}

type Told = Pick<Parameter, "name" | "words"> & Partial<Pick<Parameter, "default" | "overHttp" | "onlyFlag">>

export function whole(told: Told & { readonly least?: number; readonly most: number }): Parameter {
  const { least = 1, most, ...row } = told
  return { ...row, flags: `${kebab(told.name)} <n>`, parse: (text, { named }) => wholeNumber(named, least, most)(text) }
}

export function words(told: Told & { readonly as?: string }, parse: Parameter["parse"] = (text) => text): Parameter {
  const { as = "text", ...row } = told
  return { ...row, flags: `${kebab(told.name)} <${as}>`, parse }
}

/** `--raw`; in a query true or false. */
export function switched(told: Told): Parameter {
  return {
    ...told,
    default: false,
    flags: kebab(told.name),
    parse: (text, { named }) => {
      if (text !== "true" && text !== "false") throw wrong(`${named} is true or false, not "${text}".`)
      return text === "true"
    },
  }
}

export function instant(name: "since" | "until", words: string): Parameter {
  return { name, flags: `--${name} <time>`, words, parse: (text, { named, nowMs, zone }) => instantOf(text, named, { nowMs, zone }) }
}

export const zone: Parameter = {
  name: "tz",
  flags: "--tz <zone>",
  words: "whose days these are: utc, local, or an IANA zone such as Europe/Berlin (default utc)",
  default: "UTC",
  parse: (text, { named }) => {
    if (text === "utc") return "UTC"
    if (text === "local") return Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!isZone(text)) throw wrong(`${named} takes utc, local or an IANA zone such as Europe/Berlin, not "${text}".`)
    return text
  },
}

function kebab(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
