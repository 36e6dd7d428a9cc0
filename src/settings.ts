/**
 * Every setting, once: its type, default, bounds and words. The host's manifest schema, the settings reference and the parser (`config.ts`) come from these rows.
 * Settings stand in the host's configuration under `plugins.entries.sovereign-ledger.config`; a dot in a name is a level of nesting.
 */

import type { SettingRow } from "./setting-row.ts"
import { webhookSettings } from "./webhook-settings.ts"
import { watchSettings } from "./watch-settings.ts"

export const settings = [
  { name: "dataDir", type: "string", default: undefined, words: "Directory of the ledger. Default: sovereign-ledger in the host's state directory." },
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
  { name: "guard.deny", type: "patterns", default: [], words: "Tools that are refused, as name patterns. A refusal is recorded." },
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
    ...{ name: "scanToolArgs", type: "boolean", default: true },
    words:
      "Look in the arguments of tool calls for what looks like an attack or like a secret: reverse shells, curl | sh, keys on their way out, encoded commands, injected instructions. What is found goes on record (finding.recorded) and, when it is severe, is told; tool results and messages that come in are looked at always (docs/guides/scanner.md).",
  },
  {
    ...{ name: "scan.block", type: "scanCategories", default: [] },
    words:
      'Categories of the scanner for which a tool call is refused: any of shell, exfiltration, obfuscation, prompt-injection, jailbreak, secrets, environment, dynamic-code, such as ["shell", "exfiltration"]. While it names any, every tool call waits for the scanner and for its record. Default: none, findings are advice.',
  },
  {
    ...{ name: "anomalies", type: "anomalies", default: undefined },
    words:
      'From when on something is odd while it happens: "denialThreshold" (5) denials within "denialWindowSec" (300), an hour that costs more than "spendFactor" (5) times a usual one and at least "spendLeastUsd" (1). What is found goes on record and is told (docs/guides/anomalies.md).',
  },
  {
    ...{ name: "largePromptChars", type: "integer", default: 100_000, bounds: { min: 1_000, max: 1_000_000_000 } },
    words: "A prompt of more characters, with its history and system prompt, goes on record with its sizes (docs/guides/token-audit.md).",
  },
  {
    name: "witnesses",
    type: "witnesses",
    default: [],
    words:
      'Witnesses that see this ledger\'s checkpoints, each as "KEY URL" (verifier key and where it is asked; docs/guides/witness.md). Each is offered every stored checkpoint; what it has cosigned cannot be rolled back or rewritten without its saying so.',
  },
  {
    name: "timestampAuthorities",
    type: "authorities",
    default: [],
    words:
      'Time-stamp authorities (RFC 3161) that anchor this ledger\'s checkpoints, each as "URL FILE" or "URL POLICY FILE": where it is asked, the one policy that will do, and the PEM file with the certificate its time-stamps must lead to (docs/guides/anchors.md).',
  },
  {
    name: "deEventThreshold",
    type: "integer",
    default: 100,
    bounds: { min: 1, max: 1_000_000 },
    words: "New entries after which every anchor is asked. What is recorded of anchors themselves does not count.",
  },
  {
    name: "deIntervalMs",
    type: "integer",
    default: 300_000,
    bounds: { min: 1_000, max: 86_400_000 },
    words: "Milliseconds after which every anchor is asked all the same, if at least deTimerMinEvents entries are new.",
  },
  { name: "deTimerMinEvents", type: "integer", default: 1, bounds: { min: 1, max: 1_000_000 }, words: "New entries that it takes for an anchor on the timer." },
  {
    name: "anchorsPerDay",
    type: "integer",
    default: 1_440,
    bounds: { min: 1, max: 86_400 },
    words: "Most questions to each anchor in a day (UTC), those that failed included. What is left of them is shared out over what is left of the day.",
  },
  {
    name: "deApiKey",
    type: "secret",
    default: undefined,
    words: "API key of Digital Evidence, which then anchors checkpoints, too; as a text or a secret reference of the host. Needs deOrgId and deTenantId.",
  },
  { name: "deOrgId", type: "string", default: undefined, words: "Organisation at Digital Evidence, a UUID. With a wallet it follows from its address." },
  { name: "deTenantId", type: "string", default: undefined, words: "Tenant at Digital Evidence, a UUID. With a wallet it follows from its address." },
  {
    name: "deWalletKeyFile",
    type: "string",
    default: undefined,
    words:
      "File with a secp256k1 key of 64 hex digits: a wallet that pays for each request to Digital Evidence (x402, USDC on Base), where there is no deApiKey.",
  },
  {
    name: "deSigningKey",
    type: "secret",
    default: undefined,
    words: "Key that signs fingerprints, secp256k1, 64 hex digits. Default: one that belongs to the ledger and stays the same.",
  },
  {
    name: "deEnv",
    type: "string",
    default: "mainnet",
    words: "Which Digital Evidence: mainnet, integration or test; test asks the loopback address in DE_TEST_URL.",
  },
  { name: "dePayees", type: "patterns", default: [], words: "Ethereum addresses that the wallet may pay; nobody else is paid, whatever is asked for." },
  {
    name: "deMostMicros",
    type: "integer",
    default: 10_000,
    bounds: { min: 0, max: 1_000_000_000 },
    words: "Most that the wallet pays for one request, in millionths of a dollar.",
  },
  {
    name: "deMostADayMicros",
    type: "integer",
    default: 1_000_000,
    bounds: { min: 0, max: 1_000_000_000 },
    words: "Most that the wallet pays in one day (UTC), in millionths of a dollar. Each payment is recorded before it is made.",
  },
  {
    name: "receipts",
    type: "receipts",
    default: undefined,
    words:
      'Issue a signed PEAC receipt for every tool call, approval and delegation: true, or {"digests": "keyed", "issuer": "https://agents.example.com", "directory": "/var/lib/receipts"}. "keyed" makes digests of payloads that nobody can test guesses against once the session is erased; "issuer" is under whose name (default: did:key of the ledger); "directory" takes each as a .jws file, too (docs/guides/receipts.md). Default: none.',
  },
  {
    name: "gate",
    type: "gate",
    default: undefined,
    words:
      'Nothing leaves for a protected recipient unless somebody who may asked for it: {"channel": "telegram", "protectedTo": ["4242"], "allowedFrom": ["4242"], "triggerRegex": "^\\\\s*friday:\\\\s*"}. All members stand in docs/guides/gate.md. Default: none.',
  },
  {
    name: "orchestrator",
    type: "orchestrator",
    default: undefined,
    words:
      'Sessions that people talk to hand their work to one hidden orchestrator each, whose workers do it: {"enabled": true, "enforceMainDelegation": true}. Off unless "enabled" is true. All members stand in docs/guides/orchestrator.md. Default: off.',
  },
  {
    name: "alerts",
    type: "alerts",
    default: undefined,
    words:
      'Who is told of what an operator should hear of: {"webhooks": [{"url": {"source": "env", "provider": "default", "id": "ALERTS"}, "kind": "slack"}], "operatorChat": {"channel": "telegram", "to": "4242"}}. All members stand in docs/guides/alerts.md. Default: nobody.',
  },
  ...webhookSettings,
  {
    name: "localRetentionDays",
    type: "integer",
    default: 0,
    bounds: { min: 0, max: 36_500 },
    words:
      "Days after which an entry is removed, counted from when it was recorded; 0 keeps everything. Balances, budgets and proofs stay what they are (docs/guides/retention.md).",
  },
  {
    name: "localMaxSizeMb",
    type: "integer",
    default: 0,
    bounds: { min: 0, max: 100_000_000 },
    words: "Megabytes (a million bytes) that all files of the ledger may take; when they take more, the oldest entries are removed. 0 is no bound.",
  },
  {
    name: "contentRetentionDays",
    type: "contentDays",
    default: {},
    words:
      'Days after which contents (texts, arguments, results) of a category of events are removed, such as {"tool": 90, "message": 30}; the entries and all their figures stay.',
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
    name: "quotaMinutes",
    type: "integer",
    default: 15,
    bounds: { min: 0, max: 1_440 },
    words:
      "How often the host is asked which plans its providers are used by and how far their windows are used, for the record (sovereign-ledger quotas); 0 for never. Where a budget limits a window, it is asked more often.",
  },
  ...watchSettings,
  {
    ...{ name: "capture.maxPayloadBytes", type: "integer", default: 262_144, bounds: { min: 4_096, max: 4_194_304 } },
    words: "Most bytes of one event that are kept; what is longer is cut, with its original length and a hash of what was kept.",
  },
  {
    ...{ name: "capture.queueBytes", type: "integer", default: 67_108_864, bounds: { min: 1_048_576, max: 1_073_741_824 } },
    words: "Most bytes of events held in the gateway while the writer is away; beyond it events are counted and the gap is recorded.",
  },
] as const satisfies readonly SettingRow[]
