/**
 * Writes what is derived from the sources: the reference of commands, errors, events and settings, and the settings' part of the plugin manifest;
 * and the rates of models, from the package that has them.
 *
 *   node scripts/generate.ts            writes what has changed
 *   node scripts/generate.ts --check    writes nothing, names what is out of date, exit status 1 if there is any
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { faultCatalogue } from "../src/base/fault-catalogue.ts"
import { objectOf } from "../src/base/json.ts"
import { ignoredSettings } from "../src/policy/ignored-settings.ts"
import { mostDays } from "../src/policy/retention.ts"
import type { SettingRow } from "../src/setting-row.ts"
import { scanCategories } from "../src/scanner/row.ts"
import { settings } from "../src/settings.ts"
import { eventTypes } from "../src/format/event.ts"
import { hostNames } from "../src/surfaces/agent-tools/tool-list.ts"
import { commands } from "../src/surfaces/cli/command-list.ts"
import { sharedOptions } from "../src/surfaces/cli/program.ts"
import {
  anomalyFields,
  alertFields,
  allowanceFields,
  askFields,
  breakerFields,
  budgetFields,
  categories,
  downgradeFields,
  gateFields,
  objectSchema,
  orchestratorFields,
  priceSchema,
  receiptFields,
  text,
  texts,
  type Schema,
} from "./setting-schemas.ts"
import { libraryRatesJson } from "./library-rates.ts"

type Output = { readonly path: string; readonly text: string }

const [root, manifestPath] = [join(import.meta.dirname, ".."), "openclaw.plugin.json"]
const rows: readonly SettingRow[] = settings

export function outputs(): readonly Output[] {
  return [
    { path: "docs/reference/commands.md", text: commandsPage() },
    { path: "docs/reference/errors.md", text: errorsPage() },
    { path: "docs/reference/events.md", text: eventsPage() },
    { path: "docs/reference/settings.md", text: settingsPage() },
    { path: "src/prices/library-rates.json", text: libraryRatesJson(root) },
    ...manifest(),
  ]
}

/** Paths whose text on disk is not what the sources say. */
export function outOfDate(): readonly string[] {
  return outputs()
    .filter(({ path, text }) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text)
    .map(({ path }) => path)
}

function commandsPage(): string {
  const sections = commands.flatMap(({ path, summary, argument, options = [], help }) => {
    const flags = [...(argument ? [[argument.name, argument.words]] : []), ...options.map(({ flags, words }) => [flags, words])]
    const table = flags.map(([name = "", words = ""]) => [`\`${name}\``, words])
    return [`## ${path}`, "", `${summary}.`, "", ...(table.length > 0 ? [...tableOf(["Flag", "What it does"], table), ""] : []), "```", help, "```", ""]
  })
  return page("Commands", "src/surfaces/cli/commands/", [
    "Every command runs as `sovereign-ledger <command>` and as `openclaw ledger <command>`. Exit status: 0 done or good, 1 checked and not good, 2 bad input or could not be done.",
    "",
    "Every command takes these too, before it or after it:",
    "",
    ...tableOf(
      ["Flag", "What it does"],
      sharedOptions.map(({ flags, words }) => [`\`${flags}\``, words]),
    ),
    "",
    ...sections.slice(0, -1),
  ])
}

function errorsPage(): string {
  const table = Object.entries(faultCatalogue).map(([code, { exit, sentence, remedy }]) => [`\`${code}\``, String(exit), sentence, remedy])
  return page("Errors", "src/base/fault-catalogue.ts", [
    "Every fault the product reports, by its stable code. `--json` output carries the code, the sentence and the remedy; values in braces are filled in.",
    "",
    "Exit status of every command: 0 = done, and good where something was checked; 1 = checked and not good; 2 = bad input, cannot be verified, or cannot run.",
    "",
    ...tableOf(["Code", "Exit", "What it says", "What to do"], table),
  ])
}

function eventsPage(): string {
  const table = Object.entries(eventTypes).map(([type, { alias, category, words }]) => [`\`${type}\``, `\`${alias}\``, category, words])
  return page("Events", "src/format/event.ts", [
    "Every type of event a ledger can hold. Filters take the type or its alias, which is the name other OpenClaw audit trails use.",
    "",
    ...tableOf(["Type", "Alias", "Category", "What happened"], table),
  ])
}

function settingsPage(): string {
  const table = rows.map((row) => [`\`${row.name}\``, typeWords(row), row.default === undefined ? "" : `\`${JSON.stringify(row.default)}\``, row.words])
  return page("Settings", "src/settings.ts", [
    "Settings stand in the host's configuration under `plugins.entries.sovereign-ledger.config`; a dot in a name is a level of nesting. Unknown settings are refused by name.",
    "",
    ...tableOf(["Setting", "Type", "Default", "What it does"], table),
    "",
    "Settings of other audit trails that people bring along are accepted, so that the host does not refuse all of them, and ignored; `sovereign-ledger doctor` names each:",
    "",
    ...tableOf(
      ["Setting", "Why it does nothing"],
      Object.entries(ignoredSettings).map(([name, why]) => [`\`${name}\``, why]),
    ),
  ])
}

