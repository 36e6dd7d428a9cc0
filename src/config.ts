/**
 * Every setting, once: its type, default, bounds and words. The host's manifest schema, the settings reference and the parser come from these rows.
 * Settings stand in the host's configuration under `plugins.entries.sovereign-ledger.config`; a dot in a name is a level of nesting.
 */
import { Fault, problemOf } from "./base/fault.ts"
import { objectOf } from "./base/json.ts"
import { parseWitness } from "./format/witness.ts"
import { parseAllowanceList } from "./ledger/allowance-rule.ts"
import { parseAsk } from "./ledger/ask-rule.ts"
import { parseBreakers } from "./ledger/breakers/breaker-rule.ts"
import { parseBudgetList } from "./ledger/budget-list.ts"
import { parseDowngrades } from "./ledger/downgrade-list.ts"
import { parseOverrides } from "./prices/overrides.ts"
import { parseToolPrices } from "./prices/tool-prices.ts"

type SettingType = "string" | "integer" | "boolean" | "patterns" | "witnesses" | "secret" | SpendType
type SpendType = "prices" | "toolPrices" | "budgets" | "allowances" | "breakers" | "downgrades" | "ask"

export type SettingRow = {
  readonly name: string
  readonly type: SettingType
  readonly default: string | number | boolean | readonly string[] | undefined
  readonly bounds?: { readonly min: number; readonly max: number }
  /** One sentence for the operator. */
  readonly words: string
}

