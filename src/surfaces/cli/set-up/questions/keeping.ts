/** What is kept, and for how long; and how much may be spent in a day. */
import { problemOf } from "../../../../base/fault.ts"
import { objectOf, stringOf, type Json, type JsonObject } from "../../../../base/json.ts"
import { parseBudgetList } from "../../../../ledger/budget-list.ts"
import { wholeNumber } from "../../numbers.ts"
import { settingPatch, together } from "../patch.ts"
import { settingsIn, type Answer, type Question } from "../question.ts"
import { oneOf } from "./permissions.ts"

const days = { flag: "--retention-days", most: 36_500 }
const size = { flag: "--max-size-mb", most: 100_000_000 }

export const retention: Question = {
  name: "retention",
  options: [
    {
      flags: "--retention-days <n>",
      words: "days after which entries are removed; 0 keeps everything (localRetentionDays)",
      parse: wholeNumber(days.flag, 0, days.most),
    },
    { flags: "--max-size-mb <n>", words: "megabytes that the ledger may take; 0 is no bound (localMaxSizeMb)", parse: wholeNumber(size.flag, 0, size.most) },
  ],
  told: ({ flags, config }) => {
    const { retentionDays, maxSizeMb } = flags
    return retentionDays === undefined && maxSizeMb === undefined
      ? undefined
      : keptAnswer(config, { localRetentionDays: retentionDays, localMaxSizeMb: maxSizeMb })
  },
  ask: async (asker, { config }) => {
    const { localRetentionDays = 0, localMaxSizeMb = 0 } = settingsIn(config)
    const ask = async (question: string, { flag, most }: typeof days, stands: unknown) => {
      const parse = wholeNumber(flag, 0, most)
      return parse(await asker.text(question, String(stands), (text) => problemWith(() => parse(text))))
    }
    return keptAnswer(config, {
      localRetentionDays: await ask("How many days are entries kept? 0 keeps everything.", days, localRetentionDays),
      localMaxSizeMb: await ask("How many megabytes may the ledger take? 0 is no bound.", size, localMaxSizeMb),
    })
  },
  shown: (config) => {
    const { localRetentionDays = 0, localMaxSizeMb = 0 } = settingsIn(config)
    const kept = localRetentionDays === 0 ? "everything is kept" : `entries are kept ${String(localRetentionDays)} days`
    return localMaxSizeMb === 0 ? kept : `${kept}, at most ${String(localMaxSizeMb)} MB`
  },
}

/** What is as it would be anyway is not written down. */
function keptAnswer(config: unknown, wished: Readonly<Record<string, unknown>>): Answer {
  const stands = settingsIn(config)
  const given = Object.entries(wished).flatMap(([name, value]) =>
    typeof value !== "number" || (stands[name] ?? 0) === value ? [] : [settingPatch(name, value)],
  )
  return { patch: together(given) }
}

const redacted = {
  none: { redactPromptText: false, redactToolArgs: false },
  prompts: { redactPromptText: true, redactToolArgs: false },
  tools: { redactPromptText: false, redactToolArgs: true },
  all: { redactPromptText: true, redactToolArgs: true },
} as const
type Redacted = keyof typeof redacted
const redactedNames = Object.keys(redacted) as readonly Redacted[]

export const redaction: Question = {
  name: "redaction",
  options: [
    { flags: "--redact <what>", words: "which texts are stored as salted hashes only: none, prompts, tools or all; secrets are taken out of everything" },
  ],
  told: ({ flags, config }) => {
    const what = oneOf(flags, "redact", redactedNames)
    return what === undefined ? undefined : redactedAnswer(what, config)
  },
  ask: async (asker, { config }) => {
    const choices = [
      { value: "none", label: "Everything, sealed", hint: "secrets are taken out of it in any case" },
      { value: "prompts", label: "Prompts and answers as hashes only" },
      { value: "tools", label: "Tool arguments and results as hashes only" },
      { value: "all", label: "Both as hashes only", hint: "figures stay; nobody reads a text again" },
    ] as const
    return redactedAnswer(await asker.choose<Redacted>("What is stored of texts?", choices, redactedNow(config)), config)
  },
  shown: (config) =>
    ({ none: "texts are stored, sealed", prompts: "prompts as hashes", tools: "tool texts as hashes", all: "all texts as hashes" })[redactedNow(config)],
}

function redactedNow(config: unknown): Redacted {
  const { redactPromptText, redactToolArgs } = settingsIn(config)
  if (redactPromptText === true) return redactToolArgs === true ? "all" : "prompts"
  return redactToolArgs === true ? "tools" : "none"
}

function redactedAnswer(what: Redacted, config: unknown): Answer {
  if (what === redactedNow(config)) return {}
  const stands = settingsIn(config)
  return { patch: together(Object.entries(redacted[what]).flatMap(([name, value]) => ((stands[name] ?? false) === value ? [] : [settingPatch(name, value)]))) }
}

export const budget: Question = {
  name: "budget",
  options: [
    {
      flags: "--budget <amount>",
      words: "most that may be spent in a day (UTC), as 5usd: what has no room is refused before it leaves; none takes the budget daily out of the settings",
    },
  ],
  told: ({ flags, config }) => {
    const amount = stringOf(flags["budget"])
    return amount === undefined ? undefined : { patch: budgetPatch(config, amount === "none" ? "" : amount) }
  },
  ask: async (asker, { config }) => {
    const stands = limitOf(config) ?? ""
    const typed = await asker.text("How much may be spent in a day? As 5usd; nothing for no budget.", stands, (text) =>
      problemWith(() => budgetPatch(config, text)),
    )
    return typed === stands ? {} : { patch: budgetPatch(config, typed) }
  },
  shown: (config) => {
    const limit = limitOf(config)
    return limit === undefined ? "no daily budget" : `at most ${limit} a day`
  },
}

/** All other budgets stay what they are. @throws {Fault} where the amount is none */
function budgetPatch(config: unknown, amount: string): JsonObject {
  const rows = budgetRows(config)
  const rest = rows.filter((row) => objectOf(row)["name"] !== daily)
  if (amount === "") return rows.length === rest.length ? {} : settingPatch("budgets", rest.length === 0 ? null : (rest as Json))
  const row = { ...objectOf(rows.find((one) => objectOf(one)["name"] === daily)), name: daily, limit: [amount], per: "day" }
  parseBudgetList([row])
  return settingPatch("budgets", [...rest, row] as Json)
}

const daily = "daily"

function limitOf(config: unknown): string | undefined {
  const limit = objectOf(budgetRows(config).find((one) => objectOf(one)["name"] === daily))["limit"]
  return Array.isArray(limit) ? limit.join(" and ") : stringOf(limit)
}

function budgetRows(config: unknown): readonly unknown[] {
  const { budgets } = settingsIn(config)
  return Array.isArray(budgets) ? budgets : []
}

/** The words of what a parser throws. */
export function problemWith(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    return problemOf(error)
  }
}
