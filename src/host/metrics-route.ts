/** Metrics on the gateway's own port, behind the gateway's own login: `Authorization: Bearer` with its token, as a scraper sends it. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { problemOf } from "../base/fault.ts"
import { foreign, misdirected, notRead, safeHeaders } from "../surfaces/http/access-rules.ts"
import type { HostApi } from "./host-api.ts"
import { MetricsProcess, type MetricsProcessOptions } from "./metrics-process.ts"

export const metricsRoutePath = "/plugins/sovereign-ledger/metrics"

/** Only of the copy that owns such things. */
export function registerMetricsRoute(api: HostApi, options: MetricsProcessOptions = {}): void {
  const beside = new MetricsProcess(api, options)
  api.lifecycle?.onDispose?.(() => Promise.resolve(beside.close()))
  api.registerHttpRoute?.({
    ...{ path: metricsRoutePath, auth: "gateway", match: "exact" },
    handler: async (request, response) => {
      const refused = misdirected(undefined, request) ?? foreign(request) ?? notRead(request)
      if (refused) return ended(request, response, refused.status, `${refused.words}\n`, refused.headers)
      try {
        const { type, text } = await beside.ask(request.headers.accept ?? "")
        return ended(request, response, 200, text, { "Content-Type": type })
      } catch (error) {
        api.logger.warn(`[sovereign-ledger] no metrics: ${problemOf(error)}`)
        return ended(request, response, 503, "The metrics cannot be told at the moment; ask again.\n", { "Retry-After": "5" })
      }
    },
  })
}

type Told = Readonly<Record<string, string>>

function ended({ method }: IncomingMessage, response: ServerResponse, status: number, text: string, headers: Told = {}): true {
  const all = { ...safeHeaders, "Content-Type": "text/plain; charset=utf-8", "Content-Length": String(Buffer.byteLength(text)), ...headers }
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
  response.statusCode = status
  response.end(method === "HEAD" ? undefined : text)
  return true
}
