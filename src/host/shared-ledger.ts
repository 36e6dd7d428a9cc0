/**
 * One client for all copies of the plugin in a process. The host evaluates the module several times, and hooks fire in copies other than the one
 * that was told of start and stop, so the client hangs on `globalThis`. A copy of other code, or with other settings, replaces it.
 */
import { parseConfig, type Config } from "../config.ts"
import { steadyClocks } from "../base/clock.ts"
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { CaptureMemory } from "../capture/capture-memory.ts"
import type { OrchestratorSetting } from "../policy/orchestrator/orchestrator-setting.ts"
import { toolGuard, type ToolGuard } from "../policy/tools.ts"
import { storeIdAt } from "../surfaces/cli/places.ts"
import { buildVersion, codeHash } from "../version.ts"
import { asksForCaps, asksForGate, asksForGuards, asksForScan } from "./loose-settings.ts"
import { gatewayPaths } from "./gateway-paths.ts"
import type { HostApi } from "./host-api.ts"
import type { HostSpend } from "../prices/host-spend.ts"
import { hostConfig, LatestModels, modelNamed, primaryOf, type ModelName } from "./host-models.ts"
import { latestSpend } from "./latest-spend.ts"
import { LedgerClient } from "./ledger-client.ts"
import { DelegationMemory } from "./orchestrator-door.ts"
import type { Gate } from "./outbound-door.ts"
import { Outside } from "./outside.ts"
import { configOf, locationOf } from "./ledger-location.ts"
import { linkOf, packageDirectory } from "./link-of.ts"
import { Permits } from "./permits.ts"
import { ReplyWays } from "./reply-ways.ts"
import { isSetUp, type StartState } from "./start-lines.ts"
import type { ProtectedPaths } from "../policy/self-protection.ts"
import { noSelfGuard, selfGuard, type SelfGuard } from "./self-guard.ts"
import { operatorTeller } from "./tell-operator.ts"
import { Subscriptions } from "./subscriptions.ts"
import { WrappedCalls } from "./wrapped-calls.ts"

export type SharedLedger = {
  readonly key: string
  /** Which build made it. */
  readonly code: string
  readonly client: LedgerClient
  /** Of the copy that was registered last: the host answers those of before no more. */
  readonly host: { api: HostApi }
  readonly guard: ToolGuard
  /** What is watched over of messages that leave. */
  readonly gate: Gate
  /** What is wanted of delegation; undefined while it is off. */
  readonly orchestrator: OrchestratorSetting | undefined
  readonly delegation: DelegationMemory
  /** Where the plugin's own sends and runs begin. */
  readonly outside: Outside
  /** Whether a tool call reaches for what of the ledger's own no agent may reach. */
  readonly reachesForOurs: SelfGuard
  /** The settings name findings of the scanner that refuse a tool call: each waits for the writer, which scans. */
  readonly refusesFindings: boolean
  readonly maxPayloadBytes: number
  readonly memory: CaptureMemory
  readonly subscriptions: Subscriptions
  readonly permits: Permits
  readonly wrapped: WrappedCalls
  readonly replyWays: ReplyWays
  /** The model a session's last run began with, by the session's id. */
  readonly lastModels: LatestModels
  /** The cheaper model that the ledger gave a run, by the run's id. */
  readonly chosenModels: LatestModels
  readonly compactionModel: () => ModelName | undefined
  readonly primaryModel: () => ModelName | undefined
  /** The settings name cheaper models for when a budget runs low. */
  readonly downgrades: boolean
  /** The settings name a budget that blocks. */
  readonly blocks: boolean
  /** Where the writer says that something may refuse; undefined where it cannot be told. */
  readonly doorsFile: string | undefined
  /** Before a call to a model: tells the writer the host's prices, when they are others than it was told. */
  readonly tellNewPrices: () => void
  /** How often the host is asked which plans its providers are used by. */
  readonly quotaEveryMs: number
  /** Set while the plugin may be on its way out. */
  lingering: NodeJS.Timeout | undefined
}

const code = `${buildVersion} ${codeHash}`
const symbol = Symbol.for("sovereign-ledger/client")
const slot = globalThis as typeof globalThis & { [symbol]?: SharedLedger }

const gateWithinMs = 10_000
const retireWithinMs = 10_000
/** A reload stops and starts within seconds; a client nobody asks for after this long belongs to a plugin that is gone. */
const lingerMs = 30_000

/** Answers the ledger of this process, made at the first use. Whoever asks comes back after a stop, but one that only says that it leaves. */
export type LedgerSource = (leaving?: boolean) => SharedLedger

export function ledgerSource(api: HostApi): LedgerSource {
  const config = configOf(api)
  const key = `${code} ${JSON.stringify(config)}`
  if (slot[symbol]?.key === key) slot[symbol].host.api = api
  return (leaving = false) => {
    const current = slot[symbol]
    if (current?.key === key) {
      if (current.lingering && !leaving) keep(current)
      return current
    }
    const next = createLedger(api, config, key, current)
    slot[symbol] = next
    if (current) retire(current)
    return next
  }
}

/** The ledger of this process, if there is one; asking changes nothing. */
export function currentLedger(): SharedLedger | undefined {
  return slot[symbol]
}

/** Hands over what the process still holds, if it holds anything. */
export function flush(withinMs: number): Promise<void> {
  return slot[symbol] === undefined ? Promise.resolve() : farewell(slot[symbol].client, withinMs)
}

