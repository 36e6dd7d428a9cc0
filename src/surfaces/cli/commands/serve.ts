/** sovereign-ledger serve */
import { hostname, networkInterfaces } from "node:os"
import { join, resolve } from "node:path"
import type { IncomingMessage } from "node:http"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { contentTypes, expositionFor, metricsText } from "../../render/metrics-text.ts"
import { hostName } from "../../http/access-rules.ts"
import { ReadingServer, type Page } from "../../http/reading-server.ts"
import { addressText, isLoopback, type Address } from "../../http/address.ts"
import { parseAddress } from "../addresses.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { MetricsSource } from "../metrics-source.ts"
import { serveToken, type ServeToken } from "../serve-token.ts"

const defaultAddress = "127.0.0.1:9464"
const metricsPath = "/metrics"
/** Whoever asks more often has the same answer. */
const keptMs = 1_000

export const serve: CommandRow = {
  path: "serve",
  summary: "Serve /metrics to Prometheus, read-only",
  options: [
    {
      flags: "--listen <host:port>",
      words: `where to listen (default ${defaultAddress}); port 0 takes a free one`,
      parse: (text) => parseAddress(text, defaultAddress),
    },
    {
      flags: "--token-file <file>",
      words:
        "file with the token that a request must bring; made when there is none. Off loopback it is serve.token in the data directory unless this says otherwise",
    },
    { flags: "--no-login", words: "answer whoever reaches it without a token, also off loopback: behind a proxy of your own" },
    {
      flags: "--allow-host <name>",
      words: "a further name by which it may be asked; repeatable",
      parse: (text, before = []) => [...(before as readonly string[]), hostName(text)],
    },
  ],
  help: `Opens the ledger itself, for reading, beside a writer or without one. On loopback it answers whoever asks on this machine, unless --token-file says otherwise;
anywhere else it asks for a token (Authorization: Bearer). It speaks HTTP without TLS: off loopback put it behind a proxy. It stops on SIGTERM.

Examples:
  sovereign-ledger serve
  sovereign-ledger serve --listen 10.0.0.5:9464 --token-file /etc/prometheus/sovereign-ledger.token --allow-host ledger.example.org
  curl -H "Authorization: Bearer $(cat serve.token)" http://10.0.0.5:9464/metrics`,
  run: async (context, flags) => {
    const { terminal, json } = context
    const address = (flags["listen"] as Address | undefined) ?? parseAddress(defaultAddress, defaultAddress)
    const login = loginOf(context, flags, address)
    const source = new MetricsSource(context)
    const hosts = new Set([...namesOf(address), ...((flags["allowHost"] as readonly string[] | undefined) ?? [])])
    const pages = { [metricsPath]: metricsPage(source, onceEach(terminal.note)) }
    const server = new ReadingServer({ rules: { hosts, token: login?.token }, pages, say: terminal.note })
    const url = `http://${addressText(await server.listen(address))}${metricsPath}`
    const stopped = new Promise<void>((resolve) => {
      const forget = onStopSignal(() => (forget(), resolve()))
    })
    const body = { schemaVersion: 1, url, login: login ? "token" : "none", tokenFile: login?.file ?? null, tokenCreated: login?.created ?? false }
    const words = [
      `Metrics are served on ${url}.`,
      login ? `  token  ${login.file}${login.created ? "   made just now" : ""}` : `  token  none: whoever reaches it is answered`,
      "",
    ]
    await terminal.write(json ? `${JSON.stringify(body)}\n` : words.join("\n"))
    await stopped
    await server.close()
    source.close()
    return 0
  },
}

function loginOf(context: CommandContext, flags: Flags, { host }: Address): (ServeToken & { readonly file: string }) | undefined {
  const named = flags["tokenFile"] as string | undefined
  if (named === undefined && (flags["login"] === false || isLoopback(host))) return undefined
  const file = named === undefined ? join(context.files.directory, "serve.token") : resolve(named)
  return { ...serveToken(file), file }
}

/** By which it may be asked without a further word. */
function namesOf({ host }: Address): readonly string[] {
  if (isLoopback(host)) return ["localhost", "127.0.0.1", "::1", host.toLowerCase()]
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address.toLowerCase()))
  return [host.toLowerCase(), hostname().toLowerCase(), "localhost", ...own]
}

/** What is wrong is said when it begins, and not at every question. */
function onceEach(say: (line: string) => void): (line: string) => void {
  let last = ""
  return (line) => {
    if (line !== last) say(line)
    last = line
  }
}

function metricsPage(source: MetricsSource, tell: (problem: string) => void): (request: IncomingMessage) => Promise<Page> {
  let kept: { readonly sinceMs: number; readonly metrics: ReturnType<MetricsSource["metrics"]> } | undefined
  return async ({ headers }) => {
    const nowMs = performance.now()
    if (!kept || nowMs - kept.sinceMs > keptMs) kept = { sinceMs: nowMs, metrics: source.metrics(tell) }
    const exposition = expositionFor(headers.accept)
    return { type: contentTypes[exposition], text: metricsText(await kept.metrics, exposition) }
  }
}
