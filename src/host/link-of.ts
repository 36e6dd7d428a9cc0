/** The link of a gateway to the writer: where it is, how it is started, and the settings it goes by. */
import { homedir } from "node:os"
import { dirname, resolve } from "node:path"
import type { Config } from "../config.ts"
import { Fault } from "../base/fault.ts"
import type { WatchedHost } from "../inventory/watch/watched-host.ts"
import type { OrchestratorJson } from "../policy/orchestrator/orchestrator-setting.ts"
import { receiptRuleJson } from "../policy/receipt-rule.ts"
import { isAll, retentionJson } from "../policy/retention.ts"
import type { HostSpend } from "../prices/host-spend.ts"
import { hostConfigFile } from "../surfaces/cli/host-config.ts"
import { isUsualScan } from "../scanner/scan-rule.ts"
import { storeIdAt } from "../surfaces/cli/places.ts"
import { stateDirectory } from "../surfaces/cli/state-directory.ts"
import type { LinkOptions } from "../surfaces/socket/writer-link.ts"
import { gatewayPaths } from "./gateway-paths.ts"
import type { HostApi } from "./host-api.ts"
import { hostSecret } from "./host-secret.ts"
import { locationOf } from "./ledger-location.ts"
import { promptFiles } from "./prompt-files.ts"
import { installRuntime, removeEarlierRuntimes } from "./runtime-copy.ts"

/** How this process reaches the writer, and what it tells it of the settings. */
export async function linkOf(api: HostApi, config: Config | Fault, spend: HostSpend): Promise<LinkOptions> {
  if (config instanceof Fault) throw config
  const { environment, location } = locationOf(api, config)
  const { directory, headNote } = location.files
  const { witnesses, anchors, prices, toolPrices, budgets, allowances, ask, downgrades, breakers = {} } = config
  const link = {
    socketPath: config.socket ?? location.socket,
    role: "plugin" as const,
    config: {
      guard: config.guard,
      userId: config.userId ?? process.env["OPENCLAW_USER_ID"] ?? process.env["USER"] ?? null,
      hashed: { promptText: config.redactPromptText, toolArgs: config.redactToolArgs },
      ...{ witnesses, anchors },
      ...(isAll(config.retention) ? {} : { retention: retentionJson(config.retention) }),
      ...(config.gate ? { gate: config.gate.written } : {}),
      ...(config.orchestrator ? { orchestrator: orchestratorJson(api, config.orchestrator) } : {}),
      ...(config.anomalies === undefined ? {} : { anomalies: config.anomalies }),
      files: watchedHost(config, environment),
      ...(isUsualScan(config.scan) ? {} : { scan: config.scan }),
      ...(config.alerts ? { alerts: config.alerts } : {}),
      ...(config.receipts ? { receipts: receiptRuleJson(config.receipts) } : {}),
      spend: { prices, toolPrices, budgets, allowances, ask, downgrades, breakers, ...spend },
    },
  }
  const protect = gatewayPaths(api, packageDirectory(api), environment)
  // A service is started by its own manager; a second writer beside it would be of the wrong user.
  if (config.socket !== undefined) return { ...link, protect }
  storeIdAt(directory) // says what is wrong with keys.json before a process is started to say it
  return {
    ...link,
    protect,
    program: {
      file: async () => {
        const program = await installRuntime(packageDirectory(api), directory)
        await removeEarlierRuntimes(directory)
        return program
      },
      directory,
      keyCommand: config.keyCommand,
      keyFile: config.keyFile,
      headNote,
      hostSecret: await hostSecret(api),
      environment,
    },
  }
}

function watchedHost({ files: { openclawDir, ...rules } }: Config, environment: NodeJS.ProcessEnv): WatchedHost {
  const home = environment["OPENCLAW_HOME"] ?? environment["HOME"] ?? homedir()
  return {
    stateDirectory: openclawDir === undefined ? stateDirectory(environment) : resolve(openclawDir),
    configFile: hostConfigFile(environment),
    home,
    ...rules,
  }
}

function orchestratorJson({ logger }: HostApi, { written, rule }: NonNullable<Config["orchestrator"]>): OrchestratorJson {
  for (const warning of rule.warnings) logger.warn(`[sovereign-ledger] The setting orchestrator: ${warning}.`)
  return { written, texts: promptFiles(rule, (sentence) => logger.warn(sentence)) }
}

/** The installed package; without the host's word for it, where this code runs from. */
export function packageDirectory(api: HostApi): string {
  return api.rootDir ?? dirname(import.meta.filename)
}
