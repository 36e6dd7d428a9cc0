/**
 * What an operator wants of delegation: off, unless `enabled` is true. What lies outside of bounds is put into them, names of outcomes that there are not and tools
 * that do work themselves are left out, and `warnings` says so.
 */
import { Fault } from "../../base/fault.ts"
import { firstMatch, namePattern, type NamePattern } from "../../base/glob.ts"
import type { WorkerOutcome } from "./events.ts"
import { isRouterTool, routerTools } from "./router-tools.ts"

export type ThreadBinding = "auto" | "always" | "never"

/** As the setting `orchestrator` has it, defaults filled in. */
export type OrchestratorSettings = {
  readonly enabled: boolean
  readonly injectOrchestratorPrompt: boolean
  readonly enforceMainDelegation: boolean
  readonly autoRetryFailedSubagents: boolean
  readonly maxRetriesPerTask: number
  readonly retryOutcomes: readonly string[]
  readonly allowedMainTools: readonly string[]
  readonly allowedOrchestratorTools: readonly string[]
  readonly orchestratorLabelPrefix: string
  /** Patterns of keys of sessions that count as front sessions though a job, a heartbeat or a hook speaks in them. */
  readonly frontSessions: readonly string[]
  readonly threadBinding: ThreadBinding
  /** Minutes after which the host archives what ended, `agents.defaults.subagents.archiveAfterMinutes`; 0 is never. */
  readonly archiveAfterMinutes: number
  /** Files whose texts take the places of the built-in ones; empty for those. */
  readonly promptFile: string
  readonly contractFile: string
}

export type OrchestratorRule = OrchestratorSettings & {
  readonly mainTools: ReadonlySet<string>
  readonly orchestratorTools: ReadonlySet<string>
  readonly outcomes: ReadonlySet<WorkerOutcome>
  readonly fronts: readonly NamePattern[]
  readonly warnings: readonly string[]
}

const retryable = ["error", "timeout", "killed", "reset", "deleted"] as const
const usualOutcomes = ["error", "timeout"]

export const orchestratorDefaults: OrchestratorSettings = {
  enabled: false,
  injectOrchestratorPrompt: true,
  enforceMainDelegation: false,
  autoRetryFailedSubagents: true,
  maxRetriesPerTask: 2,
  retryOutcomes: usualOutcomes,
  allowedMainTools: [],
  allowedOrchestratorTools: [],
  orchestratorLabelPrefix: "thread-orchestrator",
  frontSessions: [],
  threadBinding: "never",
  archiveAfterMinutes: 60,
  promptFile: "",
  contractFile: "",
}

const bounds: Readonly<Partial<Record<keyof OrchestratorSettings, { readonly least: number; readonly most: number }>>> = {
  maxRetriesPerTask: { least: 1, most: 5 },
  archiveAfterMinutes: { least: 0, most: 525_600 },
}

const mostEntries = 1_000
const longest = 4_096

type Refuse = (problem: string) => never

/** Undefined where nothing of it is written; `enabled` says whether it is on. @throws {Fault} `config.invalid` */
export function parseOrchestrator(written: unknown): OrchestratorRule | undefined {
  if (written === undefined || written === null) return undefined
  const refuse: Refuse = (problem) => {
    throw new Fault("config.invalid", { setting: "orchestrator", problem })
  }
  if (typeof written === "boolean") return ruleOf({ ...orchestratorDefaults, enabled: written }, [])
  if (typeof written !== "object" || Array.isArray(written))
    return refuse('it must be true, or an object such as {"enabled": true, "enforceMainDelegation": true}')
  const given = written as Readonly<Record<string, unknown>>
  const unknown = Object.keys(given).find((name) => !(name in orchestratorDefaults))
  if (unknown !== undefined) return refuse(`it has no ${unknown}; it has ${Object.keys(orchestratorDefaults).join(", ")}`)
  const warnings: string[] = []
  const settings = Object.fromEntries(
    Object.entries(orchestratorDefaults).map(([name, fallback]) => {
      const value = given[name]
      return [name, value === undefined || value === null ? fallback : read(name as keyof OrchestratorSettings, value, refuse, warnings)]
    }),
  ) as unknown as OrchestratorSettings
  return ruleOf(settings, warnings)
}