export const settings = [
  {
    name: "dataDir",
    type: "string",
    default: undefined,
    words: "Directory of the ledger. Default: sovereign-ledger in the host's state directory.",
  },
  {
    name: "keyFile",
    type: "string",
    default: undefined,
    words:
      "File with the master key. Default: sovereign-ledger/<ledger id>.key in $XDG_CONFIG_HOME or ~/.config: outside the state directory, so that a backup of the one is not a backup of both.",
  },
  {
    name: "masterKey",
    type: "secret",
    default: undefined,
    words: "Master key as a secret reference of the host ({source, provider, id}); used when there is no key file.",
  },
  {
    name: "headNote",
    type: "string",
    default: undefined,
    words: "File for the last signed checkpoint, outside the data directory. Default: sovereign-ledger.head.note beside the data directory.",
  },
  {
    name: "socket",
    type: "string",
    default: undefined,
    words: "Socket of a writer that runs as a service, best under another user. When it is set the gateway starts no writer of its own.",
  },
  {
    name: "userId",
    type: "string",
    default: undefined,
    words: "Who operates this gateway; stamped on every event. Default: OPENCLAW_USER_ID, then USER, else none.",
  },
  {
    name: "guard.tools",
    type: "patterns",
    default: [],
    words:
      "Tools whose calls wait until their record is on disk, as name patterns (* stands for any characters). If the record cannot be written, the call is denied.",
  },
  {
    name: "guard.deny",
    type: "patterns",
    default: [],
    words: "Tools that are refused, as name patterns. A refusal is recorded.",
  },
  {
    name: "guard.self",
    type: "boolean",
    default: true,
    words:
      "Refuse tool calls that would change the ledger's own files, settings or processes, or read its key. What such a call hides in a script of its own is not seen (SECURITY.md).",
  },
  {
    name: "redactPromptText",
    type: "boolean",
    default: false,
    words:
      "Store prompts, answers and message texts as salted hashes only; their lengths stay. Whoever has the text and the salt (redaction salt) can check it.",
  },
  {
    name: "redactToolArgs",
    type: "boolean",
    default: false,
    words: "Store tool arguments and results as salted hashes only. Secrets are taken out of everything, whatever this says.",
  },
  {
    name: "witnesses",
    type: "witnesses",
    default: [],
    words:
      'Witnesses that see this ledger\'s checkpoints, each as "KEY URL" (verifier key and where it is asked; docs/guides/witness.md). Each is offered every stored checkpoint; what it has cosigned cannot be rolled back or rewritten without its saying so.',
  },
  {
    name: "prices",
    type: "prices",
    default: [],
    words:
      'Prices that win over the host\'s and the built-in ones, each as {"model": "openai/gpt-5", "input": "1.25", "output": "10"}: dollars per million tokens, for a model or a name pattern; the first that matches counts (docs/spec/prices.md).',
  },
  {
    name: "toolPrices",
    type: "toolPrices",
    default: [],
    words:
      'What calls of tools cost, each as {"tool": "web_search", "costs": ["0.01usd"]}: amounts, for a tool or a name pattern; the first that matches counts. With "estimate": true a tenth more is held. A tool that is not listed costs no money.',
  },
  {
    name: "budgets",
    type: "budgets",
    default: [],
    words:
      'Budgets that are set when the plugin is loaded, each as {"name": "daily", "limit": ["5usd"], "per": "day"}, with "match", "zone", "warn", "mode" and "rollover" as in budget set. Taking one out of the list does not remove it: budget remove does.',
  },
  {
    name: "allowances",
    type: "allowances",
    default: [],
    words:
      'Allowances that are set when the plugin is loaded, each as {"name": "main", "to": "agent:main", "give": ["5usd"], "per": "day"}, with "from", "zone" and "rollover" as in allowance set. Taking one out of the list does not remove it: allowance remove does.',
  },
  {
    name: "ask",
    type: "ask",
    default: undefined,
    words:
      'Ask an owner for more when a budget or an allotted account has no room: {"amount": "2usd"} is the most that one answer gives, to one run; several units as a list. With "expiresMinutes" (10), "tools" and "models" (true). Default: nobody is asked (docs/guides/budgets.md).',
  },
  {
    name: "downgrades",
    type: "downgrades",
    default: [],
    words:
      'Cheaper models for runs while a budget runs low, each as {"budget": "daily", "at": 80, "model": "anthropic/claude-haiku-4-5"}: from so many percent on, of what is spent and held; "match" as in budgets, by agent, channel or cron (docs/guides/budgets.md).',
  },
  {
    name: "breakers",
    type: "breakers",
    default: undefined,
    words:
      'When loops and silent burn are cut off: "mode" (auto, warn, block, off), "identicalCalls", "similarCalls", "silentSpend", "silentCalls", "unattendedSpend", "unattendedCalls", "zone"; 0 is never. Default: auto, 4, 30, 2usd, 200, 2usd, 200, UTC (docs/guides/breakers.md).',
  },
  {
    name: "capture.maxPayloadBytes",
    type: "integer",
    default: 262_144,
    bounds: { min: 4_096, max: 4_194_304 },
    words: "Most bytes of one event that are kept; what is longer is cut, with its original length and a hash of what was kept.",
  },
  {
    name: "capture.queueBytes",
    type: "integer",
    default: 67_108_864,
    bounds: { min: 1_048_576, max: 1_073_741_824 },
    words: "Most bytes of events held in the gateway while the writer is away; beyond it events are counted and the gap is recorded.",
  },
] as const satisfies readonly SettingRow[]

export type Config = {
  readonly dataDir: string | undefined
  readonly keyFile: string | undefined
  readonly masterKey: string | undefined
  readonly headNote: string | undefined
  readonly socket: string | undefined
  readonly userId: string | undefined
  readonly guard: { readonly tools: readonly string[]; readonly deny: readonly string[]; readonly self: boolean }
  readonly redactPromptText: boolean
  readonly redactToolArgs: boolean
  /** As they were written, each checked. */
  readonly witnesses: readonly string[]
  /** As they were written, each checked; `parseOverrides` reads them. */
  readonly prices: readonly unknown[]
  readonly toolPrices: readonly unknown[]
  readonly budgets: readonly unknown[]
  readonly allowances: readonly unknown[]
  /** As it was written, checked; undefined is off. */
  readonly ask: unknown
  readonly downgrades: readonly unknown[]
  /** As it was written, checked; undefined is as usual. */
  readonly breakers: unknown
  readonly capture: { readonly maxPayloadBytes: number; readonly queueBytes: number }
}

/**
 * Parses what an operator wrote. Every setting is checked; unknown ones are refused by name.
 * @throws {Fault} `config.invalid` naming the setting.
 */
