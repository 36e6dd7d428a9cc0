/** What an operator wrote, as the settings (`settings.ts`) say it may be. */
import { Fault, problemOf } from "./base/fault.ts"
import { objectOf } from "./base/json.ts"
import { parseTimeStampAuthority } from "./format/time-stamp-authority.ts"
import { parseWitness } from "./format/witness.ts"
import { parseAllowanceList } from "./ledger/allowance-rule.ts"
import { parseAsk } from "./ledger/ask-rule.ts"
import { parseBreakers } from "./ledger/breakers/breaker-rule.ts"
import { parseBudgetList } from "./ledger/budget-list.ts"
import { parseDowngrades } from "./ledger/downgrade-list.ts"
import type { AnchorSettings } from "./operations/anchor/anchor-settings.ts"
import { evidencePlaces, type EvidenceSettings } from "./operations/anchor/evidence-settings.ts"
import { parseThresholds } from "./policy/anomalies/thresholds.ts"
import { parseOrchestrator, type OrchestratorRule } from "./policy/orchestrator/orchestrator-rule.ts"
import { parseAlerts, type AlertSettings } from "./policy/alerts/alert-rule.ts"
import { outboundSetting, type OutboundSetting } from "./policy/outbound/outbound-setting.ts"
import { ignoredSettings, isIgnoredSetting } from "./policy/ignored-settings.ts"
import { parseReceipts, type ReceiptRule } from "./policy/receipt-rule.ts"
import { parseContentDays, retentionOf, type Retention } from "./policy/retention.ts"
import { parseOverrides } from "./prices/overrides.ts"
import { parseToolPrices } from "./prices/tool-prices.ts"
import { parseScanCategories, scanRule, type ScanRule } from "./scanner/scan-rule.ts"
import type { SettingRow } from "./setting-row.ts"
import { settings } from "./settings.ts"
import { isPattern, mostPatterns, type WatchedHost } from "./inventory/watch/watched-host.ts"
import { isKeyCommand, type KeyCommand } from "./vault/key-command.ts"

export type Config = {
  readonly dataDir: string | undefined
  readonly keyFile: string | undefined
  readonly keyCommand: KeyCommand | undefined
  readonly masterKey: string | undefined
  readonly headNote: string | undefined
  readonly socket: string | undefined
  readonly userId: string | undefined
  readonly guard: { readonly tools: readonly string[]; readonly deny: readonly string[]; readonly self: boolean }
  readonly redactPromptText: boolean
  readonly redactToolArgs: boolean
  readonly scan: ScanRule
  /** As it was written, checked; undefined is as usual. */
  readonly anomalies: unknown
  readonly largePromptChars: number
  /** As they were written, each checked. */
  readonly witnesses: readonly string[]
  readonly anchors: AnchorSettings
  readonly retention: Retention
  /** Undefined: none are issued. */
  readonly receipts: ReceiptRule | undefined
  /** As it was written, checked, and as it is read; undefined where no message is watched over. */
  readonly gate: { readonly written: unknown; readonly setting: OutboundSetting } | undefined
  /** As it was written, checked, and as it is read; undefined where it is off. */
  readonly orchestrator: { readonly written: unknown; readonly rule: OrchestratorRule } | undefined
  /** As it was written, checked; undefined where nobody is told. */
  readonly alerts: AlertSettings | undefined
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
  /** 0 for never. */
  readonly quotaMinutes: number
  /** Whether agents may ask about their own session. */
  readonly agentTools: boolean
  readonly files: Pick<WatchedHost, "patterns" | "ignore" | "intervalMs" | "usePolling"> & { readonly openclawDir: string | undefined }
  readonly capture: { readonly maxPayloadBytes: number; readonly queueBytes: number }
}

/** A setting for people: `value` is what is in force, null for none; of what is secret, or leads to somebody, only that it is set (true). */
export type SettingView = { readonly name: string; readonly isSet: boolean; readonly value: unknown; readonly words: string }

