/**
 * The ledger over the gateway's own protocol: `openclaw gateway call sovereign-ledger.status`. Reading needs the scope `operator.read`; freezing, which
 * anybody may who operates, `operator.write`. Nothing that loosens is here: the shared token of a gateway carries every scope, and agents have it.
 */
import { objectOf, stringOf } from "../base/json.ts"
import type { HostApi } from "./host-api.ts"
import type { SharedLedger } from "./shared-ledger.ts"

type Method = { readonly name: string; readonly scope: string; readonly order: (params: Readonly<Record<string, unknown>>) => object }

const methods: readonly Method[] = [
  { name: "sovereign-ledger.status", scope: "operator.read", order: () => ({ do: "show" }) },
  { name: "sovereign-ledger.balance", scope: "operator.read", order: (params) => ({ do: "balance", account: stringOf(params["account"]) }) },
  {
    name: "sovereign-ledger.freeze",
    scope: "operator.write",
    order: (params) => ({ do: "freeze", target: stringOf(params["target"]) ?? "all", reason: stringOf(params["reason"]) }),
  },
]

/** Only of the copy that owns such things. */
export function registerGatewayMethods(api: HostApi, ledger: () => SharedLedger): void {
  for (const { name, scope, order } of methods) {
    api.registerGatewayMethod?.(
      name,
      async ({ params, respond }) => {
        const answer = await ledger().client.gate(`,"h":"order","t":${Date.now()},"p":${JSON.stringify({ order: order(objectOf(params)) })}}`)
        if (answer instanceof Error) respond(false, undefined, { code: "UNAVAILABLE", message: answer.message })
        else if (!answer.order) respond(false, undefined, { code: "INVALID_REQUEST", message: answer.words ?? "the writer did not answer" })
        else respond(true, answer.order)
      },
      { scope },
    )
  }
}