function read(name: keyof OrchestratorSettings, value: unknown, refuse: Refuse, warnings: string[]): unknown {
  const fallback = orchestratorDefaults[name]
  if (name === "threadBinding")
    return value === "auto" || value === "always" || value === "never" ? value : refuse("its threadBinding must be auto, always or never")
  if (name === "orchestratorLabelPrefix") return labelOf(value) ?? refuse("its orchestratorLabelPrefix must have a letter or a digit")
  if (Array.isArray(fallback)) return isTexts(value) ? value : refuse(`its ${name} must be a list of texts`)
  if (typeof fallback === "number") {
    const { least, most } = bounds[name] ?? { least: 0, most: Number.MAX_SAFE_INTEGER }
    if (typeof value !== "number" || !Number.isSafeInteger(value)) return refuse(`its ${name} must be a whole number`)
    const within = Math.min(most, Math.max(least, value))
    if (within !== value) warnings.push(`${name} is ${within}: ${value} lies outside of ${least} to ${most}`)
    return within
  }
  if (typeof fallback === "string") return typeof value === "string" && value.length <= longest ? value : refuse(`its ${name} must be a text`)
  return typeof value === "boolean" ? value : refuse(`its ${name} must be true or false`)
}

function ruleOf(settings: OrchestratorSettings, warnings: string[]): OrchestratorRule {
  const added = (name: "allowedMainTools" | "allowedOrchestratorTools") => {
    const dropped = settings[name].filter((tool) => !isRouterTool(tool))
    if (dropped.length > 0) warnings.push(`${name} is without ${dropped.join(", ")}: only tools that hand work on may be added`)
    return new Set([...routerTools, ...settings[name].filter(isRouterTool)])
  }
  const [mainTools, orchestratorTools] = [added("allowedMainTools"), added("allowedOrchestratorTools")]
  const known = retryable.filter((outcome) => settings.retryOutcomes.includes(outcome))
  const outcomes = known.length > 0 ? known : retryable.filter((outcome) => usualOutcomes.includes(outcome))
  const unknown = settings.retryOutcomes.filter((outcome) => !retryable.some((one) => one === outcome))
  if (unknown.length > 0) warnings.push(`retryOutcomes is without ${unknown.join(", ")}: there are ${retryable.join(", ")}`)
  return { ...settings, mainTools, orchestratorTools, outcomes: new Set(outcomes), fronts: settings.frontSessions.map(namePattern), warnings }
}

const longestLabel = 64

/** A label as the host takes it: small letters, digits, `.`, `_` and `-`; undefined where nothing is left of it. */
export function labelOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined
  const label = value
    .toLowerCase()
    .trim()
    .replace(/\s+/g, "-")
    .replace(/[^a-z0-9._-]/g, "")
    .slice(0, longestLabel)
  return /[a-z0-9]/.test(label) ? label : undefined
}

const ofAutomation = /^agent:[^:]+:(?:cron|hook|heartbeat)(?::|$)|:heartbeat(?::|$)/

/**
 * Whether people talk to a session of this key, whoever's orchestrator it is not. Jobs, heartbeats and hooks speak in sessions of the same shape, and are none
 * unless they are named.
 * @param trigger the host's word on why its run began, where it is known
 */
export function isFrontKey(key: string, { fronts }: Pick<OrchestratorRule, "fronts">, trigger?: string): boolean {
  if (!key.startsWith("agent:") || key.includes(":subagent:")) return false
  if (firstMatch(fronts, key)) return true
  return !ofAutomation.test(key) && trigger !== "heartbeat" && trigger !== "cron"
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= mostEntries && value.every((one) => typeof one === "string" && one.trim() !== "" && one.length <= longest)
}