const untold: readonly string[] = ["secret", "webhook", "alerts", "command"] satisfies readonly SettingRow["type"][]

/** Every setting, as it was written or else by default; nothing is checked. */
export function settingsIn(written: unknown): readonly SettingView[] {
  return settings.map((row: SettingRow) => {
    const { name, type, words } = row
    const own = writtenIn(written, name)
    const isSet = own !== undefined
    return { name, isSet, value: isSet && (untold.includes(type) || /key|token|secret/i.test(name)) ? true : (own ?? row.default ?? null), words }
  })
}

function writtenIn(written: unknown, name: string): unknown {
  return name.split(".").reduce<unknown>((from, key) => objectOf(from)[key], written)
}

/**
 * Parses what an operator wrote. Every setting is checked; unknown ones are refused by name.
 * @throws {Fault} `config.invalid` naming the setting.
 */
export function parseConfig(written: unknown): Config {
  refuseUnknown(written, "", new Set(settings.map((row) => row.name)))
  const value = (name: (typeof settings)[number]["name"]): unknown => {
    const row: SettingRow | undefined = settings.find((candidate) => candidate.name === name)
    return row && parseSetting(row, writtenIn(written, name))
  }
  const text = (name: (typeof settings)[number]["name"]) => value(name) as string | undefined
  return {
    dataDir: text("dataDir"),
    keyFile: text("keyFile"),
    keyCommand: value("keyCommand") as KeyCommand | undefined,
    masterKey: text("masterKey"),
    headNote: text("headNote"),
    socket: text("socket"),
    userId: text("userId"),
    guard: { tools: value("guard.tools") as readonly string[], deny: value("guard.deny") as readonly string[], self: value("guard.self") !== false },
    redactPromptText: value("redactPromptText") === true,
    redactToolArgs: value("redactToolArgs") === true,
    scan: scanRule(value("scanToolArgs") === true, value("scan.block") as readonly string[]),
    anomalies: value("anomalies"),
    largePromptChars: value("largePromptChars") as number,
    witnesses: value("witnesses") as readonly string[],
    anchors: {
      timestampAuthorities: value("timestampAuthorities") as readonly string[],
      evidence: evidenceOf({
        place: value("deEnv"),
        ...{ apiKey: text("deApiKey"), orgId: text("deOrgId"), tenantId: text("deTenantId"), walletKeyFile: text("deWalletKeyFile") },
        ...{ signingKey: text("deSigningKey"), payees: value("dePayees") as readonly string[] },
        ...{ mostMicros: value("deMostMicros") as number, mostADayMicros: value("deMostADayMicros") as number },
      }),
      rules: {
        afterEvents: value("deEventThreshold") as number,
        leastEvents: value("deTimerMinEvents") as number,
        everyMs: value("deIntervalMs") as number,
        mostADay: value("anchorsPerDay") as number,
      },
    },
    retention: retentionOf({
      days: value("localRetentionDays"),
      maxSizeMb: value("localMaxSizeMb"),
      contentDays: value("contentRetentionDays"),
    }),
    receipts: parseReceipts(value("receipts")),
    gate: gateOf(value("gate")),
    orchestrator: orchestratorOf(value("orchestrator")),
    alerts: alertsOf({
      alerts: value("alerts"),
      notificationWebhook: value("notificationWebhook"),
      reportWebhook: value("reportWebhook"),
      reportWebhookSecret: value("reportWebhookSecret"),
      webhookAllowPrivateHost: value("webhookAllowPrivateHost"),
    }),
    prices: value("prices") as readonly unknown[],
    toolPrices: value("toolPrices") as readonly unknown[],
    budgets: value("budgets") as readonly unknown[],
    allowances: value("allowances") as readonly unknown[],
    ask: value("ask"),
    downgrades: value("downgrades") as readonly unknown[],
    breakers: value("breakers"),
    quotaMinutes: value("quotaMinutes") as number,
    agentTools: value("agentTools") !== false,
    files: {
      openclawDir: text("openclawDir"),
      ...{ patterns: value("fileWatchPatterns") as readonly string[], ignore: value("fileWatchIgnorePatterns") as readonly string[] },
      ...{ intervalMs: value("fileWatchIntervalMs") as number, usePolling: value("fileWatchUsePolling") === true },
    },
    capture: { maxPayloadBytes: value("capture.maxPayloadBytes") as number, queueBytes: value("capture.queueBytes") as number },
  }
}

