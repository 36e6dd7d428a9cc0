/**
 * Somebody at the approvals of a gateway. The host asks only clients that connected with the capability `approvals` and hold the scope
 * `operator.approvals`, and only for turns that came by `chat.send` or a channel: a turn by the `agent` request has nobody to ask and is refused
 * at once. One that nobody answers is resolved by the host itself, as a denial with no resolver.
 */
import { connectGateway } from "./gateway-client.ts"
import type { GatewayHome, JsonObject } from "./home.ts"

export type Decision = "allow-once" | "deny" | "none"

export type Approver = {
  /** Titles of what was asked, in order. */
  readonly asked: readonly string[]
  close(): void
}

export async function answerApprovals(home: GatewayHome, decide: (title: string) => Decision): Promise<Approver> {
  const client = await connectGateway(home, { caps: ["approvals"] })
  const asked: string[] = []
  client.onEvent(({ event, payload }) => {
    if (event !== "plugin.approval.requested") return
    const title = String((payload["request"] as JsonObject)["title"])
    asked.push(title)
    const decision = decide(title)
    if (decision !== "none") void client.request("plugin.approval.resolve", { id: payload["id"] ?? "", decision })
  })
  return { asked, close: () => client.close() }
}
