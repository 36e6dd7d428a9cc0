/**
 * The ledger over the gateway's own protocol: `openclaw gateway call sovereign-ledger.status`. Reading needs the scope `operator.read`; freezing, which
 * anybody may who operates, `operator.write`. Nothing that loosens is here: the shared token of a gateway carries every scope, and agents have it.
 */
import { objectOf, stringOf } from "../base/json.ts"
import { giveOrder } from "./give-order.ts"
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
        const answer = await giveOrder(ledger(), order(objectOf(params)))
        if ("unanswered" in answer) respond(false, undefined, { code: answer.isAway ? "UNAVAILABLE" : "INVALID_REQUEST", message: answer.unanswered })
        else respond(true, answer)
      },
      { scope },
    )
  }
}