function typeWords({ type, bounds }: SettingRow): string {
  const words = {
    string: "text",
    integer: "whole number",
    boolean: "true or false",
    patterns: "list of name patterns",
    globs: "list of globs",
    witnesses: 'list of "KEY URL"',
    authorities: 'list of "URL FILE"',
    prices: "list of prices",
    toolPrices: "list of prices of tools",
    budgets: "list of budgets",
    allowances: "list of allowances",
    ask: "how an owner is asked",
    downgrades: "list of steps",
    breakers: "thresholds of breakers",
    command: "list of words",
    secret: "secret reference",
    receipts: "true, or how receipts are issued",
    gate: "the outbound gate",
    orchestrator: "delegation",
    alerts: "who is told of what",
    webhook: "URL or secret reference",
    webhookSecret: "secret reference",
    contentDays: "days by category",
    anomalies: "thresholds of what is odd",
    scanCategories: "list of categories of the scanner",
  }[type]
  return bounds ? `${words}, ${bounds.min} to ${bounds.max}` : words
}

/** The manifest as it is, with the tools there are and what the settings decide: the schema, and the paths where the host takes a secret reference. */
function manifest(): readonly Output[] {
  const path = join(root, manifestPath)
  if (!existsSync(path)) return []
  const written = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>
  const secrets = rows.filter(({ type }) => ["secret", "webhook", "webhookSecret"].includes(type))
  const whole = {
    ...written,
    contracts: { ...objectOf(written["contracts"]), tools: hostNames },
    configSchema: configSchema(),
    configContracts: { secretInputs: { paths: [...secrets.map(({ name }) => name), ...secretMembers].map((path) => ({ path, expected: "string" })) } },
  }
  return [{ path: manifestPath, text: `${JSON.stringify(whole, null, 2)}\n` }]
}

/** References within a setting that is more than a text. */
const secretMembers = ["alerts.webhooks.*.url", "alerts.webhooks.*.secret"]

function configSchema(): Schema {
  const schema = emptyObject()
  for (const row of rows) placeIn(schema, row.name, schemaOf(row))
  for (const [name, why] of Object.entries(ignoredSettings)) placeIn(schema, name, { type: ["string", "number", "boolean"], description: `Ignored: ${why}.` })
  return schema
}

function placeIn(schema: Schema, path: string, own: Schema): void {
  const names = path.split(".")
  const last = names.pop() ?? ""
  let parent = schema
  for (const name of names) parent = (parent.properties ??= {})[name] ??= emptyObject()
  parent.properties ??= {}
  parent.properties[last] = own
}

function emptyObject(): Schema {
  return { type: "object", additionalProperties: false, properties: {} }
}

function schemaOf({ type, bounds, words, default: value }: SettingRow): Schema {
  const common = { description: words, ...(value === undefined ? {} : { default: value }) }
  switch (type) {
    case "string":
      return { type: "string", minLength: 1, ...common }
    case "webhook":
    case "webhookSecret":
    case "secret": // Written as a reference ({source, provider, id}); the host checks it, and hands on the text it stands for.
      return { type: ["string", "object"], ...common }
    case "integer":
      return { type: "integer", ...(bounds ? { minimum: bounds.min, maximum: bounds.max } : {}), ...common }
    case "boolean":
      return { type: "boolean", ...common }
    case "patterns":
    case "globs":
    case "witnesses":
    case "authorities":
      return { type: "array", items: { type: "string", minLength: 1 }, ...common }
    case "anomalies":
      return { ...objectSchema([], anomalyFields), ...common }
    case "scanCategories":
      return { type: "array", items: { type: "string", enum: scanCategories }, ...common }
    case "contentDays":
      return { ...objectSchema([], Object.fromEntries(categories.map((name) => [name, { type: "integer", minimum: 0, maximum: mostDays }]))), ...common }
    case "command":
      return { type: "array", minItems: 1, items: { type: "string" }, ...common }
    case "prices":
      return { type: "array", items: priceSchema(), ...common }
    case "toolPrices":
      return { type: "array", items: objectSchema(["tool", "costs"], { tool: text, costs: texts, estimate: { type: "boolean" } }), ...common }
    case "budgets":
      return { type: "array", items: objectSchema(["name", "limit", "per"], budgetFields), ...common }
    case "allowances":
      return { type: "array", items: objectSchema(["name", "to", "give", "per"], allowanceFields), ...common }
    case "ask":
      return { ...objectSchema(["amount"], askFields), ...common }
    case "receipts":
      return { ...objectSchema([], receiptFields), type: ["boolean", "object"], ...common }
    case "gate":
      return { ...objectSchema([], gateFields), ...common }
    case "orchestrator":
      return { ...objectSchema([], orchestratorFields), type: ["boolean", "object"], ...common }
    case "alerts":
      return { ...objectSchema([], alertFields), ...common }
    case "downgrades":
      return { type: "array", items: objectSchema(["budget", "at", "model"], downgradeFields), ...common }
    case "breakers":
      return { ...objectSchema([], breakerFields), ...common }
  }
}

function page(title: string, source: string, body: readonly string[]): string {
  return [`# ${title}`, "", `<!-- Generated from ${source} by scripts/generate.ts; edit there. -->`, "", ...body, ""].join("\n")
}

function tableOf(head: readonly string[], body: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => (cell.startsWith("`") ? cell : cell.replaceAll("<", "&lt;")).replaceAll("|", "\\|")).join(" | ")} |`
  return [line(head), line(head.map(() => "---")), ...body.map(line)]
}

function main(): void {
  const stale = outOfDate()
  if (process.argv.includes("--check")) {
    for (const path of stale) console.log(`${path} is out of date; run: npm run generate`)
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  for (const { path, text } of outputs().filter((output) => stale.includes(output.path))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
}

if (import.meta.main) main()
