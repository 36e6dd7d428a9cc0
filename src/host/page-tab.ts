/**
 * The ledger's page as a tab of the gateway's own, and its answers on the gateway's port, behind the gateway's login. The gateway opens no database: it hands each
 * question to a process beside it. The tab is a frame without an origin whose login only reads, and only here; it fetches nothing, and each look is a page of its own.
 */
import type { IncomingMessage } from "node:http"
import { Fault, problemOf } from "../base/fault.ts"
import { foreign, isFollowedLink, isFrame, misdirected, notRead } from "../surfaces/http/access-rules.ts"
import { BesideCommands } from "../surfaces/http/beside-commands.ts"
import { exportArguments, exportType } from "../surfaces/http/export-arguments.ts"
import { problemReply, refusal, send, type Reply } from "../surfaces/http/reply.ts"
import { smallBody } from "../surfaces/http/small-body.ts"
import { verifications } from "../surfaces/http/verify-arguments.ts"
import { AnswersProcess } from "./answers-process.ts"
import type { HostApi } from "./host-api.ts"
import { startLedgerCommand } from "./ledger-command.ts"

export const pagePath = "/plugins/sovereign-ledger"
const root = `${pagePath}/api/`
const mostBodyBytes = 64 * 1024

/** Only of the copy that owns such things. */
export function registerPageTab(api: HostApi): void {
  const answers = new AnswersProcess(api, ["serve", "--answers"])
  const beside = new BesideCommands(async (argv, input) => {
    const child = await startLedgerCommand(api, argv, { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "ignore", "pipe"] })
    child.stdin?.on("error", () => {}).end(input)
    return child
  })
  api.lifecycle?.onDispose?.(() => Promise.resolve(answers.close()))
  api.session?.controls?.registerControlUiDescriptor?.({
    surface: "tab",
    id: "ledger",
    label: "Ledger",
    description: "What agents did, what it cost, and the proof of it",
    path: `${pagePath}/`,
    icon: "scroll-text",
    group: "control",
    requiredScopes: ["operator.read"],
  })
  const told = async (question: object): Promise<Reply> => {
    try {
      const { status, type, text, policy } = await answers.ask(JSON.stringify(question))
      const framed = policy === undefined ? {} : { "Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN" }
      return { status, type, body: text, headers: framed }
    } catch (error) {
      api.logger.warn(`[sovereign-ledger] no page: ${problemOf(error)}`)
      return problemReply(503, "The ledger does not answer at the moment.", "Ask again in a few seconds.", { "Retry-After": "5" })
    }
  }
  api.registerHttpRoute?.({
    ...{ path: pagePath, auth: "gateway", match: "prefix" },
    handler: async (request, response) => {
      send(request, response, await replyTo(request, { told, beside }))
      return true
    },
  })
}

type Answering = { readonly told: (question: object) => Promise<Reply>; readonly beside: BesideCommands }

async function replyTo(request: IncomingMessage, { told, beside }: Answering): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://ledger.invalid")
  const isPage = url.pathname === pagePath || url.pathname === `${pagePath}/`
  const stranger = isPage && (isFrame(request) || isFollowedLink(request)) ? undefined : foreign(request)
  const asked = url.pathname.startsWith(root) ? url.pathname.slice(root.length) : undefined
  const check = request.method === "POST" && asked !== undefined ? verifications.get(asked) : undefined
  const refused = misdirected(undefined, request) ?? stranger ?? (check ? undefined : notRead(request))
  if (refused) return refusal(refused)
  if (isPage) return told({ page: url.searchParams.getAll("ask") })
  if (check) {
    const body = (await smallBody(request, mostBodyBytes))?.toString("utf8")
    if (body === undefined) return problemReply(413, "A request has at most 64 KiB.", "Send less.")
    const checked = check(body)
    return checked instanceof Fault ? problemReply(400, checked.message, checked.remedy) : beside.checked(checked)
  }
  if (asked === "export") {
    const argv = exportArguments(url.searchParams)
    return argv instanceof Fault ? problemReply(400, argv.message, argv.remedy) : beside.exported(argv, exportType(url.searchParams))
  }
  if (asked !== undefined) return told({ ask: `${asked}${url.search}` })
  return { status: 404, body: `There is only ${pagePath}/.\n` }
}
