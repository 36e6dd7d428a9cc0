/** sovereign-ledger ui */
import { Fault } from "../../../base/fault.ts"
import { objectOf, stringOf } from "../../../base/json.ts"
import { addressText } from "../../http/address.ts"
import type { CommandRow } from "../command.ts"
import { hostConfigOf, readHostConfig } from "../host-config.ts"

const usualPort = 18_789
const pagePath = "/plugins/sovereign-ledger/"
const tab = "plugin?plugin=sovereign-ledger&id=ledger"

export const ui: CommandRow = {
  path: "ui",
  summary: "The address of the page in the gateway",
  help: `From the gateway's own settings: scheme, host, port and base path. The tab asks for the gateway's login; without a gateway, serve shows the same page, live.

Examples:
  sovereign-ledger ui
  sovereign-ledger ui --json | jq -r .tab`,
  run: async ({ files, nowMs, terminal, json }) => {
    const file = hostConfigOf(process.env, files.directory)
    const gateway = objectOf(objectOf(readHostConfig(file))["gateway"])
    const root = rootOf(gateway)
    const controlUi = objectOf(gateway["controlUi"])
    const base = (stringOf(controlUi["basePath"]) ?? "").replace(/^\/+|\/+$/g, "")
    const isOff = controlUi["enabled"] === false
    const told = { tab: isOff ? null : `${root}/${base === "" ? "" : `${base}/`}${tab}`, page: `${root}${pagePath}`, api: `${root}${pagePath}api/` }
    const words = [
      told.tab === null ? "The gateway's own page is switched off (gateway.controlUi.enabled); sovereign-ledger serve shows this one." : told.tab,
      `  answers for programs   ${told.api}   with the gateway's token`,
      "  live, without a gateway: sovereign-ledger serve",
      "",
    ]
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...told }
    await terminal.write(json ? `${JSON.stringify(body)}\n` : words.join("\n"))
    return 0
  },
}

/** @throws {Fault} `host.config-unreadable` where the port is none */
function rootOf(gateway: Readonly<Record<string, unknown>>): string {
  const port = gateway["port"] ?? usualPort
  if (!Number.isSafeInteger(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new Fault("host.config-unreadable", { file: "gateway.port", problem: "it is no port" })
  const scheme = objectOf(gateway["tls"])["enabled"] === true ? "https" : "http"
  const host = gateway["bind"] === "custom" ? stringOf(gateway["customBindHost"]) : undefined
  return `${scheme}://${addressText({ host: host ?? "127.0.0.1", port: Number(port) })}`
}
