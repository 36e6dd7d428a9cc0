/** What comes before the operator's list of denied tools: what of the ledger's own a call reaches for, and messages that would go past the gate. */
import { objectOf, stringOf } from "../base/json.ts"
import type { CapturedCall, MapContext } from "../capture/hook-row.ts"
import { gateRule, refusedAction } from "../policy/outbound/message-action.ts"
import type { OutboundSetting } from "../policy/outbound/outbound-setting.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import { isDenied, selfRule } from "../policy/self-protection/denied-touch.ts"
import { touchIn } from "./self-watch.ts"

export type Guards = { readonly outbound: OutboundSetting | undefined; readonly surroundings: Surroundings | undefined }

export function guardedContext(context: MapContext, call: CapturedCall, { outbound, surroundings }: Guards): MapContext {
  if (call.hook !== "before_tool_call") return context
  const action = outbound && refusedAction(stringOf(call.picked["tool"]) ?? "", objectOf(call.picked["params"]), outbound)
  if (action !== undefined) return { ...context, judgeTool: () => ({ guarded: true, verdict: "deny", rule: `${gateRule} ${action}` }) }
  const touch = surroundings && touchIn(call, surroundings)
  return touch && isDenied(touch)
    ? { ...context, judgeTool: (tool) => ({ ...context.judgeTool(tool), guarded: true, verdict: "deny", rule: selfRule, touch }) }
    : context
}
