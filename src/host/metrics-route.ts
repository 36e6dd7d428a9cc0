/** Metrics on the gateway's own port, behind the gateway's own login: `Authorization: Bearer` with its token, as a scraper sends it. */
import { problemOf } from "../base/fault.ts"
import { foreign, misdirected, notRead } from "../surfaces/http/access-rules.ts"
import { refusal, send, type Reply } from "../surfaces/http/reply.ts"
import type { HostApi } from "./host-api.ts"
import { AnswersProcess, type AnswersOptions } from "./answers-process.ts"

export const metricsRoutePath = "/plugins/sovereign-ledger/metrics"

/** Only of the copy that owns such things. */
export function registerMetricsRoute(api: HostApi, options: AnswersOptions = {}): void {
  const beside = new AnswersProcess(api, ["metrics", "--answers"], options)
  api.lifecycle?.onDispose?.(() => Promise.resolve(beside.close()))
  const metrics = async (accept: string): Promise<Reply> => {
    try {
      const { type, text } = await beside.ask(accept.slice(0, 1_000))
      return { status: 200, type, body: text }
    } catch (error) {
      api.logger.warn(`[sovereign-ledger] no metrics: ${problemOf(error)}`)
      return { status: 503, body: "The metrics cannot be told at the moment; ask again.\n", headers: { "Retry-After": "5" } }
    }
  }
  api.registerHttpRoute?.({
    ...{ path: metricsRoutePath, auth: "gateway", match: "exact" },
    handler: async (request, response) => {
      const refused = misdirected(undefined, request) ?? foreign(request) ?? notRead(request)
      send(request, response, refused ? refusal(refused) : await metrics(request.headers.accept ?? ""))
      return true
    },
  })
}
