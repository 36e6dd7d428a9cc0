/**
 * A home of its own for one OpenClaw: directories, configuration and a small explicit environment, so that nothing
 * of the developer's set-up leaks in and nothing is left behind. The path is short, because unix socket paths are
 * limited to about 100 bytes.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { onProcessEnd } from "./cleanup.ts"
import { endLeftovers, killLeftovers, type Leftover } from "./leftovers.ts"

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

export type GatewayHome = {
  readonly directory: string
  readonly stateDirectory: string
  readonly configPath: string
  readonly port: number
  readonly token: string
  readonly environment: Readonly<Record<string, string>>
  readConfig(): JsonObject
  /** Merges into the configuration file, object by object; arrays and scalars are replaced, null removes. */
  editConfig(change: JsonObject): void
  /** Ends whatever still runs in this home, then removes it. Returns the processes that were still there. */
  remove(): Promise<readonly Leftover[]>
}

export type HomeOptions = {
  readonly modelBaseUrl: string
  readonly config?: JsonObject
  readonly environment?: Readonly<Record<string, string>>
}

export async function createHome(options: HomeOptions): Promise<GatewayHome> {
  const directory = mkdtempSync(join(tmpdir(), "sl-"))
  const release = onProcessEnd(() => {
    killLeftovers(directory)
    removeDirectory(directory)
  })
  const stateDirectory = join(directory, "state")
  const configPath = join(stateDirectory, "openclaw.json")
  mkdirSync(stateDirectory, { mode: 0o700 })
  for (const name of ["workspace", "no-skills"]) mkdirSync(join(directory, name))
  const port = await findFreePort()
  const token = "loopback-only-test-token"
  const base = baseConfig({ directory, port, token, modelBaseUrl: options.modelBaseUrl })
  const readConfig = () => JSON.parse(readFileSync(configPath, "utf8")) as JsonObject
  const writeConfig = (config: JsonObject) => writeFileSync(configPath, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  writeConfig(merge(base, options.config ?? {}))
  return {
    directory,
    stateDirectory,
    configPath,
    port,
    token,
    environment: { ...smallEnvironment(directory, stateDirectory, configPath), ...options.environment },
    readConfig,
    editConfig: (change) => writeConfig(merge(readConfig(), change)),
    async remove() {
      const left = await endLeftovers(directory)
      release()
      return left
    },
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

export function merge(base: JsonObject, change: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base }
  for (const [key, value] of Object.entries(change)) {
    const before = merged[key]
    if (value === null) delete merged[key]
    else merged[key] = isObject(value) ? merge(isObject(before) ? before : {}, value) : value
  }
  return merged
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function smallEnvironment(directory: string, stateDirectory: string, configPath: string): Record<string, string> {
  return {
    // The Node that runs us comes first: npm and the plugin's children must not fall back to an older one.
    PATH: [dirname(process.execPath), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    HOME: directory,
    LANG: "C.UTF-8",
    TZ: "UTC",
    NO_COLOR: "1",
    OPENCLAW_HOME: directory,
    OPENCLAW_STATE_DIR: stateDirectory,
    OPENCLAW_CONFIG_PATH: configPath,
    // Skills are nothing of ours, and the host reads half a hundred of its own at every reload of a plugin.
    OPENCLAW_BUNDLED_SKILLS_DIR: join(directory, "no-skills"),
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_EXEC_SHELL_SNAPSHOT: "0",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    OPENCLAW_NO_RESPAWN: "1",
    npm_config_update_notifier: "false",
    npm_config_offline: "true",
  }
}

/** Whatever leaves the machine (update check, model catalog), calls the model unasked (heartbeat, recap) or is work for nothing here (pages, skills) is off. */
function baseConfig(from: { readonly directory: string; readonly port: number; readonly token: string; readonly modelBaseUrl: string }): JsonObject {
  return {
    gateway: { mode: "local", port: from.port, bind: "loopback", auth: { mode: "token", token: from.token }, controlUi: { enabled: false } },
    logging: { file: join(from.directory, "openclaw.log") },
    models: {
      catalogRefresh: { enabled: false },
      providers: {
        mock: {
          baseUrl: from.modelBaseUrl,
          apiKey: "mock-key",
          api: "openai-completions",
          models: [
            {
              id: "mock-1",
              name: "Scripted model",
              reasoning: false,
              input: ["text"],
              cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
              contextWindow: 200_000,
              maxTokens: 8192,
            },
          ],
        },
      },
    },
    agents: {
      defaults: {
        model: { primary: "mock/mock-1" },
        workspace: join(from.directory, "workspace"),
        skipBootstrap: true,
        heartbeat: { every: "0m" },
        utilityModel: "",
      },
    },
    skills: { load: { watch: false } },
    update: { checkOnStart: false },
  }
}

function removeDirectory(directory: string): void {
  // A process that was killed a moment ago may still be creating a file.
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}
