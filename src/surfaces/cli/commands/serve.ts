/** sovereign-ledger serve */
import { hostname, networkInterfaces } from "node:os"
import { join, resolve } from "node:path"
import type { IncomingMessage } from "node:http"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { contentTypes, expositionFor, metricsText } from "../../render/metrics-text.ts"
import { hostName } from "../../http/access-rules.ts"
import { ApiAnswers } from "../../http/api-answers.ts"
import { gatewayAnswer } from "../../http/gateway-answers.ts"
import { Login } from "../../http/login.ts"
import { pageRoutes } from "../../http/page-routes.ts"
import { ReadingServer, type Route } from "../../http/reading-server.ts"
import { builtPage } from "../../page/page-file.ts"
import { addressText, isLoopback, type Address } from "../../http/address.ts"
import { parseAddress } from "../addresses.ts"
import { answerLines } from "../answer-lines.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { MetricsSource } from "../metrics-source.ts"
import { serveToken, type ServeToken } from "../serve-token.ts"

const defaultAddress = "127.0.0.1:9464"
const mostLineBytes = 64 * 1024
const metricsPath = "/metrics"
/** Whoever asks more often has the same answer. */
const keptMs = 1_000

export const serve: CommandRow = {
  path: "serve",
  summary: "The page of the ledger in a browser, its answers as JSON, and /metrics for Prometheus; read-only",
  options: [
    {
      flags: "--listen <host:port>",
      words: `where to listen (default ${defaultAddress}); port 0 takes a free one`,
      parse: (text) => parseAddress(text, defaultAddress),
    },
    {
      flags: "--token-file <file>",
      words:
        "file with the token that opens it; made when there is none (default: serve.token in the data directory). Named, /metrics asks for it on loopback, too",
    },
    { flags: "--no-login", words: "answer whoever reaches it without a token, also off loopback: behind a proxy of your own" },
    { flags: "--answers", words: "listen nowhere; answer each line of standard input with one line of JSON, for the page in the gateway" },
    { flags: "--metrics-only", words: "serve /metrics and nothing else" },
    {
      flags: "--allow-host <name>",
      words: "a further name by which it may be asked; repeatable",
      parse: (text, before = []) => [...(before as readonly string[]), hostName(text)],
    },
  ],
  help: `Opens the ledger itself, for reading, beside a writer or without one; nothing can be changed over it. The page asks for the token once and then keeps a cookie; programs
send it as Authorization: Bearer. On loopback /metrics answers whoever asks on this machine, unless --token-file says otherwise. It speaks HTTP without TLS: off
loopback put it behind a proxy. It stops on SIGTERM. docs/guides/page.md says more.

Examples:
  sovereign-ledger serve
  sovereign-ledger serve --listen 10.0.0.5:9464 --token-file /etc/sovereign-ledger/page.token --allow-host ledger.example.org
  curl -H "Authorization: Bearer $(cat serve.token)" http://127.0.0.1:9464/api/status`,
  run: async (context, flags) => {
    const { terminal, json } = context
    if (flags["answers"] === true) return answers(context)
    const address = (flags["listen"] as Address | undefined) ?? parseAddress(defaultAddress, defaultAddress)
    const metricsOnly = flags["metricsOnly"] === true
    const isOpen = isLoopback(address.host) && flags["tokenFile"] === undefined
    const token = flags["login"] === false && flags["tokenFile"] === undefined ? undefined : metricsOnly && isOpen ? undefined : tokenOf(context, flags)
    const login = token && new Login(token.token)
    const source = new MetricsSource(context)
    const tell = onceEach(terminal.note)
    const metrics: Route = {
      path: metricsPath,
      ...(login && !isOpen ? { refused: (request: IncomingMessage) => login.refused(request) } : {}),
      answer: metricsReply(source, tell),
    }
    const api = new ApiAnswers(context, tell)
    const routes = [metrics, ...(metricsOnly ? [] : pageRoutes({ page: builtPage(), api, login }))]
    const hosts = new Set([...namesOf(address), ...((flags["allowHost"] as readonly string[] | undefined) ?? [])])
    const server = new ReadingServer({ hosts, routes, say: terminal.note })
    const root = `http://${addressText(await server.listen(address))}`
    const stopped = new Promise<void>((resolve) => {
      const forget = onStopSignal(() => (forget(), resolve()))
    })
    const where = { url: `${root}${metricsPath}`, page: metricsOnly ? null : `${root}/` }
    const body = { schemaVersion: 1, ...where, login: token ? "token" : "none", tokenFile: token?.file ?? null, tokenCreated: token?.created ?? false }
    const words = [
      ...(metricsOnly ? [] : [`The ledger is open at ${root}/`]),
      `Metrics are served on ${root}${metricsPath}${login && !isOpen ? "" : ", without a token"}.`,
      token ? `  token  ${token.file}${token.created ? "   made just now" : ""}` : `  token  none: whoever reaches it is answered`,
      "",
    ]
    await terminal.write(json ? `${JSON.stringify(body)}\n` : words.join("\n"))
    await stopped
    await server.close()
    api.close()
    source.close()
    return 0
  },
}

async function answers(context: CommandContext): Promise<0> {
  const [page, api] = [builtPage(), new ApiAnswers(context, onceEach(context.terminal.note))]
  await answerLines(context.terminal, mostLineBytes, (line) => gatewayAnswer(line, page, api))
  api.close()
  return 0
}

function tokenOf(context: CommandContext, flags: Flags): ServeToken & { readonly file: string } {
  const named = flags["tokenFile"] as string | undefined
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

function metricsReply(source: MetricsSource, tell: (problem: string) => void): Route["answer"] {
  let kept: { readonly sinceMs: number; readonly metrics: ReturnType<MetricsSource["metrics"]> } | undefined
  return async ({ headers }) => {
    const nowMs = performance.now()
    if (!kept || nowMs - kept.sinceMs > keptMs) kept = { sinceMs: nowMs, metrics: source.metrics(tell) }
    const exposition = expositionFor(headers.accept)
    return { status: 200, type: contentTypes[exposition], body: metricsText(await kept.metrics, exposition) }
  }
}