/** The plugin stops, perhaps only to start again: hand everything over, and let go if nobody comes back. */
export async function release(ledger: SharedLedger, flushWithinMs: number): Promise<void> {
  ledger.subscriptions.close()
  ledger.lingering ??= setTimeout(() => {
    if (slot[symbol] === ledger) delete slot[symbol]
    ledger.client.close()
  }, lingerMs).unref()
  await farewell(ledger.client, flushWithinMs)
}

async function farewell(client: LedgerClient, withinMs: number): Promise<void> {
  await client.flush(withinMs)
  client.goodbye()
}

function keep(ledger: SharedLedger): void {
  clearTimeout(ledger.lingering)
  ledger.lingering = undefined
}

function retire(ledger: SharedLedger): void {
  keep(ledger)
  ledger.subscriptions.close()
  void ledger.client.flush(retireWithinMs).then(() => ledger.client.close())
}

/** What was remembered by a ledger of the same code goes on with the next one; what doors were told of the same directory, with one of any. */
function createLedger(api: HostApi, config: Config | Fault, key: string, current: SharedLedger | undefined): SharedLedger {
  const before = current?.code === code ? current : undefined
  const doorsFile = doorsFileOf(api, config)
  const settings = config instanceof Fault ? parseConfig({}) : config
  const host = { api }
  const outside = before?.outside ?? new Outside()
  const spend = latestSpend(host)
  let told: HostSpend | undefined
  const client: LedgerClient = new LedgerClient({
    link: () => {
      told = spend()
      return linkOf(host.api, config, told)
    },
    queueBytes: settings.capture.queueBytes,
    gateWithinMs,
    log: (sentence) => api.logger.warn(`[sovereign-ledger] ${sentence}`),
    nowMs: steadyClocks.steadyMs,
    doors: current?.doorsFile === doorsFile ? current?.client.doors : undefined,
    tell: operatorTeller(host, { client: () => client, outside: () => outside.now }),
  })
  return {
    key,
    code,
    client,
    host,
    guard: guardOf(api, config, settings),
    gate: config instanceof Fault ? (asksForGate(api) ? "closed" : undefined) : config.gate?.setting,
    orchestrator: config instanceof Fault || !config.orchestrator ? undefined : { rule: config.orchestrator.rule, texts: {} },
    delegation: before?.delegation ?? new DelegationMemory(),
    outside,
    reachesForOurs: config instanceof Fault || !config.guard.self ? noSelfGuard : selfGuard(() => protectedPaths(api, config, client)),
    refusesFindings: config instanceof Fault ? asksForScan(api) : config.scan.block.length > 0,
    maxPayloadBytes: settings.capture.maxPayloadBytes,
    memory: memoryFor(before?.memory, settings),
    permits: before?.permits ?? new Permits(),
    wrapped: before?.wrapped ?? new WrappedCalls(),
    replyWays: before?.replyWays ?? new ReplyWays(),
    lastModels: before?.lastModels ?? new LatestModels(),
    chosenModels: before?.chosenModels ?? new LatestModels(),
    compactionModel: () => modelNamed(objectOf(objectOf(objectOf(objectOf(hostConfig(host.api))["agents"])["defaults"])["compaction"])["model"]),
    primaryModel: () => primaryOf(hostConfig(host.api)),
    downgrades: settings.downgrades.length > 0,
    blocks: asksForCaps(api),
    doorsFile,
    tellNewPrices: () => void (told && told !== spend() && client.relink()),
    subscriptions: new Subscriptions(),
    quotaEveryMs: settings.quotaMinutes * 60_000,
    lingering: undefined,
  }
}

/** What was remembered stays over a change of the settings. */
function memoryFor(before: CaptureMemory | undefined, { largePromptChars }: Config): CaptureMemory {
  const memory = before ?? new CaptureMemory()
  // Kept by an earlier version of this code, it may have none.
  if (memory.promptSizes !== undefined) memory.promptSizes.threshold = largePromptChars
  return memory
}

function protectedPaths(api: HostApi, config: Config, client: LedgerClient): ProtectedPaths {
  const { environment, location } = locationOf(api, config)
  const { directory, headNote } = location.files
  return {
    ...gatewayPaths(api, packageDirectory(api), environment),
    dataDirectory: directory,
    headNote,
    keyFile: keyFileOf(directory, location.keyFileFor),
    writerPid: client.writerPid,
  }
}

function keyFileOf(directory: string, keyFileFor: (storeId: string) => string): string | undefined {
  try {
    return keyFileFor(storeIdAt(directory))
  } catch {
    // What is wrong with keys.json is told when the writer is asked for.
    return undefined
  }
}

function doorsFileOf(api: HostApi, config: Config | Fault): string | undefined {
  if (config instanceof Fault) return undefined
  try {
    return locationOf(api, config).location.files.doors
  } catch {
    // What is wrong with its files is told when the writer is asked for.
    return undefined
  }
}

/** Settings that cannot be read may have named guards: then every tool counts as guarded, and is denied for want of a record. */
function guardOf(api: HostApi, config: Config | Fault, settings: Config): ToolGuard {
  if (config instanceof Fault && asksForGuards(api)) return () => ({ guarded: true, verdict: "allow" })
  return toolGuard(settings.guard)
}

/** What is to be expected of recording, as far as it can be told without the key and without the writer. */
export function startState(api: HostApi): StartState {
  const config = configOf(api)
  if (config instanceof Fault) return "no"
  try {
    const { location, environment } = locationOf(api, config)
    const { directory } = location.files
    return config.socket !== undefined || isSetUp(directory, location.keyFileFor(storeIdAt(directory)), api, environment) ? "yes" : "not set up"
  } catch {
    // What is wrong with its files is told when the writer is asked for.
    return "no"
  }
}
