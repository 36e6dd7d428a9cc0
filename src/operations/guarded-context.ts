/** What is judged beside the operator's list of denied tools: what of the ledger's own a call reaches for, messages that would go past the gate, and what the scanner found. */
import { objectOf, stringOf } from "../base/json.ts"
import type { CapturedCall, MapContext, ToolVerdict } from "../capture/hook-row.ts"
import { gateRule, refusedAction } from "../policy/outbound/message-action.ts"
import type { OutboundSetting } from "../policy/outbound/outbound-setting.ts"
import type { Surroundings } from "../policy/self-protection.ts"
import { isDenied, selfRule } from "../policy/self-protection/denied-touch.ts"
import type { ScanRule } from "../scanner/scan-rule.ts"
import { refusedFinding } from "./scan/with-findings.ts"
import { touchIn } from "./self-watch.ts"

export type Guards = { readonly outbound: OutboundSetting | undefined; readonly surroundings: Surroundings | undefined; readonly scan: ScanRule | undefined }

/** The gateway saw all of the call; what came here may be cut. */
function actionPastGate({ pastGate, tool, params, here }: CapturedCall["picked"], outbound: OutboundSetting): string | undefined {
  return stringOf(pastGate) ?? refusedAction({ tool: stringOf(tool) ?? "", params: objectOf(params), here: stringOf(here) }, outbound)
}

export function guardedContext(context: MapContext, call: CapturedCall, { outbound, surroundings, scan }: Guards): MapContext {
  if (call.hook !== "before_tool_call") return context
  const action = outbound && actionPastGate(call.picked, outbound)
  if (action !== undefined) return { ...context, judgeTool: () => ({ guarded: true, verdict: "deny", rule: `${gateRule} ${action}` }) }
  const touch = surroundings && touchIn(call, surroundings)
  if (touch && isDenied(touch))
    return { ...context, judgeTool: (tool) => ({ ...context.judgeTool(tool), guarded: true, verdict: "deny", rule: selfRule, touch }) }
  const found = refusedFinding(call, scan)
  if (!found) return context
  const judgeTool = (tool: string): ToolVerdict => {
    const listed = context.judgeTool(tool)
    return listed.verdict === "deny" ? listed : { ...listed, guarded: true, verdict: "deny", ...found }
  }
  return { ...context, judgeTool }
}