export function parseConfig(written: unknown): Config {
  refuseUnknown(written, "", new Set(settings.map((row) => row.name)))
  const value = (name: (typeof settings)[number]["name"]): unknown => {
    const row: SettingRow | undefined = settings.find((candidate) => candidate.name === name)
    return (
      row &&
      parseSetting(
        row,
        name.split(".").reduce<unknown>((from, key) => objectOf(from)[key], written),
      )
    )
  }
  const text = (name: (typeof settings)[number]["name"]) => value(name) as string | undefined
  return {
    dataDir: text("dataDir"),
    keyFile: text("keyFile"),
    masterKey: text("masterKey"),
    headNote: text("headNote"),
    socket: text("socket"),
    userId: text("userId"),
    guard: { tools: value("guard.tools") as readonly string[], deny: value("guard.deny") as readonly string[], self: value("guard.self") !== false },
    redactPromptText: value("redactPromptText") === true,
    redactToolArgs: value("redactToolArgs") === true,
    witnesses: value("witnesses") as readonly string[],
    prices: value("prices") as readonly unknown[],
    toolPrices: value("toolPrices") as readonly unknown[],
    budgets: value("budgets") as readonly unknown[],
    allowances: value("allowances") as readonly unknown[],
    ask: value("ask"),
    downgrades: value("downgrades") as readonly unknown[],
    breakers: value("breakers"),
    capture: { maxPayloadBytes: value("capture.maxPayloadBytes") as number, queueBytes: value("capture.queueBytes") as number },
  }
}

function parseSetting(row: SettingRow, written: unknown): unknown {
  if (written === undefined || written === null) return row.default
  const refuse = (problem: string): never => {
    throw new Fault("config.invalid", { setting: row.name, problem })
  }
  switch (row.type) {
    case "string":
    case "secret":
      if (typeof written !== "string") return refuse(row.type === "secret" ? "the host did not resolve it to a text" : "it must be a text")
      return written === "" ? refuse("it is empty") : written
    case "integer": {
      const { min, max } = row.bounds ?? { min: 0, max: Number.MAX_SAFE_INTEGER }
      if (typeof written !== "number" || !Number.isSafeInteger(written)) return refuse("it must be a whole number")
      return written < min || written > max ? refuse(`it must be from ${min} to ${max}`) : written
    }
    case "boolean":
      return typeof written === "boolean" ? written : refuse("it must be true or false")
    case "patterns":
      if (!Array.isArray(written) || !written.every((pattern) => typeof pattern === "string" && pattern !== "")) {
        return refuse('it must be a list of name patterns such as ["exec", "mcp__*"]')
      }
      return written
    case "witnesses":
      if (!Array.isArray(written) || !written.every((witness) => typeof witness === "string")) return refuse('it must be a list of "KEY URL"')
      for (const witness of written as readonly string[]) {
        try {
          if (parseWitness(witness).url === undefined) return refuse(`${witness} has no URL`)
        } catch (error) {
          return refuse(problemOf(error))
        }
      }
      return written
    case "prices":
      return checked(written, parseOverrides, refuse)
    case "toolPrices":
      return checked(written, parseToolPrices, refuse)
    case "budgets":
      return checked(written, parseBudgetList, refuse)
    case "allowances":
      return checked(written, parseAllowanceList, refuse)
    case "ask":
      return checked(written, parseAsk, refuse)
    case "downgrades":
      return checked(written, parseDowngrades, refuse)
    case "breakers":
      return checked(written, parseBreakers, refuse)
  }
}

function checked(written: unknown, parse: (written: unknown) => unknown, refuse: (problem: string) => never): unknown {
  try {
    parse(written)
  } catch (error) {
    return refuse(problemOf(error))
  }
  return written
}

function refuseUnknown(written: unknown, prefix: string, known: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(objectOf(written))) {
    const name = prefix + key
    if (known.has(name)) continue
    if ([...known].some((setting) => setting.startsWith(`${name}.`))) refuseUnknown(value, `${name}.`, known)
    else throw new Fault("config.invalid", { setting: name, problem: "there is no setting of that name" })
  }
}