function gateOf(written: unknown): Config["gate"] {
  const setting = outboundSetting(written)
  return setting && { written, setting }
}

function orchestratorOf(written: unknown): Config["orchestrator"] {
  const rule = parseOrchestrator(written)
  return rule?.enabled === true ? { written, rule } : undefined
}

function alertsOf(settings: AlertSettings): AlertSettings | undefined {
  return parseAlerts(settings) && settings
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Undefined where neither a key nor a wallet is named: it is not asked then. */
function evidenceOf(told: Omit<EvidenceSettings, "place"> & { readonly place: unknown }): EvidenceSettings | undefined {
  const { apiKey, orgId, tenantId, walletKeyFile, payees } = told
  const refuse = (setting: string, problem: string): never => {
    throw new Fault("config.invalid", { setting, problem })
  }
  const place = evidencePlaces.find((one) => one === told.place) ?? refuse("deEnv", `it must be one of ${evidencePlaces.join(", ")}`)
  for (const [setting, id] of [
    ["deOrgId", orgId],
    ["deTenantId", tenantId],
  ] as const)
    if (id !== undefined && !uuid.test(id)) refuse(setting, "it must be a UUID")
  for (const payee of payees) if (!/^0x[0-9a-f]{40}$/i.test(payee)) refuse("dePayees", `${payee} is no Ethereum address`)
  if (apiKey !== undefined && (orgId === undefined || tenantId === undefined)) refuse("deApiKey", "it needs deOrgId and deTenantId")
  return apiKey === undefined && walletKeyFile === undefined ? undefined : { ...told, place }
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
    case "globs":
      return Array.isArray(written) && written.length <= mostPatterns && written.every(isPattern)
        ? written
        : refuse(`it must be a list of at most ${mostPatterns} patterns such as ["~/notes/**/*.md"]`)
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
    case "authorities":
      if (!Array.isArray(written) || !written.every((one) => typeof one === "string")) return refuse('it must be a list of "URL FILE"')
      return checked(written, (list) => (list as readonly string[]).map(parseTimeStampAuthority), refuse)
    case "command":
      return isKeyCommand(written) ? written : refuse('it must be a list of words such as ["pass", "show", "ledger"]')
    case "anomalies":
      return checked(written, parseThresholds, refuse)
    case "scanCategories":
      return checked(written, parseScanCategories, refuse)
    case "contentDays":
      return checked(written, parseContentDays, refuse)
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
    case "receipts":
      return checked(written, parseReceipts, refuse)
    case "gate":
      return checked(written, outboundSetting, refuse)
    case "orchestrator":
      return checked(written, parseOrchestrator, refuse)
    case "webhook":
      return checked(written, (notificationWebhook) => parseAlerts({ notificationWebhook, webhookAllowPrivateHost: true }), refuse)
    case "webhookSecret":
      return checked(written, (reportWebhookSecret) => parseAlerts({ reportWebhook: "https://localhost", reportWebhookSecret }), refuse)
    case "alerts":
      return checked(written, (alerts) => parseAlerts({ alerts }), refuse)
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
    if (known.has(name) || isIgnoredSetting(name)) continue
    if ([...known, ...Object.keys(ignoredSettings)].some((setting) => setting.startsWith(`${name}.`))) refuseUnknown(value, `${name}.`, known)
    else throw new Fault("config.invalid", { setting: name, problem: "there is no setting of that name" })
  }
}
