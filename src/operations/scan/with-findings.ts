/** What the scanner found, as events: after the call, result or message they are about, in the same commit. */
import { compact } from "../../base/json.ts"
import type { CapturedCall, ToolVerdict } from "../../capture/hook-row.ts"
import type { NewEvent } from "../../format/event.ts"
import type { ScanSource } from "../../scanner/row.ts"
import { usualScan, type ScanRule } from "../../scanner/scan-rule.ts"
import { withoutSecrets } from "../record.ts"
import { foundIn, type Found } from "./found.ts"

const sourceNames = { args: "tool_invocation", result: "tool_result", message: "message", file: "file" } as const satisfies Record<ScanSource, string>
const about: Readonly<Record<string, ScanSource>> = {
  "tool.invoked": "args",
  "tool.returned": "result",
  "tool.denied": "result",
  "message.received": "message",
}

/** The events of a call, and after the one that a finding is about the finding. */
export function withFindings(call: CapturedCall, events: readonly NewEvent[], rule: ScanRule = usualScan): readonly NewEvent[] {
  if (!events.some(({ type }) => Object.hasOwn(about, type))) return events
  const found = scanned(call, rule)
  if (!found) return events
  return events.flatMap((event) =>
    about[event.type] === found.source ? [event, withoutSecrets(findingEvent(event, found, refusedFor(found, rule)))] : [event],
  )
}

/** Why a tool call is refused for what was found in it. */
export function refusedFinding(call: CapturedCall, rule: ScanRule = usualScan): (Pick<ToolVerdict, "finding"> & { readonly rule: string }) | undefined {
  if (call.hook !== "before_tool_call" || rule.block.length === 0) return undefined
  const found = scanned(call, rule)
  const finding = found?.findings.find(({ category }) => rule.block.includes(category))
  return finding && { finding, rule: `scan.block ${finding.category}` }
}

/** A bug of ours; the record of the call must not be lost with it. */
function scanned(call: CapturedCall, { toolArgs }: ScanRule): Found | undefined {
  if (call.hook === "before_tool_call" && !toolArgs) return undefined
  try {
    return foundIn(call)
  } catch {
    return undefined
  }
}

function refusedFor({ source, findings }: Found, { block }: ScanRule): string | undefined {
  return source === "args" ? findings.find(({ category }) => block.includes(category))?.category : undefined
}

function findingEvent(of: NewEvent, found: Found, refused: string | undefined): NewEvent<"finding.recorded"> {
  const { agent, run, atMs, via, session } = of.facts
  const { tool, call, channel, message } = of.facts as { readonly tool?: string; readonly call?: string; readonly channel?: string; readonly message?: string }
  return {
    type: "finding.recorded",
    id: `finding.recorded:${of.id}`,
    ...(of.scope && { scope: of.scope }),
    facts: { ...compact({ agent, run, atMs, via, session }), ...foundFacts(found), ...compact({ refused, tool, call, channel, message }) },
    content: { texts: found.findings.map(({ check, text }) => ({ check, text })) },
  }
}

/** Kinds and places of what was found, and how many of each severity. */
export function foundFacts({ source, findings, cut }: Found) {
  const worst = findings.find(({ severity }) => severity === "high") ?? findings[0]
  const high = findings.filter(({ severity }) => severity === "high").length
  return {
    ...{ source: sourceNames[source], severity: worst?.severity ?? ("medium" as const), check: worst?.check ?? "", category: worst?.category ?? "" },
    ...{ high, medium: findings.length - high },
    findings: findings.map(({ check, category, severity, line, offset, encoded }) => ({
      check,
      category,
      severity,
      line,
      offset,
      ...(encoded && { encoded }),
    })),
    ...(cut ? { cut } : {}),
  }
}
