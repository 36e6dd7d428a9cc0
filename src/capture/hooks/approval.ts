/** Questions to the operator that were answered, or ran out: from the host's store, which keeps them; a call that was refused is told by its own event, too. */
import { hookRow, pickCommon } from "../reading.ts"
import { countOf } from "../../base/json.ts"
import { word } from "../references.ts"

export const approvalResolved = hookRow({
  hook: "approval-resolved",
  source: "own",
  pick: (event, ctx) => ({
    ...pickCommon(event, ctx),
    approval: event["approvalId"],
    kind: event["kind"],
    decision: event["decision"],
    status: event["status"],
    reason: event["reason"],
    resolver: event["resolver"],
    requestedAtMs: event["requestedAtMs"],
    tool: event["toolName"],
    call: event["toolCallId"],
    resolverId: event["resolverId"],
    presentation: event["presentation"],
  }),
  map: (reading) => {
    const { picked } = reading
    const approval = reading.reference("approval", picked["approval"])
    return [
      reading.event({
        type: "approval.resolved",
        key: [approval ?? reading.call.atMs],
        facts: {
          approval,
          kind: word(picked["kind"]),
          decision: word(picked["decision"]),
          status: word(picked["status"]) ?? "unknown",
          reason: word(picked["reason"]),
          resolver: word(picked["resolver"]),
          requestedAtMs: countOf(picked["requestedAtMs"]),
          tool: reading.name("tool", picked["tool"]),
          call: reading.reference("call", picked["call"]),
        },
        content: { resolver: picked["resolverId"], presentation: picked["presentation"] },
      }),
    ]
  },
})
