/**
 * Every setting, once: its type, default, bounds and words. The host's manifest schema, the settings reference and the parser (`config.ts`) come from these rows.
 * Settings stand in the host's configuration under `plugins.entries.sovereign-ledger.config`; a dot in a name is a level of nesting.
 */

type SettingType = "string" | "integer" | "boolean" | "patterns" | "witnesses" | "command" | "secret" | SpendType
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
    name: "keyCommand",
    type: "command",
    default: undefined,
    words:
      'Program that prints the master key, as a list of words: ["pass", "show", "ledger"]. Run without a shell, by the writer; when it is set, the key is looked for nowhere else (docs/guides/keys.md).',
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
