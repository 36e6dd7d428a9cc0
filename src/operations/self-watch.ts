/**
 * Watches over the ledger itself: a tool call that reaches for its files, keys or configuration becomes an event of its own, in the commit of the call it
 * belongs to. It is told, not kept from happening: whatever the operator's list allows goes on.
 */
import { realpathSync } from "node:fs"
import type { CapturedCall } from "../capture/hook-row.ts"
import type { NewEvent } from "../format/event.ts"
import { surroundingsFollowed, touchOf, type ProtectedPaths, type Surroundings, type Touch } from "../policy/self-protection.ts"
import type { OpenLedger } from "./open-ledger.ts"

/** What only a gateway knows of itself. The writer knows the rest. */
export type GatewayPaths = Omit<ProtectedPaths, "dataDirectory" | "keyFile" | "headNote" | "writerPid">

const invoking = "before_tool_call"

export function surroundingsFor({ files, keyFile }: Pick<OpenLedger, "files" | "keyFile">, gateway: GatewayPaths = {}): Surroundings {
  const paths = { ...gateway, dataDirectory: files.directory, keyFile, headNote: files.headNote, writerPid: process.pid }
  return surroundingsFollowed(paths, realPathOf)
}

/** The events of a call, and after the call itself what of ours it reaches for. */
export function withTouch(call: CapturedCall, events: readonly NewEvent[], surroundings: Surroundings | undefined): readonly NewEvent[] {
  if (call.hook !== invoking || surroundings === undefined) return events
  return events.flatMap((event) => {
    const touched = event.type === "tool.invoked" ? touchedBy(call, event, surroundings) : undefined
    return touched === undefined ? [event] : [event, touched]
  })
}

function touchedBy(call: CapturedCall, { id, scope, facts }: NewEvent<"tool.invoked">, surroundings: Surroundings): NewEvent | undefined {
  const touch = touchIn(call, surroundings)
  if (!touch) return undefined
  const { agent, run, atMs, via, tool, call: callId } = facts
  const common = Object.fromEntries(Object.entries({ agent, run, atMs, via }).filter(([, value]) => value !== undefined))
  return { type: "guard.touched", id: id.replace("tool.invoked", "guard.touched"), ...(scope && { scope }), facts: { ...common, tool, call: callId, ...touch } }
}

export function touchIn({ hook, picked }: CapturedCall, surroundings: Surroundings): Touch | undefined {
  if (hook !== invoking) return undefined
  try {
    return touchOf({ tool: String(picked["tool"]), params: picked["params"], paths: picked["paths"] }, surroundings)
  } catch {
    // A bug of ours; the record of the call must not be lost with it.
    return undefined
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // Not there yet: it has no other name.
    return path
  }
}
